/**
 * Logarithm of softmax, `y_k = x_k - log sum_j e^(x_j)`, without the loss of digits of doing it in two steps.
 *
 * Gradient: `dx = dy - e^y sum_j dy_j`.
 *
 * @module
 */
import { differentiable } from "../core/autograd/autograd.ts";
import { empty } from "../core/tensor/create.ts";
import { expectDType } from "../core/families/elementwise.ts";
import { runRows } from "../core/families/rows.ts";
import { normalDim } from "../core/shape.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { type RowWalks, SOFTMAX_TOTAL } from "../kernels/row_walks.ts";
import { rowsOf } from "../kernels/rows.ts";

const FORWARD: RowWalks = {
  values: [...SOFTMAX_TOTAL, "let shift = logf(total);"],
  each: "y[at] = (x[at] - top) - shift;",
};

const GRADIENT: RowWalks = {
  values: [{ name: "total", kind: "sum", of: "dy[at]" }],
  each: "dx[at] = dy[at] - expf(y[at]) * total;",
};

/**
 * Turns each row along a dimension into the logarithms of probabilities.
 *
 * @param x A tensor of any shape, float32.
 * @param options The dimension whose probabilities sum to 1; negative ones count from the end.
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
export function logSoftmax(x: Tensor, options: { dim: number }): Tensor {
  expectDType("logSoftmax", x, "float32");
  const rows = rowsOf(x.shape, normalDim("logSoftmax", options.dim, x.shape.length));
  const y = empty(x.shape);
  if (x.size > 0) runRows("logSoftmax", rows, { x }, { y }, FORWARD);
  return differentiable("logSoftmax", y, [x], {
    saved: [y],
    gradient: (dy, [y]) => {
      const dx = empty(x.shape);
      if (x.size > 0) runRows("logSoftmax gradient", rows, { y, dy }, { dx }, GRADIENT);
      return [dx];
    },
  });
}
