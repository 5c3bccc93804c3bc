/**
 * Reading PNG files (W3C, Portable Network Graphics, third edition) with what the platform offers.
 *
 * @module
 */
import { BYTES, whole } from "../../ops/core/kinds.ts";
import { signature } from "../../ops/core/signature.ts";
import { inflate } from "./_deflate.ts";
import { type PngParts, pngParts, refusePng } from "./_png_parts.ts";
import { convertChannels, pixelsOf } from "./_png_pixels.ts";
import type { DecodedImage } from "./raster_image.ts";

/** Options of {@linkcode decodePng}. */
export interface DecodePngOptions {
  /**
   * Values of a pixel: 1 gray, 2 gray and opacity, 3 colour, 4 colour and opacity; those of the file unless given. Gray is
   * 0.299 red + 0.587 green + 0.114 blue. Where opacity is left out, colours are as if all were opaque.
   */
  channels?: number | undefined;
  /** How many pixels there may be, 2^26 unless given: a file of a few bytes can say that it has many. */
  maxPixels?: number | undefined;
}

const takes = signature<DecodePngOptions>("read a PNG", { bytes: BYTES }, {
  channels: whole(1, 4),
  maxPixels: whole(1, Number.MAX_SAFE_INTEGER),
});

/**
 * Reads a PNG of any kind: gray, colours or a palette, of 1 to 16 bits, interlaced or not.
 *
 * Values of 16 bits are rounded to 8, fewer bits are brought to 0 to 255. A palette becomes colours, and a colour that stands
 * for transparency an opacity of 0. Colour profiles and gamma are passed over. What stands behind the end is too.
 *
 * @param bytes The whole file.
 * @param options Values of a pixel, and how many pixels there may be.
 * @returns The picture; `transforms.toTensor` makes a tensor of it. Rejects with a `SyntaxError` that says what is wrong if
 * the file is no PNG, is broken, or has more than `maxPixels`.
 *
 * @example Usage
 * ```ts
 * import { decodePng, encodePng, openDevice, tensor, transforms } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const file = await encodePng(tensor([[0, 1], [0.2, 0.6]])); // or await Deno.readFile("shoe.png")
 * const image = await decodePng(file, { channels: 1 });
 * assertEquals([image.width, image.height, ...image.data], [2, 2, 0, 255, 51, 153]);
 * assertEquals(transforms.toTensor(image).shape, [1, 2, 2]);
 * ```
 */
export async function decodePng(bytes: Uint8Array, options: DecodePngOptions = {}): Promise<DecodedImage> {
  takes(arguments);
  const parts = pngParts(bytes, options.maxPixels ?? 2 ** 26);
  const image = pixelsOf(parts, await unpacked(parts));
  return options.channels === undefined ? image : convertChannels(image, options.channels);
}

/** The rows of the picture, each behind the number of its filter. */
async function unpacked({ data, passes }: PngParts): Promise<Uint8Array> {
  const needed = passes.reduce((sum, { height, rowBytes }) => sum + height * (1 + rowBytes), 0);
  const { bytes, error } = await inflate(data, needed);
  if (bytes.length === needed) return bytes; // what follows, or is amiss behind it, is none of the picture
  if (error !== undefined) {
    throw refusePng(`its data are damaged (${error instanceof Error ? error.message : error})`, error);
  }
  throw refusePng(`its pixels take ${needed} bytes, it has ${bytes.length}`);
}
