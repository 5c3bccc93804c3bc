/**
 * How alike and how far apart vectors are.
 *
 * @module
 */
import { composed } from "../core/composed.ts";
import { BOOLEAN, DIM, EPS, NUMBER } from "../core/kinds.ts";
import { broadcastShapes } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { add } from "../pointwise/add.ts";
import { clamp } from "../pointwise/clamp.ts";
import { div } from "../pointwise/div.ts";
import { mul } from "../pointwise/mul.ts";
import { sub } from "../pointwise/sub.ts";
import { norm } from "../reduction/norm.ts";
import { sum } from "../reduction/sum.ts";
import { viewAs } from "../shape/view_as.ts";

/** Options of {@linkcode cosineSimilarity}. */
export interface CosineSimilarityOptions {
  /** The dimension of the vectors, 1 unless given. */
  dim?: number;
  /** The least length that is divided by, 1e-8 unless given. */
  eps?: number;
}

const takesCosine = signature<CosineSimilarityOptions>("apply cosineSimilarity", {
  a: FLOAT_TENSOR,
  b: FLOAT_TENSOR,
}, {
  dim: DIM,
  eps: EPS,
});

/**
 * Takes the cosine of the angle between vectors: 1 where they point the same way, -1 the other way.
 *
 * @param a Vectors along a dimension, float32.
 * @param b Others, that broadcast with them.
 * @param options The dimension, and the least length.
 * @returns A tensor of the broadcast shape without the dimension.
 * @throws {RangeError} If the shapes do not broadcast, or the dimension does not exist.
 *
 * @example Usage
 * ```ts
 * import { cosineSimilarity, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await cosineSimilarity(tensor([[0, 2]]), tensor([[0, -3]])).toArray(), [-1]);
 * ```
 */
export function cosineSimilarity(a: Tensor, b: Tensor, options: CosineSimilarityOptions = {}): Tensor {
  takesCosine(arguments);
  const { dim = 1, eps = 1e-8 } = options,
    { length: rank } = broadcastShapes("cosineSimilarity", a.shape, b.shape);
  return composed(() => {
    const unit = (x: Tensor) => {
      const v = viewAs("cosineSimilarity", x, [
        ...new Array<number>(rank - x.shape.length).fill(1),
        ...x.shape,
      ]);
      return div(v, clamp(norm(v, { dim, keepdim: true }), { min: eps }));
    };
    return sum(mul(unit(a), unit(b)), { dim });
  });
}

/** Options of {@linkcode pairwiseDistance}. */
export interface PairwiseDistanceOptions {
  /** Exponent of the norm, 2 unless given. */
  p?: number;
  /** Added to each difference, 1e-6 unless given. */
  eps?: number;
  /** Whether the last dimension stays, with size 1. */
  keepdim?: boolean;
}

const takesDistance = signature<PairwiseDistanceOptions>("apply pairwiseDistance", {
  a: FLOAT_TENSOR,
  b: FLOAT_TENSOR,
}, {
  p: NUMBER,
  eps: NUMBER,
  keepdim: BOOLEAN,
});

/**
 * Takes the distance between vectors along the last dimension: the norm of `a - b + eps`.
 *
 * @param a Vectors `[…, d]`, float32.
 * @param b Others, that broadcast with them.
 * @param options Which norm, and whether the dimension stays.
 * @returns A tensor of the broadcast shape without the last dimension.
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example Usage
 * ```ts
 * import { openDevice, pairwiseDistance, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await pairwiseDistance(tensor([[3, 0]]), tensor([[0, 4]]), { eps: 0 }).toArray(), [5]);
 * ```
 */
export function pairwiseDistance(a: Tensor, b: Tensor, options: PairwiseDistanceOptions = {}): Tensor {
  takesDistance(arguments);
  const { p = 2, eps = 1e-6, keepdim = false } = options;
  return composed(() => norm(add(sub(a, b), eps), { p, dim: -1, keepdim }));
}
