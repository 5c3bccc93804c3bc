/**
 * Running the picking of rows and its gradient over tensors.
 *
 * @module
 */
import { gather, type GatherShape } from "../../kernels/indexing/gather.ts";
import { scatter } from "../../kernels/indexing/scatter.ts";
import { empty } from "../tensor/create.ts";
import { run } from "../run.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** The rows of `x` that `index` picks, as a tensor of `shape`. */
export function gatherRows(
  name: string,
  pick: GatherShape,
  x: Tensor,
  index: Tensor,
  shape: readonly number[],
): Tensor {
  const y = empty(shape, x.dtype);
  if (y.size === 0) return y;
  const storages = [x.storage, index.storage, y.storage] as const;
  run({
    name,
    key: `${name} ${x.dtype} ${JSON.stringify(pick)}`,
    reads: storages.slice(0, 2),
    writes: [y.storage],
    lower: (adapter) => ({ dispatches: [gather(name, pick, storages, x.dtype, adapter)], temporaries: [] }),
  });
  return y;
}

/** A tensor of `shape` that holds for each row the sum of the rows of `dy` that were picked from it. */
export function scatterAddRows(
  name: string,
  pick: GatherShape,
  dy: Tensor,
  index: Tensor,
  shape: readonly number[],
): Tensor {
  const dx = empty(shape);
  if (dx.size === 0) return dx;
  const call = { name, pick, dy: dy.storage, index: index.storage, dx: dx.storage };
  run({
    name,
    key: `${name} ${JSON.stringify(pick)}`,
    reads: [call.dy, call.index],
    writes: [call.dx],
    lower: (adapter) => scatter(call, adapter),
  });
  return dx;
}
