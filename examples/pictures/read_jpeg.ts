/**
 * Reading JPEG files.
 *
 * @module
 */
import type { RasterImage } from "../../mod.ts";
import { jpegDecoder } from "./packages.ts";

/** A picture of more pixels is refused, as a file of a few bytes would fill the memory. */
const MOST_PIXELS = 2 ** 26;

function refuse(found: string, cause?: unknown): SyntaxError {
  return new SyntaxError(`Cannot read a JPEG as it must be whole and follow the format: ${found}`, { cause });
}

/** The decoder's work, one file after the other, as it is one for all. */
let last: Promise<unknown> = Promise.resolve();

/**
 * Reads the pixels of a JPEG, turned as its EXIF data say, as cameras store pictures as their sensor lies.
 *
 * @param bytes The whole file.
 * @returns The pixels. Rejects with a `SyntaxError` that says what is wrong if the file is no JPEG, or is broken.
 */
export function decodeJpeg(bytes: Uint8Array): Promise<RasterImage> {
  const decoding = last.then(() => decode(bytes));
  last = decoding.catch(() => {});
  return decoding;
}

async function decode(bytes: Uint8Array): Promise<RasterImage> {
  checkFile(bytes);
  const { jpeg, module } = await jpegDecoder(), warnings: string[] = [];
  // anew each time, as a file that it gives up ends the decoder
  await jpeg.init(module, { printErr: (text) => warnings.push(text) });
  let pixels: RasterImage | undefined, failure: unknown;
  try {
    pixels = await jpeg.default(bytes.slice().buffer, { preserveOrientation: true });
  } catch (error) {
    failure = error;
  }
  // what is missing or damaged it fills with gray, and warns; bytes that it passes over do no harm
  const damage = warnings.find((text) => !text.includes("extraneous bytes"));
  if (pixels && damage === undefined) return pixels;
  throw refuse(damage ?? "its data are damaged", failure);
}

/** Segments of a frame begin with these, which say how large the picture is; C4, C8 and CC are of other kinds. */
const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

/** Sees that the file goes on to its end, and that the picture is not larger than what the memory holds. */
function checkFile(bytes: Uint8Array): void {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) throw refuse("it does not begin as a JPEG does");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 2, pixels = 0;
  for (;;) {
    if (at + 4 > bytes.length) throw refuse(`it ends early, after ${bytes.length} bytes`);
    if (bytes[at] !== 0xff) throw refuse(`a segment of it begins with 0x${bytes[at].toString(16)}`);
    const marker = bytes[at + 1];
    if (marker === 0xff) { // which may be repeated
      at++;
      continue;
    }
    if (isFrame(marker) && at + 9 <= bytes.length) pixels = view.getUint16(at + 5) * view.getUint16(at + 7);
    if (marker === 0xda) break; // the pixels
    at += 2 + view.getUint16(at + 2);
  }
  if (pixels === 0 || pixels > MOST_PIXELS) throw refuse(`it has ${pixels} pixels`);
}
