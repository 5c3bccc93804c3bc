/**
 * The contract of elementwise operations: an expression, its gradient, and nothing else.
 *
 * `defineUnary` and `defineBinary` turn WGSL expressions into operations with broadcasting, type promotion and
 * gradients. They are called while modules load, so they only build closures.
 *
 * @module
 */
import type { DType } from "../../kernels/wgsl/dtype.ts";
import { type ElementFunction, type Program, programOf } from "../../kernels/wgsl/program.ts";
import type { DispatchNumber } from "../../kernels/wgsl/source.ts";
import { differentiable } from "../autograd/autograd.ts";
import { sumTo } from "./reduce.ts";
import { broadcastShapes } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { cast, compute } from "../tensor/compute.ts";

/** An elementwise operation of one tensor. */
export interface UnaryDefinition {
  readonly name: string;
  /** WGSL expression of `x` and of the numbers in `numbers`. */
  readonly forward: string;
  /** WGSL expression of `dy`, of `x` and `y` as needed, and of `numbers`; what it names is kept for it. */
  readonly gradient?: string;
  /** Names of the numbers that the operation takes. */
  readonly numbers?: readonly string[];
  /** Type of the input, float32 unless given. */
  readonly input?: DType;
  /** Whether other types are converted to that of the input, as PyTorch does for `exp`; else they are refused. */
  readonly promotes?: boolean;
  /** WGSL of an int32 `x` and of a bool one, where they are computed in their own type. */
  readonly forwardInt?: string;
  readonly forwardBool?: string;
  /** Type of the result, that of the input unless given. */
  readonly result?: DType;
}

/** Makes an operation of one tensor. The numbers are given in the order of `numbers`. */
export function defineUnary(
  definition: UnaryDefinition,
): (x: Tensor, ...numbers: DispatchNumber[]) => Tensor {
  const { name, gradient, numbers = [], input = "float32" } = definition;
  const typed = numbers.map((name) => [name, "float32"] as const);
  const fn = (suffix: string, tensors: readonly (readonly [string, DType])[], body: string, out: DType) =>
    programOf({ name: name + suffix, args: [...tensors, ...typed], result: out, body }, numbers.length);
  const forward = new Map<DType, Program>();
  const define = (dtype: DType, body?: string) => {
    if (body !== undefined) forward.set(dtype, fn("", [["x", dtype]], body, definition.result ?? dtype));
  };
  define(input, definition.forward);
  define("int32", definition.forwardInt);
  define("bool", definition.forwardBool);
  const kept = ["x", "y"].filter((v) => mentions(gradient ?? "", v));
  const back = fn(
    "_gradient",
    ["dy", ...kept].map((v) => [v, "float32"] as const),
    gradient ?? "",
    "float32",
  );
  return function op(x, ...values): Tensor {
    const program = forward.get(x.dtype);
    if (!program) {
      if (!definition.promotes) expectDType(name, x, [...forward.keys()]);
      using converted = cast(x, input);
      return op(converted, ...values);
    }
    const y = compute(name, program, x.shape, [x], values, definition.result ?? x.dtype);
    if (gradient === undefined || x.dtype !== "float32") return y;
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
  /** WGSL for two bool operands, which are refused unless it is given. */
  readonly forwardBool?: string;
}

/** Makes an operation of two operands that broadcast. */
export function defineBinary(
  definition: BinaryDefinition,
): (a: Tensor | number, b: Tensor | number) => Tensor {
  const { name, gradient } = definition;
  return (first, second) => {
    const met = promote(name, first, second), dtype = definition.operands ?? met;
    const body = bodyFor(definition, dtype), shape = broadcastShapes(name, shapeOf(first), shapeOf(second));
    return converted(dtype, [first, second], (operands) => {
      const [a, b] = operands;
      const y = evaluate(name, body, { a, b }, shape, definition.result ?? dtype, dtype);
      if (!gradient || dtype !== "float32") return y;
      const inputs = operands.map((v) => (typeof v === "number" ? null : v));
      const kept = Object.entries({ a, b, y }).filter((entry): entry is [string, Tensor] =>
        typeof entry[1] !== "number" &&
        gradient.some((g, k) => inputs[k]?.requiresGrad && mentions(g, entry[0]))
      );
      return differentiable(name, y, inputs, {
        saved: kept.map(([, t]) => t),
        gradient: (dy, saved, needs) => {
          const values = { dy, a, b, ...Object.fromEntries(kept.map(([v], k) => [v, saved[k]])) };
          return gradient.map((expression, k) => {
            if (!needs[k]) return null;
            const full = expression === "dy" ? dy : evaluate(`${name} gradient`, expression, values, shape);
            return sumTo(full, inputs[k]!.shape);
          });
        },
      });
    });
  };
}

function bodyFor(definition: BinaryDefinition, dtype: DType): string {
  const { name, forward, forwardInt = forward, forwardBool } = definition;
  if (definition.operands || dtype === "float32") return forward;
  if (dtype === "int32") return forwardInt;
  if (forwardBool === undefined) {
    throw new TypeError(`Cannot apply ${name} as an operand must be float32 or int32: both are bool`);
  }
  return forwardBool;
}

function mentions(expression: string, name: string): boolean {
  return new RegExp(`\\b${name}\\b`).test(expression);
}

/**
 * Computes an expression of named tensors and numbers that broadcast to `shape`; of these only what it names is read.
 *
 * @param numbers Type of the numbers, float32 unless given.
 */
export function evaluate(
  name: string,
  body: string,
  values: Readonly<Record<string, Tensor | number>>,
  shape: readonly number[],
  result: DType = "float32",
  numbers: DType = "float32",
): Tensor {
  const named = Object.entries(values).filter(([v]) => mentions(body, v));
  const tensors = named.filter((entry): entry is [string, Tensor] => typeof entry[1] !== "number");
  const rest = named.filter((entry): entry is [string, number] => typeof entry[1] === "number");
  const fn: ElementFunction = {
    name: name.replaceAll(" ", "_"),
    args: [...tensors.map(([v, t]) => [v, t.dtype] as const), ...rest.map(([v]) => [v, numbers] as const)],
    result,
    body,
  };
  const program = programOf(fn, rest.length);
  return compute(name, program, shape, tensors.map(([, t]) => t), rest.map(([, v]) => v), result);
}

/** Runs `fn` on operands of which the tensors were converted to `dtype`; what that made is freed afterwards. */
export function converted(
  dtype: DType,
  given: readonly (Tensor | number)[],
  fn: (operands: readonly (Tensor | number)[]) => Tensor,
): Tensor {
  const operands = given.map((v) => (typeof v === "number" ? v : cast(v, dtype)));
  const y = fn(operands);
  operands.forEach((v, k) => {
    if (typeof v !== "number" && v !== given[k]) v.dispose();
  });
  return y;
}

/** The shape with which an operand broadcasts. */
export function shapeOf(v: Tensor | number): readonly number[] {
  return typeof v === "number" ? [] : v.shape;
}

/** Refuses a tensor of another type. */
export function expectDType(
  op: string,
  x: Tensor,
  dtype: DType | readonly DType[],
  what = "x",
): void {
  const allowed = typeof dtype === "string" ? [dtype] : dtype;
  if (!allowed.includes(x.dtype)) {
    throw new TypeError(`Cannot apply ${op} as ${what} must be ${allowed.join(" or ")}: it is ${x.dtype}`);
  }
}

const RANK: Readonly<Record<DType, number>> = { bool: 0, int32: 1, float32: 2 };

/** The type in which two operands meet: float32 over int32 over bool; a number that is no int32 makes integers float32. */
export function promote(op: string, a: Tensor | number, b: Tensor | number): DType {
  const tensors = [a, b].filter((v) => typeof v !== "number");
  if (tensors.length === 0) {
    throw new TypeError(`Cannot apply ${op} as one operand must be a tensor: both are numbers`);
  }
  let dtype: DType = "bool";
  for (const t of tensors) if (RANK[t.dtype] > RANK[dtype]) dtype = t.dtype;
  for (const v of [a, b]) {
    if (typeof v !== "number" || dtype === "float32") continue;
    dtype = v === (v | 0) ? "int32" : "float32";
  }
  return dtype === "bool" && tensors.length === 1 ? "int32" : dtype;
}
