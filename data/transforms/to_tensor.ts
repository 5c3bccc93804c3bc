/**
 * Pictures as tensors.
 *
 * @module
 */
import "../../ops/methods.ts";
import { signature } from "../../ops/core/signature.ts";
import { tensor } from "../../ops/core/tensor/create.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { channelsOf, RASTER_IMAGE, type RasterImage } from "../formats/raster_image.ts";

const takes = signature("apply toTensor", { image: RASTER_IMAGE });

/**
 * Makes a tensor of a picture, as torchvision's `ToTensor` does: the channels first, and from 0 to 1.
 *
 * @param image The picture: what `decodePng` gives, or a browser's `ImageData`.
 * @returns `[c, h, w]`, float32; `unsqueeze(0)` makes a batch of one of it.
 * @throws {RangeError} If there are not 1 to 4 values a pixel.
 *
 * @example Usage
 * ```ts
 * import { openDevice, transforms } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const image = { width: 2, height: 1, data: new Uint8Array([255, 0, 51, 0, 255, 51]) };
 * assertEquals(transforms.toTensor(image).shape, [3, 1, 2]);
 * assertEquals(await transforms.toTensor(image).mul(5).toArray(), [[[5, 0]], [[0, 5]], [[1, 1]]]);
 * ```
 */
export function toTensor(image: RasterImage): Tensor {
  takes(arguments);
  const { width, height, data } = image, channels = channelsOf(image), size = width * height;
  const values = new Float32Array(data.length);
  for (let k = 0; k < size; k++) {
    for (let c = 0; c < channels; c++) values[c * size + k] = data[k * channels + c]! / 255;
  }
  return tensor(values, { shape: [channels, height, width] });
}
