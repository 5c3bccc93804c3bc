/**
 * A line chart in characters. Eight braille dots a cell and one colour a series; where there are no colours, a
 * marker a series. The packages for this pass their width, or name every point on the x axis until it is unreadable.
 *
 * @module
 */
import type { Terminal, WindowSize } from "../terminal/terminal.ts";
import { clip, displayWidth } from "../terminal/text_width.ts";
import { axisRange, type Chart, checkSeries, paletteIndex, type Series } from "./chart.ts";

const COLORS = [33, 208, 36, 170, 245, 178, 80]; // of 256; middle tones, for dark and light windows
const MARKERS = "*o+x#@%&";
const DOT = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]; // braille bits by row and column of a cell
const MAX_HEIGHT = 16;

/** How a terminal can show a curve. */
export type Style = Pick<Terminal, "colors" | "unicode">;

function paint(text: string, place: number, { colors }: Style): string {
  return colors ? `\x1b[38;5;${COLORS[place % COLORS.length]}m${text}\x1b[39m` : text;
}

/** Dots on a grid of `width` by `height` cells; the last series to touch a cell gives it its look. */
class Raster {
  readonly #bits: Uint8Array;
  readonly #owners: Uint8Array; // 0 for nobody, else the series' place + 1

  constructor(readonly width: number, readonly height: number) {
    this.#bits = new Uint8Array(width * height);
    this.#owners = new Uint8Array(width * height);
  }

  dot(x: number, y: number, place: number): void {
    if (!(x >= 0 && y >= 0 && x < 2 * this.width && y < 4 * this.height)) return;
    const cell = (y >> 2) * this.width + (x >> 1);
    this.#bits[cell] |= DOT[y & 3][x & 1];
    this.#owners[cell] = place + 1;
  }

  line(row: number, series: readonly Series[], style: Style): string {
    let text = "";
    for (let cell = row * this.width; cell < (row + 1) * this.width; cell++) {
      const place = this.#owners[cell] - 1;
      if (place < 0) text += " ";
      else text += paint(symbol(place, this.#bits[cell], style), paletteIndex(series[place], place), style);
    }
    return text.trimEnd();
  }
}

function symbol(place: number, bits: number, { colors, unicode }: Style): string {
  return colors && unicode ? String.fromCharCode(0x2800 + bits) : MARKERS[place % MARKERS.length];
}

function drawCurve(raster: Raster, chart: Chart, place: number): void {
  const [[x0, x1], [y0, y1]] = [axisRange(chart, 0), axisRange(chart, 1)];
  const { points, dashed } = chart.series[place];
  let previous: [number, number] | undefined;
  let length = 0;
  for (const [x, y] of points) {
    const point: [number, number] = [
      (x - x0) / (x1 - x0) * (2 * raster.width - 1),
      (1 - (y - y0) / (y1 - y0)) * (4 * raster.height - 1),
    ];
    if (!point.every(Number.isFinite)) {
      previous = undefined;
      continue;
    }
    const [fromX, fromY] = previous ?? point;
    const [dx, dy] = [point[0] - fromX, point[1] - fromY];
    const steps = Math.min(4096, Math.ceil(Math.max(Math.abs(dx), Math.abs(dy)))) || 1; // may lead far outside
    for (let i = previous ? 1 : 0; i <= steps; i++, length++) {
      if (dashed && i < steps && length % 6 >= 3) continue;
      raster.dot(Math.round(fromX + dx * i / steps), Math.round(fromY + dy * i / steps), place);
    }
    previous = point;
  }
}

function number(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** Sets `parts` at the left, the middle and the right of a line, the middle one only where there is room. */
function spread([left, middle, right]: readonly [string, string, string], width: number): string {
  const gap = width - displayWidth(left) - displayWidth(right);
  const space = gap - displayWidth(middle);
  if (space < 2) return left + " ".repeat(Math.max(1, gap)) + right;
  const before = Math.floor(space / 2);
  return left + " ".repeat(before) + middle + " ".repeat(space - before) + right;
}

function legend({ series }: Chart, width: number, style: Style): string[] {
  const lines: string[] = [];
  series.forEach((one, place) => {
    const key = style.colors && style.unicode ? (one.dashed ? "╍╍" : "━━") : symbol(place, 0, style);
    const entry = clip(`${paint(key, paletteIndex(one, place), style)} ${one.name}`, width);
    const joined = lines.length > 0 ? `${lines.at(-1)}   ${entry}` : entry;
    if (lines.length > 0 && displayWidth(joined) <= width) lines[lines.length - 1] = joined;
    else lines.push(entry);
  });
  return lines;
}

/**
 * Draws a chart as lines that fit a window, with a row to spare for a status line.
 *
 * @param chart The curves and their axes. Throws a `RangeError` when two series share a name.
 * @param size The window's size.
 * @param style Whether there are colours and braille characters.
 * @returns The lines, each at most a column narrower than the window; none when the window is too small.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { plotLines } from "./plot_lines.ts";
 *
 * const chart = {
 *   title: "LeNet",
 *   xLabel: "epoch",
 *   yLabel: "loss",
 *   series: [{ name: "train", points: [[1, 3], [2, 2], [3, 1]] as const }],
 * };
 * assertEquals(plotLines(chart, { columns: 20, rows: 9 }, { colors: false, unicode: false }), [
 *   "LeNet",
 *   "loss",
 *   "3 +******",
 *   "  |     ******",
 *   "1 +          ******",
 *   "  +----------------",
 *   "   1    epoch     3",
 *   "* train",
 * ]);
 * ```
 */
export function plotLines(chart: Chart, { columns, rows }: WindowSize, style: Style): string[] {
  checkSeries(chart);
  const keys = legend(chart, columns - 1, style);
  const height = Math.min(MAX_HEIGHT, rows - keys.length - 5); // title, y label, axis, x labels, status
  const [bottom, top] = axisRange(chart, 1);
  const middle = height >> 1;
  const labels = new Map([[0, number(top)], [height - 1, number(bottom)]]);
  if (height >= 5) labels.set(middle, number(top + (bottom - top) * (middle + 0.5) / height));
  const margin = Math.max(...[...labels.values()].map((label) => label.length));
  const width = columns - margin - 3;
  if (width < 8 || height < 3) return [];
  const raster = new Raster(width, height);
  chart.series.forEach((_, place) => drawCurve(raster, chart, place));
  const [tick, side, corner, floor] = style.unicode ? "┤│└─" : "+|+-";
  const body = Array.from({ length: height }, (_, row) => {
    const label = labels.get(row);
    const edge = `${(label ?? "").padStart(margin)} ${label === undefined ? side : tick}`;
    return edge + raster.line(row, chart.series, style);
  });
  const [first, last] = axisRange(chart, 0);
  return [
    chart.title,
    chart.yLabel,
    ...body,
    `${" ".repeat(margin)} ${corner}${floor.repeat(width)}`,
    " ".repeat(margin + 2) + spread([number(first), chart.xLabel, number(last)], width),
    ...keys,
  ].map((line) => clip(line, columns - 1));
}
