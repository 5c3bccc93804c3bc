/**
 * Running row kernels over tensors.
 *
 * @module
 */
import { STORED_AS } from "../../kernels/wgsl/dtype.ts";
import { type RowWalks, walkSteps } from "../../kernels/row_walks.ts";
import { type Rows, rowsStep } from "../../kernels/rows.ts";
import type { UniformDecl, Value } from "../../kernels/wgsl/source.ts";
import { run } from "../run.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Runs walks over rows, or a kernel with a body of its own; in the texts inputs and outputs go by their names here. */
export function runRows(
  name: string,
  rows: Rows,
  inputs: Readonly<Record<string, Tensor>>,
  outputs: Readonly<Record<string, Tensor>>,
  body: string | RowWalks,
  uniforms: readonly (UniformDecl & { readonly value: Value })[] = [],
): void {
  if (rows.outer * rows.inner === 0) return;
  const bind = (tensors: Readonly<Record<string, Tensor>>, access: "read" | "read_write") =>
    Object.entries(tensors).map(([n, t]) => ({
      name: n,
      type: STORED_AS[t.dtype],
      access,
      storage: t.storage,
    }));
  const bindings = [...bind(inputs, "read"), ...bind(outputs, "read_write")];
  const constant = uniforms.every((f) => typeof f.value === "number");
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const job = { name, rows, bindings, uniforms };
  run({
    name,
    key: constant ? `${name} ${Object.values(rows)} ${text} ${uniforms.map((f) => f.value)}` : undefined,
    reads: Object.values(inputs).map((t) => t.storage),
    writes: Object.values(outputs).map((t) => t.storage),
    lower: (profile) =>
      typeof body === "string"
        ? { steps: [rowsStep({ ...job, body }, profile)], temporaries: [] }
        : walkSteps({ ...job, walks: body }, profile),
  });
}
