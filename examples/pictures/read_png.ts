/**
 * Reading small pictures from PNG files.
 *
 * @module
 */
import { decodePng } from "../../mod.ts";
import { resample, type Tile } from "./tile.ts";

/**
 * Reads a PNG of any kind as gray of a given size; what is transparent counts as black.
 *
 * @param bytes The whole file.
 * @returns The picture. Rejects with a `SyntaxError` that says what is wrong if the file is no PNG, or is broken.
 */
export async function readPng(bytes: Uint8Array, height: number, width: number): Promise<Tile> {
  const image = await decodePng(bytes, { channels: 4 }), { data } = image;
  const values = new Float64Array(image.width * image.height);
  for (let i = 0; i < values.length; i++) {
    const gray = 0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2];
    values[i] = gray * data[4 * i + 3] / 255 ** 2;
  }
  return resample({ values, height: image.height, width: image.width, gray: true }, height, width);
}
