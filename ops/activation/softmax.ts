/**
 * Softmax, `y_k = e^(x_k) / sum_j e^(x_j)` along a dimension.
 *
 * The largest element is subtracted first, so that no exponential overflows. Gradient: `dx = y (dy - sum_j dy_j y_j)`.
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
  name: "softmax",
  forward: { values: SOFTMAX_TOTAL, each: "y[at] = expf(x[at] - top) / total;" },
  gradient: {
    values: [{ name: "dot_dy", kind: "sum", of: "dy[at] * y[at]" }],
    each: "dx[at] = y[at] * (dy[at] - dot_dy);",
  },
});

const takes = signature<{ dim: number }>("apply softmax", { x: FLOAT_TENSOR }, { dim: required(DIM) }, "dim");

/**
 * Turns each row along a dimension into probabilities that sum to 1.
 *
 * @param x A tensor of any shape, float32.
 * @param options The dimension that sums to 1; negative ones count from the end. `dim` may stand alone.
 * @returns A tensor of the same shape.
 * @throws {RangeError} If the dimension does not exist.
 *
 * @example Usage
 * ```ts
 * import { openDevice, softmax, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await softmax(tensor([1000, 1000]), { dim: 0 }).toArray(), [0.5, 0.5]);
 * ```
 */
export function softmax(x: Tensor, options: { dim: number } | number): Tensor {
  options = takes(arguments);
  return op(x, options.dim);
}
