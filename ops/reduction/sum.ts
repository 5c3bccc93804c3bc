/**
 * Sums over dimensions.
 *
 * @module
 */
import { differentiable } from "../core/autograd/autograd.ts";
import { expandTo } from "../core/families/movement.ts";
import { type ReduceOptions, reduceTensor, SUM, SUM_INT } from "../core/families/reduce.ts";
import { normalDims, reducedShape } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { cast } from "../core/tensor/compute.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import { aliasOf } from "../core/tensor/internals.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { BOOLEAN, DIMS } from "../core/kinds.ts";

const takes = signature<ReduceOptions>("apply sum", { x: TENSOR }, { dim: DIMS, keepdim: BOOLEAN }, "dim");

/**
 * Adds the elements of `x` up over some dimensions, or over all.
 *
 * @param x A tensor of any shape. Integers and booleans give an int32 result.
 * @param options Which dimensions, and whether they stay with size 1. `dim` may stand alone.
 * @returns The sums; `[]` if everything is summed. A sum over nothing is 0.
 * @throws {RangeError} If a dimension does not exist or repeats.
 *
 * @example Usage
 * ```ts
 * import { openDevice, sum, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([[1, 2], [3, 4]]);
 * assertEquals(await sum(x).item(), 10);
 * assertEquals(await sum(x, { dim: 0 }).toArray(), [4, 6]);
 * ```
 */
export function sum(x: Tensor, options: ReduceOptions | number | readonly number[] = {}): Tensor {
  options = takes(arguments);
  const dims = normalDims("sum", options.dim, x.shape.length);
  if (x.dtype !== "float32") return reduceTensor("sum", SUM_INT, cast(x, "int32"), dims, options);
  const y = reduceTensor("sum", SUM, x, dims, options);
  return differentiable("sum", y, [x], {
    gradient: (dy) => [expandTo(aliasOf(dy, reducedShape(x.shape, dims, true)), x.shape)],
  });
}
