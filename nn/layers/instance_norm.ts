/**
 * Normalisations by the statistics of each example.
 *
 * @module
 */
import { signature } from "../../ops/core/signature.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { Module, type Parameter, parameter } from "../module.ts";
import { bool, float, list } from "../repr.ts";
import { BOOLEAN, either, EPS, NUMBER, SHAPE, whole } from "../../ops/core/kinds.ts";
import { show } from "../../ops/core/shape.ts";
import { ones, zeros } from "../../ops/core/tensor/create.ts";
import {
  instanceNorm,
  localResponseNorm,
  type LocalResponseNormOptions,
  rmsNorm,
} from "../../ops/normalization/local_response_norm.ts";

const OPTIONS = { eps: EPS, affine: BOOLEAN };

/** Options of {@linkcode InstanceNorm1d} and {@linkcode InstanceNorm2d}. */
export interface InstanceNormLayerOptions {
  /** Added to the variance, so that nothing is divided by 0; 1e-5 unless given. */
  eps?: number;
  /** Whether channels are scaled and shifted by what the layer learns, false unless given. */
  affine?: boolean;
}

/** What the instance normalisation layers share. */
export abstract class InstanceNorm extends Module {
  /** Channels of the input. */
  readonly numFeatures: number;
  /** What is added to the variance. */
  readonly eps: number;
  /** Factor of each channel, `[numFeatures]`, or null. */
  weight: Parameter | null;
  /** What is added to each channel, `[numFeatures]`, or null. */
  bias: Parameter | null;
  /** Dimensions of the input. */
  protected abstract readonly rank: number;

  /** Makes a layer with new parameters. */
  constructor(numFeatures: number, { eps = 1e-5, affine = false }: InstanceNormLayerOptions) {
    super();
    this.numFeatures = numFeatures;
    this.eps = eps;
    this.weight = affine ? parameter(() => ones([numFeatures])) : null;
    this.bias = affine ? parameter(() => zeros([numFeatures])) : null;
  }

  /**
   * Applies the layer, the same in training and evaluation.
   *
   * @param x Channels are dimension 1.
   * @returns A tensor of the same shape.
   */
  override forward(x: Tensor): Tensor {
    if (x.shape.length !== this.rank || x.shape[1] !== this.numFeatures) {
      throw new RangeError(
        `Cannot apply ${this.constructor.name} as x must have ${this.rank} dimensions and ${this.numFeatures} channels: it has shape ${
          show(x.shape)
        }`,
      );
    }
    return instanceNorm(x, { weight: this.weight ?? undefined, bias: this.bias ?? undefined, eps: this.eps });
  }

  /** Channels and options, as PyTorch prints them. */
  override extraRepr(): string {
    return `${this.numFeatures}, eps=${float(this.eps)}, momentum=0.1, affine=${
      bool(this.weight !== null)
    }, track_running_stats=False`;
  }
}

const takesInstanceNorm1d = signature<InstanceNormLayerOptions>("make InstanceNorm1d", {
  numFeatures: whole(1),
}, OPTIONS);

/**
 * Normalises the sequence of each channel of each example to mean 0 and variance 1, by its own
 * statistics. With `affine`, `weight` and `bias` are `[numFeatures]` and begin with 1 and 0.
 *
 * @example Usage
 * ```ts
 * import { nn, ones, openDevice } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(new nn.InstanceNorm1d(3).forward(ones([2, 3, 5])).shape, [2, 3, 5]);
 * ```
 */
export class InstanceNorm1d extends InstanceNorm {
  /** Dimensions of the input. */
  protected override readonly rank = 3;

  /**
   * Makes a layer with new parameters.
   *
   * @param numFeatures Channels of the input.
   * @param options Eps, and whether to scale and shift.
   */
  constructor(numFeatures: number, options: InstanceNormLayerOptions = {}) {
    takesInstanceNorm1d(arguments);
    super(numFeatures, options);
  }
}

const takesInstanceNorm2d = signature<InstanceNormLayerOptions>("make InstanceNorm2d", {
  numFeatures: whole(1),
}, OPTIONS);

/**
 * Normalises the plane of each channel of each example to mean 0 and variance 1, by its own statistics.
 * With `affine`, `weight` and `bias` are `[numFeatures]` and begin with 1 and 0.
 *
 * @example Usage
 * ```ts
 * import { nn, ones, openDevice } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(new nn.InstanceNorm2d(3).forward(ones([2, 3, 5, 5])).shape, [2, 3, 5, 5]);
 * ```
 */
export class InstanceNorm2d extends InstanceNorm {
  /** Dimensions of the input. */
  protected override readonly rank = 4;

  /**
   * Makes a layer with new parameters.
   *
   * @param numFeatures Channels of the input.
   * @param options Eps, and whether to scale and shift.
   */
  constructor(numFeatures: number, options: InstanceNormLayerOptions = {}) {
    takesInstanceNorm2d(arguments);
    super(numFeatures, options);
  }
}

/** Options of {@linkcode RMSNorm}. */
export interface RMSNormLayerOptions {
  /** Added to the mean square; the distance from 1 to the next float32 unless given. */
  eps?: number;
  /** Whether elements are scaled by what the layer learns, true unless given. */
  elementwiseAffine?: boolean;
}

const takesRMSNorm = signature<RMSNormLayerOptions>("make RMSNorm", {
  normalizedShape: either(whole(0), SHAPE),
}, {
  eps: EPS,
  elementwiseAffine: BOOLEAN,
});

/**
 * Divides by the root of the mean square over the last dimensions. `weight` has their sizes, and begins
 * with 1.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await new nn.RMSNorm(2).forward(tensor([[3, 3]])).mean().item(), 1, 1e-6);
 * ```
 */
export class RMSNorm extends Module {
  /** Sizes of the last dimensions, over which the mean is taken. */
  readonly normalizedShape: readonly number[];
  /** What is added to the mean square, or null for the distance from 1 to the next float32. */
  readonly eps: number | null;
  /** Factor of each element, of shape `normalizedShape`, or null. */
  weight: Parameter | null;

  /**
   * Makes a layer with new parameters.
   *
   * @param normalizedShape Sizes of the last dimensions; a number for the last one alone.
   * @param options Eps, and whether to scale.
   */
  constructor(normalizedShape: number | readonly number[], options: RMSNormLayerOptions = {}) {
    super();
    takesRMSNorm(arguments);
    const shape = typeof normalizedShape === "number" ? [normalizedShape] : [...normalizedShape];
    this.normalizedShape = shape;
    this.eps = options.eps ?? null;
    this.weight = options.elementwiseAffine ?? true ? parameter(() => ones(shape)) : null;
  }

  /**
   * Applies the layer.
   *
   * @param x `[…, ...normalizedShape]`.
   * @returns A tensor of the same shape.
   */
  override forward(x: Tensor): Tensor {
    const { normalizedShape, eps, weight } = this;
    return rmsNorm(x, { normalizedShape, eps: eps ?? undefined, weight: weight ?? undefined });
  }

  /** Sizes and options, as PyTorch prints them. */
  override extraRepr(): string {
    return `${list(this.normalizedShape)}, eps=${
      this.eps === null ? "None" : float(this.eps)
    }, elementwise_affine=${bool(this.weight !== null)}`;
  }
}

const takesLocalResponseNorm = signature<LocalResponseNormOptions>("make LocalResponseNorm", {
  size: whole(1),
}, { alpha: NUMBER, beta: NUMBER, k: NUMBER });

/**
 * Divides by the squares of neighbouring channels, as AlexNet does: `x / (k + alpha m)^beta` with the
 * mean square m of `size` channels around.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(new nn.LocalResponseNorm(2).forward(zeros([1, 4, 3, 3])).shape, [1, 4, 3, 3]);
 * ```
 */
export class LocalResponseNorm extends Module {
  /** How many channels. */
  readonly size: number;
  /** The numbers of the formula. */
  readonly options: Readonly<LocalResponseNormOptions>;

  /**
   * Makes a layer.
   *
   * @param size How many channels.
   * @param options The numbers of the formula: `alpha` 1e-4, `beta` 0.75 and `k` 1 unless given.
   */
  constructor(size: number, options: LocalResponseNormOptions = {}) {
    super();
    takesLocalResponseNorm(arguments);
    this.size = size;
    this.options = options;
  }

  /**
   * Applies the layer.
   *
   * @param x `[n, c, …]`.
   * @returns A tensor of the same shape.
   */
  override forward(x: Tensor): Tensor {
    return localResponseNorm(x, this.size, this.options);
  }

  /** The numbers, as PyTorch prints them. */
  override extraRepr(): string {
    return `${this.size}, alpha=${this.options.alpha ?? 0.0001}, beta=${this.options.beta ?? 0.75}, k=${
      float(this.options.k ?? 1)
    }`;
  }
}
