/**
 * Small pictures: reading them from PNG, colouring values, and setting many in a grid with labels, as SVG; `render.ts`
 * turns that into PNG.
 *
 * @module
 */
import { convertIndexedToRgb, decode, encode } from "npm:fast-png@8";

/** A picture of one value a pixel. */
export interface Tile {
  /** The values from 0 to 1, row by row. */
  values: ArrayLike<number>;
  height: number;
  width: number;
  /** Whether it is black to white, as an image is; else it is in the colours of an activation. */
  grey?: boolean;
}

/** Rows of pictures under common headings. */
export interface PictureGrid {
  title: string;
  /** What the colours and numbers mean, two lines. */
  note: string;
  /** What stands above each column, a line or two. */
  columns: readonly string[];
  /** The rows: what stands before them, a line or two, and a picture a column. */
  rows: readonly { label: string; tiles: readonly Tile[] }[];
}

export type Rgb = readonly [r: number, g: number, b: number];

// viridis of van der Walt and Smith (CC0), at quarters: as bright as it is large, for every kind of colour vision
const VIRIDIS: Rgb[] = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];

/** The colour of a value; what is not a number is red. */
export function colorOf(value: number, grey = false): Rgb {
  if (Number.isNaN(value)) return [255, 0, 0];
  const v = Math.min(1, Math.max(0, value));
  if (grey) return [Math.round(255 * v), Math.round(255 * v), Math.round(255 * v)];
  const place = Math.min(3, Math.floor(4 * v)), share = 4 * v - place;
  const [from, to] = [VIRIDIS[place], VIRIDIS[place + 1]];
  const mix = (c: number) => Math.round(from[c] + share * (to[c] - from[c]));
  return [mix(0), mix(1), mix(2)];
}

/** Brings values to 0 to 1 by the least and the greatest of them all, so that pictures can be compared. */
export function stretch(pictures: readonly ArrayLike<number>[]): number[][] {
  const arrays = pictures.map((values) => Array.from(values)), finite = arrays.flat().filter(Number.isFinite);
  const low = finite.reduce((a, b) => Math.min(a, b), Infinity);
  const range = finite.reduce((a, b) => Math.max(a, b), -Infinity) - low || 1;
  return arrays.map((values) => values.map((v) => (v - low) / range));
}

/** Brings a picture to another size: each pixel is the mean of the area that it covers. */
export function resample({ values, height, width, grey }: Tile, outH: number, outW: number): Tile {
  const spans = (size: number, out: number) =>
    Array.from({ length: out }, (_, i) => {
      const [start, end] = [i * size / out, (i + 1) * size / out];
      return Array.from({ length: Math.ceil(end) - Math.floor(start) }, (_, k) => Math.floor(start) + k)
        .map((at) => [at, (Math.min(at + 1, end) - Math.max(at, start)) * out / size]);
    });
  const rows = spans(height, outH), columns = spans(width, outW), result: number[] = [];
  for (const row of rows) {
    for (const column of columns) {
      let sum = 0;
      for (const [y, a] of row) for (const [x, b] of column) sum += a * b * values[y * width + x];
      result.push(sum);
    }
  }
  return { values: result, height: outH, width: outW, grey };
}

/** Reads a PNG as grey of a given size; what is transparent counts as black. */
export function readPng(bytes: Uint8Array, height: number, width: number): Tile {
  const image = decode(bytes), colors = image.palette ? convertIndexedToRgb(image) : image.data;
  const pixels = image.width * image.height, channels = colors.length / pixels;
  const greatest = 2 ** (image.palette ? 8 : image.depth) - 1;
  const values = Array.from({ length: pixels }, (_, i) => {
    const all = Array.from({ length: channels }, (_, c) => colors[i * channels + c] / greatest);
    const grey = channels < 3 ? all[0] : 0.299 * all[0] + 0.587 * all[1] + 0.114 * all[2];
    return grey * (channels % 2 === 0 ? all[channels - 1] : 1);
  });
  return resample({ values, height: image.height, width: image.width, grey: true }, height, width);
}

const SIDE = 48, GAP = 4, LEFT = 132, TOP = 88, MARGIN = 12; // in CSS pixels, of which a picture has two

/** Draws the pictures of a grid as one PNG, on a transparent ground. */
function drawTiles({ columns, rows }: PictureGrid): Uint8Array {
  const pitch = 2 * (SIDE + GAP), width = pitch * columns.length, height = pitch * rows.length;
  const data = new Uint8Array(4 * width * height);
  rows.forEach(({ tiles }, row) =>
    tiles.forEach((tile, column) => {
      const colors = Array.from(tile.values, (v) => colorOf(v, tile.grey));
      for (let y = 0; y < 2 * SIDE; y++) {
        const line = Math.floor(y * tile.height / (2 * SIDE)) * tile.width;
        for (let x = 0; x < 2 * SIDE; x++) {
          const at = (row * pitch + y) * width + column * pitch + x;
          data.set([...colors[line + Math.floor(x * tile.width / (2 * SIDE))], 255], 4 * at);
        }
      }
    })
  );
  return encode({ width, height, channels: 4, data });
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}

function text(x: number, y: number, content: string, attributes = ""): string {
  return `<text x="${x}" y="${y}" ${attributes}>${escape(content)}</text>`;
}

/** Draws a grid as SVG: dark text on a white card, as charts are. */
export function gridSvg(grid: PictureGrid): string {
  const { title, note, columns, rows } = grid, pitch = SIDE + GAP;
  const [width, height] = [LEFT + pitch * columns.length + MARGIN, TOP + pitch * rows.length + MARGIN];
  const lines = (content: string, x: number, y: number, attributes = "") =>
    content.split("\n").map((line, i) => text(x, y + 13 * i, line, attributes));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`,
    ` font-family="DejaVu Sans, Verdana, Arial, sans-serif" font-size="11" fill="#222222" role="img">`,
    `<title>${escape(title)}</title><rect width="${width}" height="${height}" fill="white"/>`,
    text(MARGIN, 20, title, 'font-size="14"'),
    ...lines(note, MARGIN, 37, 'fill="#555555"'),
    ...columns.flatMap((c, i) => lines(c, LEFT + pitch * i + SIDE / 2, 69, 'text-anchor="middle"')),
    ...rows.flatMap(({ label }, i) => lines(label, MARGIN, TOP + pitch * i + 20)),
    `<image x="${LEFT}" y="${TOP}" width="${pitch * columns.length}" height="${pitch * rows.length}"`,
    ` href="data:image/png;base64,${drawTiles(grid).toBase64()}"/></svg>`,
  ].join("");
}
