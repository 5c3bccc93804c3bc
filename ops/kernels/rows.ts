/**
 * The row family: what needs a whole row at once (softmax, cross-entropy, running sums).
 *
 * `[outer, size, inner]` holds `outer * inner` rows of `size` elements, `inner` apart. One invocation walks one row
 * as often as its body says; on a CPU adapter the row stays in the cache between the walks. Long rows are cut into parts
 * where the body is made of walks (`row_walks.ts`); any other body must itself keep its loops within `MOST_TURNS`
 * (`wgsl/loop_limit.ts`).
 *
 * @module
 */
import type { Dispatch } from "../gpu/kernel.ts";
import type { Storage } from "../gpu/storage.ts";
import type { Work } from "../gpu/work.ts";
import type { Adapter } from "./adapter.ts";
import { mathFunctions } from "./wgsl/math.ts";
import { type BindingDecl, dispatch, type DispatchNumber, type NumberDecl } from "./wgsl/source.ts";
import { u32s } from "./wgsl/text.ts";

/** How a tensor is cut into rows along one dimension. */
export interface Rows {
  readonly outer: number;
  readonly size: number;
  readonly inner: number;
}

/** What kernels over rows have in common. */
export interface RowsJob {
  readonly name: string;
  readonly rows: Rows;
  readonly bindings: readonly (BindingDecl & { readonly storage: Storage })[];
  /** Further numbers, with their values. */
  readonly numbers?: readonly (NumberDecl & { readonly value: DispatchNumber })[];
}

/** A kernel over rows. */
export interface RowsCall extends RowsJob {
  /**
   * Statements for one row. In scope: `row`, its index; `base`, the place of its first element, so that element `k` lies
   * at `base + k * INNER`; `u.size`. They run for `row < u.rows` only.
   */
  readonly body: string;
}

/** Cuts `shape` along dimension `dim`. */
export function rowsOf(shape: readonly number[], dim: number): Rows {
  const product = (part: readonly number[]) => part.reduce((a, b) => a * b, 1);
  return { outer: product(shape.slice(0, dim)), size: shape[dim] ?? 1, inner: product(shape.slice(dim + 1)) };
}

/** Makes the dispatch of a kernel over rows. */
export function eachRow(call: RowsCall, adapter: Adapter): Work {
  const count = call.rows.outer * call.rows.inner;
  const body = `
  let row = id;
  if (row < u.rows) {
    let base = row / INNER * (u.size * INNER) + row % INNER;
${call.body}
  }`;
  return { dispatches: [rowsKernel(call, body, count, adapter)], temporaries: [] };
}

/** Makes the dispatch of a kernel of `threads` invocations over rows, from the whole text of its `main`. */
export function rowsKernel(job: RowsJob, body: string, threads: number, adapter: Adapter): Dispatch {
  const { rows, numbers = [] } = job, count = rows.outer * rows.inner;
  return dispatch(
    {
      name: job.name,
      bindings: job.bindings.map(({ name, type, access }) => ({ name, type, access })),
      numberDecls: [...u32s("rows", "size"), ...numbers],
      declarations: `const INNER = ${rows.inner}u;\n${mathFunctions(body)}`,
      workgroupSize: Math.min(adapter.workgroupSize, 32),
      body,
    },
    job.bindings.map((b) => b.storage),
    [count, rows.size, ...numbers.map((f) => f.value)],
    threads,
    4 * count * rows.size,
  );
}
