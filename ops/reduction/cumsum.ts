/**
 * Running sums, `y_k = sum_(j <= k) x_j` along a dimension. Gradient: the running sum of dy from the other end.
 *
 * @module
 */
import { rowsOf } from "../kernels/rows.ts";
import { differentiable } from "../core/autograd/autograd.ts";
import { scan, SUMS } from "../core/families/scan.ts";
import { normalDim } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { cast } from "../core/tensor/compute.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { DIM, required } from "../core/kinds.ts";

const takes = signature<{ dim: number }>("apply cumsum", { x: TENSOR }, { dim: required(DIM) }, "dim");

/**
 * Adds up along a dimension, and gives every sum on the way.
 *
 * @param x A tensor of any shape. Integers and booleans give an int32 result.
 * @param options The dimension; negative ones count from the end. `dim` may stand alone.
 * @returns A tensor of the same shape.
 * @throws {RangeError} If the dimension does not exist.
 *
 * @example Usage
 * ```ts
 * import { cumsum, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await cumsum(tensor([1, 2, 3, 4]), { dim: 0 }).toArray(), [1, 3, 6, 10]);
 * ```
 */
export function cumsum(x: Tensor, options: { dim: number } | number): Tensor {
  options = takes(arguments);
  const rows = rowsOf(x.shape, normalDim("cumsum", options.dim, x.shape.length));
  if (x.dtype !== "float32") return scan("cumsum", cast(x, "int32"), rows, SUMS);
  return differentiable("cumsum", scan("cumsum", x, rows, SUMS), [x], {
    gradient: (dy) => [scan("cumsum gradient", dy, rows, { ...SUMS, reversed: true })],
  });
}
