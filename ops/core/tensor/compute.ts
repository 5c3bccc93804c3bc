/**
 * Working on views: tensors that stand for others of as many elements, split or broadcast along some dimensions.
 *
 * @module
 */
import type { DType } from "../../../mod.ts";
import { broadcastAccess } from "../../kernels/wgsl/access.ts";
import type { Program } from "../../kernels/wgsl/program.ts";
import type { DispatchNumber } from "../../kernels/wgsl/source.ts";
import { runElementwise } from "../run.ts";
import { sizeOf } from "../shape.ts";
import { empty } from "./create.ts";
import type { Tensor } from "./tensor.ts";

/** A tensor and the shape in which it is broadcast. */
export type Broadcast = readonly [tensor: Tensor, shape: readonly number[]];

/** Runs a program over tensors that are broadcast to `shape`, into tensors with as many elements as it. */
export function computeInto(
  name: string,
  program: Program,
  shape: readonly number[],
  inputs: readonly Broadcast[],
  outputs: readonly Tensor[],
  numbers: readonly DispatchNumber[],
): void {
  if (sizeOf(shape) === 0) return;
  const operand = ([t, own]: Broadcast) => ({ storage: t.storage, access: broadcastAccess(own, shape) });
  runElementwise({
    name,
    shape,
    program,
    numbers: numbers,
    inputs: inputs.map(operand),
    outputs: outputs.map((t) => operand([t, shape])),
  });
}
/** Runs a program over tensors that broadcast to `shape`; the output is new, of the program's result type. */
export function compute(
  name: string,
  program: Program,
  shape: readonly number[],
  inputs: readonly Tensor[],
  numbers: readonly DispatchNumber[],
  dtype: DType,
): Tensor {
  const y = empty(shape, dtype);
  if (sizeOf(shape) === 0) return y;
  runElementwise({
    name,
    shape,
    program,
    numbers: numbers,
    inputs: inputs.map((t) => ({ storage: t.storage, access: broadcastAccess(t.shape, shape) })),
    outputs: [{ storage: y.storage, access: broadcastAccess(shape, shape) }],
  });
  return y;
}
