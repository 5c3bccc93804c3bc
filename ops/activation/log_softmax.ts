/**
 * Logarithm of softmax, `y_k = x_k - log sum_j e^(x_j)`, without the loss of digits of doing it in two steps.
 *
 * Gradient: `dx = dy - e^y sum_j dy_j`.
 *
 * @module
 */
import { SOFTMAX_TOTAL } from "../kernels/row_walks.ts";
import { signature } from "../core/signature.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { defineRowFunction } from "./_row_function.ts";
import { DIM, required } from "../core/kinds.ts";

const op = defineRowFunction({
  name: "logSoftmax",
  forward: {
    values: [...SOFTMAX_TOTAL, "let shift = logf(total);"],
    each: "y[at] = (x[at] - top) - shift;",
  },
  gradient: {
    values: [{ name: "total", kind: "sum", of: "dy[at]" }],
    each: "dx[at] = dy[at] - expf(y[at]) * total;",
  },
});

const takes = signature<{ dim: number }>(
  "apply logSoftmax",
  { x: FLOAT_TENSOR },
  { dim: required(DIM) },
  "dim",
);

/**
 * Turns each row along a dimension into the logarithms of probabilities.
 *
 * @param x A tensor of any shape, float32.
 * @param options The dimension whose probabilities sum to 1; negative ones count from the end. `dim` may stand alone.
 * @returns A tensor of the same shape.
 * @throws {RangeError} If the dimension does not exist.
 *
 * @example Usage
 * ```ts
 * import { logSoftmax, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * const [y] = await logSoftmax(tensor([2, 2]), { dim: 0 }).data();
 * assertAlmostEquals(y, -Math.LN2, 1e-6);
 * ```
 */
export function logSoftmax(x: Tensor, options: { dim: number } | number): Tensor {
  options = takes(arguments);
  return op(x, options.dim);
}
