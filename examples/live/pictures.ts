/**
 * Numbers as pictures of bytes, small enough to be sent to a page now and then.
 *
 * @module
 */
import { resample, stretch } from "../pictures/tile.ts";
import type { LivePicture } from "./run_view.ts";

/** The most pixels of a side; larger pictures are brought down to it. */
const MOST_SIDE = 64;
/** Values at which a byte's range ends, for values between 0 and 1. */
const TOP = 255;

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

/** A picture of one plane of values from 0 to 1; what is no number is 0. */
export function pictureOf(values: ArrayLike<number>, height: number, width: number): LivePicture {
  const scale = Math.min(1, MOST_SIDE / Math.max(height, width));
  const [h, w] = [Math.max(1, Math.round(height * scale)), Math.max(1, Math.round(width * scale))];
  const small = scale < 1 ? resample({ values, height, width }, h, w).values : values;
  const bytes = Uint8Array.from(small, (v) => Math.round(TOP * Math.min(1, Math.max(0, v || 0))));
  return { height: h, width: w, channels: 1, data: base64(bytes) };
}

/**
 * An image as a picture: gray, or of the first three channels. Pixels that do not lie between 0 and 1 are brought there by
 * the least and the greatest of the image.
 *
 * @param values Its pixels, `[channels, height, width]`.
 * @param shape Channels, height and width.
 */
export function imageOf(
  values: ArrayLike<number>,
  shape: readonly number[],
): LivePicture {
  const [channels, height, width] = shape as [number, number, number];
  const all = Array.from(values), isInRange = all.every((v) => v >= 0 && v <= 1);
  const inRange = isInRange ? all : stretch([all])[0]!;
  const planes = Array.from(
    { length: channels >= 3 ? 3 : 1 },
    (_, c) => pictureOf(inRange.slice(c * height * width, (c + 1) * height * width), height, width),
  );
  const first = planes[0]!;
  if (planes.length === 1) return first;
  const bytes = planes.map(({ data }) => atob(data));
  const pixels = Array.from(bytes[0]!, (_, k) => bytes.map((plane) => plane[k]).join("")).join("");
  return { ...first, channels: 3, data: btoa(pixels) };
}

/** The same channel of several images, on one scale from the least to the greatest of all. */
export function mapsOf(values: readonly ArrayLike<number>[], height: number, width: number): LivePicture[] {
  return stretch(values).map((map) => pictureOf(map, height, width));
}

/** A filter's weights: 0 is in the middle of the range, and the largest magnitude at its ends. */
export function filterOf(
  weights: ArrayLike<number>,
  height: number,
  width: number,
  largest: number,
): LivePicture {
  return pictureOf(Array.from(weights, (v) => 0.5 + v / (2 * largest || 1)), height, width);
}
