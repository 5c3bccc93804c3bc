/**
 * The contract of elementwise operations: an expression, its gradient, and nothing else.
 *
 * `defineUnary` and `defineBinary` turn WGSL expressions into operations with broadcasting, type promotion and
 * gradients. They are called while modules load, so they only build closures.
 *
 * @module
 */
import { broadcastAccess } from "../kernels/access.ts";
import type { DType } from "../kernels/dtype.ts";
import { type ElementFunction, type Program, programOf } from "../kernels/program.ts";
import type { Value } from "../kernels/source.ts";
import { differentiable } from "./autograd.ts";
import { empty } from "./create.ts";
import { runElementwise } from "./execute.ts";
import { sumTo } from "./reduction.ts";
import { broadcastShapes, sizeOf } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** Runs a program over tensors that broadcast to `shape`; the output is new, of the program's result type. */
export function compute(
  name: string,
  program: Program,
  shape: readonly number[],
  inputs: readonly Tensor[],
  params: readonly Value[],
  dtype: DType,
): Tensor {
  const y = empty(shape, dtype);
  if (sizeOf(shape) === 0) return y;
  runElementwise({
    name,
    shape,
    program,
    params,
    inputs: inputs.map((t) => ({ storage: t.storage, access: broadcastAccess(t.shape, shape) })),
    outputs: [{ storage: y.storage, access: broadcastAccess(shape, shape) }],
  });
  return y;
}

/** An elementwise operation of one tensor. */
export interface UnaryDefinition {
  readonly name: string;
  /** WGSL expression of `x` and of the numbers in `params`. */
  readonly forward: string;
  /** WGSL expression of `dy`, of `x` and `y` as needed, and of `params`; what it names is kept for it. */
  readonly gradient?: string;
  /** Names of the numbers that the operation takes. */
  readonly params?: readonly string[];
  /** Type of the input, float32 unless given; bool and int32 are refused with an error. */
  readonly input?: DType;
  /** Type of the result, that of the input unless given. */
  readonly result?: DType;
}

/** Makes an operation of one tensor. The numbers are given in the order of `params`. */
export function defineUnary(definition: UnaryDefinition): (x: Tensor, ...params: Value[]) => Tensor {
  const { name, gradient, params = [], input = "float32", result = input } = definition;
  const numbers = params.map((p) => [p, "float32"] as const);
  const fn = (suffix: string, tensors: readonly (readonly [string, DType])[], body: string, out: DType) =>
    programOf({ name: name + suffix, args: [...tensors, ...numbers], result: out, body }, params.length);
  const forward = fn("", [["x", input]], definition.forward, result);
  const uses = (v: string) => new RegExp(`\\b${v}\\b`).test(gradient ?? "");
  const kept = ["x", "y"].filter(uses);
  const back = fn(
    "_gradient",
    ["dy", ...kept].map((v) => [v, "float32"] as const),
    gradient ?? "",
    "float32",
  );
  return (x, ...values) => {
    expectDType(name, x, input);
    const y = compute(name, forward, x.shape, [x], values, result);
    if (gradient === undefined) return y;
    return differentiable(name, y, [x], {
      saved: kept.map((v) => (v === "x" ? x : y)),
      gradient: (
        dy,
        saved,
      ) => [compute(`${name} gradient`, back, x.shape, [dy, ...saved], values, "float32")],
    });
  };
}

/** An elementwise operation of two tensors, or of a tensor and a number. */
export interface BinaryDefinition {
  readonly name: string;
  /** WGSL expression of `a` and `b`. */
  readonly forward: string;
  /** Gradients in `a` and in `b`: WGSL expressions of `dy`, `a`, `b` and `y`. */
  readonly gradient?: readonly [a: string, b: string];
  /** Type of the result; the promoted type of the operands unless given. */
  readonly result?: DType;
  /** Type in which it is computed whatever the operands are: float32 for division, bool for logic. */
  readonly operands?: DType;
  /** WGSL for int32 operands, where it differs. */
  readonly forwardInt?: string;
}

/** Makes an operation of two operands that broadcast. */
export function defineBinary(
  definition: BinaryDefinition,
): (a: Tensor | number, b: Tensor | number) => Tensor {
  const { name, forward, gradient } = definition;
  return (first, second) => {
    const dtype = definition.operands ?? promote(name, first, second);
    const [a, b] = [first, second].map((v) => (typeof v === "number" ? v : cast(v, dtype)));
    const operands = { a, b };
    const result = definition.result ?? dtype;
    const shape = broadcastShapes(name, shapeOf(a), shapeOf(b));
    const body = dtype === "float32" ? forward : definition.forwardInt ?? forward;
    const y = apply(name, body, ["a", "b"], operands, dtype, result, shape);
    if (!gradient || dtype !== "float32") return y;
    const used = ["a", "b", "y"].filter((v) => gradient.some((g) => new RegExp(`\\b${v}\\b`).test(g)));
    const inputs = [a, b].map((v) => (typeof v === "number" ? null : v));
    return differentiable(name, y, inputs, {
      saved: used.map((v) => (v === "y" ? y : operands[v as "a" | "b"])).filter((v) => typeof v !== "number"),
      gradient: (dy, saved, needs) => {
        const values: Record<string, Tensor | number> = { ...operands, dy, y };
        let next = 0;
        for (const v of used) if (typeof values[v] !== "number") values[v] = saved[next++];
        return gradient.map((expression, k) => {
          if (!needs[k]) return null;
          if (expression === "dy") return sumTo(dy, shapeOf(inputs[k]!));
          const names = ["dy", "a", "b", "y"].filter((v) => new RegExp(`\\b${v}\\b`).test(expression));
          const full = apply(`${name} gradient`, expression, names, values, "float32", "float32", shape);
          return sumTo(full, shapeOf(inputs[k]!));
        });
      },
    });
  };
}

/** Computes an expression of named tensors and numbers. */
function apply(
  name: string,
  body: string,
  names: readonly string[],
  values: Readonly<Record<string, Tensor | number>>,
  dtype: DType,
  result: DType,
  shape: readonly number[],
): Tensor {
  const isNumber = (v: string) => typeof values[v] === "number";
  const tensors = names.filter((v) => !isNumber(v)), numbers = names.filter(isNumber);
  const fn: ElementFunction = {
    name: name.replaceAll(" ", "_"),
    args: [...tensors, ...numbers].map((v) => [v, dtype] as const),
    result,
    body,
  };
  return compute(
    name,
    programOf(fn, numbers.length),
    shape,
    tensors.map((v) => values[v] as Tensor),
    numbers.map((v) => values[v] as number),
    result,
  );
}

function shapeOf(v: Tensor | number): readonly number[] {
  return typeof v === "number" ? [] : v.shape;
}

/** Refuses a tensor of another type. */
export function expectDType(op: string, x: Tensor, dtype: DType, what = "x"): void {
  if (x.dtype !== dtype) {
    throw new TypeError(`Cannot apply ${op} as ${what} must be ${dtype}: it is ${x.dtype}`);
  }
}

const RANK: Readonly<Record<DType, number>> = { bool: 0, int32: 1, float32: 2 };

/** The type in which two operands meet: float32 over int32 over bool; a fraction makes integers float32. */
function promote(op: string, a: Tensor | number, b: Tensor | number): DType {
  const tensors = [a, b].filter((v) => typeof v !== "number");
  if (tensors.length === 0) {
    throw new TypeError(`Cannot apply ${op} as one operand must be a tensor: both are numbers`);
  }
  let dtype: DType = "bool";
  for (const t of tensors) if (RANK[t.dtype] > RANK[dtype]) dtype = t.dtype;
  for (const v of [a, b]) {
    if (typeof v !== "number" || dtype === "float32") continue;
    dtype = Number.isInteger(v) ? "int32" : "float32";
  }
  return dtype === "bool" && tensors.length === 1 ? "int32" : dtype;
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
