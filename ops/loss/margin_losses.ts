/**
 * Losses that ask for a margin between scores or distances, and one of several labels at once; all are
 * made of other operations.
 *
 * @module
 */
import { composed } from "../core/composed.ts";
import { NUMBER } from "../core/kinds.ts";
import { show } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { cast } from "../core/tensor/compute.ts";
import { FLOAT_TENSOR, tensorOf } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { BOOLEAN, EPS } from "../core/kinds.ts";
import { logSigmoid } from "../activation/log_sigmoid.ts";
import { add } from "../pointwise/add.ts";
import { clamp } from "../pointwise/clamp.ts";
import { div } from "../pointwise/div.ts";
import { eq } from "../pointwise/eq.ts";
import { minimum } from "../pointwise/maximum.ts";
import { mul } from "../pointwise/mul.ts";
import { neg } from "../pointwise/neg.ts";
import { sqrt } from "../pointwise/sqrt.ts";
import { square } from "../pointwise/square.ts";
import { sub } from "../pointwise/sub.ts";
import { where } from "../pointwise/where.ts";
import { mean } from "../reduction/mean.ts";
import { sum } from "../reduction/sum.ts";
import { type LossOptions, REDUCTION, type Reduction } from "./_loss.ts";
import { pairwiseDistance } from "./similarity.ts";

const SIGNS = tensorOf("float32", "int32");

function put(losses: Tensor, reduction: Reduction = "mean"): Tensor {
  return reduction === "none" ? losses : reduction === "mean" ? mean(losses) : sum(losses);
}

/** Options of {@linkcode marginRankingLoss} and {@linkcode cosineEmbeddingLoss}. */
export interface MarginLossOptions extends LossOptions {
  /** What is asked for between them, 0 unless given. */
  margin?: number;
}

const MARGIN = { margin: NUMBER, reduction: REDUCTION };
const takesRanking = signature<MarginLossOptions>("apply marginRankingLoss", {
  input1: FLOAT_TENSOR,
  input2: FLOAT_TENSOR,
  target: SIGNS,
}, MARGIN);

/**
 * Asks the first score to be the larger where the target is 1, the second where it is -1: `max(0, margin
 * - t (a - b))`.
 *
 * @param input1 Scores, float32.
 * @param input2 Others, that broadcast with them.
 * @param target 1 or -1, float32 or int32.
 * @param options The margin, and how the losses are put together.
 * @returns `[]`, or the broadcast shape with reduction "none".
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example Usage
 * ```ts
 * import { marginRankingLoss, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await marginRankingLoss(tensor([1]), tensor([3]), tensor([1])).item(), 2);
 * ```
 */
export function marginRankingLoss(
  input1: Tensor,
  input2: Tensor,
  target: Tensor,
  options: MarginLossOptions = {},
): Tensor {
  takesRanking(arguments);
  const { margin = 0, reduction } = options;
  return composed(() => {
    const apart = mul(neg(cast(target, "float32")), sub(input1, input2));
    return put(clamp(add(apart, margin), { min: 0 }), reduction);
  });
}

const takesEmbedding = signature<MarginLossOptions>("apply cosineEmbeddingLoss", {
  input1: FLOAT_TENSOR,
  input2: FLOAT_TENSOR,
  target: SIGNS,
}, MARGIN);

/**
 * Asks vectors to point the same way where the target is 1, and their cosine to be at most the margin
 * where it is -1.
 *
 * @param input1 Vectors `[n, d]`, or one `[d]`, float32.
 * @param input2 Others of the same shape.
 * @param target 1 or -1, `[n]` or `[]`, float32 or int32.
 * @param options The margin, and how the losses are put together.
 * @returns `[]`, or `[n]` with reduction "none".
 * @throws {RangeError} If the shapes do not fit.
 *
 * @example Usage
 * ```ts
 * import { cosineEmbeddingLoss, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const a = tensor([[1, 0]]), b = tensor([[0, 2]]);
 * assertEquals(await cosineEmbeddingLoss(a, b, tensor([1])).item(), 1);
 * ```
 */
export function cosineEmbeddingLoss(
  input1: Tensor,
  input2: Tensor,
  target: Tensor,
  options: MarginLossOptions = {},
): Tensor {
  takesEmbedding(arguments);
  const { margin = 0, reduction } = options, rank = target.shape.length;
  if (rank > 1 || input1.shape.length !== rank + 1 || input2.shape.length !== rank + 1) {
    throw new RangeError(
      `Cannot apply cosineEmbeddingLoss as the inputs must be [n, d] for a target [n], or [d] for []: they have ${
        show(input1.shape)
      } and ${show(input2.shape)}, target ${show(target.shape)}`,
    );
  }
  return composed(() => {
    const length = (x: Tensor) => add(sum(square(x), { dim: rank }), 1e-12); // as PyTorch keeps it from 0
    const cosine = div(sum(mul(input1, input2), { dim: rank }), sqrt(mul(length(input1), length(input2))));
    const apart = where(eq(target, -1), clamp(sub(cosine, margin), { min: 0 }), 0);
    return put(where(eq(target, 1), sub(1, cosine), apart), reduction);
  });
}

/** Options of {@linkcode tripletMarginLoss}. */
export interface TripletMarginLossOptions extends LossOptions {
  /** What is asked for between the distances, 1 unless given. */
  margin?: number;
  /** Exponent of the norm, 2 unless given. */
  p?: number;
  /** Added to each difference, 1e-6 unless given. */
  eps?: number;
  /** Whether the distance of the other two counts where it is smaller, false unless given. */
  swap?: boolean;
}

const takesTriplet = signature<TripletMarginLossOptions>("apply tripletMarginLoss", {
  anchor: FLOAT_TENSOR,
  positive: FLOAT_TENSOR,
  negative: FLOAT_TENSOR,
}, { margin: NUMBER, p: NUMBER, eps: EPS, swap: BOOLEAN, reduction: REDUCTION });

/**
 * Asks a vector to be nearer to one of its kind than to another, by a margin: `max(0, margin + |a - p| -
 * |a - n|)`.
 *
 * @param anchor Vectors `[…, d]`, float32.
 * @param positive Vectors of the same kind, that broadcast with them.
 * @param negative Vectors of another kind, that broadcast with them.
 * @param options The margin, the norm, and how the losses are put together.
 * @returns `[]`, or the broadcast shape without the last dimension with reduction "none".
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example Usage
 * ```ts
 * import { openDevice, tensor, tripletMarginLoss } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * const [a, p, n] = [[[0, 0]], [[3, 4]], [[6, 8]]].map((v) => tensor(v));
 * assertAlmostEquals(await tripletMarginLoss(a, p, n, { margin: 7 }).item(), 2, 1e-5);
 * ```
 */
export function tripletMarginLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options: TripletMarginLossOptions = {},
): Tensor {
  takesTriplet(arguments);
  const { margin = 1, p = 2, eps = 1e-6, swap = false, reduction } = options;
  return composed(() => {
    const distance = (a: Tensor, b: Tensor) => pairwiseDistance(a, b, { p, eps });
    const far = distance(anchor, negative), away = swap ? minimum(far, distance(positive, negative)) : far;
    return put(clamp(add(sub(distance(anchor, positive), away), margin), { min: 0 }), reduction);
  });
}

/** Options of {@linkcode multilabelSoftMarginLoss}. */
export interface MultilabelSoftMarginLossOptions extends LossOptions {
  /** Weight of each class, `[classes]`. No gradient flows to it. */
  weight?: Tensor;
}

const takesMultilabel = signature<MultilabelSoftMarginLossOptions>("apply multilabelSoftMarginLoss", {
  input: FLOAT_TENSOR,
  target: FLOAT_TENSOR,
}, { weight: FLOAT_TENSOR, reduction: REDUCTION });

/**
 * Cross-entropy of several labels at once, the mean over the classes: `-(t ln σ(x) + (1 - t) ln σ(-x))`.
 *
 * @param input Logits `[…, classes]`, float32.
 * @param target 0 or 1 for each of them, float32.
 * @param options Weights of the classes, and how the losses are put together.
 * @returns `[]`, or the shape without the classes with reduction "none".
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example Usage
 * ```ts
 * import { multilabelSoftMarginLoss, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await multilabelSoftMarginLoss(tensor([[0, 0]]), tensor([[1, 0]])).item(), Math.LN2, 1e-6);
 * ```
 */
export function multilabelSoftMarginLoss(
  input: Tensor,
  target: Tensor,
  options: MultilabelSoftMarginLossOptions = {},
): Tensor {
  takesMultilabel(arguments);
  const { weight, reduction } = options;
  return composed(() => {
    const likely = add(mul(target, logSigmoid(input)), mul(sub(1, target), logSigmoid(neg(input))));
    const losses = neg(weight ? mul(likely, weight.detach()) : likely);
    return put(mean(losses, { dim: -1 }), reduction);
  });
}
