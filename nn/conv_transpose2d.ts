/**
 * The transposed convolution layer.
 *
 * @module
 */
import { convTranspose2d } from "../ops/conv_transpose2d.ts";
import { empty } from "../ops/core/create.ts";
import { type Pair, pair } from "../ops/core/pair.ts";
import type { Tensor } from "../ops/core/tensor.ts";
import { calculateFans, kaimingUniform, uniform } from "./init.ts";
import { Module, type Parameter, parameter } from "./module.ts";
import { tuple } from "./repr.ts";

/** Options of {@linkcode ConvTranspose2d}. */
export interface ConvTranspose2dLayerOptions {
  /** Distance of neighbouring windows in the output, 1 unless given. */
  stride?: number | Pair;
  /** What is cut off on each side of the output, 0 unless given. */
  padding?: number | Pair;
  /** What is added to the output below and on the right, 0 unless given; less than stride or dilation. */
  outputPadding?: number | Pair;
  /** Distance of the window's elements, 1 unless given. */
  dilation?: number | Pair;
  /** Into how many groups the channels fall, 1 unless given. */
  groups?: number;
  /** Whether a bias is added, true unless given. */
  bias?: boolean;
}

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
export class ConvTranspose2d extends Module {
  /** Channels of the input. */
  readonly inChannels: number;
  /** Channels of the output. */
  readonly outChannels: number;
  /** Height and width of the window. */
  readonly kernelSize: Pair;
  /** Distance of neighbouring windows in the output, down and across. */
  readonly stride: Pair;
  /** What is cut off on each side of the output. */
  readonly padding: Pair;
  /** What is added to the output below and on the right. */
  readonly outputPadding: Pair;
  /** Distance of the window's elements, down and across. */
  readonly dilation: Pair;
  /** Into how many groups the channels fall. */
  readonly groups: number;
  /** The kernels, `[inChannels, outChannels / groups, kh, kw]`. */
  readonly weight: Parameter;
  /** The bias, `[outChannels]`, or null. */
  readonly bias: Parameter | null;

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
    super();
    const { groups = 1 } = options;
    if (!Number.isInteger(groups) || groups < 1 || inChannels % groups !== 0 || outChannels % groups !== 0) {
      throw new RangeError(
        `Cannot make ConvTranspose2d as groups must divide inChannels ${inChannels} and outChannels ${outChannels}: ${groups}`,
      );
    }
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = pair("ConvTranspose2d", "kernelSize", kernelSize, 1);
    this.stride = pair("ConvTranspose2d", "stride", options.stride ?? 1, 1);
    this.padding = pair("ConvTranspose2d", "padding", options.padding ?? 0, 0);
    this.outputPadding = pair("ConvTranspose2d", "outputPadding", options.outputPadding ?? 0, 0);
    this.dilation = pair("ConvTranspose2d", "dilation", options.dilation ?? 1, 1);
    this.groups = groups;
    const shape = [inChannels, outChannels / groups, ...this.kernelSize];
    this.weight = parameter(() => kaimingUniform(empty(shape), { a: Math.sqrt(5) }));
    const bound = 1 / Math.sqrt(calculateFans(this.weight).fanIn);
    this.bias = options.bias ?? true
      ? parameter(() => uniform(empty([outChannels]), { a: -bound, b: bound }))
      : null;
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
    const parts = [
      `${this.inChannels}`,
      `${this.outChannels}`,
      `kernel_size=${tuple(this.kernelSize)}`,
      `stride=${tuple(this.stride)}`,
    ];
    if (tuple(this.padding) !== "(0, 0)") parts.push(`padding=${tuple(this.padding)}`);
    if (tuple(this.dilation) !== "(1, 1)") parts.push(`dilation=${tuple(this.dilation)}`);
    if (tuple(this.outputPadding) !== "(0, 0)") parts.push(`output_padding=${tuple(this.outputPadding)}`);
    if (this.groups !== 1) parts.push(`groups=${this.groups}`);
    if (!this.bias) parts.push("bias=False");
    return parts.join(", ");
  }
}
