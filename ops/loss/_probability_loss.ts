/**
 * Cross-entropy against probabilities of the classes.
 *
 * With q = (1 - s) t + s / C, the loss of a row is `sum_k w_k q_k (-log p_k)`; "mean" divides by the number of rows.
 * Gradients of a row: `p_k sum_j w_j q_j - w_k q_k` in the logits, `(1 - s) w_k (-log p_k)` in the target.
 *
 * @module
 */
import { type RowWalks, SOFTMAX_TOTAL } from "../kernels/row_walks.ts";
import { rowsOf } from "../kernels/rows.ts";
import { differentiable } from "../core/autograd/autograd.ts";
import { runRows } from "../core/families/rows.ts";
import { sameShape, show } from "../core/shape.ts";
import { empty } from "../core/tensor/create.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { checkWeight, TO_LABELS, weightIn, type WeightOf } from "./_class_loss.ts";
import { reduceLosses, type Reduction } from "./_loss.ts";

/** Options that hold for probabilities. */
export interface ProbabilityLossOptions {
  weight?: Tensor;
  reduction?: Reduction;
  labelSmoothing?: number;
}

const Q = "((1.0 - u.smoothing) * target_[at] + u.smoothing / f32(u.size))";

/** Walks of the losses. */
function forward(weight: WeightOf): RowWalks {
  return {
    values: [
      ...SOFTMAX_TOTAL,
      "let shift = logf(total);",
      { name: "loss", kind: "sum", of: `${weight("k")} * ${Q} * (shift - (x[at] - top))` },
    ],
    end: "losses[row] = loss;",
  };
}

/** Walks of the gradient in the logits; `upstream` is WGSL of the gradient of the row's loss. */
function inputGradient(weight: WeightOf, upstream: string): RowWalks {
  return {
    values: [...SOFTMAX_TOTAL, { name: "all_shares", kind: "sum", of: `${weight("k")} * ${Q}` }],
    each: `dx[at] = ${upstream} * (expf(x[at] - top) / total * all_shares - ${weight("k")} * ${Q});`,
  };
}

/** Walks of the gradient in the target. */
function targetGradient(weight: WeightOf, upstream: string): RowWalks {
  return {
    values: [...SOFTMAX_TOTAL, "let shift = logf(total);"],
    each: `dx[at] = ${upstream} * ((1.0 - u.smoothing) * ${weight("k")} * (shift - (x[at] - top)));`,
  };
}

/** Computes cross-entropy between logits and probabilities of one shape. */
export function probabilityLoss(input: Tensor, target: Tensor, options: ProbabilityLossOptions): Tensor {
  const { weight, reduction = "mean", labelSmoothing = 0 } = options;
  check(input, target, options);
  const dim = input.shape.length > 1 ? 1 : 0, rows = rowsOf(input.shape, dim);
  const losses = empty(input.shape.filter((_, d) => d !== dim));
  const numbers = [
    { name: "smoothing", type: "f32", value: labelSmoothing },
    { name: "count", type: "f32", value: reduction === "mean" ? losses.size : 1 },
  ] as const;
  const weights: Record<string, Tensor> = weight ? { weight } : {}, weightOf = weightIn(weight);
  const tensors = { x: input, target_: target, ...weights };
  runRows("crossEntropy", rows, tensors, { losses }, forward(weightOf), numbers);
  const upstream = reduction === "none" ? "dy[row] / u.count" : "dy[0] / u.count";
  return differentiable("crossEntropy", reduceLosses(losses, reduction), [input, target], {
    saved: [input, target, ...Object.values(weights)],
    gradient: (dy, [x, target_, weight], needs) =>
      [inputGradient, targetGradient].map((walks, k) => {
        if (!needs[k]) return null;
        const dx = empty(x.shape), inputs = { x, target_, dy, ...(weight ? { weight } : {}) };
        runRows("crossEntropy gradient", rows, inputs, { dx }, walks(weightOf, upstream), numbers);
        return dx;
      }),
  });
}

/** Refuses labels that are no int32, as a float32 target has probabilities. */
export function refuseLabels(input: Tensor, target: Tensor): void {
  if (target.shape.length < input.shape.length || (target.shape.at(-1) === 1 && input.shape.at(-1) !== 1)) {
    throw new TypeError(
      `Cannot apply crossEntropy as labels must be int32: target is float32 of shape ${
        show(target.shape)
      }, ${TO_LABELS} (probabilities have the shape of input, ${show(input.shape)})`,
    );
  }
}

function check(input: Tensor, target: Tensor, { weight }: ProbabilityLossOptions): void {
  if (input.shape.length === 0 || !sameShape(input.shape, target.shape)) {
    throw new RangeError(
      `Cannot apply crossEntropy as a target of probabilities must have the shape of input: ` +
        `input ${show(input.shape)}, target ${show(target.shape)}`,
    );
  }
  checkWeight("crossEntropy", input, weight);
}
