/**
 * Showing images in rows: in a terminal, in a notebook's cell, and as SVG and PNG.
 *
 * @module
 */
import { encodePng, type Tensor } from "../../mod.ts";
import { colorDepth } from "../pictures/half_blocks.ts";
import { imageRows } from "../pictures/image_rows.ts";
import { rasterize } from "../pictures/render.ts";
import { colorAt, stretch, type Tile } from "../pictures/tile.ts";
import { saveFile } from "../runs/run_files.ts";
import { notebookKernel, picture } from "../terminal/notebook.ts";
import { screen } from "../terminal/screen.ts";
import { basename, dirname } from "node:path";

/** How images are shown. */
export interface ShowImagesOptions {
  /** How many rows there are; as many as the images take unless given. Images beyond the last row are left out. */
  rows?: number | undefined;
  /** Images of a row; all in `rows` rows unless given, 8 at the most where that is not given either. */
  columns?: number | undefined;
  /** What stands above each image, in a line or several. */
  titles?: readonly string[] | undefined;
  /** How large they are shown: 1.5 unless given, which is 96 pixels. */
  scale?: number | undefined;
}

/** A picture of images, for a file; a terminal and a notebook have shown it already. */
export class ShownImages {
  /** The picture as an SVG document. */
  readonly svg: string;
  readonly #png: () => Promise<Uint8Array>;

  /** Takes the picture as SVG, and what makes a PNG of it. */
  constructor(svg: string, png: () => Promise<Uint8Array>) {
    this.svg = svg;
    this.#png = png;
  }

  /** The picture as a PNG file. With titles it takes npm packages, which are loaded then. */
  png(): Promise<Uint8Array> {
    return this.#png();
  }

  /** Writes the picture into a file, as PNG where its name ends in `.png`, else as SVG. */
  async save(path: string): Promise<void> {
    await saveFile(dirname(path), basename(path), path.endsWith(".png") ? await this.png() : this.svg);
  }

  /** Describes it in a few words where Deno prints values. */
  [Symbol.for("Deno.customInspect")](): string {
    return "ShownImages { svg, png(), save(path) }";
  }
}

/**
 * Shows images in rows: in a terminal as blocks of colour, in a notebook beneath the cell. Elsewhere their titles are printed.
 *
 * Values from 0 to 1 are black to white; where others are among them, the least of all images is black, the greatest white.
 *
 * @param images `[n, h, w]`, `[n, 1, h, w]` or, in colours, `[n, 3, h, w]`.
 * @param options Rows, columns, titles and scale.
 * @returns The picture, to be saved. Rejects with a `RangeError` if there are no images, or not a title for each that is shown.
 *
 * @example Usage
 * ```ts
 * import { openDevice, rand } from "../../mod.ts";
 * import { assertStringIncludes } from "@std/assert";
 * import { showImages } from "./show_images.ts";
 *
 * await openDevice();
 * const shown = await showImages(rand([4, 28, 28]), { columns: 2, titles: ["a", "b", "c", "d"] });
 * assertStringIncludes(shown.svg, "<svg");
 * ```
 */
export function showImages(images: Tensor, options?: ShowImagesOptions): Promise<ShownImages>;
/** Shows images with the book's order of arguments. */
export function showImages(
  images: Tensor,
  rows: number,
  columns: number,
  options?: Omit<ShowImagesOptions, "rows" | "columns">,
): Promise<ShownImages>;
export async function showImages(
  images: Tensor,
  given: ShowImagesOptions | number = {},
  columns?: number,
  more: Omit<ShowImagesOptions, "rows" | "columns"> = {},
): Promise<ShownImages> {
  const options = typeof given === "number" ? { rows: given, columns, ...more } : given;
  const grid = gridOf(images.shape[0]!, options), tiles = (await tilesOf(images)).slice(0, grid.count);
  showInTerminal(tiles, grid);
  const svg = await imagesSvg(tiles, grid), hasTitles = grid.titles.length > 0;
  const shown = new ShownImages(svg, () => hasTitles ? rasterize(svg) : encodePng(paint(tiles, grid, 2)));
  await notebookKernel()?.display(picture(svg, `${tiles.length} images`));
  return shown;
}

/** Where images stand. */
interface Grid {
  readonly count: number;
  readonly columns: number;
  readonly rows: number;
  readonly titles: readonly (readonly string[])[];
  /** Pixels of an image's edge. */
  readonly side: number;
  /** Columns of a terminal that an image takes. */
  readonly letters: number;
}

function gridOf(all: number, { rows, columns, titles, scale = 1.5 }: ShowImagesOptions): Grid {
  for (const [name, value] of Object.entries({ rows, columns })) {
    if (value === undefined || Number.isInteger(value) && value > 0) continue;
    throw new RangeError(`Cannot show images as ${name} must be a whole number from 1 up: ${value}`);
  }
  if (!(scale > 0 && scale < 100)) {
    throw new RangeError(`Cannot show images as scale must be a number above 0 and below 100: ${scale}`);
  }
  if (!(all > 0)) throw new RangeError("Cannot show images as there must be some: there are none");
  const wide = columns ?? (rows === undefined ? Math.min(8, all) : Math.ceil(all / rows));
  const count = Math.min(all, wide * (rows ?? Infinity));
  if (titles && titles.length < count) {
    throw new RangeError(
      `Cannot show images as there must be a title for each of ${count}: there are ${titles.length}`,
    );
  }
  return {
    count,
    columns: Math.min(wide, count),
    rows: Math.ceil(count / wide),
    titles: (titles ?? []).slice(0, count).map((title) => title.split("\n")),
    side: Math.max(4, Math.round(64 * scale)),
    letters: Math.max(4, Math.round(16 * scale)),
  };
}

/** The pixels of images. */
async function tilesOf(images: Tensor): Promise<Tile[]> {
  const { shape } = images, n = shape[0]!, channels = shape.length === 3 ? 1 : shape[1]!;
  if (![3, 4].includes(shape.length) || ![1, 3].includes(channels)) {
    throw new RangeError(
      `Cannot show images as they must be [n, h, w], [n, 1, h, w] or [n, 3, h, w]: [${shape.join(", ")}]`,
    );
  }
  const [height, width] = shape.slice(-2) as [number, number],
    size = height * width,
    data = await images.data();
  const planes = Array.from({ length: n * channels }, (_, k) => data.subarray(k * size, (k + 1) * size));
  const isShare = data.every((v) => !(v < 0 || v > 1));
  const values = isShare ? planes : stretch(planes);
  return Array.from({ length: n }, (_, k): Tile => {
    const at = k * channels, tile = { values: values[at]!, height, width, gray: true };
    return channels === 3 ? { ...tile, greenBlue: [values[at + 1]!, values[at + 2]!] } : tile;
  });
}

/** Draws rows of images, each with its title above it, or prints the titles where there is no terminal. */
function showInTerminal(tiles: readonly Tile[], { columns, rows, titles, letters }: Grid): void {
  const { terminal } = screen;
  if (!terminal.isTerminal) {
    for (let row = 0; row < rows && titles.length > 0 && !notebookKernel(); row++) {
      const own = titles.slice(row * columns, (row + 1) * columns);
      screen.print(own.map((lines) => lines.join(" / ")).join(", "));
    }
    return;
  }
  const pictures = tiles.map((tile, k) => ({ tile, title: titles[k] ?? [] }));
  const depth = terminal.unicode ? colorDepth(terminal.colors) : "none", width = terminal.size().columns;
  for (const line of imageRows(pictures, { columns, width, depth, side: letters })) screen.print(line);
}

const GAP = 8, LINE = 13, MARGIN = 8; // in CSS pixels

/** How far an image is from the next: to the right, and below, where its title stands too. */
function pitchOf({ side, titles }: Grid) {
  const lines = Math.max(0, ...titles.map((title) => title.length));
  return { right: side + GAP, down: side + GAP + LINE * lines, title: LINE * lines };
}

/** Sets images as pixels on white, `zoom` to a CSS pixel. */
function paint(tiles: readonly Tile[], grid: Grid, zoom: number) {
  const { right, down, title } = pitchOf(grid), side = grid.side * zoom;
  const width = zoom * (grid.columns * right - GAP + 2 * MARGIN);
  const height = zoom * (grid.rows * down - GAP + 2 * MARGIN),
    data = new Uint8Array(3 * width * height).fill(255);
  tiles.forEach((tile, k) => {
    const left = zoom * (MARGIN + k % grid.columns * right);
    const top = zoom * (MARGIN + Math.floor(k / grid.columns) * down + title);
    const high = Math.max(tile.height, tile.width), scale = side / high;
    for (let y = 0; y < Math.round(tile.height * scale); y++) {
      const line = Math.min(tile.height - 1, Math.floor(y / scale)) * tile.width;
      for (let x = 0; x < Math.round(tile.width * scale); x++) {
        const color = colorAt(tile, line + Math.min(tile.width - 1, Math.floor(x / scale)));
        data.set(color, 3 * ((top + y) * width + left + x));
      }
    }
  });
  return { width, height, data };
}

/** Draws images and their titles as SVG. */
async function imagesSvg(tiles: readonly Tile[], grid: Grid): Promise<string> {
  const { right, down, title } = pitchOf(grid), image = paint(tiles, grid, 2);
  const width = image.width / 2, height = image.height / 2;
  const escape = (text: string) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
  const texts = grid.titles.flatMap((lines, k) => {
    const x = MARGIN + k % grid.columns * right + grid.side / 2;
    const bottom = MARGIN + Math.floor(k / grid.columns) * down + title - 4;
    return lines.map((line, i) =>
      `<text x="${x}" y="${bottom - LINE * (lines.length - 1 - i)}" text-anchor="middle">${
        escape(line)
      }</text>`
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`,
    ` font-family="DejaVu Sans, Verdana, Arial, sans-serif" font-size="11" fill="#222222" role="img">`,
    `<title>${tiles.length} images</title><image width="${width}" height="${height}"`,
    ` href="data:image/png;base64,${(await encodePng(image)).toBase64()}"/>${texts.join("")}</svg>`,
  ].join("");
}
