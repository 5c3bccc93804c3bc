/**
 * Largest and smallest elements: reducers that find them and their places, and the gradients that go to them.
 *
 * NaN counts as both the largest and the smallest, and of equal elements the first is taken, as in PyTorch.
 *
 * @module
 */
import { pick } from "../../kernels/pick.ts";
import { Memo } from "../../kernels/memo.ts";
import type { Reducer } from "../../kernels/reduce.ts";
import { rowsOf } from "../../kernels/rows.ts";
import type { DType } from "../../kernels/wgsl/dtype.ts";
import { floatFunction, type Program, programOf } from "../../kernels/wgsl/program.ts";
import { reducedShape, show, sizeOf } from "../shape.ts";
import { compute } from "../tensor/compute.ts";
import { aliasOf } from "../tensor/internals.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { reduceTensor } from "./reduce.ts";

/** Which extreme is looked for. */
export type Extreme = "max" | "min";

/** WGSL for whether `a` beats `b`. NaN is told by its bits, as compilers may assume that it does not occur. */
export function beats(which: Extreme, dtype: DType, a: string, b: string): string {
  const [high, low] = which === "max" ? [a, b] : [b, a];
  if (dtype === "bool") return `(${high} && !${low})`;
  if (dtype === "int32") return `(${high} > ${low})`;
  return `(!isnanf(${b}) && (isnanf(${a}) || ${high} > ${low}))`;
}

/** What every element beats or equals. */
function weakest(which: Extreme, dtype: DType): string {
  if (dtype === "bool") return which === "max" ? "false" : "true";
  if (dtype === "int32") return which === "max" ? "i32(-2147483648)" : "2147483647";
  return which === "max" ? "-infinityf()" : "infinityf()";
}

/** Reducers that were made: calls are remembered by them. */
const values = new Memo<Reducer>(), places = new Memo<Reducer>(), counters = new Memo<Reducer>();

/** Finds the extreme. */
export function extremeValue(which: Extreme, dtype: DType): Reducer {
  return values.get([which, dtype], () => makeExtremeValue(which, dtype));
}

function makeExtremeValue(which: Extreme, dtype: DType): Reducer {
  const take = (best: string, x: string) => `if (${beats(which, dtype, x, best)}) { ${best} = ${x}; }`;
  return {
    name: `a${which} ${dtype}`,
    state: [dtype],
    init: [weakest(which, dtype)],
    add: ([best], x) => take(best!, x),
    merge: ([a], [b]) => take(a!, b!),
    result: 0,
  };
}

/** Finds the extreme and its place: parts 0 and 1; the result is the place. */
export function extremePlace(which: Extreme, dtype: DType): Reducer {
  return places.get([which, dtype], () => ({
    name: `arg${which} ${dtype}`,
    state: [dtype, "int32"],
    init: [weakest(which, dtype), "-1"],
    add: ([best, at], x, k) =>
      `if (${at} < 0 || ${beats(which, dtype, x, best!)}) { ${best} = ${x}; ${at} = ${k}; }`,
    merge: ([a, i], [b, j]) =>
      `if (${j} >= 0 && (${i} < 0 || ${beats(which, dtype, b!, a!)} || ` +
      `(${j} < ${i} && !${beats(which, dtype, a!, b!)}))) { ${a} = ${b}; ${i} = ${j}; }`,
    result: 1,
  }));
}

/** Refuses to choose from nothing. Nothing chosen from nothing is fine: `[0, 3]` along its second dimension. */
export function expectElements(op: string, x: Tensor, dims: readonly number[]): void {
  if (sizeOf(pick(x.shape, dims)) > 0) return;
  throw new RangeError(
    `Cannot apply ${op} as there must be elements to choose from: x has shape ${show(x.shape)}`,
  );
}

/** Which elements have a value. */
export interface Match {
  readonly name: string;
  /** WGSL for whether element `x` has the value `y`. */
  test(x: string, y: string): string;
}

/** Elements equal to the extreme; NaN equals nothing. */
export const EQUAL: Match = { name: "equal", test: (x, y) => `${x} == ${y}` };
/** Elements equal to the extreme, or NaN where that is NaN. */
export const EQUAL_OR_NAN: Match = {
  name: "equal or NaN",
  test: (x, y) => `(${x} == ${y} || (isnanf(${x}) && isnanf(${y})))`,
};

/**
 * The gradient of an extreme `y` over `dims` of `x` that divides `dy` evenly among the elements that `match`.
 *
 * @param factor WGSL expression of `x` by which it is multiplied.
 */
export function evenGradient(
  op: string,
  x: Tensor,
  y: Tensor,
  dy: Tensor,
  dims: readonly number[],
  match: Match,
  factor = "1.0",
): Tensor {
  const count = reduceTensor(`${op} gradient count`, counterOf(match), x, dims, { kept: [y] });
  const body = `select(0.0, dy, ${match.test("x", "y")}) / count * ${factor}`;
  const program = programOf(floatFunction("share", ["x", "y", "dy", "count"], body));
  const kept = reducedShape(x.shape, dims, true);
  const inputs = [x, ...[y, dy, count].map((t) => aliasOf(t, kept))];
  return compute(`${op} gradient`, program, x.shape, inputs, [], "float32");
}

/** Counts the elements that match. */
function counterOf({ name, test }: Match): Reducer {
  return counters.get([name, test("x", "y")], () => ({
    name,
    state: ["float32"],
    init: ["0.0"],
    add: ([n], x, _k, _more, [y]) => `if (${test(x, y!)}) { ${n} += 1.0; }`,
    merge: ([a], [b]) => `${a} += ${b};`,
    result: 0,
  }));
}

/** The gradient that gives each `dy` to the one element of `shape` along `dim` whose place is in `indices`. */
export function placeGradient(
  op: string,
  shape: readonly number[],
  dim: number,
  indices: Tensor,
  dy: Tensor,
): Tensor {
  const { size, inner } = rowsOf(shape, dim);
  const place = dim === 0 ? `n / ${inner}` : `n / ${inner} % ${size}`; // the first size is a batch's: it stays out of the text
  const fn = {
    name: "place",
    args: [["dy", "float32"], ["at", "int32"], ["n", "int32"]],
    result: "float32",
    body: `select(0.0, dy, ${place} == at)`,
  } as const;
  const program: Program = {
    inputs: ["float32", "int32"],
    numbers: [],
    steps: [{ fn, args: ["i0", "i1", "n"] }],
    outputs: ["s0"],
  };
  const kept = reducedShape(shape, [dim], true);
  return compute(
    `${op} gradient`,
    program,
    shape,
    [aliasOf(dy, kept), aliasOf(indices, kept)],
    [],
    "float32",
  );
}
