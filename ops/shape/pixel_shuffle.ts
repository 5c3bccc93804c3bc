/**
 * Channels as pixels of larger images, and back. Shi et al.: Real-time single image super-resolution
 * (arXiv 1609.05158).
 *
 * @module
 */
import { composed } from "../core/composed.ts";
import { whole } from "../core/kinds.ts";
import { show, type Sizes3 } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { permute } from "./permute.ts";
import { viewAs } from "./view_as.ts";

const takesShuffle = signature("apply pixelShuffle", { x: TENSOR, upscaleFactor: whole(1) });

/**
 * Makes images larger by the pixels that lie in their channels.
 *
 * @param x `[…, c r², h, w]`.
 * @param upscaleFactor How many times as high and wide, r.
 * @returns `[…, c, h r, w r]`.
 * @throws {RangeError} If the channels are no multiple of r².
 *
 * @example Usage
 * ```ts
 * import { openDevice, pixelShuffle, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([1, 2, 3, 4]).reshape(4, 1, 1);
 * assertEquals(await pixelShuffle(x, 2).toArray(), [[[1, 2], [3, 4]]]);
 * ```
 */
export function pixelShuffle(x: Tensor, upscaleFactor: number): Tensor {
  takesShuffle(arguments);
  const r = upscaleFactor,
    lead = x.shape.slice(0, -3),
    [channels, h, w] = x.shape.slice(-3) as unknown as Sizes3,
    c = channels / (r * r);
  if (x.shape.length < 3 || !Number.isInteger(c)) {
    throw new RangeError(
      `Cannot apply pixelShuffle as x must be images whose channels are a multiple of ${r * r}: x has shape ${
        show(x.shape)
      }`,
    );
  }
  return rearranged("pixelShuffle", x, [...lead, c, r, r, h, w], [0, 3, 1, 4, 2], [...lead, c, h * r, w * r]);
}

const takesUnshuffle = signature("apply pixelUnshuffle", { x: TENSOR, downscaleFactor: whole(1) });

/**
 * Makes images smaller and puts their pixels into channels: the way back of `pixelShuffle`.
 *
 * @param x `[…, c, h r, w r]`.
 * @param downscaleFactor How many times less high and wide, r.
 * @returns `[…, c r², h, w]`.
 * @throws {RangeError} If height and width are no multiples of r.
 *
 * @example Usage
 * ```ts
 * import { openDevice, pixelUnshuffle, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(pixelUnshuffle(tensor([[[1, 2], [3, 4]]]), 2).shape, [4, 1, 1]);
 * ```
 */
export function pixelUnshuffle(x: Tensor, downscaleFactor: number): Tensor {
  takesUnshuffle(arguments);
  const r = downscaleFactor,
    lead = x.shape.slice(0, -3),
    [c, height, width] = x.shape.slice(-3) as unknown as Sizes3;
  const h = height / r, w = width / r;
  if (x.shape.length < 3 || !Number.isInteger(h) || !Number.isInteger(w)) {
    throw new RangeError(
      `Cannot apply pixelUnshuffle as height and width must be multiples of ${r}: x has shape ${
        show(x.shape)
      }`,
    );
  }
  return rearranged("pixelUnshuffle", x, [...lead, c, h, r, w, r], [0, 2, 4, 1, 3], [
    ...lead,
    c * r * r,
    h,
    w,
  ]);
}

/** The last five dimensions of another form, in another order, as the last three. */
function rearranged(
  op: string,
  x: Tensor,
  form: readonly number[],
  order: readonly number[],
  shape: readonly number[],
): Tensor {
  const lead = form.length - 5, dims = [...form.keys()].slice(0, lead);
  return composed(() =>
    viewAs(op, permute(viewAs(op, x, form), [...dims, ...order.map((d) => lead + d)]), shape)
  );
}
