/**
 * Running sums, `y_k = sum_(j <= k) x_j` along a dimension. Gradient: the running sum of dy from the other end.
 *
 * One invocation walks one row. A long row is cut into about as many chunks as a chunk is long: their totals are summed
 * up first, running sums of the totals say where each chunk begins, and then every chunk is walked on its own. Within
 * a chunk sums are made in blocks, so that the rounding error hardly grows with the row.
 *
 * @module
 */
import { blockedLoop } from "../kernels/wgsl/blocked_loop.ts";
import { type Rows, rowsOf } from "../kernels/rows.ts";
import { differentiable } from "../core/autograd/autograd.ts";
import { runRows } from "../core/families/rows.ts";
import { normalDim } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { cast } from "../core/tensor/compute.ts";
import { empty } from "../core/tensor/create.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { DIM, required } from "../core/kinds.ts";

/** Elements of a row up to which one invocation walks all of it. */
const WHOLE = 1024;

/** Blocks within a chunk: a running sum is what came before the chunk, whole blocks, and those of their elements so far. */
const BLOCKS = [16, 16];

/**
 * Walks a chunk and adds it up to `sum`: `u.size` is a chunk's length, `u.total` the row's, and `row` counts through all
 * chunks. `each` gets the sum of the elements so far.
 */
function walk(reversed: boolean, zero: string, each: (sum: string) => string): string {
  const at = (depth: number) => depth === 0 ? "sum" : `sum_${depth}`;
  const text = {
    begin: (depth: number) => `var ${at(depth)} = ${zero};`,
    end: (depth: number) => `${at(depth - 1)} += ${at(depth)};`,
    turn: (depth: number) => `
      let at = first + ${reversed ? "(u.total - 1u - k)" : "k"} * INNER;
      ${at(depth)} += x[at];
      ${each("(sum + (sum_1 + sum_2))")}`,
  };
  return /* wgsl */ `
    let chunk = row / INNER % u.chunks;
    let first = row / INNER / u.chunks * u.total * INNER + row % INNER;
    let end = min((chunk + 1u) * u.size, u.total);
    var sum = ${zero};
    var k = chunk * u.size;
    ${blockedLoop({ at: "k", end: "end", by: "1u" }, BLOCKS, text)}`;
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
    runRows(name, parts, { x }, { y }, walk(reversed, zero, (sum) => `y[at] = ${sum};`), numbers);
    return y;
  }
  const totals = empty([outer, chunks, inner], x.dtype);
  const add = walk(reversed, zero, () => "") + "\n    totals[row] = sum;";
  runRows(`${name} totals`, parts, { x }, { totals }, add, numbers);
  const sums = run(`${name} of totals`, totals, rowsOf(totals.shape, 1), false);
  const before = `select(${zero}, sums[max(row, INNER) - INNER], row / INNER % u.chunks > 0u)`;
  const each = (sum: string) => `y[at] = before + ${sum};`;
  const body = `let before = ${before};\n${walk(reversed, zero, each)}`;
  runRows(name, parts, { x, sums }, { y }, body, numbers);
  totals.dispose();
  sums.dispose();
  return y;
}

const takes = signature<{ dim: number }>("apply cumsum", { x: TENSOR }, { dim: required(DIM) }, "dim");

/**
 * Adds up along a dimension, and gives every sum on the way.
 *
 * @param x A tensor of any shape. Integers and booleans give an int32 result.
 * @param options The dimension; negative ones count from the end. `dim` may stand alone.
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
