/**
 * Small pictures set in a grid with labels, as SVG; `render.ts` turns that into PNG.
 *
 * @module
 */
import { encode } from "npm:fast-png@8";
import { pixelColor, type Tile } from "./tile.ts";

/** Rows of pictures under common headings. */
export interface PictureGrid {
  title: string;
  /** The meaning of colours and numbers, in two lines. */
  note: string;
  /** The heading of each column, a line or two. */
  columns: readonly string[];
  /** The rows: a label of a line or two, and a picture a column. */
  rows: readonly { label: string; tiles: readonly Tile[] }[];
}

const SIDE = 48, GAP = 4, LEFT = 132, TOP = 88, MARGIN = 12; // in CSS pixels, of which a picture has two

/** Draws the pictures of a grid as one PNG, on a transparent ground. */
function drawTiles({ columns, rows }: PictureGrid): Uint8Array {
  const pitch = 2 * (SIDE + GAP), width = pitch * columns.length, height = pitch * rows.length;
  const data = new Uint8Array(4 * width * height);
  rows.forEach(({ tiles }, row) =>
    tiles.forEach((tile, column) => {
      const colors = Array.from(tile.values, (v) => pixelColor(v, tile.gray));
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
