/**
 * Running the gathering of rows and its gradient over tensors.
 *
 * @module
 */
import { gather, type GatherShape } from "../../kernels/indexing/gather.ts";
import { scatter } from "../../kernels/indexing/scatter.ts";
import { rowMajor } from "../../kernels/wgsl/access.ts";
import { run } from "../run.ts";
import { empty } from "../tensor/create.ts";
import { storageOf } from "../tensor/internals.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Elements of a tensor of `shape` by indices of shape `items`, each in the place of its own along `dim`. */
export function elementsAlong(
  shape: readonly number[],
  items: readonly number[],
  dim: number,
): GatherShape {
  const strides = rowMajor(shape);
  return {
    items,
    base: { strides: strides.map((stride, d) => (d === dim ? 0 : stride)), offset: 0 },
    dim,
    step: strides[dim] ?? 1,
    limit: shape[dim] ?? 1,
    width: 1,
    tableRows: shape.reduce((a, b) => a * b, 1),
    skip: -1,
  };
}

/** The rows of `x` that `index` names, as a tensor of `shape`. */
export function gatherRows(
  name: string,
  gathered: GatherShape,
  x: Tensor,
  index: Tensor,
  shape: readonly number[],
): Tensor {
  const y = empty(shape, x.dtype);
  if (y.size === 0) return y;
  const data = { shape: gathered, x: storageOf(x), dtype: x.dtype, index: storageOf(index) };
  run({ name, reads: [data.x, data.index], writes: [storageOf(y)], data, lower: gather });
  return y;
}

/** A tensor of `shape` that holds for each row the sum of the rows of `dy` that were gathered from it. */
export function scatterAddRows(
  name: string,
  gathered: GatherShape,
  dy: Tensor,
  index: Tensor,
  shape: readonly number[],
): Tensor {
  const dx = empty(shape);
  if (dx.size === 0) return dx;
  const data = { shape: gathered, dy: storageOf(dy), index: storageOf(index) };
  run({ name, reads: [data.dy, data.index], writes: [storageOf(dx)], data, lower: scatter });
  return dx;
}
