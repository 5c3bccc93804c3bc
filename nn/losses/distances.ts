/**
 * Losses that ask for a margin, and how alike vectors are, as modules.
 *
 * @module
 */
import { signature } from "../../ops/core/signature.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { Module } from "../module.ts";
import { BOOLEAN, DIM, EPS, NUMBER } from "../../ops/core/kinds.ts";
import {
  cosineEmbeddingLoss,
  type MarginLossOptions,
  marginRankingLoss,
  tripletMarginLoss,
  type TripletMarginLossOptions,
} from "../../ops/loss/margin_losses.ts";
import { LOSS_OPTIONS } from "../../ops/loss/option_kinds.ts";
import {
  cosineSimilarity,
  type CosineSimilarityOptions,
  pairwiseDistance,
  type PairwiseDistanceOptions,
} from "../../ops/loss/similarity.ts";

const REDUCTION = LOSS_OPTIONS.reduction, MARGIN = { margin: NUMBER, reduction: REDUCTION };

const takesMarginRankingLoss = signature<MarginLossOptions>("make MarginRankingLoss", {}, MARGIN);

/**
 * Asks one score to be larger than another, by a margin.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await new nn.MarginRankingLoss().forward(tensor([1]), tensor([3]), tensor([1])).item(), 2);
 * ```
 */
export class MarginRankingLoss extends Module {
  readonly #options: MarginLossOptions;

  /**
   * Makes a loss.
   *
   * @param options What differs from the default.
   */
  constructor(options: MarginLossOptions = {}) {
    super();
    takesMarginRankingLoss(arguments);
    this.#options = options;
  }

  /**
   * Computes it.
   *
   * @param input1 Vectors or scores, float32.
   * @param input2 Others, of the same shape.
   * @param target 1 or -1, float32 or int32.
   * @returns `[]`, or a loss for each with reduction "none".
   */
  override forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    return marginRankingLoss(input1, input2, target, this.#options);
  }
}

const takesCosineEmbeddingLoss = signature<MarginLossOptions>("make CosineEmbeddingLoss", {}, MARGIN);

/**
 * Asks vectors to point the same way, or not to.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const loss = new nn.CosineEmbeddingLoss();
 * assertEquals(await loss.forward(tensor([[1, 0]]), tensor([[0, 2]]), tensor([1])).item(), 1);
 * ```
 */
export class CosineEmbeddingLoss extends Module {
  readonly #options: MarginLossOptions;

  /**
   * Makes a loss.
   *
   * @param options What differs from the default.
   */
  constructor(options: MarginLossOptions = {}) {
    super();
    takesCosineEmbeddingLoss(arguments);
    this.#options = options;
  }

  /**
   * Computes it.
   *
   * @param input1 Vectors or scores, float32.
   * @param input2 Others, of the same shape.
   * @param target 1 or -1, float32 or int32.
   * @returns `[]`, or a loss for each with reduction "none".
   */
  override forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    return cosineEmbeddingLoss(input1, input2, target, this.#options);
  }
}

const takesTripletMarginLoss = signature<TripletMarginLossOptions>("make TripletMarginLoss", {}, {
  margin: NUMBER,
  p: NUMBER,
  eps: EPS,
  swap: BOOLEAN,
  reduction: REDUCTION,
});

/**
 * Asks a vector to be nearer to one of its kind than to another, by a margin.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * const loss = new nn.TripletMarginLoss({ margin: 7 }), [a, p, n] = [[[0, 0]], [[3, 4]], [[6, 8]]].map((v) => tensor(v));
 * assertAlmostEquals(await loss.forward(a, p, n).item(), 2, 1e-5);
 * ```
 */
export class TripletMarginLoss extends Module {
  readonly #options: TripletMarginLossOptions;

  /**
   * Makes a loss.
   *
   * @param options What differs from the default.
   */
  constructor(options: TripletMarginLossOptions = {}) {
    super();
    takesTripletMarginLoss(arguments);
    this.#options = options;
  }

  /**
   * Computes it.
   *
   * @param anchor Vectors `[…, d]`, float32.
   * @param positive Vectors of the same kind.
   * @param negative Vectors of another kind.
   * @returns `[]`, or a loss for each with reduction "none".
   */
  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    return tripletMarginLoss(anchor, positive, negative, this.#options);
  }
}

const takesCosineSimilarity = signature<CosineSimilarityOptions>("make CosineSimilarity", {}, {
  dim: DIM,
  eps: EPS,
});

/**
 * Takes the cosine of the angle between vectors.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await new nn.CosineSimilarity().forward(tensor([[0, 2]]), tensor([[0, -3]])).toArray(), [-1]);
 * ```
 */
export class CosineSimilarity extends Module {
  readonly #options: CosineSimilarityOptions;

  /**
   * Makes a layer.
   *
   * @param options What differs from the default.
   */
  constructor(options: CosineSimilarityOptions = {}) {
    super();
    takesCosineSimilarity(arguments);
    this.#options = options;
  }

  /**
   * Computes it.
   *
   * @param a Vectors along the dimension, float32.
   * @param b Others, that broadcast with them.
   * @returns A tensor without the dimension.
   */
  override forward(a: Tensor, b: Tensor): Tensor {
    return cosineSimilarity(a, b, this.#options);
  }
}

const takesPairwiseDistance = signature<PairwiseDistanceOptions>("make PairwiseDistance", {}, {
  p: NUMBER,
  eps: NUMBER,
  keepdim: BOOLEAN,
});

/**
 * Takes the distance between vectors.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await new nn.PairwiseDistance({ eps: 0 }).forward(tensor([[3, 0]]), tensor([[0, 4]])).toArray(), [5]);
 * ```
 */
export class PairwiseDistance extends Module {
  readonly #options: PairwiseDistanceOptions;

  /**
   * Makes a layer.
   *
   * @param options What differs from the default.
   */
  constructor(options: PairwiseDistanceOptions = {}) {
    super();
    takesPairwiseDistance(arguments);
    this.#options = options;
  }

  /**
   * Computes it.
   *
   * @param a Vectors `[…, d]`, float32.
   * @param b Others, that broadcast with them.
   * @returns A tensor without the last dimension.
   */
  override forward(a: Tensor, b: Tensor): Tensor {
    return pairwiseDistance(a, b, this.#options);
  }
}
