/**
 * Picking elements along a dimension by indices.
 *
 * The gradient of an element of x is the sum over the places that gathered it, in their order, without atomics: a walk
 * over each line of indices where the lines are many or short, and else a sort of the indices (see
 * `kernels/indexing/scatter.ts`). Its cost grows with the sizes of x and of the indices, not with their product.
 *
 * @module
 */
import { differentiable } from "../core/autograd/autograd.ts";
import { elementsAlong, gatherRows, scatterAddRows } from "../core/families/indexing.ts";
import { normalDim, show } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { TENSOR, tensorOf } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { DIM, required } from "../core/kinds.ts";

const takes = signature<{ dim: number }>("apply gather", { x: TENSOR, index: tensorOf("int32") }, {
  dim: required(DIM),
});

/**
 * Picks elements of `x` along a dimension: for three dimensions and `dim` 1, `y[i, j, k] = x[i, index[i, j, k], k]`.
 *
 * @param x A tensor of any shape.
 * @param index Indices along the dimension, int32, with as many dimensions as `x` and, but for `dim`, at most its sizes.
 *   Indices that do not exist, negative ones among them, give NaN (0 and false in other types than float32) and no
 *   gradient; PyTorch throws there, which would need their values to be read back.
 * @param options The dimension; negative ones count from the end.
 * @returns A tensor of the shape of `index`, of the type of `x`.
 * @throws {RangeError} If the dimension does not exist, or the shapes do not fit.
 * @throws {TypeError} If `index` is not int32.
 *
 * @example Usage
 * ```ts
 * import { gather, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const scores = tensor([[1, 2, 3], [4, 5, 6]]), labels = tensor([[2], [0]], { dtype: "int32" });
 * assertEquals(await gather(scores, labels, { dim: 1 }).toArray(), [[3], [4]]);
 * ```
 */
export function gather(x: Tensor, index: Tensor, options: { dim: number }): Tensor {
  takes(arguments);
  const { shape } = x, dim = normalDim("gather", options.dim, shape.length);
  const fits = index.shape.every((size, d) => d === dim || size <= shape[d]!);
  if (index.shape.length !== shape.length || !fits) {
    throw new RangeError(
      `Cannot apply gather as index must have the dimensions of x and, but for dim ${dim}, at most its sizes: index ${
        show(index.shape)
      }, x ${show(shape)}`,
    );
  }
  const gathered = elementsAlong(shape, index.shape, dim);
  return differentiable("gather", gatherRows("gather", gathered, x, index, index.shape), [x], {
    saved: [index],
    gradient: (dy, [index]) => [scatterAddRows("gather gradient", gathered, dy, index, shape)],
  });
}
