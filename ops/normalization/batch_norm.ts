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
import { type OptionKinds, signature } from "../core/signature.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { normalizeChannels } from "./normalize_channels.ts";
import { BOOLEAN, EPS, NUMBER } from "../core/kinds.ts";

/** Options of {@linkcode batchNorm1d} and {@linkcode batchNorm2d}. */
export interface BatchNormOptions {
  /** Running mean, `[c]`: used in evaluation, updated in place in training. */
  runningMean?: Tensor | undefined;
  /** Running variance, `[c]`: used in evaluation, updated in place in training. */
  runningVar?: Tensor | undefined;
  /** Factor of each channel, `[c]`; 1 unless given. */
  weight?: Tensor | undefined;
  /** What is added to each channel, `[c]`; 0 unless given. */
  bias?: Tensor | undefined;
  /** Whether to use the statistics of the batch, false unless given. */
  training?: boolean | undefined;
  /** Share of the batch in the new running statistics, 0.1 unless given. */
  momentum?: number | undefined;
  /** Added to the variance, so that nothing is divided by 0; 1e-5 unless given. */
  eps?: number | undefined;
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
  return normalizeChannels("batchNorm1d", x, options);
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
  return normalizeChannels("batchNorm2d", x, options);
}
