/**
 * Running row kernels over tensors.
 *
 * @module
 */
import { type RowWalks, walkRows } from "../../kernels/row_walks.ts";
import { eachRow, type Rows } from "../../kernels/rows.ts";
import { STORED_AS } from "../../kernels/wgsl/dtype.ts";
import type { DispatchNumber, NumberDecl } from "../../kernels/wgsl/source.ts";
import { run } from "../run.ts";
import { storageOf } from "../tensor/internals.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Runs walks over rows, or a kernel with a body of its own; in the texts inputs and outputs go by their names here. */
export function runRows(
  name: string,
  rows: Rows,
  inputs: Readonly<Record<string, Tensor>>,
  outputs: Readonly<Record<string, Tensor>>,
  body: string | RowWalks,
  numbers: readonly (NumberDecl & { readonly value: DispatchNumber })[] = [],
): void {
  if (rows.outer * rows.inner === 0) return;
  const bind = (tensors: Readonly<Record<string, Tensor>>, access: "read" | "read_write") =>
    Object.entries(tensors).map(([n, t]) => ({
      name: n,
      type: STORED_AS[t.dtype],
      access,
      storage: storageOf(t),
    }));
  const bindings = [...bind(inputs, "read"), ...bind(outputs, "read_write")];
  const job = {
    name,
    reads: Object.values(inputs).map((t) => storageOf(t)),
    writes: Object.values(outputs).map((t) => storageOf(t)),
  };
  if (typeof body === "string") run({ ...job, data: { rows, bindings, numbers, body }, lower: eachRow });
  else run({ ...job, data: { rows, bindings, numbers, walks: body }, lower: walkRows });
}
