/**
 * Mirror images, at random.
 *
 * @module
 */
import type { Sizes4 } from "../../ops/core/shape.ts";
import { expectImages, type Transform } from "./transform.ts";
import { signature } from "../../ops/core/signature.ts";
import { empty } from "../../ops/core/tensor/create.ts";
import { computeInto } from "../../ops/core/tensor/compute.ts";
import { rand } from "../../ops/core/tensor/random.ts";
import { rowMajor } from "../../ops/kernels/wgsl/access.ts";
import { programOf } from "../../ops/kernels/wgsl/program.ts";
import { numberFrom } from "../../ops/core/kinds.ts";

/** Options of {@linkcode randomHorizontalFlip}. */
export interface RandomHorizontalFlipOptions {
  /** Probability that an image is flipped, 0.5 unless given. */
  p?: number;
}

const FLIP = programOf({
  name: "flip",
  args: [["x", "float32"], ["mirrored", "float32"], ["r", "float32"], ["p", "float32"]],
  result: "float32",
  body: "select(x, mirrored, r < p)",
}, 1);

const takes = signature<RandomHorizontalFlipOptions>("make randomHorizontalFlip", {}, {
  p: numberFrom(0, 1),
}, "p");

/**
 * Makes a transform that mirrors each image from left to right or leaves the image as it is, as torchvision's
 * `RandomHorizontalFlip` does.
 *
 * Each image has its own chance, anew at each call; the numbers follow `manualSeed`.
 *
 * @param options The probability. `p` may stand alone.
 * @returns A transform of images `[n, c, h, w]`, float32.
 * @throws {RangeError} If the probability is not from 0 to 1.
 *
 * @example Usage
 * ```ts
 * import { openDevice, tensor, transforms } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([1, 2, 3, 4], { shape: [1, 1, 2, 2] });
 * const y = transforms.randomHorizontalFlip({ p: 1 })(x);
 * assertEquals(await y.toArray(), [[[[2, 1], [4, 3]]]]);
 * ```
 */
export function randomHorizontalFlip(options: RandomHorizontalFlipOptions | number = {}): Transform {
  options = takes(arguments);
  const { p = 0.5 } = options;
  return (x) => {
    expectImages("randomHorizontalFlip", x);
    const { shape } = x, [n, , , w] = shape as Sizes4;
    const y = empty(shape);
    if (y.size === 0) return y;
    using chances = rand([n, 1, 1, 1]);
    const mirrored = { strides: rowMajor(shape).with(3, -1), offset: w - 1 };
    computeInto("randomHorizontalFlip", FLIP, shape, [x, [x, mirrored], chances], [y], [p]);
    return y;
  };
}
