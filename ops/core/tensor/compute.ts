/**
 * Working on views: tensors that stand for others of as many elements, split or broadcast along some dimensions.
 *
 * @module
 */
import type { DType } from "../../kernels/wgsl/dtype.ts";
import { broadcastAccess } from "../../kernels/wgsl/access.ts";
import { type Program, programOf } from "../../kernels/wgsl/program.ts";
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
    numbers,
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
    numbers,
    inputs: inputs.map((t) => ({ storage: t.storage, access: broadcastAccess(t.shape, shape) })),
    outputs: [{ storage: y.storage, access: broadcastAccess(shape, shape) }],
  });
  return y;
}

/** The tensor in another type. Float to integer cuts the fraction off; to bool, all but 0 is true, NaN by its bits. */
export function cast(x: Tensor, dtype: DType): Tensor {
  if (x.dtype === dtype) return x;
  const target = {
    float32: "f32(x)",
    int32: "i32(x)",
    bool: x.dtype === "float32" ? "(bitcast<u32>(x) << 1u) != 0u" : "x != 0",
  }[dtype];
  const program = programOf({ name: `to_${dtype}`, args: [["x", x.dtype]], result: dtype, body: target });
  return compute("cast", program, x.shape, [x], [], dtype);
}

/** Adds two tensors of one shape outside autograd, for gradients that meet. */
export function sumOfTwo(a: Tensor, b: Tensor): Tensor {
  const args = [["a", "float32"], ["b", "float32"]] as const;
  return compute(
    "add",
    programOf({ name: "add", args, result: "float32", body: "a + b" }),
    a.shape,
    [a, b],
    [],
    "float32",
  );
}
