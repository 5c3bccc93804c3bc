/**
 * The contract of elementwise operations: expressions of the result and of its gradients, and nothing else.
 *
 * `defineElementwise` makes every elementwise operation: it broadcasts, runs and records the gradient. `defineUnary` and
 * `defineBinary` also say in which type an operation of one or two tensors is computed. They are called while modules
 * load, so they only build closures.
 *
 * @module
 */
import { pick } from "../../kernels/pick.ts";
import type { DType } from "../../kernels/wgsl/dtype.ts";
import { type Program, programOf } from "../../kernels/wgsl/program.ts";
import type { DispatchNumber } from "../../kernels/wgsl/source.ts";
import { differentiable, type Gradient } from "../autograd/autograd.ts";
import { broadcastShapes } from "../shape.ts";
import { cast, compute } from "../tensor/compute.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { sumTo } from "./reduce.ts";

/** The types in the order in which they give way to one another. */
const RANK: Readonly<Record<DType, number>> = { bool: 0, int32: 1, float32: 2 };

/** WGSL by the type in which it is computed; a text alone is for float32. */
export type Forward = string | { readonly [D in DType]?: string };

/** An elementwise operation. Its texts are WGSL expressions or, with `return` in them, bodies of functions. */
export interface Elementwise {
  /** Shown in errors and profiles. */
  readonly name: string;
  /** Names of the inputs, which broadcast. */
  readonly inputs: readonly string[];
  /** Names of the numbers that the operation takes. */
  readonly numbers?: readonly string[] | undefined;
  /** The result, of the inputs and numbers. */
  readonly forward: Forward;
  /**
   * For each input that has a gradient its text: of `dy`, the inputs, the result `y` and the numbers, all float32. Inputs
   * and result are kept for the backward pass where a text names them. `"dy"` alone passes dy on as it is.
   */
  readonly gradient?: { readonly [input: string]: string | undefined };
  /** Type of the result; that in which it is computed unless given. */
  readonly result?: DType | undefined;
  /** Whether the texts are the user's own, and may not compile. */
  readonly isOwn?: boolean | undefined;
}

/**
 * Applies an elementwise operation.
 *
 * @param operands A tensor or a number for each input.
 * @param numbers In the order of the definition.
 * @param dtype The type in which it is computed, which the numbers have too; float32 unless given.
 */
export type ElementwiseFunction = (
  operands: readonly (Tensor | number)[],
  numbers?: readonly DispatchNumber[],
  dtype?: DType,
) => Tensor;

/** Makes an elementwise operation. Its programs are made once for each combination of types. */
export function defineElementwise(definition: Elementwise): ElementwiseFunction {
  const { name, result } = definition, gradients = gradientsOf(definition);
  const isDifferentiable = gradients.some((g) => g !== null);
  const programs = new Map<number, Program>();
  return (operands, numbers = [], dtype = "float32") => {
    const tensors: Tensor[] = [], given: DispatchNumber[] = [];
    let types = RANK[dtype]; // a digit for the type of the computation and one for each operand, 3 for a number
    for (const v of operands) {
      types = 4 * types + (typeof v === "number" ? 3 : RANK[v.dtype]);
      if (typeof v === "number") given.push(v);
      else tensors.push(v);
    }
    given.push(...numbers);
    let program = programs.get(types);
    if (!program) programs.set(types, program = programFor(definition, operands, dtype));
    const shape = tensors.length === 1 ? tensors[0]!.shape : broadcastShapes(name, ...operands.map(shapeOf));
    const y = compute(name, program, shape, tensors, given, result ?? dtype);
    if (!isDifferentiable || dtype !== "float32" || y.dtype !== "float32") return y;
    return record(name, gradients, operands, numbers, y);
  };
}

/** The program for such operands. It takes tensors, then the operands that are numbers, then `numbers`. */
function programFor(
  { name, inputs, numbers = [], forward, result, isOwn }: Elementwise,
  operands: readonly (Tensor | number)[],
  dtype: DType,
): Program {
  const isNumber = (_: string, k: number) => typeof operands[k] === "number";
  const tensors = operands.flatMap((v, k) => (typeof v === "number" ? [] : [[inputs[k]!, v.dtype] as const]));
  const given = [...inputs.filter(isNumber), ...numbers].map((v) => [v, dtype] as const);
  const args = [...tensors, ...given], body = byType(forward)[dtype]!;
  return programOf(
    { name: name.replaceAll(/\W/g, "_"), args, result: result ?? dtype, body, ...isOwn && { isOwn } },
    given.length,
  );
}

function byType(forward: Forward): { readonly [D in DType]?: string } {
  return typeof forward === "string" ? { float32: forward } : forward;
}

/** A gradient in an input: an elementwise operation of dy and of what its text names. */
interface InputGradient {
  /** What it takes beside dy: places in the list of the inputs and, at its end, the result. */
  readonly reads: readonly number[];
  readonly apply: ElementwiseFunction;
}

function gradientsOf({ name, inputs, numbers, gradient = {}, isOwn }: Elementwise): (InputGradient | null)[] {
  const values = [...inputs, "y"];
  return inputs.map((input) => {
    const text = gradient[input];
    if (text === undefined) return null;
    if (text === "dy") return { reads: [], apply: ([dy]) => dy as Tensor };
    const reads = [...values.keys()].filter((k) => new RegExp(`\\b${values[k]}\\b`).test(text));
    const named = ["dy", ...pick(values, reads)];
    return {
      reads,
      apply: defineElementwise({ name: `${name} gradient`, inputs: named, numbers, forward: text, isOwn }),
    };
  });
}

const NO_GRADIENT: Gradient = { gradient: () => [] };

/** Records how `y` came about. Only what the gradients that are wanted name is kept. */
function record(
  name: string,
  gradients: readonly (InputGradient | null)[],
  operands: readonly (Tensor | number)[],
  numbers: readonly DispatchNumber[],
  y: Tensor,
): Tensor {
  const inputs = operands.map((v, k) => (gradients[k] && typeof v !== "number" ? v : null));
  const wanted = gradients.filter((_, k) => inputs[k]?.requiresGrad);
  if (wanted.length === 0) return differentiable(name, y, inputs, NO_GRADIENT);
  const kept: number[] = [], saved: Tensor[] = [];
  [...operands, y].forEach((v, k) => {
    if (typeof v === "number" || !wanted.some((g) => g!.reads.includes(k))) return;
    kept.push(k);
    saved.push(v);
  });
  const gradient = backward(gradients, kept, operands, numbers);
  return differentiable(name, y, inputs, { saved, gradient });
}

/** The gradients in all inputs. Of the operands it holds on to no tensor, so that forgotten ones can be freed. */
function backward(
  gradients: readonly (InputGradient | null)[],
  kept: readonly number[],
  operands: readonly (Tensor | number)[],
  numbers: readonly DispatchNumber[],
): Gradient["gradient"] {
  const shapes = operands.map(shapeOf), constants = operands.map((v) => (typeof v === "number" ? v : 0));
  return (dy, saved, needs) => {
    const values: (Tensor | number)[] = [...constants];
    kept.forEach((place, k) => values[place] = saved[k]!);
    return gradients.map((g, k) => {
      if (!g || !needs[k]) return null;
      return sumTo(g.apply([dy, ...pick(values, g.reads)], numbers), shapes[k]!);
    });
  };
}

/** An elementwise operation of one tensor, `x`. */
export interface UnaryDefinition extends Omit<Elementwise, "inputs" | "gradient"> {
  /** The gradient: of `dy`, of `x` and `y` as needed, and of the numbers; what it names is kept for it. */
  readonly gradient?: string;
  /** Whether other types are converted to the first of `forward`, as PyTorch does for `exp`; else they are refused. */
  readonly promotes?: boolean;
}

/** Makes an operation of one tensor. The numbers are given in the order of `numbers`. */
export function defineUnary(
  definition: UnaryDefinition,
): (x: Tensor, ...numbers: DispatchNumber[]) => Tensor {
  const { name, gradient, promotes = false } = definition, types = typesOf(definition.forward);
  const op = defineElementwise({ ...definition, inputs: ["x"], gradient: { x: gradient } });
  return (x, ...numbers) => {
    if (types.includes(x.dtype)) return op([x], numbers, x.dtype);
    if (!promotes) expectDType(name, x, types);
    return converted(types[0]!, [x], (operands) => op(operands, numbers, types[0]));
  };
}

/** An elementwise operation of two tensors, or of a tensor and a number: `a` and `b`. */
export interface BinaryDefinition extends Omit<Elementwise, "inputs" | "numbers"> {
  /** Whether operands of other types are converted to the first of `forward`; else they are refused. */
  readonly promotes?: boolean;
}

/** Makes an operation of two operands that broadcast. */
export function defineBinary(
  definition: BinaryDefinition,
): (a: Tensor | number, b: Tensor | number) => Tensor {
  const { name, promotes = false } = definition, types = typesOf(definition.forward);
  const op = defineElementwise({ ...definition, inputs: ["a", "b"] });
  return (a, b) => {
    const met = promote(name, a, b), dtype = promotes && !types.includes(met) ? types[0]! : met;
    if (!types.includes(dtype)) {
      throw new TypeError(
        `Cannot apply ${name} as an operand must be ${types.join(" or ")}: both are ${dtype}`,
      );
    }
    return converted(dtype, [a, b], (operands) => op(operands, [], dtype));
  };
}

function typesOf(forward: Forward): DType[] {
  return Object.keys(byType(forward)) as DType[];
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
function shapeOf(v: Tensor | number): readonly number[] {
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
