/**
 * What the normalisations share: `y = (x - mean) / sqrt(var + eps) * weight + bias`, where statistics and parameters
 * are broadcast over a view of x.
 *
 * One reduction gives mean and variance, one small kernel turns them into what is kept, one elementwise program does
 * the rest. With xhat the normalised x and g = dy * weight, the gradient is
 * `dx = (g - mean(g) - xhat mean(g xhat)) / sqrt(var + eps)`, the means over what the statistics are taken over.
 *
 * @module
 */
import { broadcastAccess } from "../kernels/access.ts";
import type { DType } from "../kernels/dtype.ts";
import { type Program, programOf } from "../kernels/program.ts";
import { reduce, type ReduceCall, type Reducer } from "../kernels/reduce.ts";
import type { Value } from "../kernels/source.ts";
import { differentiable } from "./autograd.ts";
import { empty, zeros } from "./create.ts";
import { run, runElementwise } from "./execute.ts";
import { fillInto } from "./in_place.ts";
import { sameShape, sizeOf } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** How x is looked at: shapes of one rank, in which size 1 is broadcast. */
export interface View {
  /** The shape of x, perhaps with a dimension split. */
  readonly shape: readonly number[];
  /** The shape of mean and variance: 1 where they are taken over. */
  readonly stats: readonly number[];
  /** The shape of weight and bias. */
  readonly affine: readonly number[];
}

/** What is normalised with: the statistics, each with as many elements as `stats` of the view. */
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
 * Counts values, and sums their distances from the first one and the squares of these: one pass, and nothing cancels
 * where the values are far from 0 but close together. States meet by the formula of Chan, Golub and LeVeque (1979).
 */
const MOMENTS: Reducer = {
  name: "moments",
  state: ["int32", "float32", "float32", "float32"],
  init: ["0", "0.0", "0.0", "0.0"],
  add: ([n, first, sum, squares], x) =>
    `{
      ${first} = select(${first}, ${x}, ${n} == 0);
      let away = ${x} - ${first};
      ${n} += 1; ${sum} += away; ${squares} += away * away;
    }`,
  merge: ([n, first, sum, squares], [m, other, total, rest]) =>
    `if (${m} > 0) {
      let a = f32(max(${n}, 1)); let b = f32(${m});
      let share = b / f32(${n} + ${m});
      let apart = (${other} - ${first}) + (${total} / b - ${sum} / a);
      ${squares} = (${squares} - ${sum} * ${sum} / a) + (${rest} - ${total} * ${total} / b) + apart * apart * f32(${n}) * share;
      ${first} = ${first} + (${sum} / a + apart * share);
      ${sum} = 0.0; ${n} += ${m};
    }`,
  result: 1,
};

/** Adds dy, and dy times the normalised x, up; the further inputs are x, mean, inverse, perhaps weight. */
const GRADIENT_SUMS: Reducer = {
  name: "gradient sums",
  state: ["float32", "float32"],
  init: ["0.0", "0.0"],
  add: ([sum, dot], dy, _, [x, mean, inverse, weight]) => {
    const g = weight ? `${dy} * ${weight}` : dy;
    return `{ let g = ${g}; ${sum} += g; ${dot} += g * ((${x} - ${mean}) * ${inverse}); }`;
  },
  merge: ([a, b], [c, d]) => `${a} += ${c}; ${b} += ${d};`,
  result: 0,
};

const floats = (...names: string[]) => names.map((n) => [n, "float32"] as const);

const MEAN = {
  name: "mean",
  args: floats("first", "sum", "n"),
  result: "float32" as DType,
  body: "first + sum / n",
};
const VARIANCE = {
  name: "variance",
  args: floats("sum", "squares", "n"),
  result: "float32" as DType,
  body: "let v = (squares - sum * (sum / n)) / n; return select(v, 0.0, v < 0.0);",
};
const INVERSE = {
  name: "inverse",
  args: floats("v", "eps"),
  result: "float32" as DType,
  body: "1.0 / sqrt(v + eps)",
};
const FOLLOW = {
  name: "follow",
  args: floats("old", "batch", "share"),
  result: "float32" as DType,
  body: "(1.0 - share) * old + share * batch",
};
const UNBIASED = {
  name: "unbiased",
  args: floats("v", "n"),
  result: "float32" as DType,
  body: "v * (n / (n - 1.0))",
};
const ONE_OF = {
  name: "one_of",
  args: [["n", "int32"]] as const,
  result: "float32" as DType,
  body: "1.0 / f32(n)",
};

/** From what MOMENTS gives (first, sum, squares) and the numbers n and eps to mean and inverse. */
const FINISH: Program = {
  inputs: ["float32", "float32", "float32"],
  params: ["float32", "float32"],
  steps: [
    { fn: MEAN, args: ["i0", "i1", "p0"] },
    { fn: VARIANCE, args: ["i1", "i2", "p0"] },
    { fn: INVERSE, args: ["s1", "p1"] },
  ],
  outputs: ["s0", "s2"],
};

/** The same, and the running statistics: inputs 3 and 4, then the count if the share comes from it; else number 2. */
function followProgram(counted: boolean): Program {
  const share = counted ? "s4" : "p2";
  const steps = [
    ...FINISH.steps,
    { fn: UNBIASED, args: ["s1", "p0"] },
    ...(counted ? [{ fn: ONE_OF, args: ["i5"] }] : []),
    { fn: FOLLOW, args: ["i3", "s0", share] },
    { fn: FOLLOW, args: ["i4", "s3", share] },
  ];
  return {
    inputs: [...FINISH.inputs, "float32", "float32", ...(counted ? ["int32" as const] : [])],
    params: counted ? FINISH.params : [...FINISH.params, "float32"],
    steps,
    outputs: ["s0", "s2", `s${steps.length - 2}`, `s${steps.length - 1}`],
  };
}
const FOLLOW_SHARE = followProgram(false), FOLLOW_COUNT = followProgram(true);

const INVERSE_ONLY = programOf(INVERSE, 1);

/** Mean and inverse deviation of x; `running` follows them, with the unbiased variance. x must not be empty. */
export function statisticsOf(
  name: string,
  x: Tensor,
  { shape, stats }: View,
  eps: number,
  running: Running | null = null,
): Statistics {
  const n = x.size / sizeOf(stats);
  const parts = MOMENTS.state.map((dtype) => empty(stats, dtype));
  runReduction(`${name} statistics`, MOMENTS, x, [], [], shape, stats, parts);
  const [, first, sum, squares] = parts, mean = empty(stats), inverse = empty(stats);
  const inputs: Broadcast[] = [first, sum, squares].map((t) => [t, stats]);
  if (!running) into(`${name} finish`, FINISH, stats, inputs, [mean, inverse], [n, eps]);
  else {
    const { share } = running;
    inputs.push([running.mean, stats], [running.variance, stats]);
    if (typeof share !== "number") inputs.push([share, []]);
    const counted = typeof share !== "number";
    into(
      `${name} finish`,
      counted ? FOLLOW_COUNT : FOLLOW_SHARE,
      stats,
      inputs,
      [mean, inverse, running.mean, running.variance],
      counted ? [n, eps] : [n, eps, share],
    );
  }
  for (const part of parts) part.dispose();
  return { mean, inverse };
}

/** The inverse deviation of a variance that is known. */
export function inverseOf(name: string, variance: Tensor, eps: number): Tensor {
  const inverse = empty(variance.shape);
  into(`${name} inverse`, INVERSE_ONLY, variance.shape, [[variance, variance.shape]], [inverse], [eps]);
  return inverse;
}

const programs = new Map<string, Program>();

/** The program of a function whose last arguments are the operands that are there, then `params` numbers. */
function programWith(name: string, args: readonly string[], body: string, params = 0): Program {
  const key = `${name} ${args}`;
  let program = programs.get(key);
  if (!program) {
    programs.set(key, program = programOf({ name, args: floats(...args), result: "float32", body }, params));
  }
  return program;
}

/** What a normalisation is given. */
export interface NormaliseOptions {
  readonly weight: Tensor | null;
  readonly bias: Tensor | null;
  /** Whether the statistics are x's own, so that the gradient goes through them. */
  readonly own: boolean;
}

/** Normalises x. The statistics are let go of. */
export function normalise(
  name: string,
  x: Tensor,
  view: View,
  { mean, inverse }: Statistics,
  { weight, bias, own }: NormaliseOptions,
): Tensor {
  const { shape, stats, affine } = view;
  const y = empty(x.shape);
  const operands: Broadcast[] = [[x, shape], [mean, stats], [inverse, stats]];
  const names = ["x", "mean", "inverse"];
  if (weight) (operands.push([weight, affine]), names.push("weight"));
  if (bias) (operands.push([bias, affine]), names.push("bias"));
  const body = `(x - mean) * inverse${weight ? " * weight" : ""}${bias ? " + bias" : ""}`;
  into(name, programWith("normalise", names, body), shape, operands, [y], []);
  return differentiable(name, y, [x, weight, bias], {
    saved: [x, mean, inverse, ...(weight ? [weight] : [])],
    gradient: (dy, [x, mean, inverse, weight = null], needs) => {
      const given = { name, dy, x, mean, inverse, view };
      // batch normalisation has its parameters where it has its statistics, so that one pass gives both
      const together = sameShape(stats, affine);
      const wanted = needs[1] || needs[2] || (together && needs[0] && own);
      const sums = wanted ? gradientSums(given, affine, null) : null;
      const dx = needs[0]
        ? inputGradient(
          given,
          weight,
          own ? (together ? sums : gradientSums(given, stats, weight)) : null,
          together,
        )
        : null;
      return [
        dx,
        needs[1] ? sums!.dot.alias(weight!.shape) : null,
        needs[2] ? sums!.sum.alias(weight?.shape ?? bias!.shape) : null,
      ];
    },
  });
}

/** An empty result, whose parameters get a gradient of 0. */
export function normaliseNothing(
  name: string,
  x: Tensor,
  weight: Tensor | null,
  bias: Tensor | null,
): Tensor {
  const none = (t: Tensor | null) => t && zeros(t.shape);
  return differentiable(name, empty(x.shape), [x, weight, bias], {
    gradient: () => [empty(x.shape), none(weight), none(bias)],
  });
}

interface Given {
  name: string;
  dy: Tensor;
  x: Tensor;
  mean: Tensor;
  inverse: Tensor;
  view: View;
}

/** The sums of g = dy weight and of g xhat, over what `target` has 1 for. */
function gradientSums(
  { name, dy, x, mean, inverse, view: { shape, stats, affine } }: Given,
  target: readonly number[],
  weight: Tensor | null,
): { sum: Tensor; dot: Tensor } {
  const [sum, dot] = [empty(target), empty(target)];
  const broadcast: Broadcast[] = [[mean, stats], [inverse, stats]];
  if (weight) broadcast.push([weight, affine]);
  runReduction(`${name} gradient sums`, GRADIENT_SUMS, dy, [x], broadcast, shape, target, [sum, dot]);
  return { sum, dot };
}

/** The gradient in x; `sums` are null where the statistics did not come from x, and lack the weight if `unweighted`. */
function inputGradient(
  { name, dy, x, mean, inverse, view: { shape, stats, affine } }: Given,
  weight: Tensor | null,
  sums: { sum: Tensor; dot: Tensor } | null,
  unweighted: boolean,
): Tensor {
  const dx = empty(x.shape);
  const operands: Broadcast[] = [[dy, shape], [inverse, stats]], names = ["dy", "inverse"];
  if (weight) (operands.push([weight, affine]), names.push("weight"));
  const g = weight ? "dy * weight" : "dy";
  if (!sums) {
    into(`${name} gradient`, programWith("scaled", names, `${g} * inverse`), shape, operands, [dx], []);
    return dx;
  }
  operands.push([x, shape], [mean, stats], [sums.sum, stats], [sums.dot, stats]);
  names.push("x", "mean", "sum", "dot", "n");
  const inner = "(sum + (x - mean) * inverse * dot) / n";
  const body = weight && unweighted ? `inverse * weight * (dy - ${inner})` : `inverse * (${g} - ${inner})`;
  const program = programWith(unweighted ? "unweighted" : "weighted", names, body, 1);
  into(`${name} gradient`, program, shape, operands, [dx], [x.size / sizeOf(stats)]);
  return dx;
}

/** A tensor and the shape in which it is broadcast. */
type Broadcast = readonly [tensor: Tensor, shape: readonly number[]];

/** Runs a program over tensors that are broadcast to `shape`, into tensors with as many elements as it. */
function into(
  name: string,
  program: Program,
  shape: readonly number[],
  inputs: readonly Broadcast[],
  outputs: readonly Tensor[],
  params: readonly Value[],
): void {
  if (sizeOf(shape) === 0) return;
  const operand = ([t, own]: Broadcast) => ({ storage: t.storage, access: broadcastAccess(own, shape) });
  runElementwise({
    name,
    shape,
    program,
    params,
    inputs: inputs.map(operand),
    outputs: outputs.map((t) => operand([t, shape])),
  });
}

/** Reduces x, seen as `shape`, to all parts of the state, each of shape `target`, which is 1 where it is reduced. */
function runReduction(
  name: string,
  reducer: Reducer,
  x: Tensor,
  more: readonly Tensor[],
  broadcast: readonly Broadcast[],
  shape: readonly number[],
  target: readonly number[],
  y: readonly Tensor[],
): void {
  if (sizeOf(target) === 0) return;
  if (x.size === 0) return y.forEach((t) => fillInto(t, 0));
  const call: ReduceCall = {
    name,
    reducer,
    x: x.storage,
    dtype: x.dtype,
    more: more.map((t) => t.storage),
    broadcast: broadcast.map(([t, own]) => ({ storage: t.storage, access: broadcastAccess(own, shape) })),
    shape,
    dims: shape.map((_, d) => d).filter((d) => target[d] === 1),
    y: y.map((t) => t.storage),
    allStates: true,
  };
  run({
    name,
    key: `${name} ${shape};${target};${broadcast.map(([, own]) => own).join(";")}`,
    reads: [call.x, ...call.more!, ...call.broadcast!.map((b) => b.storage)],
    writes: call.y,
    lower: (profile) => reduce(call, profile),
  });
}
