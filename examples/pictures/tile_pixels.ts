/**
 * Tiles set in a picture of pixels.
 *
 * @module
 */
import type { RasterImage } from "../../mod.ts";
import { colorAt, type Tile } from "./tile.ts";

/**
 * Sets tiles in rows, with a light line of two pixels between them.
 *
 * @param rows The tiles of each row; all are brought to the size of the largest, whole pixels wide.
 * @param side Pixels that a tile is wide and high at the least.
 * @returns The picture.
 */
export function tilePixels(rows: readonly (readonly Tile[])[], side: number): RasterImage {
  const most = Math.max(1, ...rows.flat().map(({ width, height }) => Math.max(width, height)));
  const size = Math.max(1, Math.ceil(side / most)) * most, pitch = size + 2;
  const columns = Math.max(1, ...rows.map((tiles) => tiles.length));
  const width = columns * pitch - 2, height = rows.length * pitch - 2;
  const data = new Uint8Array(3 * width * height).fill(221);
  rows.forEach((tiles, row) =>
    tiles.forEach((tile, column) => {
      const colors = Array.from(tile.values, (_, k) => colorAt(tile, k));
      for (let y = 0; y < size; y++) {
        const line = Math.floor(y * tile.height / size) * tile.width;
        for (let x = 0; x < size; x++) {
          const at = (row * pitch + y) * width + column * pitch + x;
          data.set(colors[line + Math.floor(x * tile.width / size)], 3 * at);
        }
      }
    })
  );
  return { data, width, height };
}
