/**
 * What the normalisations share: `y = (x - mean) / sqrt(var + eps) * weight + bias`, where statistics and parameters
 * are broadcast over x in a shape of its rank or one more.
 *
 * Forward is one elementwise program. With xhat the normalised x and g = dy * weight, the gradient is
 * `dx = (g - mean(g) - xhat mean(g xhat)) / sqrt(var + eps)`, the means over what the statistics are taken over: a
 * reduction for both sums, and one elementwise program.
 *
 * @module
 */
import { Memo } from "../../kernels/memo.ts";
import type { Reducer } from "../../kernels/reduce.ts";
import { floatFunction, type Program, programOf } from "../../kernels/wgsl/program.ts";
import { differentiable } from "../autograd/autograd.ts";
import { sameShape, sizeOf } from "../shape.ts";
import { type Broadcast, computeInto } from "../tensor/compute.ts";
import { empty, zeros } from "../tensor/create.ts";
import { aliasOf } from "../tensor/internals.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { dimsOfSize1, reduceTensorParts } from "./reduce.ts";
import type { Statistics } from "./statistics.ts";

/** The shapes in which operands are taken: all of one rank, in which size 1 is broadcast. */
export interface NormalizedShapes {
  /** The shape of x, perhaps with a dimension split. */
  readonly shape: readonly number[];
  /** The shape of mean and variance: 1 where they are taken over. */
  readonly stats: readonly number[];
  /** The shape of weight and bias. */
  readonly affine: readonly number[];
}

/** Adds dy, and dy times the normalised x, up; the further inputs are x, mean, inverse, perhaps weight. */
const GRADIENT_SUMS = Object.freeze<Reducer>({
  name: "gradient sums",
  state: ["float32", "float32"],
  init: ["0.0", "0.0"],
  add: ([sum, dot], dy, _, [x, mean, inverse, weight]) => {
    const g = weight ? `${dy} * ${weight}` : dy;
    return `{ let g = ${g}; ${sum} += g; ${dot} += g * ((${x} - ${mean}) * ${inverse}); }`;
  },
  merge: ([a, b], [c, d]) => `${a} += ${c}; ${b} += ${d};`,
  result: 0,
  sums: "heavy",
});

const programs = new Memo<Program>();

/** The program of a function of float32 operands, of which the last `numbers` are numbers; made once. */
function programWith(name: string, args: readonly string[], body: string, numbers = 0): Program {
  return programs.get([name, args], () => programOf(floatFunction(name, args, body), numbers));
}

/** What a normalisation is given. */
export interface NormalizeParameters {
  readonly weight: Tensor | null;
  readonly bias: Tensor | null;
  /** Whether the statistics are x's own, so that the gradient goes through them. */
  readonly own: boolean;
}

/** Normalises x, which must not be empty. */
export function normalize(
  name: string,
  x: Tensor,
  shapes: NormalizedShapes,
  { mean, inverse }: Statistics,
  { weight, bias, own }: NormalizeParameters,
): Tensor {
  const { shape, stats, affine } = shapes;
  const y = empty(x.shape);
  const operands: Broadcast[] = [[x, shape], [mean, stats], [inverse, stats]];
  const names = ["x", "mean", "inverse"];
  if (weight) (operands.push([weight, affine]), names.push("weight"));
  if (bias) (operands.push([bias, affine]), names.push("bias"));
  const body = `(x - mean) * inverse${weight ? " * weight" : ""}${bias ? " + bias" : ""}`;
  computeInto(name, programWith("normalize", names, body), shape, operands, [y], []);
  return differentiable(name, y, [x, weight, bias], {
    saved: [x, mean, inverse, ...(weight ? [weight] : [])],
    gradient: (dy, [x, mean, inverse, weight = null], needs) => {
      const given = { name, dy, x, mean, inverse, shapes };
      // batch normalisation has its parameters where it has its statistics, so that one pass gives both sums
      const together = sameShape(stats, affine), through = needs[0] && own;
      const sums = needs[1] || needs[2] || (together && through) ? gradientSums(given, affine, null) : null;
      const inner = !through ? null : together ? sums : gradientSums(given, stats, weight);
      const dx = needs[0] ? inputGradient(given, weight, inner, together) : null;
      return [
        dx,
        needs[1] ? aliasOf(sums!.dot, weight!.shape) : null,
        needs[2] ? aliasOf(sums!.sum, weight?.shape ?? bias!.shape) : null,
      ];
    },
  });
}

/** An empty result, whose parameters get a gradient of 0. */
export function normalizeNothing(
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

interface GradientOperands {
  name: string;
  dy: Tensor;
  x: Tensor;
  mean: Tensor;
  inverse: Tensor;
  shapes: NormalizedShapes;
}

/** The sums of g = dy weight and of g xhat, over what `target` has 1 for. */
function gradientSums(
  { name, dy, x, mean, inverse, shapes: { shape, stats, affine } }: GradientOperands,
  target: readonly number[],
  weight: Tensor | null,
): { sum: Tensor; dot: Tensor } {
  const broadcast: Broadcast[] = [[mean, stats], [inverse, stats]];
  if (weight) broadcast.push([weight, affine]);
  const settings = { shape, more: [x], broadcast, keepdim: true };
  const [sum, dot] = reduceTensorParts<[Tensor, Tensor]>(
    `${name} gradient sums`,
    GRADIENT_SUMS,
    dy,
    dimsOfSize1(target),
    settings,
  );
  return { sum, dot };
}

/** The gradient in x; `sums` are null where the statistics did not come from x, and lack the weight if `unweighted`. */
function inputGradient(
  { name, dy, x, mean, inverse, shapes: { shape, stats, affine } }: GradientOperands,
  weight: Tensor | null,
  sums: { sum: Tensor; dot: Tensor } | null,
  unweighted: boolean,
): Tensor {
  const dx = empty(x.shape);
  const operands: Broadcast[] = [[dy, shape], [inverse, stats]], names = ["dy", "inverse"];
  if (weight) (operands.push([weight, affine]), names.push("weight"));
  const g = weight ? "dy * weight" : "dy";
  if (!sums) {
    const program = programWith("scaled", names, `${g} * inverse`);
    computeInto(`${name} gradient`, program, shape, operands, [dx], []);
    return dx;
  }
  operands.push([x, shape], [mean, stats], [sums.sum, stats], [sums.dot, stats]);
  names.push("x", "mean", "sum", "dot", "n");
  const inner = "(sum + (x - mean) * inverse * dot) / n";
  const body = weight && unweighted ? `inverse * weight * (dy - ${inner})` : `inverse * (${g} - ${inner})`;
  const program = programWith(unweighted ? "unweighted" : "weighted", names, body, 1);
  computeInto(`${name} gradient`, program, shape, operands, [dx], [x.size / sizeOf(stats)]);
  return dx;
}
