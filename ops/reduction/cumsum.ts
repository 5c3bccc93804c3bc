/**
 * Running sums, `y_k = sum_(j <= k) x_j` along a dimension. Gradient: the running sum of dy from the other end.
 *
 * One invocation walks one row. A long row is cut into about as many chunks as a chunk is long: their totals are summed
 * up first, running sums of the totals say where each chunk begins, and then every chunk is walked on its own. That
 * also keeps the rounding error to that of some √n additions.
 *
 * @module
 */
import { type Rows, rowsOf } from "../kernels/rows.ts";
import { differentiable } from "../core/autograd/autograd.ts";
import { runRows } from "../core/families/rows.ts";
import { normalDim } from "../core/shape.ts";
import { DIM, required, signature } from "../core/signature.ts";
import { cast } from "../core/tensor/compute.ts";
import { empty } from "../core/tensor/create.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

/** Elements of a row up to which one invocation walks all of it. */
const WHOLE = 1024;

/** Walks a chunk: `u.size` is a chunk's length, `u.total` the row's, and `row` counts through all chunks. */
function walk(reversed: boolean, before: string, each: string): string {
  return /* wgsl */ `
    let chunk = row / INNER % u.chunks;
    let first = row / INNER / u.chunks * u.total * INNER + row % INNER;
    let end = min((chunk + 1u) * u.size, u.total);
    ${before}
    for (var k = chunk * u.size; k < end; k++) {
      let at = first + ${reversed ? "(u.total - 1u - k)" : "k"} * INNER;
      sum += x[at];
      ${each}
    }`;
}

function run(name: string, x: Tensor, rows: Rows, reversed: boolean): Tensor {
  const y = empty(x.shape, x.dtype), { outer, size, inner } = rows;
  if (x.size === 0) return y;
  const length = size <= WHOLE ? size : Math.ceil(Math.sqrt(size)), chunks = Math.ceil(size / length);
  const parts = { outer: outer * chunks, size: length, inner };
  const numbers = [
    { name: "chunks", type: "u32", value: chunks },
    { name: "total", type: "u32", value: size },
  ] as const;
  const zero = x.dtype === "float32" ? "0.0" : "0";
  if (chunks === 1) {
    runRows(name, parts, { x }, { y }, walk(reversed, `var sum = ${zero};`, "y[at] = sum;"), numbers);
    return y;
  }
  const totals = empty([outer, chunks, inner], x.dtype);
  const add = walk(reversed, `var sum = ${zero};`, "") + "\n    totals[row] = sum;";
  runRows(`${name} totals`, parts, { x }, { totals }, add, numbers);
  const sums = run(`${name} of totals`, totals, rowsOf(totals.shape, 1), false);
  const start = `var sum = ${zero}; if (chunk > 0u) { sum = sums[row - INNER]; }`;
  runRows(name, parts, { x, sums }, { y }, walk(reversed, start, "y[at] = sum;"), numbers);
  totals.dispose();
  sums.dispose();
  return y;
}

const takes = signature<{ dim: number }>("apply cumsum", { x: TENSOR }, { dim: required(DIM) }, "dim");

/**
 * Adds up along a dimension, and gives every sum on the way.
 *
 * @param x A tensor of any shape. Integers and booleans give an int32 result.
 * @param options The dimension; negative ones count from the end.
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
  if (x.dtype !== "float32") return run("cumsum", cast(x, "int32"), rows, false);
  return differentiable("cumsum", run("cumsum", x, rows, false), [x], {
    gradient: (dy) => [run("cumsum gradient", dy, rows, true)],
  });
}
