/**
 * The transposed convolution layer.
 *
 * @module
 */
import { ConvBase, type ConvOptions } from "./_conv_base.ts";
import { convTranspose2d } from "../../ops/convolution/conv_transpose2d.ts";
import { type Pair, pair } from "../../ops/core/shape.ts";
import { signature } from "../../ops/core/signature.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { BOOLEAN, whole, wholeOrTwo } from "../../ops/core/kinds.ts";

/** Options of {@linkcode ConvTranspose2d}. */
export interface ConvTranspose2dLayerOptions extends ConvOptions {
  /** What is cut off on each side of the output, 0 unless given. */
  padding?: number | Pair;
  /** What is added to the output below and on the right, 0 unless given; less than stride or dilation. */
  outputPadding?: number | Pair;
}

const takes = signature<ConvTranspose2dLayerOptions>("make ConvTranspose2d", {
  inChannels: whole(1),
  outChannels: whole(1),
  kernelSize: wholeOrTwo(1),
}, {
  stride: wholeOrTwo(1),
  padding: wholeOrTwo(0),
  outputPadding: wholeOrTwo(0),
  groups: whole(1),
  bias: BOOLEAN,
  dilation: wholeOrTwo(1),
});

/**
 * Spreads images with learnt kernels: a convolution the other way round, for making images larger.
 *
 * `weight` is `[inChannels, outChannels / groups, kh, kw]`, `bias` `[outChannels]`; both begin uniform within
 * ± 1 / √(outChannels / groups · kh · kw), as in PyTorch.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const up = new nn.ConvTranspose2d(16, 8, 4, { stride: 2, padding: 1 });
 * assertEquals(up.forward(zeros([2, 16, 7, 7])).shape, [2, 8, 14, 14]);
 * assertEquals(String(up), "ConvTranspose2d(16, 8, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1))");
 * ```
 */
export class ConvTranspose2d extends ConvBase {
  /** What is cut off on each side of the output. */
  readonly padding: Pair;
  /** What is added to the output below and on the right. */
  readonly outputPadding: Pair;

  /**
   * Makes a layer with new parameters.
   *
   * @param inChannels Channels of the input.
   * @param outChannels Channels of the output.
   * @param kernelSize Height and width of the window; a number for both.
   * @param options Stride, padding, output padding, dilation, groups, bias.
   * @throws {RangeError} If the groups do not divide the channels.
   */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number | Pair,
    options: ConvTranspose2dLayerOptions = {},
  ) {
    takes(arguments);
    const channels = { in: inChannels, out: outChannels, first: inChannels, second: outChannels };
    super("ConvTranspose2d", channels, kernelSize, options);
    this.padding = pair(options.padding ?? 0);
    this.outputPadding = pair(options.outputPadding ?? 0);
  }

  /**
   * Applies the layer.
   *
   * @param x `[n, inChannels, h, w]`.
   * @returns `[n, outChannels, h', w']`.
   */
  override forward(x: Tensor): Tensor {
    const { bias, stride, padding, outputPadding, dilation, groups } = this;
    const options = { bias: bias ?? undefined, stride, padding, outputPadding, dilation, groups };
    return convTranspose2d(x, this.weight, options);
  }

  /** Channels, kernel size and stride, and what differs from the default, as PyTorch prints it. */
  override extraRepr(): string {
    return this.describe(this.padding, this.outputPadding);
  }
}
