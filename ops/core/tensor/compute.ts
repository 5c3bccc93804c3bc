/**
 * Running programs over tensors: into a new one, or into tensors that are there already.
 *
 * @module
 */
import type { Operand } from "../../kernels/elementwise.ts";
import { type AffineAccess, broadcastAccess } from "../../kernels/wgsl/access.ts";
import type { DType } from "../../kernels/wgsl/dtype.ts";
import { floatFunction, type Program, programOf } from "../../kernels/wgsl/program.ts";
import type { DispatchNumber } from "../../kernels/wgsl/source.ts";
import { elementwiseAsCall } from "../call.ts";
import { run } from "../run.ts";
import { sizeOf } from "../shape.ts";
import { empty } from "./create.ts";
import { storageOf } from "./internals.ts";
import { Tensor } from "./tensor.ts";

/** The programs that change nothing, by the type of the elements. */
export const COPY: Readonly<Record<DType, Program>> = {
  float32: copyOf("float32"),
  int32: copyOf("int32"),
  bool: copyOf("bool"),
};

function copyOf(dtype: DType): Program {
  return programOf({ name: "copy", args: [["x", dtype]], result: dtype, body: "x" });
}

/** The program that adds two float32 tensors. */
export const ADD: Program = programOf(floatFunction("add", ["a", "b"], "a + b"));

/** A tensor and the shape in which it is broadcast. */
export type Broadcast = readonly [tensor: Tensor, shape: readonly number[]];

/** What a program works on: a tensor that broadcasts, as it is or in another shape, or is walked in a way of its own. */
export type TensorOperand = Tensor | Broadcast | readonly [tensor: Tensor, access: AffineAccess];

/** Where the elements of an operand lie, over `shape`. */
export function operandOf(operand: TensorOperand, shape: readonly number[]): Operand {
  if (operand instanceof Tensor) return operandOf([operand, operand.shape], shape);
  const [t, own] = operand;
  return { storage: storageOf(t), access: "strides" in own ? own : broadcastAccess(own, shape) };
}

/**
 * Runs a program over operands that are walked over `shape`.
 *
 * @param outputs What the program's outputs overwrite: tensors with as many elements as `shape`, which may be among the
 *   inputs, or operands that take each element to a place of its own.
 */
export function computeInto(
  name: string,
  program: Program,
  shape: readonly number[],
  inputs: readonly TensorOperand[],
  outputs: readonly TensorOperand[],
  numbers: readonly DispatchNumber[] = [],
): void {
  if (sizeOf(shape) === 0) return;
  run(elementwiseAsCall({
    name,
    shape,
    program,
    numbers,
    inputs: inputs.map((v) => operandOf(v, shape)),
    outputs: outputs.map((v) => operandOf(v instanceof Tensor ? [v, shape] : v, shape)),
  }));
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
  computeInto(name, program, shape, inputs, [y], numbers);
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
  return compute("add", ADD, a.shape, [a, b], [], "float32");
}
