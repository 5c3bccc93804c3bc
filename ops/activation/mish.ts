/**
 * Mish, `y = x tanh(ln(1 + e^x))`. Misra: Mish: a self regularized non-monotonic activation function
 * (arXiv 1908.08681).
 *
 * With `n = e^x (e^x + 2)` the hyperbolic tangent is `n / (n + 2)`, and `1 - tanh² = 4 (n + 1) / (n +
 * 2)²`.
 *
 * @module
 */
import { defineUnary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

const op = defineUnary({
  name: "mish",
  forward:
    "let e = expf(min(x, 20.0)); let n = e * (e + 2.0); return select(x * (n / (n + 2.0)), x, isnanf(x));",
  gradient: /* wgsl */ `
    let e = expf(min(x, 20.0));
    let n = e * (e + 2.0);
    return dy * (n / (n + 2.0) + x * sigmoidf(x) * (4.0 * (n + 1.0) / ((n + 2.0) * (n + 2.0))));`,
});

const takesMish = signature("apply mish", { x: TENSOR });

/**
 * Weights every element of `x` with the hyperbolic tangent of its softplus.
 *
 * @param x A tensor of any shape, float32.
 * @returns A tensor of the same shape.
 * @throws {TypeError} If `x` is not float32.
 *
 * @example Usage
 * ```ts
 * import { mish, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await mish(tensor(1)).item(), 0.8650984, 1e-6);
 * ```
 */
export function mish(x: Tensor): Tensor {
  takesMish(arguments);
  return op(x);
}
