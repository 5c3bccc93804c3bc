/**
 * The row family: what needs a whole row at once (softmax, cross-entropy, normalisation).
 *
 * `[outer, size, inner]` holds `outer * inner` rows of `size` elements, `inner` apart. One invocation walks one row
 * as often as its body says; on a CPU adapter the row stays in the cache between the walks.
 *
 * @module
 */
import type { Step } from "../gpu/kernel.ts";
import type { Storage } from "../gpu/storage.ts";
import { mathFunctions } from "./math.ts";
import type { Profile } from "./profile.ts";
import { type BindingDecl, step, type UniformDecl, type Value } from "./source.ts";

/** How a tensor is cut into rows along one dimension. */
export interface Rows {
  readonly outer: number;
  readonly size: number;
  readonly inner: number;
}

/** A kernel over rows. */
export interface RowsCall {
  readonly name: string;
  readonly rows: Rows;
  readonly bindings: readonly (BindingDecl & { readonly storage: Storage })[];
  /** Further uniforms, with their values. */
  readonly uniforms?: readonly (UniformDecl & { readonly value: Value })[];
  /**
   * Statements for one row. In scope: `row`, its index; `base`, the place of its first element; `at(k)` is written
   * `base + k * INNER`; `u.size`. It runs for `row < u.rows` only.
   */
  readonly body: string;
}

/** Cuts `shape` along dimension `dim`. */
export function rowsOf(shape: readonly number[], dim: number): Rows {
  const product = (part: readonly number[]) => part.reduce((a, b) => a * b, 1);
  return { outer: product(shape.slice(0, dim)), size: shape[dim] ?? 1, inner: product(shape.slice(dim + 1)) };
}

/** The walk that softmax and its relatives begin with: `top` is the largest element, `total` the sum of e^(x - top). */
export const SOFTMAX_TOTAL = /* wgsl */ `
    var top = x[base];
    for (var k = 1u; k < u.size; k++) { top = max(top, x[base + k * INNER]); }
    var total = 0.0;
    for (var k = 0u; k < u.size; k++) { total += expf(x[base + k * INNER] - top); }`;

/** Makes the step of a kernel over rows. */
export function rowsStep(call: RowsCall, profile: Profile): Step {
  const { rows, uniforms = [] } = call;
  const count = rows.outer * rows.inner;
  const body = `
  let row = id;
  if (row < u.rows) {
    let base = row / INNER * (u.size * INNER) + row % INNER;
${call.body}
  }`;
  return step(
    {
      name: call.name,
      bindings: call.bindings.map(({ name, type, access }) => ({ name, type, access })),
      uniforms: [{ name: "rows", type: "u32" }, { name: "size", type: "u32" }, ...uniforms],
      declarations: `const INNER = ${rows.inner}u;\n${mathFunctions(body)}`,
      workgroupSize: Math.min(profile.workgroupSize, 32),
      body,
    },
    call.bindings.map((b) => b.storage),
    [count, rows.size, ...uniforms.map((f) => f.value)],
    count,
    4 * count * rows.size,
  );
}
