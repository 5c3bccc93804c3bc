/**
 * Small pictures set in a grid with labels, as SVG; `render.ts` turns that into PNG.
 *
 * @module
 */
import { encodePng } from "../../mod.ts";
import { colorAt, pixelColor, type Tile } from "./tile.ts";

/** Rows of pictures under common headings. */
export interface PictureGrid {
  title: string;
  /** The meaning of colours and numbers, in two lines. */
  note: string;
  /** What the ends of the colours mean, for a bar that shows them. */
  bar?: { low: string; high: string };
  /** The heading of each column, a line or two. */
  columns: readonly string[];
  /** The rows: a label of a line or two, and a picture a column. */
  rows: readonly { label: string; tiles: readonly Tile[] }[];
}

const SIDE = 48, GAP = 4, LEFT = 132, TOP = 88, MARGIN = 12; // in CSS pixels, of which a picture has two

/** Draws the pictures of a grid as one PNG, on a transparent ground. */
function drawTiles({ columns, rows }: PictureGrid): Promise<Uint8Array> {
  const pitch = 2 * (SIDE + GAP), width = pitch * columns.length, height = pitch * rows.length;
  const data = new Uint8Array(4 * width * height);
  rows.forEach(({ tiles }, row) =>
    tiles.forEach((tile, column) => {
      const colors = Array.from(tile.values, (_, k) => colorAt(tile, k));
      for (let y = 0; y < 2 * SIDE; y++) {
        const line = Math.floor(y * tile.height / (2 * SIDE)) * tile.width;
        for (let x = 0; x < 2 * SIDE; x++) {
          const at = (row * pitch + y) * width + column * pitch + x;
          data.set([...colors[line + Math.floor(x * tile.width / (2 * SIDE))], 255], 4 * at);
        }
      }
    })
  );
  return encodePng({ width, height, data });
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}

function text(x: number, y: number, content: string, attributes = ""): string {
  return `<text x="${x}" y="${y}" ${attributes}>${escape(content)}</text>`;
}

/** A frame around each picture, without which a light one has no edge on white. */
function frames({ columns, rows }: PictureGrid): string {
  const pitch = SIDE + GAP;
  const paths = rows.flatMap(({ tiles }, row) =>
    tiles.slice(0, columns.length).map((_, column) =>
      `M${LEFT + pitch * column - 0.5},${TOP + pitch * row - 0.5}h${SIDE + 1}v${SIDE + 1}h${-SIDE - 1}z`
    )
  );
  return `<path d="${paths.join("")}" fill="none" stroke="#999999" stroke-width="1"/>`;
}

/** A bar of all colours above the rows' labels, with what its ends mean. */
function colorBar({ low, high }: NonNullable<PictureGrid["bar"]>): string {
  const width = LEFT - 2 * MARGIN,
    stops = [0, 0.25, 0.5, 0.75, 1].map((v) =>
      `<stop offset="${v}" stop-color="rgb(${pixelColor(v).join()})"/>`
    );
  return `<defs><linearGradient id="bar">${stops.join("")}</linearGradient></defs>` +
    `<rect x="${MARGIN}" y="60" width="${width}" height="8" fill="url(#bar)" stroke="#999999"/>` +
    text(MARGIN, 80, low, 'font-size="10"') +
    text(MARGIN + width, 80, high, 'font-size="10" text-anchor="end"');
}

/** Draws a grid as SVG: dark text on a white card, as charts are. */
export async function gridSvg(grid: PictureGrid): Promise<string> {
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
    grid.bar ? colorBar(grid.bar) : "",
    frames(grid),
    `<image x="${LEFT}" y="${TOP}" width="${pitch * columns.length}" height="${pitch * rows.length}"`,
    ` href="data:image/png;base64,${(await drawTiles(grid)).toBase64()}"/></svg>`,
  ].join("");
}
