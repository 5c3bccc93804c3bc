/**
 * Small pictures in a terminal: two pixels a character, the upper half block in two colours.
 *
 * @module
 */
import { readGrantedEnv } from "../terminal/terminal.ts";
import { clip, padded } from "../terminal/text_width.ts";
import { colorAt, pixelColor, resample, type Rgb, type Tile } from "./tile.ts";

/** How many colours a terminal has: 24 bits, 256, or none. */
export type ColorDepth = "24-bit" | "256" | "none";

const RAMP = " .:-=+*#%@";

/** Finds out how many colours a terminal has, by `COLORTERM`, which all that have 24 bits set. */
export function colorDepth(colors: boolean): ColorDepth {
  if (!colors) return "none";
  return /^(truecolor|24bit)$/.test(readGrantedEnv("COLORTERM") ?? "") ? "24-bit" : "256";
}

/** The nearest of the 256 colours: of the 24 greys, or of the cube of 6 by 6 by 6. */
export function nearestOf256([r, g, b]: Rgb): number {
  const steps = [0, 95, 135, 175, 215, 255];
  const cube = [r, g, b].map((v) =>
    steps.reduce((best, step, i) => Math.abs(step - v) < Math.abs(steps[best]! - v) ? i : best, 0)
  );
  const gray = Math.max(0, Math.min(23, Math.round(((r + g + b) / 3 - 8) / 10)));
  const distance = (other: readonly number[]) =>
    other.reduce((sum, v, i) => sum + (v - [r, g, b][i]!) ** 2, 0);
  const level = 8 + 10 * gray;
  if (distance([level, level, level]) < distance(cube.map((i) => steps[i]!))) return 232 + gray;
  return 16 + 36 * cube[0]! + 6 * cube[1]! + cube[2]!;
}

function code(layer: 38 | 48, color: Rgb, depth: ColorDepth): string {
  return depth === "24-bit" ? `${layer};2;${color.join(";")}` : `${layer};5;${nearestOf256(color)}`;
}

/** Draws a picture, two rows of pixels a line; an odd last row has nothing beneath it. */
function drawTile(tile: Tile, depth: ColorDepth): string[] {
  const { values, height, width, greenBlue } = tile;
  const brightness = (k: number) =>
    greenBlue ? (values[k]! + greenBlue[0][k]! + greenBlue[1][k]!) / 3 : values[k]!;
  return Array.from({ length: Math.ceil(height / 2) }, (_, line) => {
    let drawn = "";
    for (let x = 0; x < width; x++) {
      const upper = 2 * line * width + x, lower = upper + width;
      const hasLower = 2 * line + 1 < height;
      if (depth === "none") {
        const mean = hasLower ? (brightness(upper) + brightness(lower)) / 2 : brightness(upper);
        drawn += RAMP[Math.min(RAMP.length - 1, Math.max(0, Math.floor(mean * RAMP.length) || 0))];
        continue;
      }
      const below = hasLower ? `;${code(48, colorAt(tile, lower), depth)}` : "";
      drawn += `\x1b[${code(38, colorAt(tile, upper), depth)}${below}m▀`;
    }
    return depth === "none" ? drawn : `${drawn}\x1b[0m`;
  });
}

/** A line of all colours of an activation, from the lowest to the highest. */
export function colorBar(depth: ColorDepth): string {
  const values = Array.from({ length: RAMP.length }, (_, i) => i / (RAMP.length - 1));
  if (depth === "none") return `[${RAMP}]`;
  return values.map((v) => `\x1b[${code(48, pixelColor(v), depth)}m `).join("") + "\x1b[0m";
}

/**
 * Draws pictures beside one another, as many as find room, each with its name above it.
 *
 * @param pictures The pictures and their names.
 * @param columns The window's width; the lines are at least a column narrower.
 * @param depth How many colours there are.
 * @param side Columns that a picture takes; it is brought to so many pixels, unless it has fewer.
 * @returns The lines.
 */
export function halfBlocks(
  pictures: readonly { name: string; tile: Tile }[],
  columns: number,
  depth: ColorDepth,
  side = 10,
): string[] {
  const shown = pictures.slice(0, Math.max(1, Math.floor(columns / (side + 1))));
  const drawn = shown.map(({ tile }) =>
    drawTile(resample(tile, Math.min(side, tile.height), Math.min(side, tile.width)), depth)
  );
  const names = shown.map(({ name }) => padded(clip(name, side), side));
  const height = Math.max(...drawn.map((lines) => lines.length));
  const body = Array.from({ length: height }, (_, i) =>
    drawn.map((lines, k) => {
      const width = i < lines.length ? Math.min(side, shown[k]!.tile.width) : 0;
      return (lines[i] ?? "") + " ".repeat(side - width);
    }).join(" ").trimEnd());
  return [names.join(" ").trimEnd(), ...body];
}
