/**
 * Dropout: `y = x r / (1 - p)`, where each `r` is 0 with probability `p` and 1 otherwise; `dy/dx = r / (1 - p)`.
 *
 * Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov: Dropout (JMLR 2014).
 *
 * @module
 */
import { defineElementwise } from "../core/families/elementwise.ts";
import { show } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { compute } from "../core/tensor/compute.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import { randomProgram, streamNumbers } from "../core/tensor/random.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { mul } from "../pointwise/mul.ts";
import { viewAs } from "../shape/view_as.ts";
import { BOOLEAN, numberFrom } from "../core/kinds.ts";

/** Options of {@linkcode dropout}. */
export interface DropoutOptions {
  /** Probability that an element is dropped, 0.5 unless given. */
  p?: number;
  /** Whether elements are dropped at all, true unless given. */
  training?: boolean;
}

/** What each element is multiplied with. */
const FACTORS = randomProgram("dropout", ["p", "scale"], (unit) => `select(scale, 0.0, ${unit} < p)`);

const takes = signature<DropoutOptions>("apply dropout", { x: FLOAT_TENSOR }, {
  p: numberFrom(0, 1),
  training: BOOLEAN,
}, "p");

/**
 * Sets elements of `x` to 0 at random, and scales the others up so that the mean stays.
 *
 * @param x A tensor of any shape, float32.
 * @param options How probable it is, and whether this is training; if not, `x` passes as it is. `p` may stand alone.
 * @returns A tensor of the same shape. What is dropped keeps its sign, and NaN and infinities become NaN, as in PyTorch.
 * @throws {RangeError} If `p` is not from 0 to 1.
 * @throws {TypeError} If `x` is not float32.
 *
 * @example Usage
 * ```ts
 * import { dropout, ones, openDevice } from "@plunge/plunge";
 * import { assert } from "@std/assert";
 *
 * await openDevice();
 * const y = await dropout(ones([100]), { p: 0.75 }).data();
 * assert(y.every((v) => v === 0 || v === 4));
 * ```
 */
export function dropout(x: Tensor, options: DropoutOptions | number = {}): Tensor {
  options = takes(arguments);
  const { p = 0.5, training = true } = options;
  if (!training || p === 0 || x.size === 0) return viewAs("dropout", x, x.shape); // nothing is drawn
  const numbers = [...streamNumbers(), p, p === 1 ? 0 : 1 / (1 - p)];
  using factors = compute("dropout", FACTORS, x.shape, [], numbers, "float32"); // the product keeps them for its gradient
  return mul(x, factors);
}

const takes2d = signature<DropoutOptions>("apply dropout2d", { x: FLOAT_TENSOR }, {
  p: numberFrom(0, 1),
  training: BOOLEAN,
}, "p");

/**
 * Drops whole channels: each becomes 0 with probability `p`, and what is left is multiplied with `1 / (1
 * - p)`. Tompson et al. (arXiv 1411.4280).
 *
 * @param x `[n, c, …]` of three dimensions or more, float32.
 * @param options The probability, and whether anything is dropped. `p` may stand alone.
 * @returns A tensor of the same shape; over the same memory if nothing is dropped.
 * @throws {RangeError} If `p` is not from 0 to 1, or `x` has fewer dimensions.
 *
 * @example Usage
 * ```ts
 * import { dropout2d, ones, openDevice } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await dropout2d(ones([1, 1, 1, 2]), 1).toArray(), [[[[0, 0]]]]);
 * ```
 */
export function dropout2d(x: Tensor, options: DropoutOptions | number = {}): Tensor {
  options = takes2d(arguments);
  const { p = 0.5, training = true } = options;
  if (x.shape.length < 3) {
    throw new RangeError(`Cannot apply dropout2d as x must be [n, c, …]: x has shape ${show(x.shape)}`);
  }
  if (!training || p === 0 || x.size === 0) return viewAs("dropout2d", x, x.shape);
  const numbers = [...streamNumbers(), p, p === 1 ? 0 : 1 / (1 - p)],
    channels = x.shape.map((n, d) => (d < 2 ? n : 1));
  using factors = compute("dropout2d", FACTORS, channels, [], numbers, "float32");
  return mul(x, factors);
}

/** What `selu` approaches far below 0, with the sign turned. */
const DEPTH = 1.7580993408473766;

const mixed = defineElementwise({
  name: "alphaDropout",
  inputs: ["x", "kept"],
  numbers: ["a", "up", "down"],
  forward: "kept * (a * x + up) + down",
  gradient: { x: "dy * kept * a" },
});

const takesAlpha = signature<DropoutOptions>("apply alphaDropout", { x: FLOAT_TENSOR }, {
  p: numberFrom(0, 1),
  training: BOOLEAN,
}, "p");

/**
 * Sets elements to the value that `selu` approaches far below 0, with probability `p`, and scales and
 * shifts all, so that mean and variance stay. Klambauer et al. (arXiv 1706.02515).
 *
 * @param x A tensor of any shape, float32.
 * @param options The probability, and whether anything is dropped. `p` may stand alone.
 * @returns A tensor of the same shape; over the same memory if nothing is dropped.
 * @throws {RangeError} If `p` is not from 0 to 1.
 *
 * @example Usage
 * ```ts
 * import { alphaDropout, ones, openDevice } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await alphaDropout(ones([2]), 0).toArray(), [1, 1]);
 * ```
 */
export function alphaDropout(x: Tensor, options: DropoutOptions | number = {}): Tensor {
  options = takesAlpha(arguments);
  const { p = 0.5, training = true } = options;
  if (!training || p === 0 || x.size === 0) return viewAs("alphaDropout", x, x.shape);
  const a = p === 1 ? 0 : 1 / Math.sqrt((DEPTH * DEPTH * p + 1) * (1 - p));
  using kept = compute("alphaDropout", FACTORS, x.shape, [], [...streamNumbers(), p, 1], "float32");
  return mixed([x, kept], [a, DEPTH * a, DEPTH * a * (p - 1)]);
}
