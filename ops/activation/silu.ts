/**
 * Sigmoid linear unit, `y = x σ(x)`; `dy/dx = σ (1 + x (1 - σ))`.
 *
 * @module
 */
import { defineUnary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

const op = defineUnary({
  name: "silu",
  forward: "x * sigmoidf(x)",
  gradient: "let s = sigmoidf(x); return dy * (s * (1.0 + x * (1.0 - s)));",
});

const takes = signature("apply silu", { x: TENSOR });

/**
 * Weights every element of `x` with its sigmoid; also known as swish.
 *
 * @param x A tensor of any shape, float32.
 * @returns A tensor of the same shape.
 * @throws {TypeError} If `x` is not float32.
 *
 * @example Usage
 * ```ts
 * import { openDevice, silu, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await silu(tensor(1)).item(), 0.7310586, 1e-6);
 * ```
 */
export function silu(x: Tensor): Tensor {
  takes(arguments);
  return op(x);
}
