/**
 * Programs of Plunge's operations as data: what they begin with, and their steps in order.
 *
 * @module
 */
import { noise } from "../oracle.ts";
import { type DType, sizeOf } from "./tape.ts";

/** A value of the program, as an argument. */
export class Ref {
  constructor(readonly name: string) {}
}

/** An argument of a step. */
export type Arg = number | string | boolean | null | Ref | readonly Arg[] | {
  readonly [option: string]: Arg;
};

/** How the numbers of a leaf are made. */
export interface LeafOptions {
  readonly dtype?: DType;
  readonly seed: number;
  readonly low?: number;
  readonly high?: number;
  /** Distance of the values that occur, for ties and zeros; 0 for any. */
  readonly grid?: number;
  readonly requiresGrad?: boolean;
}

/** What a program begins with. */
export interface Leaf extends LeafOptions {
  readonly name: string;
  readonly shape: readonly number[];
}

/** A layer; its state is overwritten with numbers made of the seed. */
export interface Layer {
  readonly name: string;
  readonly kind: string;
  readonly args: readonly Arg[];
  readonly training: boolean;
  readonly seed: number;
}

/** A call. The names are those of its result, of the parts of it, or of `values` and `indices`; none for a write. */
export interface Step {
  readonly names: readonly string[];
  readonly result: "one" | "list" | "pair" | "none";
  /** An operation, a method where it is one of `METHODS`, or the `forward` of a layer. */
  readonly fn: string;
  readonly layer?: string;
  readonly args: readonly Arg[];
}

/** A program, whose seed is that of its random numbers too. */
export interface Program {
  readonly seed: number;
  readonly leaves: readonly Leaf[];
  readonly layers: readonly Layer[];
  readonly steps: readonly Step[];
}

/** What tensors have as methods alone. */
export const METHODS: ReadonlySet<string> = new Set(["copy", "fill", "detach"]);

/** The numbers of a leaf, the same in float32 and float64. */
export function leafNumbers(shape: readonly number[], options: LeafOptions): Float32Array<ArrayBuffer> {
  const { dtype = "float32", seed, low = -1, high = 1, grid = 0 } = options, n = sizeOf(shape);
  return noise(seed, n).map((v) => {
    const x = low + (v + 0.5) * (high - low);
    if (dtype === "bool") return Number(v > 0);
    if (dtype === "int32") return Math.min(Math.floor(x), high - 1);
    return grid > 0 ? Math.round(x / grid) * grid : x;
  });
}

/** The seed of the weights with which an output goes into the loss. */
export function lossSeed(name: string): number {
  return [...name].reduce((h, c) => (Math.imul(h, 31) + c.charCodeAt(0)) | 0, 17) & 0xffff;
}

/** The names that arguments mention. */
export function namesIn(arg: Arg): string[] {
  if (arg instanceof Ref) return [arg.name];
  if (Array.isArray(arg)) return arg.flatMap(namesIn);
  return typeof arg === "object" && arg !== null ? Object.values(arg).flatMap(namesIn) : [];
}

/** The values that no step takes, in order: what a program results in. A leaf that is written to is not among them. */
export function outputsOf({ steps }: Program): string[] {
  const taken = new Set(
    steps.flatMap((s) => (s.result === "none" ? namesIn(s.args.slice(1)) : namesIn(s.args))),
  );
  return steps.flatMap((s) => s.names).filter((name) => !taken.has(name));
}

/** The program without leaves and layers that nothing needs. */
export function pruned(program: Program): Program {
  const used = new Set(program.steps.flatMap((s) => [...namesIn(s.args), ...(s.layer ? [s.layer] : [])]));
  const layers = program.layers.toReversed().filter((l) => {
    if (used.has(l.name)) namesIn(l.args).forEach((name) => used.add(name));
    return used.has(l.name);
  });
  return { ...program, layers: layers.toReversed(), leaves: program.leaves.filter((l) => used.has(l.name)) };
}

/** Puts tensors, of the library or of the reference, in the places of their names. */
export function resolve(arg: Arg, values: ReadonlyMap<string, unknown>): unknown {
  if (arg instanceof Ref) {
    if (!values.has(arg.name)) {
      throw new Error(`Cannot run a program as every value must be made first: ${arg.name}`);
    }
    return values.get(arg.name);
  }
  if (Array.isArray(arg)) return arg.map((a) => resolve(a, values));
  if (typeof arg !== "object" || arg === null) return arg;
  return Object.fromEntries(Object.entries(arg).map(([k, v]) => [k, resolve(v, values)]));
}

/** Runs a step where values and layers are, by any namespace of functions. */
export function runStep(
  step: Step,
  values: Map<string, unknown>,
  call: (step: Step, args: unknown[]) => unknown,
): void {
  const result = call(step, step.args.map((a) => resolve(a, values)));
  if (step.result === "none") return;
  const parts = step.result === "list"
    ? Object.values(result as object) // an array, or an object of results by name
    : step.result === "pair"
    ? [(result as { values: unknown }).values, (result as { indices: unknown }).indices]
    : [result];
  step.names.forEach((name, k) => values.set(name, parts[k]));
}
