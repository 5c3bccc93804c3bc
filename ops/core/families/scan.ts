/**
 * Running sums along a dimension, and what is made like them: each element is joined to those before it.
 *
 * One invocation walks one row. A long row is cut into about as many chunks as a chunk is long: their totals are joined
 * first, running ones of the totals say where each chunk begins, and then every chunk is walked on its own. Within
 * a chunk elements are joined in blocks, so that the rounding error hardly grows with the row.
 *
 * @module
 */
import { blockedLoop } from "../../kernels/wgsl/blocked_loop.ts";
import { type Rows, rowsOf } from "../../kernels/rows.ts";
import { empty } from "../tensor/create.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { runRows } from "./rows.ts";

/** How elements are joined. It must not matter which are joined first, but for rounding. */
export interface Scan {
  /** What changes nothing, by the type. */
  readonly first: { readonly float32: string; readonly int32?: string };
  /** WGSL that joins two. */
  join(a: string, b: string): string;
  /** Whether it begins at the other end, false unless given. */
  readonly reversed?: boolean;
}

/** Sums. */
export const SUMS: Scan = { first: { float32: "0.0", int32: "0" }, join: (a, b) => `(${a} + ${b})` };

/** Elements of a row up to which one invocation walks all of it. */
const WHOLE = 1024;

/** Blocks within a chunk: a running sum is what came before the chunk, whole blocks, and those of their elements so far. */
const BLOCKS = [16, 16];

/**
 * Walks a chunk and adds it up to `sum`: `u.size` is a chunk's length, `u.total` the row's, and `row` counts through all
 * chunks. `each` gets the sum of the elements so far.
 */
function walk(by: Scan, zero: string, each: (sum: string) => string): string {
  const { join, reversed = false } = by;
  const at = (depth: number) => depth === 0 ? "sum" : `sum_${depth}`;
  const text = {
    begin: (depth: number) => `var ${at(depth)} = ${zero};`,
    end: (depth: number) => `${at(depth - 1)} = ${join(at(depth - 1), at(depth))};`,
    turn: (depth: number) => `
      let at = first + ${reversed ? "(u.total - 1u - k)" : "k"} * INNER;
      ${at(depth)} = ${join(at(depth), "x[at]")};
      ${each(join("sum", join("sum_1", "sum_2")))}`,
  };
  return /* wgsl */ `
    let chunk = row / INNER % u.chunks;
    let first = row / INNER / u.chunks * u.total * INNER + row % INNER;
    let end = min((chunk + 1u) * u.size, u.total);
    var sum = ${zero};
    var k = chunk * u.size;
    ${blockedLoop({ at: "k", end: "end", by: "1u" }, BLOCKS, text)}`;
}

/** What stands at each element when all before it, and it, are joined; `x` is float32 or int32. */
export function scan(name: string, x: Tensor, rows: Rows, by: Scan): Tensor {
  const y = empty(x.shape, x.dtype), { outer, size, inner } = rows;
  if (x.size === 0) return y;
  const length = size <= WHOLE ? size : Math.ceil(Math.sqrt(size)), chunks = Math.ceil(size / length);
  const parts = { outer: outer * chunks, size: length, inner };
  const numbers = [
    { name: "chunks", type: "u32", value: chunks },
    { name: "total", type: "u32", value: size },
  ] as const;
  const zero = x.dtype === "float32" ? by.first.float32 : by.first.int32 ?? "0";
  if (chunks === 1) {
    runRows(name, parts, { x }, { y }, walk(by, zero, (sum) => `y[at] = ${sum};`), numbers);
    return y;
  }
  const totals = empty([outer, chunks, inner], x.dtype);
  const add = walk(by, zero, () => "") + "\n    totals[row] = sum;";
  runRows(`${name} totals`, parts, { x }, { totals }, add, numbers);
  const sums = scan(`${name} of totals`, totals, rowsOf(totals.shape, 1), { ...by, reversed: false });
  const before = `select(${zero}, sums[max(row, INNER) - INNER], row / INNER % u.chunks > 0u)`;
  const each = (sum: string) => `y[at] = ${by.join("before", sum)};`;
  const body = `let before = ${before};\n${walk(by, zero, each)}`;
  runRows(name, parts, { x, sums }, { y }, body, numbers);
  totals.dispose();
  sums.dispose();
  return y;
}
