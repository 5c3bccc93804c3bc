/**
 * Writing PNG files (W3C, Portable Network Graphics, third edition) with what the platform offers.
 *
 * @module
 */
import "../../ops/methods.ts";
import { describe } from "../../ops/core/describe.ts";
import { either } from "../../ops/core/kinds.ts";
import { show } from "../../ops/core/shape.ts";
import { signature } from "../../ops/core/signature.ts";
import { FLOAT_TENSOR } from "../../ops/core/tensor/kinds.ts";
import { Tensor } from "../../ops/core/tensor/tensor.ts";
import { crc32 } from "./_crc32.ts";
import { deflate } from "./_deflate.ts";
import { PNG_SIGNATURE } from "./_png_parts.ts";
import { paeth } from "./_png_pixels.ts";
import { channelsOf, RASTER_IMAGE, type RasterImage } from "./raster_image.ts";

const takes = signature("write a PNG", { image: either(FLOAT_TENSOR, RASTER_IMAGE) });

/** The colour type of 1 to 4 values a pixel. */
const TYPES = [0, 4, 2, 6];

/**
 * Writes a picture as PNG, without loss: gray, gray and opacity, colour, or colour and opacity, of 8 bits.
 *
 * @param image `[h, w]` or `[c, h, w]` of 1 to 4 channels, float32, from 0 to 1 (what is beyond counts as 0 and 1); or a
 * picture as bytes, such as {@linkcode decodePng} gives.
 * @returns The file. Rejects with a `RangeError` if the tensor has another shape, no pixels, or NaN among them.
 *
 * @example Usage
 * ```ts
 * import { decodePng, encodePng, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const red = tensor([[[1]], [[0]], [[0]]]); // a pixel
 * const file = await encodePng(red); // await Deno.writeFile("red.png", file)
 * assertEquals([...(await decodePng(file)).data], [255, 0, 0]);
 * ```
 */
export async function encodePng(image: Tensor | RasterImage): Promise<Uint8Array> {
  takes(arguments);
  const picture = image instanceof Tensor ? await bytesOf(image) : image, { width, height } = picture;
  const channels = channelsOf(picture), header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  header.setUint8(8, 8);
  header.setUint8(9, TYPES[channels - 1]!);
  const chunks = [
    Uint8Array.from(PNG_SIGNATURE),
    chunk("IHDR", new Uint8Array(header.buffer)),
    chunk("IDAT", await deflate(filtered(picture.data, width * channels, channels))),
    chunk("IEND", new Uint8Array()),
  ];
  return new Uint8Array(await new Blob(chunks as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}

/** The bytes of a tensor's picture, the channels of a pixel side by side. */
async function bytesOf(image: Tensor): Promise<RasterImage> {
  const { shape } = image, [height, width] = shape.slice(-2);
  const channels = shape.length === 2 ? 1 : shape[0]!;
  if (![2, 3].includes(shape.length) || image.size === 0 || channels > 4) {
    throw new RangeError(
      `Cannot write a PNG as image must be [h, w] or [c, h, w] of 1 to 4 channels: it has shape ${
        show(shape)
      }`,
    );
  }
  const values = await image.data(), pixels = width! * height!;
  const data = new Uint8ClampedArray(values.length);
  for (let c = 0; c < channels; c++) {
    for (let k = 0; k < pixels; k++) {
      const value = values[c * pixels + k]!;
      if (Number.isNaN(value)) {
        throw new RangeError(`Cannot write a PNG as pixels must be numbers: one is ${describe(value)}`);
      }
      data[k * channels + c] = 255 * value;
    }
  }
  return { width: width!, height: height!, data };
}

/** A chunk with its length and checksum. */
function chunk(name: string, content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(content.length + 12), view = new DataView(bytes.buffer);
  view.setUint32(0, content.length);
  bytes.set(new TextEncoder().encode(name), 4);
  bytes.set(content, 8);
  view.setUint32(content.length + 8, crc32(bytes.subarray(4, content.length + 8)));
  return bytes;
}

/** What each filter takes from a byte: nothing, the left one, the one above, the mean of these, Paeth's. */
const FILTERS: readonly ((left: number, above: number, aboveLeft: number) => number)[] = [
  () => 0,
  (left) => left,
  (_, above) => above,
  (left, above) => (left + above) >> 1,
  paeth,
];

/** The rows, each behind the number of the filter that leaves the smallest numbers, which pack best. */
function filtered(data: ArrayLike<number>, rowBytes: number, distance: number): Uint8Array {
  const rows = data.length / rowBytes, all = new Uint8Array(rows * (rowBytes + 1));
  const tried = FILTERS.map(() => new Uint8Array(rowBytes));
  for (let row = 0; row < rows; row++) {
    const sums = FILTERS.map((taken, filter) => {
      let sum = 0;
      for (let k = 0; k < rowBytes; k++) {
        const at = row * rowBytes + k, isFirst = k < distance;
        const left = isFirst ? 0 : data[at - distance]!, above = row === 0 ? 0 : data[at - rowBytes]!;
        const aboveLeft = isFirst || row === 0 ? 0 : data[at - rowBytes - distance]!;
        const value = data[at]! - taken(left, above, aboveLeft) & 255;
        tried[filter]![k] = value;
        sum += Math.min(value, 256 - value);
      }
      return sum;
    });
    const best = sums.indexOf(Math.min(...sums));
    all[row * (rowBytes + 1)] = best;
    all.set(tried[best]!, row * (rowBytes + 1) + 1);
  }
  return all;
}
