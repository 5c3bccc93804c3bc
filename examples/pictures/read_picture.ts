/**
 * Reading pictures of any kind as a network takes them: gray, of its size, bright things on black.
 *
 * @module
 */
import { decodeJpeg } from "./read_jpeg.ts";
import { decodePng, type RasterImage } from "../../mod.ts";
import { resample, type Tile } from "./tile.ts";

/** Whether a picture is inverted: where it is dark on light, always, or never. */
export type Invert = "auto" | "yes" | "no";

/** A picture as a network takes it. */
export interface Picture {
  readonly tile: Tile;
  /** The size that it had. */
  readonly width: number;
  readonly height: number;
  /** Whether it was inverted. */
  readonly isInverted: boolean;
}

/** How a picture is read. */
export interface PictureOptions {
  /** Pixels of an edge of the square that it becomes. */
  readonly size: number;
  /** Pixels at each edge that stay free, none unless given. */
  readonly margin?: number;
  /** Whether it is inverted, `auto` unless given: where it is dark on light, by its border. */
  readonly invert?: Invert;
}

/**
 * Reads a PNG or a JPEG of any size, colour and depth as the images of Fashion-MNIST were made: the edges that are as bright
 * as the border are trimmed, and what is left is brought to the size, in the middle of a square of the border's gray, so
 * that nothing is stretched. A picture that has the size already stays as it is. What is transparent is black behind bright
 * things, white behind dark ones.
 *
 * @param bytes The whole file.
 * @param options The size, and whether the picture is inverted.
 * @returns The picture. Rejects with a `SyntaxError` that says what is wrong if the file cannot be read.
 */
export async function readPicture(
  bytes: Uint8Array,
  { size, margin = 0, invert = "auto" }: PictureOptions,
): Promise<Picture> {
  const pixels = await decode(bytes), { width, height } = pixels, gray = grayOf(pixels);
  const border = borderOf(gray, width, height);
  const isInverted = invert === "yes" || invert === "auto" && border > 0.5;
  const values = isInverted ? gray.map((v) => 1 - v) : gray, ground = isInverted ? 1 - border : border;
  const whole: Tile = { values, height, width, gray: true };
  if (width === size && height === size) return { tile: whole, width, height, isInverted };
  const found = trimmed(whole, ground), room = size - 2 * margin;
  const fitted = (edge: number) => Math.max(1, Math.round(edge * room / Math.max(found.width, found.height)));
  const tile = centred(resample(found, fitted(found.height), fitted(found.width)), size, ground);
  return { tile, width, height, isInverted };
}

/** How far a value may be off the border's to be trimmed; Fashion-MNIST's own. */
const CLOSE = 0.05;

/** A picture without the rows and columns at its edges that are of one gray; the whole where all are. */
function trimmed({ values, height, width, gray }: Tile, ground: number): Tile {
  let [top, bottom, left, right] = [height, 0, width, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (Math.abs(values[y * width + x] - ground) <= CLOSE) continue;
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y + 1)];
      [left, right] = [Math.min(left, x), Math.max(right, x + 1)];
    }
  }
  if (bottom === 0) return { values, height, width, gray };
  const rows = bottom - top, columns = right - left, inner = new Float64Array(rows * columns);
  for (let i = 0; i < inner.length; i++) {
    inner[i] = values[(top + Math.floor(i / columns)) * width + left + i % columns];
  }
  return { values: inner, height: rows, width: columns, gray };
}

/** A picture in the middle of a square of one gray. */
function centred({ values, height, width, gray }: Tile, size: number, ground: number): Tile {
  const square = new Float64Array(size * size).fill(ground);
  const left = (size - width) >> 1, top = (size - height) >> 1;
  for (let i = 0; i < height * width; i++) {
    square[(top + Math.floor(i / width)) * size + left + i % width] = values[i];
  }
  return { values: square, height: size, width: size, gray };
}

async function decode(bytes: Uint8Array): Promise<RasterImage> {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return await decodeJpeg(bytes);
  if (bytes[0] === 0x89 && bytes[1] === 0x50) return await decodePng(bytes, { channels: 4 });
  const start = Array.from(bytes.subarray(0, 4), (byte) => `0x${byte.toString(16).padStart(2, "0")}`).join(
    " ",
  );
  throw new SyntaxError(
    `Cannot read a picture as it must be a PNG or a JPEG: ${
      start ? `it begins with ${start}` : "it is empty"
    }`,
  );
}

/** How bright each pixel is, from 0 to 1. */
function grayOf({ width, height, data }: RasterImage): Float64Array {
  const gray = new Float64Array(width * height);
  let bright = 0, opaque = 0;
  for (let i = 0; i < gray.length; i++) {
    gray[i] = (0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2]) / 255;
    bright += gray[i] * data[4 * i + 3];
    opaque += data[4 * i + 3];
  }
  const behind = bright / opaque > 0.5 ? 0 : 1;
  for (let i = 0; i < gray.length; i++) gray[i] = behind + (gray[i] - behind) * data[4 * i + 3] / 255;
  return gray;
}

/** The middle one of the values at the border. */
function borderOf(gray: Float64Array, width: number, height: number): number {
  const ends = [...gray.subarray(0, width), ...gray.subarray((height - 1) * width)];
  const sides = Array.from({ length: height }, (_, y) => [gray[y * width], gray[(y + 1) * width - 1]]).flat();
  const values = Float64Array.from([...ends, ...sides]).sort();
  return values[values.length >> 1];
}
