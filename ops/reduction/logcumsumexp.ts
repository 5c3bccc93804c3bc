/**
 * Logarithms of running sums of exponentials, `y_k = ln(e^(x_0) + … + e^(x_k))`, for numbers of any
 * size.
 *
 * Gradient: `dx_j = Σ_(k >= j) dy_k e^(x_j - y_k)`, also by logarithms, for the positive and the
 * negative `dy` apart.
 *
 * @module
 */
import { rowsOf } from "../kernels/rows.ts";
import { floatFunction, programOf } from "../kernels/wgsl/program.ts";
import { differentiable } from "../core/autograd/autograd.ts";
import { type Scan, scan } from "../core/families/scan.ts";
import { DIM, required } from "../core/kinds.ts";
import { normalDim } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { compute } from "../core/tensor/compute.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

const SUMS_OF_EXPONENTIALS: Scan = {
  first: { float32: "-infinityf()" },
  join: (a, b) => `logaddexpf(${a}, ${b})`,
};
const LOG_SHARE = programOf(
  floatFunction(
    "log_share",
    ["dy", "y", "sign"],
    "select(-infinityf(), logf(sign * dy) - y, sign * dy > 0.0)",
  ),
  1,
);
const TOGETHER = programOf(
  floatFunction("logcumsumexp_gradient", ["x", "up", "down"], "expf(x + up) - expf(x + down)"),
);

const takes = signature<{ dim: number }>(
  "apply logcumsumexp",
  { x: FLOAT_TENSOR },
  { dim: required(DIM) },
  "dim",
);

/**
 * Takes the logarithm of the sum of the exponentials of the elements along a dimension up to each of
 * them.
 *
 * @param x A tensor of any shape, float32.
 * @param options The dimension; negative ones count from the end. `dim` may stand alone.
 * @returns A tensor of the same shape.
 * @throws {RangeError} If the dimension does not exist.
 *
 * @example Usage
 * ```ts
 * import { logcumsumexp, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await logcumsumexp(tensor([0, 0, 0]), 0).select(0, 2).item(), Math.log(3), 1e-6);
 * ```
 */
export function logcumsumexp(x: Tensor, options: { dim: number } | number): Tensor {
  options = takes(arguments);
  const rows = rowsOf(x.shape, normalDim("logcumsumexp", options.dim, x.shape.length));
  const y = scan("logcumsumexp", x, rows, SUMS_OF_EXPONENTIALS), name = "logcumsumexp gradient";
  return differentiable("logcumsumexp", y, [x], {
    saved: [x, y],
    gradient: (dy, [x, y]) => {
      const sums = (sign: number) => {
        const shares = compute(name, LOG_SHARE, x.shape, [dy, y], [sign], "float32");
        return scan(name, shares, rows, { ...SUMS_OF_EXPONENTIALS, reversed: true });
      };
      return [compute(name, TOGETHER, x.shape, [x, sums(1), sums(-1)], [], "float32")];
    },
  });
}
