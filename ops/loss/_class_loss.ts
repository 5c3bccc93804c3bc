/**
 * Losses against class labels: one kernel over the rows forward, one back.
 *
 * "mean" divides the sum of the rows' losses by the sum of their weights, as PyTorch does.
 *
 * @module
 */
import type { Reducer } from "../kernels/reduce.ts";
import type { Gathered, RowWalks } from "../kernels/row_walks.ts";
import { type Rows, rowsOf } from "../kernels/rows.ts";
import type { DType } from "../kernels/wgsl/dtype.ts";
import type { DispatchNumber, NumberDecl } from "../kernels/wgsl/source.ts";
import { differentiable } from "../core/autograd/autograd.ts";
import { reduceTensor, reduceTensorParts, SUM } from "../core/families/reduce.ts";
import { runRows } from "../core/families/rows.ts";
import { sameShape, show } from "../core/shape.ts";
import type { OptionKinds } from "../core/signature.ts";
import { empty, full } from "../core/tensor/create.ts";
import { FLOAT_TENSOR, tensorOf } from "../core/tensor/kinds.ts";
import { Tensor } from "../core/tensor/tensor.ts";
import { REDUCTION, type Reduction } from "./_loss.ts";
import { type Kind, whole } from "../core/kinds.ts";

/** Options of losses against class labels. */
export interface ClassLossOptions {
  /** Weight of each class, `[classes]`; no gradient flows to it. */
  weight?: Tensor;
  /** How the rows' losses are put together, "mean" unless given. */
  reduction?: Reduction;
  /** Rows with this target do not count, -100 unless given. */
  ignoreIndex?: number;
}

/** How labels are made of numbers of another type, for errors. */
export const TO_LABELS = 'labels.to("int32") or tensor(labels, { dtype: "int32" }) makes them so';

/** Labels, and targets of the other types that are given. */
export function labels(...others: readonly DType[]): Kind {
  const kind = tensorOf("int32", ...others);
  return {
    ...kind,
    example: "labels",
    objection: (value) => {
      const objection = kind.objection(value);
      return objection && value instanceof Tensor
        ? { ...objection, found: `${objection.found}, ${TO_LABELS}` }
        : objection;
    },
  };
}

/** The kinds of {@linkcode ClassLossOptions}. */
export const CLASS_LOSS_OPTIONS: OptionKinds<ClassLossOptions> = {
  weight: FLOAT_TENSOR,
  reduction: REDUCTION,
  ignoreIndex: whole(),
};

/** Gives WGSL of the weight of a class, given that of its number. */
export type WeightOf = (k: string) => string;

/**
 * A loss, over rows of the input `x`. In scope are `t`, the row's label; `own`, the same made to fit; `valid`, whether it
 * is a class; `counts`, whether it is not ignored.
 */
export interface ClassLoss {
  readonly op: string;
  /** The values of a row, of which the last is its `loss`. */
  forward(weight: WeightOf): readonly (string | Gathered)[];
  /** Writes each element of `dx`; `upstream` is the gradient of the row's loss. */
  gradient(weight: WeightOf): RowWalks;
  readonly numbers: readonly (NumberDecl & { readonly value: DispatchNumber })[];
}

/** The gradient of a row's loss, where it is not ignored. */
const UPSTREAM: Readonly<Record<Reduction, string>> = {
  none: "dy[row]",
  sum: "dy[0]",
  mean: "dy[0] / total[0]",
};

const LABEL = /* wgsl */ `
    let t = labels[row];
    let counts = t != u.ignore;
    let valid = t >= 0 && t < i32(u.size);
    let own = u32(clamp(t, 0, i32(u.size) - 1));`;

/** Computes a loss against labels. */
export function classLoss(loss: ClassLoss, input: Tensor, target: Tensor, options: ClassLossOptions): Tensor {
  const { op } = loss, { weight, reduction = "mean", ignoreIndex = -100 } = options;
  const rows = check(op, input, target, options);
  const numbers = [{ name: "ignore", type: "i32", value: ignoreIndex } as const, ...loss.numbers];
  const [losses, weights] = [empty(target.shape), empty(target.shape)];
  const tensors = { x: input, labels: target, ...(weight ? { weight } : {}) };
  const weightOf = weightIn(weight);
  const forward = {
    values: [LABEL, ...loss.forward(weightOf)],
    end: /* wgsl */ `
    losses[row] = select(0.0, select(nanf(), loss, valid), counts);
    weights[row] = select(0.0, ${weightOf("own")}, counts);`,
  };
  runRows(op, rows, tensors, { losses, weights }, forward, numbers);
  const [y, total] = reduction === "none"
    ? [losses, null]
    : reduction === "mean"
    ? weightedMean(op, losses, weights)
    : [totalOf(op, losses), null];
  weights.dispose();
  if (y !== losses) losses.dispose();
  differentiable(op, y, [input], {
    saved: [input, target, ...(weight ? [weight] : []), ...(total ? [total] : [])],
    gradient: (dy, [x, labels, ...rest]) => {
      const dx = empty(x.shape);
      const upstream = `let upstream = select(0.0, ${UPSTREAM[reduction]}, counts);`;
      const walks = loss.gradient(weightOf), values = [LABEL, upstream, ...walks.values];
      const inputs = {
        x,
        labels,
        dy,
        ...(weight ? { weight: rest[0] } : {}),
        ...(total ? { total: rest.at(-1)! } : {}),
      };
      runRows(`${op} gradient`, rows, inputs, { dx }, { ...walks, values }, numbers);
      return [dx];
    },
  });
  total?.dispose(); // autograd holds on to it
  return y;
}

/** WGSL of the weights, which are 1 where none are given. */
export function weightIn(weight: Tensor | undefined): WeightOf {
  return weight ? (k) => `weight[${k}]` : () => "1.0";
}

/** Refuses a weight that does not have one number for each class. */
export function checkWeight(op: string, input: Tensor, weight: Tensor | undefined): void {
  const classes = input.shape[input.shape.length > 1 ? 1 : 0]!;
  if (!weight || sameShape(weight.shape, [classes])) return;
  throw new RangeError(
    `Cannot apply ${op} as weight must have shape [${classes}]: weight ${show(weight.shape)}, input ${
      show(input.shape)
    }`,
  );
}

function totalOf(op: string, rows: Tensor): Tensor {
  return reduceTensor(`${op} total`, SUM, rows, rows.shape.map((_, d) => d));
}

/** Sums losses and weights, and divides the one by the other. */
const MEAN: Reducer = {
  name: "weighted mean",
  state: ["float32", "float32"],
  init: ["0.0", "0.0"],
  add: ([a, b], loss, _k, [weight]) => `${a} += ${loss}; ${b} += ${weight};`,
  merge: ([a, b], [c, d]) => `${a} += ${c}; ${b} += ${d};`,
  finish: ([a, b]) => `${a} = ${a} / ${b};`,
  result: 0,
  sums: "light",
};

/** The mean of the rows' losses, and the sum of the weights that it divides by. */
function weightedMean(op: string, losses: Tensor, weights: Tensor): [Tensor, Tensor] {
  const { size } = losses;
  if (size === 0) return [full([], NaN), full([], 0)];
  return reduceTensorParts<[mean: Tensor, total: Tensor]>(`${op} mean`, MEAN, losses, [0], {
    shape: [size],
    more: [weights],
  });
}

function check(op: string, input: Tensor, target: Tensor, options: ClassLossOptions): Rows {
  const dim = input.shape.length > 1 ? 1 : 0;
  if (input.shape.length === 0 || !sameShape(input.shape.filter((_, d) => d !== dim), target.shape)) {
    throw new RangeError(
      `Cannot apply ${op} as target must have the shape of input without its classes: ` +
        `input ${show(input.shape)}, target ${show(target.shape)}`,
    );
  }
  checkWeight(op, input, options.weight);
  return rowsOf(input.shape, dim);
}
