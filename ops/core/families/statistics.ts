/**
 * Mean and deviation of a tensor over some of its dimensions, for the normalisations.
 *
 * One reduction goes over the values, and one small kernel turns what it gives into the statistics and updates the
 * running ones.
 *
 * @module
 */
import type { Reducer } from "../../kernels/reduce.ts";
import { type ElementFunction, floatFunction, type Program, programOf } from "../../kernels/wgsl/program.ts";
import { sizeOf } from "../shape.ts";
import { type Broadcast, computeInto } from "../tensor/compute.ts";
import { empty } from "../tensor/create.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { dimsOfSize1, reduceTensorParts } from "./reduce.ts";

/** The statistics that a tensor is normalised with. */
export interface Statistics {
  readonly mean: Tensor;
  /** `1 / sqrt(var + eps)`. */
  readonly inverse: Tensor;
}

/** Statistics that follow those of the batches, written in place. */
export interface Running {
  readonly mean: Tensor;
  readonly variance: Tensor;
  /** Share of the new batch: a number, or an int32 scalar n for 1 / n. */
  readonly share: number | Tensor;
}

/**
 * Counts values, and sums their distances from a centre and the squares of these: one pass, and nothing cancels where
 * values are far from 0 but close together. The centre is the first value, then the mean of the first 2, 4, 8, …, so that
 * an outlier at the start does no harm. States meet by the formula of Chan, Golub and LeVeque (1979).
 *
 * What rounding takes from a centre must stay in the sum. So that no compiler makes `(center + step) - center` the step, a
 * bit of the new centre is cut off.
 */
const MOMENTS = Object.freeze<Reducer>({
  name: "moments",
  state: ["int32", "float32", "float32", "float32"],
  init: ["0", "0.0", "0.0", "0.0"],
  add: ([n, center, sum, squares], x) =>
    `{
      if ((${n} & (${n} - 1)) == 0) {
        let next = ${cut(`select(${center} + ${sum} / f32(max(${n}, 1)), ${x}, ${n} == 0)`)};
        let shift = next - ${center};
        ${squares} += shift * (f32(${n}) * shift - 2.0 * ${sum});
        ${sum} -= f32(${n}) * shift; ${center} = next;
      }
      let away = ${x} - ${center};
      ${n} += 1; ${sum} += away; ${squares} += away * away;
    }`,
  merge: ([n, center, sum, squares], [m, other, total, more]) =>
    `if (${m} > 0) {
      let a = f32(max(${n}, 1)); let b = f32(${m}); let all = f32(${n} + ${m});
      let apart = (${other} - ${center}) + (${total} / b - ${sum} / a);
      let step = ${sum} / a + apart * (b / all);
      let next = ${cut(`${center} + step`)};
      let rest = step - (next - ${center});
      ${squares} = (${squares} - ${sum} * ${sum} / a) + (${more} - ${total} * ${total} / b) +
        apart * apart * f32(${n}) * (b / all) + rest * rest * all;
      ${n} += ${m}; ${center} = next; ${sum} = rest * all;
    }`,
  result: 1,
  sums: "heavy",
});

/** A number near `v` that the compiler cannot see through. */
function cut(v: string): string {
  return `bitcast<f32>(bitcast<u32>(${v}) & 0xfffffffeu)`;
}

const MEAN = floatFunction("mean", ["center", "sum", "n"], "center + sum / n");
const VARIANCE = floatFunction(
  "variance",
  ["sum", "squares", "n"],
  // Rounding may leave less than 0. By the bits, as compilers make max(v, 0), which drops NaN, of a comparison and a choice.
  "let v = (squares - sum * (sum / n)) / n; return select(v, 0.0, isnegativef(v));",
);
const INVERSE = floatFunction("inverse", ["v", "eps"], "1.0 / sqrt(v + eps)");
const UNBIASED = floatFunction("unbiased", ["v", "n"], "v * (n / (n - 1.0))");
const FOLLOW = floatFunction("follow", ["old", "batch", "share"], "(1.0 - share) * old + share * batch");
const ONE_OF: ElementFunction = {
  name: "one_of",
  args: [["n", "int32"]],
  result: "float32",
  body: "1.0 / f32(n)",
};

/** From what MOMENTS gives (center, sum, squares) and the numbers n and eps to mean and inverse. */
const FROM_MOMENTS = Object.freeze<Program>({
  inputs: ["float32", "float32", "float32"],
  numbers: ["float32", "float32"],
  steps: [
    { fn: MEAN, args: ["i0", "i1", "p0"] },
    { fn: VARIANCE, args: ["i1", "i2", "p0"] },
    { fn: INVERSE, args: ["s1", "p1"] },
  ],
  outputs: ["s0", "s2"],
});

/** The same, and the running statistics: inputs 3 and 4, then the count if the share comes from it; else number 2. */
function followProgram(counted: boolean): Program {
  const share = counted ? "s4" : "p2";
  const steps = [
    ...FROM_MOMENTS.steps,
    { fn: UNBIASED, args: ["s1", "p0"] },
    ...(counted ? [{ fn: ONE_OF, args: ["i5"] }] : []),
    { fn: FOLLOW, args: ["i3", "s0", share] },
    { fn: FOLLOW, args: ["i4", "s3", share] },
  ];
  return Object.freeze<Program>({
    inputs: [...FROM_MOMENTS.inputs, "float32", "float32", ...(counted ? ["int32" as const] : [])],
    numbers: counted ? FROM_MOMENTS.numbers : [...FROM_MOMENTS.numbers, "float32"],
    steps,
    outputs: ["s0", "s2", `s${steps.length - 2}`, `s${steps.length - 1}`],
  });
}

const FOLLOW_SHARE = followProgram(false), FOLLOW_COUNT = followProgram(true);
const INVERSE_ONLY = programOf(INVERSE, 1);

/**
 * Mean and inverse deviation of x, seen as `shape`, over the dimensions where `stats` is 1; `running` follows them, with
 * the unbiased variance. x must not be empty.
 */
export function statisticsOf(
  name: string,
  x: Tensor,
  shape: readonly number[],
  stats: readonly number[],
  eps: number,
  running: Running | null = null,
): Statistics {
  const n = x.size / sizeOf(stats);
  const settings = { shape, keepdim: true };
  const parts = reduceTensorParts<[Tensor, Tensor, Tensor, Tensor]>(
    `${name} statistics`,
    MOMENTS,
    x,
    dimsOfSize1(stats),
    settings,
  );
  const [, center, sum, squares] = parts, mean = empty(stats), inverse = empty(stats);
  const inputs: Broadcast[] = [center, sum, squares].map((t) => [t, stats]);
  const outputs = [mean, inverse], numbers = [n, eps];
  let program = FROM_MOMENTS;
  if (running) {
    inputs.push([running.mean, stats], [running.variance, stats]);
    outputs.push(running.mean, running.variance);
    if (typeof running.share === "number") numbers.push(running.share);
    else inputs.push([running.share, []]);
    program = typeof running.share === "number" ? FOLLOW_SHARE : FOLLOW_COUNT;
  }
  computeInto(`${name} mean and inverse`, program, stats, inputs, outputs, numbers);
  for (const part of parts) part.dispose();
  return { mean, inverse };
}

/** The inverse deviation of a variance that is known. */
export function inverseOf(name: string, variance: Tensor, eps: number): Tensor {
  const { shape } = variance, inverse = empty(shape);
  computeInto(`${name} inverse`, INVERSE_ONLY, shape, [[variance, shape]], [inverse], [eps]);
  return inverse;
}
