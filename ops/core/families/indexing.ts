/**
 * Running the gathering of rows and its gradient over tensors.
 *
 * @module
 */
import { gather, type GatherShape } from "../../kernels/indexing/gather.ts";
import { scatter } from "../../kernels/indexing/scatter.ts";
import { run } from "../run.ts";
import { empty } from "../tensor/create.ts";
import { storageOf } from "../tensor/internals.ts";
import type { Tensor } from "../tensor/tensor.ts";

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
