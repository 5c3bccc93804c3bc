/**
 * The batch normalisation layers.
 *
 * @module
 */
import { type OptionKinds, signature } from "../../ops/core/signature.ts";
import { FLOAT_TENSOR } from "../../ops/core/tensor/kinds.ts";
import { Module, type Parameter, parameter } from "../module.ts";
import { bool, float } from "../repr.ts";
import { batchNorm1d, batchNorm2d } from "../../ops/normalization/batch_norm.ts";
import { normalizeChannels } from "../../ops/normalization/normalize_channels.ts";
import { ones, zeros } from "../../ops/core/tensor/create.ts";
import { dependOn, persistent } from "../../ops/core/recorder.ts";
import { computeInto } from "../../ops/core/tensor/compute.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { programOf } from "../../ops/kernels/wgsl/program.ts";
import { BOOLEAN, EPS, nullable, NUMBER, whole } from "../../ops/core/kinds.ts";

/** Options of {@linkcode BatchNorm1d} and {@linkcode BatchNorm2d}. */
export interface BatchNormLayerOptions {
  /** Added to the variance, so that nothing is divided by 0; 1e-5 unless given. */
  eps?: number;
  /**
   * Share of a new batch in the running statistics, 0.1 unless given; with null the statistics are means over all
   * batches.
   */
  momentum?: number | null;
  /** Whether channels are scaled and shifted by what the layer learns, true unless given. */
  affine?: boolean;
  /**
   * Whether running statistics are kept, true unless given; without running statistics each batch is normalised by its
   * own.
   */
  trackRunningStats?: boolean;
}

const COUNT = programOf({ name: "count", args: [["n", "int32"]], result: "int32", body: "n + 1" });

const OPTIONS: OptionKinds<BatchNormLayerOptions> = {
  eps: EPS,
  momentum: nullable(NUMBER),
  affine: BOOLEAN,
  trackRunningStats: BOOLEAN,
};
const takes1d = signature<BatchNormLayerOptions>("make BatchNorm1d", { numFeatures: whole(0) }, OPTIONS);
const takes2d = signature<BatchNormLayerOptions>("make BatchNorm2d", { numFeatures: whole(0) }, OPTIONS);
const takesInput = {
  batchNorm1d: signature("apply batchNorm1d", { x: FLOAT_TENSOR }),
  batchNorm2d: signature("apply batchNorm2d", { x: FLOAT_TENSOR }),
};

/** What the batch normalisation layers share. */
export abstract class BatchNorm extends Module {
  /** Channels of the input. */
  readonly numFeatures: number;
  /** What is added to the variance. */
  readonly eps: number;
  /** Share of a new batch in the running statistics; with null the statistics are means over all batches. */
  momentum: number | null;
  /** Factor of each channel, `[numFeatures]`, or null. */
  weight: Parameter | null;
  /** What is added to each channel, `[numFeatures]`, or null. */
  bias: Parameter | null;
  /** Running mean, `[numFeatures]`, or null; `running_mean` in the state. */
  readonly runningMean: Tensor | null;
  /** Running variance (unbiased), `[numFeatures]`, or null; `running_var` in the state. */
  readonly runningVar: Tensor | null;
  /** How many batches the running statistics have seen, an int32 scalar, or null; `num_batches_tracked` in the state. */
  readonly numBatchesTracked: Tensor | null;
  /** Name of the operation. */
  protected abstract readonly op: "batchNorm1d" | "batchNorm2d";

  /** Makes a layer with new parameters and statistics. */
  constructor(numFeatures: number, options: BatchNormLayerOptions) {
    super();
    const { eps = 1e-5, momentum = 0.1, affine = true, trackRunningStats = true } = options;
    this.numFeatures = numFeatures;
    this.eps = eps;
    this.momentum = momentum;
    this.weight = affine ? parameter(() => ones([numFeatures])) : null;
    this.bias = affine ? parameter(() => zeros([numFeatures])) : null;
    const buffer = (name: string, make: () => Tensor) =>
      trackRunningStats ? this.registerBuffer(name, persistent(make)) : null;
    this.runningMean = buffer("running_mean", () => zeros([numFeatures]));
    this.runningVar = buffer("running_var", () => ones([numFeatures]));
    this.numBatchesTracked = buffer("num_batches_tracked", () => zeros([], { dtype: "int32" }));
  }

  /**
   * Applies the layer; in training the running statistics change.
   *
   * @param x Channels are dimension 1.
   * @returns A tensor of the same shape.
   */
  override forward(x: Tensor): Tensor {
    takesInput[this.op]([x]);
    dependOn(() => this.momentum);
    const { training, momentum, eps, runningMean, runningVar, numBatchesTracked: count } = this;
    if (training && count) computeInto("count batches", COUNT, count.shape, [count], [count]);
    const options = {
      runningMean: runningMean ?? undefined,
      runningVar: runningVar ?? undefined,
      weight: this.weight ?? undefined,
      bias: this.bias ?? undefined,
      training: training || !runningMean,
      momentum: momentum ?? undefined,
      eps,
    };
    if (momentum === null && count) return normalizeChannels(this.op, x, options, count);
    return (this.op === "batchNorm1d" ? batchNorm1d : batchNorm2d)(x, options);
  }

  /** Channels and options, as PyTorch prints them. */
  override extraRepr(): string {
    const momentum = this.momentum === null ? "None" : float(this.momentum);
    return `${this.numFeatures}, eps=${float(this.eps)}, momentum=${momentum}, ` +
      `affine=${bool(this.weight !== null)}, track_running_stats=${bool(this.runningMean !== null)}`;
  }
}

/**
 * Normalises the channels of vectors `[n, c]` or sequences `[n, c, l]` over the batch (Ioffe and Szegedy, 2015):
 * `y = (x - mean) / sqrt(var + eps) * weight + bias`.
 *
 * In training mean and (biased) variance are the batch's, and `running = (1 - momentum) running + momentum batch`; in
 * evaluation they are the running ones. `weight` `[numFeatures]` begins as ones, `bias` as zeros, the running mean as
 * zeros, the running variance as ones.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const norm = new nn.BatchNorm1d(2, { momentum: 0.5 });
 * norm.forward(tensor([[1, 2], [3, 6]]));
 * assertEquals(await norm.runningMean!.toArray(), [1, 2]);
 * ```
 */
export class BatchNorm1d extends BatchNorm {
  /** Name of the operation. */
  protected override readonly op = "batchNorm1d";

  /**
   * Makes a layer with new parameters and statistics.
   *
   * @param numFeatures Channels of the input.
   * @param options Eps, momentum, whether to scale and shift, whether to keep running statistics.
   */
  constructor(numFeatures: number, options: BatchNormLayerOptions = {}) {
    takes1d(arguments);
    super(numFeatures, options);
  }
}

/**
 * Normalises the channels of images `[n, c, h, w]` over the batch and the plane (Ioffe and Szegedy, 2015):
 * `y = (x - mean) / sqrt(var + eps) * weight + bias`.
 *
 * In training mean and (biased) variance are the batch's, and `running = (1 - momentum) running + momentum batch`; in
 * evaluation they are the running ones. `weight` `[numFeatures]` begins as ones, `bias` as zeros, the running mean as
 * zeros, the running variance as ones.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, rand } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const norm = new nn.BatchNorm2d(6);
 * assertEquals(norm.forward(rand([4, 6, 14, 14])).shape, [4, 6, 14, 14]);
 * assertEquals(
 *   String(norm),
 *   "BatchNorm2d(6, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)",
 * );
 * ```
 */
export class BatchNorm2d extends BatchNorm {
  /** Name of the operation. */
  protected override readonly op = "batchNorm2d";

  /**
   * Makes a layer with new parameters and statistics.
   *
   * @param numFeatures Channels of the input.
   * @param options Eps, momentum, whether to scale and shift, whether to keep running statistics.
   */
  constructor(numFeatures: number, options: BatchNormLayerOptions = {}) {
    takes2d(arguments);
    super(numFeatures, options);
  }
}
