/**
 * How often each whole number occurs: the numbers are sorted, and the places where each ends are found
 * by bisection. No float counts, and no atomics.
 *
 * @module
 */
import { programOf } from "../kernels/wgsl/program.ts";
import { placesOfTrue } from "../core/families/places.ts";
import { takeSlice } from "../core/families/movement.ts";
import { compute } from "../core/tensor/compute.ts";
import { full } from "../core/tensor/create.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { topk } from "../indexing/topk.ts";

/** How many lie in between two ends, of which -1 is that of all. */
const BETWEEN = programOf({
  name: "between",
  args: [["end", "int32"], ["start", "int32"], ["size", "int32"]],
  result: "int32",
  body: "select(end, size, end < 0) - select(start, size, start < 0)",
}, 1);

/** How often 1 to `n` occur in a vector of int32: `[n]`. */
export function countsUpTo(name: string, x: Tensor, n: number): Tensor {
  if (x.size === 0 || n === 0) return full([n], 0, { dtype: "int32" });
  const { values } = topk(x, x.size, { dim: 0, largest: false });
  const ends = placesOfTrue(name, values, n + 1, false); // of 0 up to n, where those above end
  const part = (start: number) => takeSlice(name, ends, { start: [start], step: [1], shape: [n] });
  return compute(name, BETWEEN, [n], [part(1), part(0)], [x.size], "int32");
}
