/**
 * Dropout: `y = x r / (1 - p)`, where each `r` is 0 with probability `p` and 1 otherwise; `dy/dx = r / (1 - p)`.
 *
 * Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov: Dropout (JMLR 2014).
 *
 * @module
 */
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
