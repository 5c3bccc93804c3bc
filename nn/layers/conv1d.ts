/**
 * Convolutions of sequences.
 *
 * @module
 */
import { signature } from "../../ops/core/signature.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { Module, type Parameter, parameter } from "../module.ts";
import { calculateFans, kaimingUniform, uniform } from "../init.ts";
import { conv1d, convTranspose1d } from "../../ops/convolution/conv1d.ts";
import { BOOLEAN, either, oneOf, whole } from "../../ops/core/kinds.ts";
import { empty } from "../../ops/core/tensor/create.ts";

const CHANNELS = { inChannels: whole(1), outChannels: whole(1), kernelSize: whole(1) };

function expectGroups(name: string, inChannels: number, outChannels: number, groups: number): void {
  if (inChannels % groups === 0 && outChannels % groups === 0) return;
  throw new RangeError(
    `Cannot make ${name} as groups must divide inChannels ${inChannels} and outChannels ${outChannels}: ${groups}`,
  );
}

/** What PyTorch prints of a layer. */
function described(
  layer: { inChannels: number; outChannels: number; kernelSize: number; bias: unknown },
  options: {
    stride?: number;
    padding?: number | string;
    outputPadding?: number;
    dilation?: number;
    groups?: number;
  },
): string {
  const { stride = 1, padding = 0, outputPadding = 0, dilation = 1, groups = 1 } = options;
  return [
    `${layer.inChannels}, ${layer.outChannels}, kernel_size=(${layer.kernelSize},), stride=(${stride},)`,
    ...(padding === 0 ? [] : [`padding=${typeof padding === "string" ? padding : `(${padding},)`}`]),
    ...(dilation === 1 ? [] : [`dilation=(${dilation},)`]),
    ...(outputPadding === 0 ? [] : [`output_padding=(${outputPadding},)`]),
    ...(groups === 1 ? [] : [`groups=${groups}`]),
    ...(layer.bias ? [] : ["bias=False"]),
  ].join(", ");
}

/** Options of {@linkcode Conv1d}. */
export interface Conv1dLayerOptions {
  /** Stride of the window, 1 unless given. */
  stride?: number;
  /** Zeros added on each side, 0 unless given; "same" keeps the size at stride 1, "valid" adds none. */
  padding?: number | "same" | "valid";
  /** Distance of the window's elements, 1 unless given. */
  dilation?: number;
  /** Into how many groups the channels fall, 1 unless given. */
  groups?: number;
  /** Whether a bias is added, true unless given. */
  bias?: boolean;
}

const takesConv1d = signature<Conv1dLayerOptions>("make Conv1d", CHANNELS, {
  stride: whole(1),
  padding: either(whole(0), oneOf("same", "valid")),
  dilation: whole(1),
  groups: whole(1),
  bias: BOOLEAN,
});

/**
 * Convolves sequences with kernels that it learns. `weight` is `[outChannels, inChannels / groups, k]`,
 * `bias` `[outChannels]`; both begin uniform within `± 1 / sqrt(inChannels k / groups)`.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(new nn.Conv1d(2, 4, 3).forward(zeros([1, 2, 9])).shape, [1, 4, 7]);
 * ```
 */
export class Conv1d extends Module {
  /** Channels of the input. */
  readonly inChannels: number;
  /** Channels of the output. */
  readonly outChannels: number;
  /** Length of the window. */
  readonly kernelSize: number;
  /** The other options. */
  readonly options: Readonly<Omit<Conv1dLayerOptions, "bias">>;
  /** The kernels. */
  weight: Parameter;
  /** The bias, `[outChannels]`, or null. */
  bias: Parameter | null;

  /**
   * Makes a layer with new parameters.
   *
   * @param inChannels Channels of the input.
   * @param outChannels Channels of the output.
   * @param kernelSize Length of the window.
   * @param options Stride, padding, dilation, groups, bias.
   * @throws {RangeError} If the groups do not divide the channels.
   */
  constructor(inChannels: number, outChannels: number, kernelSize: number, options: Conv1dLayerOptions = {}) {
    super();
    takesConv1d(arguments);
    const { bias = true, ...rest } = options, { groups = 1 } = rest;
    expectGroups("Conv1d", inChannels, outChannels, groups);
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = kernelSize;
    this.options = rest;
    const shape = [outChannels, inChannels / groups, kernelSize];
    this.weight = parameter(() => kaimingUniform(empty(shape), { a: Math.sqrt(5) }));
    const bound = 1 / Math.sqrt(calculateFans(this.weight).fanIn);
    this.bias = bias ? parameter(() => uniform(empty([outChannels]), { a: -bound, b: bound })) : null;
  }

  /**
   * Applies the layer.
   *
   * @param x `[n, inChannels, l]`.
   * @returns `[n, outChannels, l']`.
   */
  override forward(x: Tensor): Tensor {
    return conv1d(x, this.weight, { ...this.options, bias: this.bias ?? undefined });
  }

  /** Channels, window and stride, and what differs from the default, as PyTorch prints it. */
  override extraRepr(): string {
    return described(this, this.options);
  }
}

/** Options of {@linkcode ConvTranspose1d}. */
export interface ConvTranspose1dLayerOptions {
  /** Stride of the window, in the output, 1 unless given. */
  stride?: number;
  /** What is cut off on each side of the output, 0 unless given. */
  padding?: number;
  /** What is added at the end of the output, 0 unless given. */
  outputPadding?: number;
  /** Distance of the window's elements, 1 unless given. */
  dilation?: number;
  /** Into how many groups the channels fall, 1 unless given. */
  groups?: number;
  /** Whether a bias is added, true unless given. */
  bias?: boolean;
}

const takesConvTranspose1d = signature<ConvTranspose1dLayerOptions>("make ConvTranspose1d", CHANNELS, {
  stride: whole(1),
  padding: whole(0),
  outputPadding: whole(0),
  dilation: whole(1),
  groups: whole(1),
  bias: BOOLEAN,
});

/**
 * Spreads sequences with kernels that it learns. `weight` is `[inChannels, outChannels / groups, k]`,
 * `bias` `[outChannels]`; both begin uniform within `± 1 / sqrt(outChannels k / groups)`.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(new nn.ConvTranspose1d(2, 4, 3).forward(zeros([1, 2, 9])).shape, [1, 4, 11]);
 * ```
 */
export class ConvTranspose1d extends Module {
  /** Channels of the input. */
  readonly inChannels: number;
  /** Channels of the output. */
  readonly outChannels: number;
  /** Length of the window. */
  readonly kernelSize: number;
  /** The other options. */
  readonly options: Readonly<Omit<ConvTranspose1dLayerOptions, "bias">>;
  /** The kernels. */
  weight: Parameter;
  /** The bias, `[outChannels]`, or null. */
  bias: Parameter | null;

  /**
   * Makes a layer with new parameters.
   *
   * @param inChannels Channels of the input.
   * @param outChannels Channels of the output.
   * @param kernelSize Length of the window.
   * @param options Stride, padding, dilation, groups, bias.
   * @throws {RangeError} If the groups do not divide the channels.
   */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number,
    options: ConvTranspose1dLayerOptions = {},
  ) {
    super();
    takesConvTranspose1d(arguments);
    const { bias = true, ...rest } = options, { groups = 1 } = rest;
    expectGroups("ConvTranspose1d", inChannels, outChannels, groups);
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = kernelSize;
    this.options = rest;
    const shape = [inChannels, outChannels / groups, kernelSize];
    this.weight = parameter(() => kaimingUniform(empty(shape), { a: Math.sqrt(5) }));
    const bound = 1 / Math.sqrt(calculateFans(this.weight).fanIn);
    this.bias = bias ? parameter(() => uniform(empty([outChannels]), { a: -bound, b: bound })) : null;
  }

  /**
   * Applies the layer.
   *
   * @param x `[n, inChannels, l]`.
   * @returns `[n, outChannels, l']`.
   */
  override forward(x: Tensor): Tensor {
    return convTranspose1d(x, this.weight, { ...this.options, bias: this.bias ?? undefined });
  }

  /** Channels, window and stride, and what differs from the default, as PyTorch prints it. */
  override extraRepr(): string {
    return described(this, this.options);
  }
}
