/**
 * The convolution layer.
 *
 * @module
 */
import { ConvBase, type ConvOptions } from "./_conv_base.ts";
import { conv2d, type Padding } from "../../ops/convolution/conv2d.ts";
import { type Pair, pair } from "../../ops/core/shape.ts";
import { signature } from "../../ops/core/signature.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { PADDING } from "../../ops/convolution/padding.ts";
import { BOOLEAN, whole, wholeOrTwo } from "../../ops/core/kinds.ts";

/** Options of {@linkcode Conv2d}. */
export interface Conv2dLayerOptions extends ConvOptions {
  /** Zeros added on each side, 0 unless given; "same" keeps the size at stride 1, "valid" adds none. */
  padding?: Padding;
}

const takes = signature<Conv2dLayerOptions>("make Conv2d", {
  inChannels: whole(1),
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
 * Convolves images with learnt kernels (cross-correlation, as in every deep-learning library).
 *
 * `weight` is `[outChannels, inChannels / groups, kh, kw]`, `bias` `[outChannels]`; both begin uniform within
 * ± 1 / √(inChannels / groups · kh · kw).
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const conv = new nn.Conv2d(1, 6, 5, { padding: 2 });
 * assertEquals(conv.forward(zeros([4, 1, 28, 28])).shape, [4, 6, 28, 28]);
 * assertEquals(String(conv), "Conv2d(1, 6, kernel_size=(5, 5), stride=(1, 1), padding=(2, 2))");
 * ```
 */
export class Conv2d extends ConvBase {
  /** Zeros added on each side, or the rule that gives their number. */
  readonly padding: Padding;

  /**
   * Makes a layer with new parameters.
   *
   * @param inChannels Channels of the input.
   * @param outChannels Channels of the output.
   * @param kernelSize Height and width of the window; a number for both.
   * @param options Stride, padding, dilation, groups, bias.
   * @throws {RangeError} If the groups do not divide the channels.
   */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number | Pair,
    options: Conv2dLayerOptions = {},
  ) {
    takes(arguments);
    const channels = { in: inChannels, out: outChannels, first: outChannels, second: inChannels };
    super("Conv2d", channels, kernelSize, options);
    const { padding = 0 } = options;
    this.padding = typeof padding === "string" ? padding : pair(padding);
  }

  /**
   * Applies the layer.
   *
   * @param x `[n, inChannels, h, w]`.
   * @returns `[n, outChannels, h', w']`.
   */
  override forward(x: Tensor): Tensor {
    const { bias, stride, padding, dilation, groups } = this;
    return conv2d(x, this.weight, { bias: bias ?? undefined, stride, padding, dilation, groups });
  }

  /** Channels, kernel size and stride, and what differs from the default, as PyTorch prints it. */
  override extraRepr(): string {
    return this.describe(typeof this.padding === "number" ? [this.padding, this.padding] : this.padding);
  }
}
