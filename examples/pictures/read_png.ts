/**
 * Reading small pictures from PNG files.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { crc32, inflateSync } from "node:zlib";
import { pngjs } from "./packages.ts";
import { resample, type Tile } from "./tile.ts";

/** A picture's pixels: red, green, blue and opacity, from 0 to 255, row by row. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: ArrayLike<number>;
}

/**
 * Reads the pixels of a PNG of any kind.
 *
 * @param bytes The whole file.
 * @returns The pixels. Rejects with a `SyntaxError` that says what is wrong if the file is no PNG, or is broken.
 */
export async function decodePng(bytes: Uint8Array): Promise<Pixels> {
  const { PNG } = await pngjs(), file = wholeFile(bytes);
  try {
    return PNG.sync.read(Buffer.from(file));
  } catch (cause) {
    throw refuse(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

/**
 * Reads a PNG of any kind as gray of a given size; what is transparent counts as black.
 *
 * @param bytes The whole file.
 * @returns The picture. Rejects with a `SyntaxError` that says what is wrong if the file is no PNG, or is broken.
 */
export async function readPng(bytes: Uint8Array, height: number, width: number): Promise<Tile> {
  const image = await decodePng(bytes), { data } = image;
  const values = new Float64Array(image.width * image.height);
  for (let i = 0; i < values.length; i++) {
    const gray = 0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2];
    values[i] = gray * data[4 * i + 3] / 255 ** 2;
  }
  return resample({ values, height: image.height, width: image.width, gray: true }, height, width);
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Channels and bits of a channel of each colour type. */
const TYPES: Readonly<Record<number, { channels: number; depths: readonly number[] }>> = {
  0: { channels: 1, depths: [1, 2, 4, 8, 16] },
  2: { channels: 3, depths: [8, 16] },
  3: { channels: 1, depths: [1, 2, 4, 8] },
  4: { channels: 2, depths: [8, 16] },
  6: { channels: 4, depths: [8, 16] },
};

/** A picture of more pixels is refused, as a file of a few bytes would fill the memory. */
export const MOST_PIXELS = 2 ** 26;

function refuse(found: string, cause?: unknown): SyntaxError {
  return new SyntaxError(`Cannot read a PNG as it must be whole and follow the format: ${found}`, { cause });
}

/**
 * Checks what pngjs overlooks where it runs in Deno (data that end early or are none at all), and leaves out what some
 * programs append.
 */
function wholeFile(bytes: Uint8Array): Uint8Array {
  if (!SIGNATURE.every((byte, k) => bytes[k] === byte)) throw refuse("it does not begin as a PNG does");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), data: Uint8Array[] = [];
  let smallest = 0;
  for (let at = 8, end;; at = end) {
    end = at + 12 <= bytes.length ? at + 12 + view.getUint32(at) : Infinity;
    if (end > bytes.length) throw refuse(`it ends early, after ${bytes.length} bytes`);
    const name = new TextDecoder("latin1").decode(bytes.subarray(at + 4, at + 8));
    const content = bytes.subarray(at + 8, end - 4), isNeeded = /^[A-Z]/.test(name) || name === "tRNS";
    if (isNeeded && crc32(bytes.subarray(at + 4, end - 4)) !== view.getUint32(end - 4)) {
      throw refuse(`the checksum of its ${name} is wrong`);
    }
    if ((at === 8) !== (name === "IHDR")) throw refuse(`a chunk is misplaced: ${name}`);
    if (name === "IHDR") smallest = leastData(content);
    if (name === "IDAT") data.push(content);
    if (name !== "IEND") continue;
    checkData(data, smallest);
    return bytes.subarray(0, end);
  }
}

/** How many bytes of data a picture must have, by its header. */
function leastData(header: Uint8Array): number {
  if (header.length !== 13) throw refuse(`its header has ${header.length} bytes`);
  const view = new DataView(header.buffer, header.byteOffset),
    width = view.getUint32(0),
    height = view.getUint32(4);
  const [depth, type, , , interlace] = header.subarray(8);
  if (!TYPES[type]?.depths.includes(depth)) throw refuse(`its colour type is ${type}, of ${depth} bits`);
  if (width * height === 0 || width * height > MOST_PIXELS) {
    throw refuse(`it is ${width} by ${height} pixels large`);
  }
  const bits = TYPES[type].channels * depth;
  // an interlaced picture has more bytes, as its parts begin and end their rows
  return height * (interlace ? Math.ceil(width * bits / 8) : 1 + Math.ceil(width * bits / 8));
}

/** How many bytes of data it may have: interlaced, a picture of few pixels takes four times as many. */
function mostData(smallest: number): number {
  return 4 * smallest + 64;
}

function checkData(parts: readonly Uint8Array[], smallest: number): void {
  let length: number;
  try {
    length = inflateSync(Buffer.concat(parts), { maxOutputLength: mostData(smallest) }).length;
  } catch (cause) {
    if ((cause as { code?: string }).code === "ERR_BUFFER_TOO_LARGE") {
      throw refuse(`its pixels take ${smallest} bytes, it has more than ${mostData(smallest)}`, cause);
    }
    throw refuse(`its data are damaged (${cause instanceof Error ? cause.message : cause})`, cause);
  }
  if (length < smallest) throw refuse(`its pixels take ${smallest} bytes, it has ${length}`);
}
