/**
 * Exponential linear unit, `y = x` above 0 and `y = alpha (e^x - 1)` from 0 down.
 *
 * Clevert, Unterthiner, Hochreiter: Fast and accurate deep network learning by exponential linear units (ICLR 2016).
 *
 * @module
 */
import { defineUnary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { NUMBER } from "../core/kinds.ts";

/** Options of {@linkcode elu}. */
export interface EluOptions {
  /** What it falls to far below 0, less its sign; 1 unless given. */
  alpha?: number;
}

const op = defineUnary({
  name: "elu",
  forward: "select(x, alpha * expm1f(x), x <= 0.0)",
  gradient: "select(dy, dy * (alpha * expf(x)), x <= 0.0)",
  numbers: ["alpha"],
});

const takes = signature<EluOptions>("apply elu", { x: TENSOR }, { alpha: NUMBER }, "alpha");

/**
 * Lets every element of `x` below 0 fall off to `-alpha`.
 *
 * @param x A tensor of any shape, float32.
 * @param options The limit below 0. `alpha` may stand alone.
 * @returns A tensor of the same shape.
 * @throws {TypeError} If `x` is not float32.
 *
 * @example Usage
 * ```ts
 * import { elu, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await elu(tensor(-1), { alpha: 2 }).item(), -1.2642411, 1e-6);
 * ```
 */
export function elu(x: Tensor, options: EluOptions | number = {}): Tensor {
  options = takes(arguments);
  return op(x, options.alpha ?? 1);
}
