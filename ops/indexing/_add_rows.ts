/**
 * Adding rows to those of a tensor that indices name, in order, without atomics (see
 * `kernels/indexing/scatter.ts`). The gradient of what is added is that of the place where it went.
 *
 * @module
 */
import type { GatherShape } from "../kernels/indexing/gather.ts";
import { programOf } from "../kernels/wgsl/program.ts";
import { differentiable } from "../core/autograd/autograd.ts";
import { gatherRows, scatterAddRows } from "../core/families/indexing.ts";
import { compute } from "../core/tensor/compute.ts";
import { aliasOf } from "../core/tensor/internals.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { add } from "../pointwise/add.ts";

/** 0 in the place of what went nowhere. */
const KEPT = programOf({
  name: "kept",
  args: [["dy", "float32"], ["k", "int32"], ["limit", "int32"]],
  result: "float32",
  body: "select(0.0, dy, k >= 0 && k < limit)",
}, 1);

/** `x` with the rows of `values` added to those that `index` names. */
export function addRows(op: string, x: Tensor, places: GatherShape, index: Tensor, values: Tensor): Tensor {
  const sums = scatterAddRows(op, places, values, index, x.shape);
  differentiable(op, sums, [values], {
    saved: [index],
    gradient: (dy, [index]) => {
      const rows = gatherRows(`${op} gradient`, places, dy, index, [index.size, places.width]);
      const at = aliasOf(index, [index.size, 1]);
      const kept = compute(`${op} gradient`, KEPT, rows.shape, [rows, at], [places.limit], "float32");
      return [aliasOf(kept, values.shape)];
    },
  });
  return add(x, sums);
}
