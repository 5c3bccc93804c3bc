/**
 * Linear and convolutional layers and batch normalisation that find out the size of their input at their
 * first call.
 *
 * @module
 */
import { signature } from "../../ops/core/signature.ts";
import { type Pair, show } from "../../ops/core/shape.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { PADDING } from "../../ops/convolution/padding.ts";
import { BOOLEAN, EPS, nullable, NUMBER, whole, wholeOrTwo } from "../../ops/core/kinds.ts";
import { BatchNorm2d, type BatchNormLayerOptions } from "../layers/batch_norm.ts";
import { Conv2d, type Conv2dLayerOptions } from "../layers/conv2d.ts";
import { Linear, type LinearLayerOptions } from "../layers/linear.ts";
import { bool, float, tuple } from "../repr.ts";
import { LazyModule } from "./_lazy.ts";

const takesLinear = signature<LinearLayerOptions>("make LazyLinear", { outFeatures: whole(0) }, {
  bias: BOOLEAN,
});

/**
 * A {@linkcode Linear} whose `inFeatures` are the last size of its first input. Until then it has no
 * parameters: run an input through a network before an optimiser takes them.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const net = new nn.Sequential(new nn.Flatten(), new nn.LazyLinear(10));
 * assertEquals(net.forward(zeros([2, 3, 4])).shape, [2, 10]);
 * assertEquals(String(net.at(1)), "Linear(in_features=12, out_features=10, bias=True)");
 * ```
 */
export class LazyLinear extends LazyModule {
  readonly #outFeatures: number;
  readonly #options: LinearLayerOptions;

  /**
   * Makes a layer without parameters.
   *
   * @param outFeatures Size of the last dimension of the output.
   * @param options Whether there is a bias.
   */
  constructor(outFeatures: number, options: LinearLayerOptions = {}) {
    super();
    takesLinear(arguments);
    this.#outFeatures = outFeatures;
    this.#options = options;
  }

  /** Makes the layer for an input `[…, inFeatures]`. */
  protected override make(x: Tensor): Linear {
    if (x.shape.length === 0) {
      throw new RangeError("Cannot apply LazyLinear as x must have a dimension: it is a scalar");
    }
    return new Linear(x.shape.at(-1)!, this.#outFeatures, this.#options);
  }

  /** What PyTorch prints before the sizes are known. */
  override extraRepr(): string {
    return `in_features=0, out_features=${this.#outFeatures}, bias=${bool(this.#options.bias ?? true)}`;
  }
}

const takesConv = signature<Conv2dLayerOptions>("make LazyConv2d", {
  outChannels: whole(1),
  kernelSize: wholeOrTwo(1),
}, {
  stride: wholeOrTwo(1),
  padding: PADDING,
  dilation: wholeOrTwo(1),
  groups: whole(1),
  bias: BOOLEAN,
});

/**
 * A {@linkcode Conv2d} whose `inChannels` are those of its first input. Until then it has no parameters:
 * run an input through a network before an optimiser takes them.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const layer = new nn.LazyConv2d(4, 3, { padding: 1 });
 * assertEquals(layer.forward(zeros([1, 2, 5, 5])).shape, [1, 4, 5, 5]);
 * ```
 */
export class LazyConv2d extends LazyModule {
  readonly #outChannels: number;
  readonly #kernelSize: number | Pair;
  readonly #options: Conv2dLayerOptions;

  /**
   * Makes a layer without parameters.
   *
   * @param outChannels Channels of the output.
   * @param kernelSize Height and width of the window; a number for both.
   * @param options Stride, padding, dilation, groups, bias.
   */
  constructor(outChannels: number, kernelSize: number | Pair, options: Conv2dLayerOptions = {}) {
    super();
    takesConv(arguments);
    this.#outChannels = outChannels;
    this.#kernelSize = kernelSize;
    this.#options = options;
  }

  /** Makes the layer for an input `[n, inChannels, h, w]`. */
  protected override make(x: Tensor): Conv2d {
    return new Conv2d(channelsOf("LazyConv2d", x), this.#outChannels, this.#kernelSize, this.#options);
  }

  /** What PyTorch prints before the sizes are known. */
  override extraRepr(): string {
    const { stride = 1, padding = 0, dilation = 1, groups = 1, bias = true } = this.#options;
    return [
      `0, ${this.#outChannels}, kernel_size=${tuple(this.#kernelSize)}, stride=${tuple(stride)}`,
      ...(padding === 0 ? [] : [`padding=${typeof padding === "string" ? padding : tuple(padding)}`]),
      ...(dilation === 1 ? [] : [`dilation=${tuple(dilation)}`]),
      ...(groups === 1 ? [] : [`groups=${groups}`]),
      ...(bias ? [] : ["bias=False"]),
    ].join(", ");
  }
}

const takesNorm = signature<BatchNormLayerOptions>("make LazyBatchNorm2d", {}, {
  eps: EPS,
  momentum: nullable(NUMBER),
  affine: BOOLEAN,
  trackRunningStats: BOOLEAN,
});

/**
 * A {@linkcode BatchNorm2d} whose `numFeatures` are the channels of its first input. Until then it has
 * no parameters: run an input through a network before an optimiser takes them.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const layer = new nn.LazyBatchNorm2d();
 * assertEquals(layer.forward(zeros([2, 3, 5, 5])).shape, [2, 3, 5, 5]);
 * ```
 */
export class LazyBatchNorm2d extends LazyModule {
  readonly #options: BatchNormLayerOptions;

  /**
   * Makes a layer without parameters.
   *
   * @param options Eps, momentum, and what the layer has.
   */
  constructor(options: BatchNormLayerOptions = {}) {
    super();
    takesNorm(arguments);
    this.#options = options;
  }

  /** Makes the layer for an input `[n, numFeatures, h, w]`. */
  protected override make(x: Tensor): BatchNorm2d {
    return new BatchNorm2d(channelsOf("LazyBatchNorm2d", x), this.#options);
  }

  /** What PyTorch prints before the sizes are known. */
  override extraRepr(): string {
    const { eps = 1e-5, momentum = 0.1, affine = true, trackRunningStats = true } = this.#options;
    return `0, eps=${float(eps)}, momentum=${momentum === null ? "None" : float(momentum)}, affine=${
      bool(affine)
    }, track_running_stats=${bool(trackRunningStats)}`;
  }
}

function channelsOf(name: string, x: Tensor): number {
  if (x.shape.length === 4) return x.shape[1]!;
  throw new RangeError(`Cannot apply ${name} as x must be images [n, c, h, w]: x has shape ${show(x.shape)}`);
}
