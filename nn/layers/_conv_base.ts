/**
 * What the two-dimensional convolution layers share.
 *
 * @module
 */
import { calculateFans, kaimingUniform, uniform } from "../init.ts";
import { Module, type Parameter, parameter } from "../module.ts";
import { tuple } from "../repr.ts";
import { empty } from "../../ops/core/tensor/create.ts";
import { type Pair, pair } from "../../ops/core/shape.ts";

/** Options of convolution and transposed convolution alike. */
export interface ConvOptions {
  /** Stride of the window, 1 unless given; of a transposed convolution, in the output. */
  stride?: number | Pair;
  /** Distance of the window's elements, 1 unless given. */
  dilation?: number | Pair;
  /** Into how many groups the channels fall, 1 unless given. */
  groups?: number;
  /** Whether a bias is added, true unless given. */
  bias?: boolean;
}

/** The base of layers with a window of weights over images. */
export abstract class ConvBase extends Module {
  /** Channels of the input. */
  readonly inChannels: number;
  /** Channels of the output. */
  readonly outChannels: number;
  /** Height and width of the window. */
  readonly kernelSize: Pair;
  /** Stride of the window, down and across; of a transposed convolution, in the output. */
  readonly stride: Pair;
  /** Distance of the window's elements, down and across. */
  readonly dilation: Pair;
  /** Into how many groups the channels fall. */
  readonly groups: number;
  /** The kernels: channels of the output and of the input (of the input first where it is transposed), `kh`, `kw`. */
  weight: Parameter;
  /** The bias, `[outChannels]`, or null. */
  bias: Parameter | null;

  /** Checks the options and makes the parameters; the weight is `[first, second / groups, kh, kw]`. */
  constructor(
    name: string,
    channels: { readonly in: number; readonly out: number; readonly first: number; readonly second: number },
    kernelSize: number | Pair,
    options: ConvOptions,
  ) {
    super();
    const { groups = 1 } = options;
    if (channels.in % groups !== 0 || channels.out % groups !== 0) {
      throw new RangeError(
        `Cannot make ${name} as groups must divide inChannels ${channels.in} and outChannels ${channels.out}: ${groups}`,
      );
    }
    this.inChannels = channels.in;
    this.outChannels = channels.out;
    this.kernelSize = pair(kernelSize);
    this.stride = pair(options.stride ?? 1);
    this.dilation = pair(options.dilation ?? 1);
    this.groups = groups;
    const shape = [channels.first, channels.second / groups, ...this.kernelSize];
    this.weight = parameter(() => kaimingUniform(empty(shape), { a: Math.sqrt(5) }));
    const bound = 1 / Math.sqrt(calculateFans(this.weight).fanIn);
    this.bias = options.bias ?? true
      ? parameter(() => uniform(empty([channels.out]), { a: -bound, b: bound }))
      : null;
  }

  /** Channels, kernel size and stride, and what differs from the default, as PyTorch prints it. */
  protected describe(padding: string | Pair, outputPadding: Pair = [0, 0]): string {
    const parts = [
      `${this.inChannels}`,
      `${this.outChannels}`,
      `kernel_size=${tuple(this.kernelSize)}`,
      `stride=${tuple(this.stride)}`,
    ];
    const shown = typeof padding === "string" ? padding : tuple(padding);
    if (shown !== "(0, 0)") parts.push(`padding=${shown}`);
    if (tuple(this.dilation) !== "(1, 1)") parts.push(`dilation=${tuple(this.dilation)}`);
    if (tuple(outputPadding) !== "(0, 0)") parts.push(`output_padding=${tuple(outputPadding)}`);
    if (this.groups !== 1) parts.push(`groups=${this.groups}`);
    if (!this.bias) parts.push("bias=False");
    return parts.join(", ");
  }
}
