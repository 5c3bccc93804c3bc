/**
 * Picking rows, or elements, along a dimension by a tensor of indices. The gradient of what was picked
 * several times is the sum, in order, as in `gather.ts`.
 *
 * @module
 */
import type { GatherShape } from "../kernels/indexing/gather.ts";
import { composed } from "../core/composed.ts";
import { differentiable } from "../core/autograd/autograd.ts";
import { gatherRows, scatterAddRows } from "../core/families/indexing.ts";
import { DIM, required } from "../core/kinds.ts";
import { broadcastShapes, normalDim, show } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { TENSOR, tensorOf } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { expand } from "../shape/expand.ts";
import { viewAs } from "../shape/view_as.ts";
import { indexRows, rowsAlong } from "./_rows_along.ts";
import { gather } from "./gather.ts";

const takesSelect = signature<{ dim: number }>("apply indexSelect", { x: TENSOR, index: tensorOf("int32") }, {
  dim: required(DIM),
});

/**
 * Picks what stands at some indices of a dimension, in their order.
 *
 * @param x A tensor of one dimension or more.
 * @param index Indices, int32, of one dimension or none. Those that do not exist, negative ones among
 *   them, give NaN (0 and false in other types than float32) and no gradient; PyTorch throws there,
 *   which would need their values to be read back.
 * @param options The dimension; negative ones count from the end.
 * @returns A new tensor with as many places along the dimension as there are indices.
 * @throws {RangeError} If the dimension does not exist, or `index` has several dimensions.
 * @throws {TypeError} If `index` is not int32.
 *
 * @example Usage
 * ```ts
 * import { indexSelect, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([[1, 2], [3, 4], [5, 6]]), index = tensor([2, 0], { dtype: "int32" });
 * assertEquals(await indexSelect(x, index, { dim: 0 }).toArray(), [[5, 6], [1, 2]]);
 * ```
 */
export function indexSelect(x: Tensor, index: Tensor, options: { dim: number }): Tensor {
  takesSelect(arguments);
  const gathered: GatherShape = rowsAlong("indexSelect", x.shape, index, options.dim);
  const dim = normalDim("indexSelect", options.dim, x.shape.length);
  return composed(() => {
    const rows = indexRows(gathered, index);
    const y = gatherRows("indexSelect", gathered, x, rows, x.shape.with(dim, index.size));
    return differentiable("indexSelect", y, [x], {
      saved: [rows],
      gradient: (dy, [rows]) => [scatterAddRows("indexSelect gradient", gathered, dy, rows, x.shape)],
    });
  });
}

const takesAlong = signature<{ dim?: number }>(
  "apply takeAlongDim",
  { x: TENSOR, indices: tensorOf("int32") },
  { dim: DIM },
  "dim",
);

/**
 * Picks elements along a dimension by indices that broadcast with `x` in the others: what `argsort`
 * gives, for one.
 *
 * @param x A tensor of any shape.
 * @param indices Indices along the dimension, int32, with as many dimensions as `x`. Those that do not
 *   exist give NaN, 0 or false, and no gradient.
 * @param options The dimension; negative ones count from the end. Without it both are taken as one
 *   row. `dim` may stand alone.
 * @returns A tensor of the shape of `indices`, broadcast but for the dimension.
 * @throws {RangeError} If the dimension does not exist, or the shapes do not broadcast.
 * @throws {TypeError} If `indices` are not int32.
 *
 * @example Usage
 * ```ts
 * import { openDevice, takeAlongDim, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([[3, 1], [2, 4]]);
 * assertEquals(await takeAlongDim(x, x.argsort(1), 1).toArray(), [[1, 3], [2, 4]]);
 * ```
 */
export function takeAlongDim(x: Tensor, indices: Tensor, options: { dim?: number } | number = {}): Tensor {
  options = takesAlong(arguments);
  if (options.dim === undefined) {
    return composed(() =>
      gather(viewAs("takeAlongDim", x, [x.size]), viewAs("takeAlongDim", indices, [indices.size]), {
        dim: 0,
      })
    );
  }
  const rank = x.shape.length, dim = normalDim("takeAlongDim", options.dim, rank);
  if (rank === 0 || indices.shape.length !== rank) {
    throw new RangeError(
      `Cannot apply takeAlongDim as indices must have the dimensions of x: indices ${
        show(indices.shape)
      }, x ${show(x.shape)}`,
    );
  }
  const shape = broadcastShapes("takeAlongDim", x.shape.with(dim, 1), indices.shape.with(dim, 1));
  return composed(() =>
    gather(spread(x, shape.with(dim, x.shape[dim]!)), spread(indices, shape.with(dim, indices.shape[dim]!)), {
      dim,
    })
  );
}

/** The tensor in a shape to which it broadcasts. */
function spread(x: Tensor, shape: readonly number[]): Tensor {
  return shape.every((size, d) => size === x.shape[d]) ? x : expand(x, shape);
}
