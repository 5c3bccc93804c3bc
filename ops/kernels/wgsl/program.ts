/**
 * Programs: what is computed for one element, independent of where elements lie.
 *
 * A program reads inputs and numbers, calls functions in order, and names what it gives. Single operations are
 * programs of one step; fused chains are the same programs put together.
 *
 * @module
 */
import { type DType, VALUE_TYPE } from "./dtype.ts";
import { mathFunctions } from "./math.ts";
import { PHILOX_WGSL } from "./philox.ts";
import type { NumberDecl } from "./source.ts";

/** A function of one element: a WGSL expression or, with `return` in it, the statements of a body. */
export interface ElementFunction {
  readonly name: string;
  /** Names and types of its arguments. */
  readonly args: readonly (readonly [name: string, dtype: DType])[];
  readonly result: DType;
  readonly body: string;
  /** Whether its text is the user's own, and may not compile. */
  readonly isOwn?: boolean;
}

/** A function of float32 values. */
export function floatFunction(name: string, args: readonly string[], body: string): ElementFunction {
  return { name, args: floatArguments(args), result: "float32", body };
}

/** Arguments of type float32, by their names. */
export function floatArguments(names: readonly string[]): [name: string, dtype: DType][] {
  return names.map((name) => [name, "float32"]);
}

/** A value in a program: `i0`, `i1`, … inputs; `p0`, … numbers; `s0`, … results of the steps; `n` the element's index. */
export type Ref = string;

/** What is computed for one element. */
export interface Program {
  readonly inputs: readonly DType[];
  /** Types of the numbers: float32 or int32. */
  readonly numbers: readonly DType[];
  readonly steps: readonly { readonly fn: ElementFunction; readonly args: readonly Ref[] }[];
  readonly outputs: readonly Ref[];
}

/** A program of one function whose last arguments are numbers rather than tensors; frozen, so that a key writes it once. */
export function programOf(fn: ElementFunction, numbers = 0): Program {
  const tensors = fn.args.length - numbers;
  return Object.freeze({
    inputs: fn.args.slice(0, tensors).map(([, dtype]) => dtype),
    numbers: fn.args.slice(tensors).map(([, dtype]) => dtype),
    steps: [{ fn, args: fn.args.map((_, k) => (k < tensors ? `i${k}` : `p${k - tensors}`)) }],
    outputs: ["s0"],
  });
}

/** Whether a program only hands its input on. */
export function isCopy({ steps, inputs, numbers, outputs }: Program): boolean {
  return steps.length === 1 && inputs.length === 1 && numbers.length === 0 && outputs.join() === "s0" &&
    steps[0]!.fn.body === "x" && steps[0]!.args.join() === "i0";
}

/** The type of a value in a program. */
export function dtypeOf(program: Program, ref: Ref): DType {
  const k = Number(ref.slice(1));
  if (ref === "n") return "int32";
  if (ref[0] === "i") return program.inputs[k]!;
  return ref[0] === "p" ? program.numbers[k]! : program.steps[k]!.fn.result;
}

/** Declarations of a program's numbers, named by `prefix`: floats as they are, all others as i32. */
export function programNumbers(program: Program, prefix: string): NumberDecl[] {
  return program.numbers.map((dtype, k) => ({
    name: `${prefix}${k}`,
    type: dtype === "float32" ? "f32" : "i32",
  }));
}

/** Declarations of a program's functions; `prefix` keeps two programs in one kernel apart. */
export function programFunctions(program: Program, prefix: string): string {
  const texts = new Map<string, string>();
  program.steps.forEach(({ fn }, k) => {
    const key = fn.name + fn.body + fn.args.map((a) => a.join()).join();
    if (!texts.has(key)) texts.set(key, functionText(fn, functionName(program, k, prefix)));
  });
  const own = [...texts.values()].join("\n");
  return (own.includes("random_unit(") ? PHILOX_WGSL : "") + mathFunctions(own) + own;
}

/** Statements that compute a program's steps for one lane. `name` says what a ref is called in that lane. */
export function programStatements(program: Program, prefix: string, name: (ref: Ref) => string): string {
  return program.steps.map(({ fn, args }, k) => {
    const call = `${functionName(program, k, prefix)}(${args.map(name).join(", ")})`;
    return `let ${name(`s${k}`)}: ${VALUE_TYPE[fn.result]} = ${call};`;
  }).join("\n");
}

/** Steps that call the same function share its first declaration. */
function functionName(program: Program, k: number, prefix: string): string {
  const { fn } = program.steps[k]!;
  const first = program.steps.findIndex((s) =>
    s.fn.body === fn.body && s.fn.name === fn.name && s.fn.args.join() === fn.args.join()
  );
  return `${prefix}${first}_${fn.name}`;
}

function functionText(fn: ElementFunction, name: string): string {
  const args = fn.args.map(([a, dtype]) => `${a}: ${VALUE_TYPE[dtype]}`).join(", ");
  const body = /\breturn\b/.test(fn.body) ? fn.body : `return ${fn.body};`;
  return `fn ${name}(${args}) -> ${VALUE_TYPE[fn.result]} { ${body} }`;
}
