/**
 * What stands at an index of a dimension, as rows of a table: as many rows to an index as there are
 * places in front.
 *
 * @module
 */
import type { GatherShape } from "../kernels/indexing/gather.ts";
import { expandTo } from "../core/families/movement.ts";
import { rowsOf } from "../kernels/rows.ts";
import { normalDim, show } from "../core/shape.ts";
import { aliasOf } from "../core/tensor/internals.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

/** The rows that a vector of indices names along a dimension of `shape`. */
export function rowsAlong(op: string, shape: readonly number[], index: Tensor, dim: number): GatherShape {
  const d = normalDim(op, dim, shape.length);
  if (shape.length === 0 || index.shape.length > 1) {
    throw new RangeError(
      `Cannot apply ${op} as x must have dimensions and index one: x has shape ${show(shape)}, index ${
        show(index.shape)
      }`,
    );
  }
  const { outer, size, inner } = rowsOf(shape, d);
  return {
    items: [outer, index.size],
    base: { strides: [size, 0], offset: 0 },
    dim: 1,
    step: 1,
    limit: size,
    width: inner,
    tableRows: outer * size,
    skip: -1,
  };
}

/** The index of each of the rows, one behind the other. */
export function indexRows({ items }: GatherShape, index: Tensor): Tensor {
  return items[0] === 1 ? index : expandTo(aliasOf(index, [1, index.size]), items);
}
