/**
 * Batch normalisation (Ioffe and Szegedy, 2015): each channel is brought to mean 0 and variance 1, then scaled and
 * shifted.
 *
 * `y = (x - mean) / sqrt(var + eps) * weight + bias`. In training mean and variance are those of the batch, the variance
 * biased, and the running statistics follow: `running = (1 - momentum) running + momentum batch`, there with the unbiased
 * variance. In evaluation the running statistics are used.
 *
 * @module
 */
import { normalize, type NormalizedShapes, normalizeNothing } from "../core/families/normalize.ts";
import { inverseOf, statisticsOf } from "../core/families/statistics.ts";
import { sameShape, show } from "../core/shape.ts";
import { BOOLEAN, EPS, NUMBER, type OptionKinds, signature } from "../core/signature.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

/** Options of {@linkcode batchNorm1d} and {@linkcode batchNorm2d}. */
export interface BatchNormOptions {
  /** Running mean, `[c]`: used in evaluation, updated in place in training. */
  runningMean?: Tensor;
  /** Running variance, `[c]`: used in evaluation, updated in place in training. */
  runningVar?: Tensor;
  /** Factor of each channel, `[c]`; 1 unless given. */
  weight?: Tensor;
  /** What is added to each channel, `[c]`; 0 unless given. */
  bias?: Tensor;
  /** Whether to use the statistics of the batch, false unless given. */
  training?: boolean;
  /** Share of the batch in the new running statistics, 0.1 unless given. */
  momentum?: number;
  /** Added to the variance, so that nothing is divided by 0; 1e-5 unless given. */
  eps?: number;
}

const OPTIONS: OptionKinds<BatchNormOptions> = {
  runningMean: FLOAT_TENSOR,
  runningVar: FLOAT_TENSOR,
  weight: FLOAT_TENSOR,
  bias: FLOAT_TENSOR,
  training: BOOLEAN,
  momentum: NUMBER,
  eps: EPS,
};

const takes1d = signature<BatchNormOptions>("apply batchNorm1d", { x: FLOAT_TENSOR }, OPTIONS);

/**
 * Normalises the channels of vectors or sequences over the batch.
 *
 * @param x `[n, c]` or `[n, c, l]`, float32.
 * @param options Running statistics, weight and bias, whether this is training, momentum, eps.
 * @returns A tensor of the same shape.
 * @throws {RangeError} If shapes do not fit, or there is but one value for each channel in training.
 *
 * @example Usage
 * ```ts
 * import { batchNorm1d, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const y = batchNorm1d(tensor([[1, 20], [3, 40]]), { training: true, eps: 0 });
 * assertEquals(await y.toArray(), [[-1, -1], [1, 1]]);
 * ```
 */
export function batchNorm1d(x: Tensor, options: BatchNormOptions = {}): Tensor {
  takes1d(arguments);
  return batchNorm("batchNorm1d", x, options);
}

const takes2d = signature<BatchNormOptions>("apply batchNorm2d", { x: FLOAT_TENSOR }, OPTIONS);

/**
 * Normalises the channels of images over the batch and the plane.
 *
 * @param x `[n, c, h, w]`, float32.
 * @param options Running statistics, weight and bias, whether this is training, momentum, eps.
 * @returns A tensor of the same shape.
 * @throws {RangeError} If shapes do not fit, or there is but one value for each channel in training.
 *
 * @example Usage
 * ```ts
 * import { batchNorm2d, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([[[[1, 3]], [[5, 5]]]]);
 * assertEquals(await batchNorm2d(x, { training: true, eps: 3 }).toArray(), [[[[-0.5, 0.5]], [[0, 0]]]]);
 * ```
 */
export function batchNorm2d(x: Tensor, options: BatchNormOptions = {}): Tensor {
  takes2d(arguments);
  return batchNorm("batchNorm2d", x, options);
}

const RANKS = {
  batchNorm1d: { ranks: [2, 3], shape: "[n, c] or [n, c, l]" },
  batchNorm2d: { ranks: [4], shape: "[n, c, h, w]" },
} as const;

/** Normalises channels; with `count`, an int32 scalar, the running statistics are means over so many batches. */
export function batchNorm(
  name: keyof typeof RANKS,
  x: Tensor,
  options: BatchNormOptions,
  count: Tensor | null = null,
): Tensor {
  const { runningMean, runningVar, weight = null, bias = null } = options;
  const { training = false, momentum = 0.1, eps = 1e-5 } = options;
  check(name, x, options);
  if (x.size === 0) return normalizeNothing(name, x, weight, bias);
  const channels = x.shape.map((size, d) => (d === 1 ? size : 1));
  const shapes: NormalizedShapes = { shape: x.shape, stats: channels, affine: channels };
  const running = runningMean && runningVar
    ? { mean: runningMean, variance: runningVar, share: count ?? momentum }
    : null;
  const stats = training
    ? statisticsOf(name, x, shapes.shape, shapes.stats, eps, running)
    : { mean: runningMean!, inverse: inverseOf(name, runningVar!, eps) };
  const y = normalize(name, x, shapes, stats, { weight, bias, own: training });
  if (training) stats.mean.dispose();
  stats.inverse.dispose();
  return y;
}

function check(name: keyof typeof RANKS, x: Tensor, options: BatchNormOptions): void {
  const shapes = `x has shape ${show(x.shape)}`, wanted = RANKS[name];
  if (!wanted.ranks.some((rank) => rank === x.shape.length)) {
    throw new RangeError(`Cannot apply ${name} as x must be ${wanted.shape}: ${shapes}`);
  }
  const c = x.shape[1], { runningMean, runningVar, weight, bias } = options;
  for (const [what, t] of Object.entries({ runningMean, runningVar, weight, bias })) {
    if (!t || sameShape(t.shape, [c])) continue;
    throw new RangeError(
      `Cannot apply ${name} as ${what} must have shape [${c}]: it has ${show(t.shape)}, ${shapes}`,
    );
  }
  if (!runningMean !== !runningVar || (!options.training && !runningMean)) {
    throw new RangeError(
      `Cannot apply ${name} as runningMean and runningVar must ${
        options.training ? "come together" : "be given in evaluation"
      }: ${shapes}`,
    );
  }
  if (options.training && x.size === c && c > 0) {
    throw new RangeError(
      `Cannot apply ${name} in training as each channel must have more than one value: ${shapes}`,
    );
  }
}
