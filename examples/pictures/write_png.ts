/**
 * Small pictures of pixels as PNG files, without a package.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { crc32, deflateSync } from "node:zlib";
import { pixelColor, type Tile } from "./tile.ts";

/** A picture of 8-bit colours, row by row. */
export interface Pixels {
  readonly rgb: Uint8Array;
  readonly width: number;
  readonly height: number;
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + 12), view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  view.setUint32(data.length + 8, crc32(bytes.subarray(4, data.length + 8)));
  return bytes;
}

/** Encodes a picture as PNG (W3C's specification, colour type 2, no filters). */
export function encodePng({ rgb, width, height }: Pixels): Uint8Array {
  const header = new Uint8Array([0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0]), view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  const rows = new Uint8Array(height * (3 * width + 1)); // each behind the number of its filter, 0 for none
  for (let y = 0; y < height; y++) {
    rows.set(rgb.subarray(3 * width * y, 3 * width * (y + 1)), y * (3 * width + 1) + 1);
  }
  const signature = new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10]);
  const chunks = [chunk("IHDR", header), chunk("IDAT", deflateSync(rows)), chunk("IEND", new Uint8Array())];
  return new Uint8Array(Buffer.concat([signature, ...chunks]));
}

/**
 * Sets tiles in rows, with a light line of two pixels between them.
 *
 * @param rows The tiles of each row; all are brought to the size of the largest, whole pixels wide.
 * @param side Pixels that a tile is wide and high at the least.
 * @returns The picture.
 */
export function tilePixels(rows: readonly (readonly Tile[])[], side: number): Pixels {
  const most = Math.max(1, ...rows.flat().map(({ width, height }) => Math.max(width, height)));
  const size = Math.max(1, Math.ceil(side / most)) * most, pitch = size + 2;
  const columns = Math.max(1, ...rows.map((tiles) => tiles.length));
  const width = columns * pitch - 2, height = rows.length * pitch - 2;
  const rgb = new Uint8Array(3 * width * height).fill(221);
  rows.forEach((tiles, row) =>
    tiles.forEach((tile, column) => {
      const colors = Array.from(tile.values, (v) => pixelColor(v, tile.gray));
      for (let y = 0; y < size; y++) {
        const line = Math.floor(y * tile.height / size) * tile.width;
        for (let x = 0; x < size; x++) {
          const at = (row * pitch + y) * width + column * pitch + x;
          rgb.set(colors[line + Math.floor(x * tile.width / size)], 3 * at);
        }
      }
    })
  );
  return { rgb, width, height };
}
