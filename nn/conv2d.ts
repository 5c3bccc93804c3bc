/**
 * The convolution layer.
 *
 * @module
 */
import { conv2d, type Padding } from "../ops/conv2d.ts";
import { empty } from "../ops/core/create.ts";
import { type Pair, pair } from "../ops/core/pair.ts";
import type { Tensor } from "../ops/core/tensor.ts";
import { calculateFans, kaimingUniform, uniform } from "./init.ts";
import { Module, type Parameter, parameter } from "./module.ts";
import { tuple } from "./repr.ts";

/** Options of {@linkcode Conv2d}. */
export interface Conv2dLayerOptions {
  /** Step of the window, 1 unless given. */
  stride?: number | Pair;
  /** Zeros added on each side, 0 unless given; "same" keeps the size at stride 1, "valid" adds none. */
  padding?: Padding;
  /** Distance of the window's elements, 1 unless given. */
  dilation?: number | Pair;
  /** Into how many groups the channels fall, 1 unless given. */
  groups?: number;
  /** Whether a bias is added, true unless given. */
  bias?: boolean;
}

/**
 * Convolves images with learnt kernels (cross-correlation, as everywhere in this field).
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
export class Conv2d extends Module {
  /** Channels of the input. */
  readonly inChannels: number;
  /** Channels of the output. */
  readonly outChannels: number;
  /** Height and width of the window. */
  readonly kernelSize: Pair;
  /** Step of the window, down and across. */
  readonly stride: Pair;
  /** Zeros added on each side, or the rule for them. */
  readonly padding: Padding;
  /** Distance of the window's elements, down and across. */
  readonly dilation: Pair;
  /** Into how many groups the channels fall. */
  readonly groups: number;
  /** The kernels, `[outChannels, inChannels / groups, kh, kw]`. */
  readonly weight: Parameter;
  /** The bias, `[outChannels]`, or null. */
  readonly bias: Parameter | null;

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
    super();
    const { groups = 1, padding = 0 } = options;
    if (!Number.isInteger(groups) || groups < 1 || inChannels % groups !== 0 || outChannels % groups !== 0) {
      throw new RangeError(
        `Cannot make Conv2d as groups must divide inChannels ${inChannels} and outChannels ${outChannels}: ${groups}`,
      );
    }
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = pair("Conv2d", "kernelSize", kernelSize, 1);
    this.stride = pair("Conv2d", "stride", options.stride ?? 1, 1);
    this.padding = typeof padding === "string" ? padding : pair("Conv2d", "padding", padding, 0);
    this.dilation = pair("Conv2d", "dilation", options.dilation ?? 1, 1);
    this.groups = groups;
    const shape = [outChannels, inChannels / groups, ...this.kernelSize];
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
    const { bias, stride, padding, dilation, groups } = this;
    return conv2d(x, this.weight, { bias: bias ?? undefined, stride, padding, dilation, groups });
  }

  /** Channels, kernel size and stride, and what differs from the default, as PyTorch prints it. */
  override extraRepr(): string {
    const parts = [
      `${this.inChannels}`,
      `${this.outChannels}`,
      `kernel_size=${tuple(this.kernelSize)}`,
      `stride=${tuple(this.stride)}`,
    ];
    if (typeof this.padding === "string") parts.push(`padding=${this.padding}`);
    else if (tuple(this.padding) !== "(0, 0)") parts.push(`padding=${tuple(this.padding)}`);
    if (tuple(this.dilation) !== "(1, 1)") parts.push(`dilation=${tuple(this.dilation)}`);
    if (this.groups !== 1) parts.push(`groups=${this.groups}`);
    if (!this.bias) parts.push("bias=False");
    return parts.join(", ");
  }
}
