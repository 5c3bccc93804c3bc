/**
 * The pooling layers.
 *
 * @module
 */
import { signature } from "../../ops/core/signature.ts";
import { Module } from "../module.ts";
import { bool, numberOrTuple } from "../repr.ts";
import { adaptiveAvgPool2d, type AdaptiveSize } from "../../ops/pooling/adaptive_avg_pool2d.ts";
import { avgPool2d } from "../../ops/pooling/avg_pool2d.ts";
import type { Pair } from "../../ops/core/shape.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { maxPool2d } from "../../ops/pooling/max_pool2d.ts";
import { ADAPTIVE_SIZE } from "../../ops/pooling/adaptive_size.ts";
import { BOOLEAN, wholeOrTwo } from "../../ops/core/kinds.ts";

/** Options of {@linkcode MaxPool2d}. */
export interface MaxPool2dLayerOptions {
  /** Stride of the window; the size of the window unless given. */
  stride?: number | Pair;
  /** Places of minus infinity added on each side, 0 unless given; at most half the window. */
  padding?: number | Pair;
  /** Distance of the window's elements, 1 unless given. */
  dilation?: number | Pair;
  /** Whether a last, incomplete window counts, false unless given. */
  ceilMode?: boolean;
}

/** Options of {@linkcode AvgPool2d}. */
export interface AvgPool2dLayerOptions {
  /** Stride of the window; the size of the window unless given. */
  stride?: number | Pair;
  /** Zeros added on each side, 0 unless given; at most half the window. */
  padding?: number | Pair;
  /** Whether a last, incomplete window counts, false unless given. */
  ceilMode?: boolean;
  /** Whether the zeros count in the mean, true unless given. */
  countIncludePad?: boolean;
}

const takesMax = signature<MaxPool2dLayerOptions>("make MaxPool2d", { kernelSize: wholeOrTwo(1) }, {
  stride: wholeOrTwo(1),
  padding: wholeOrTwo(0),
  dilation: wholeOrTwo(1),
  ceilMode: BOOLEAN,
});

/**
 * Takes the largest value of each window, channel by channel.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(new nn.MaxPool2d(2).forward(zeros([1, 6, 28, 28])).shape, [1, 6, 14, 14]);
 * ```
 */
export class MaxPool2d extends Module {
  /** Height and width of the window; a number for both. */
  readonly kernelSize: number | Pair;
  /** Stride of the window. */
  readonly stride: number | Pair;
  /** The other options. */
  readonly options: MaxPool2dLayerOptions;

  /**
   * Makes a layer.
   *
   * @param kernelSize Height and width of the window; a number for both.
   * @param options Stride, padding, dilation, ceil mode.
   */
  constructor(kernelSize: number | Pair, options: MaxPool2dLayerOptions = {}) {
    super();
    takesMax(arguments);
    this.kernelSize = kernelSize;
    this.stride = options.stride ?? kernelSize;
    this.options = options;
  }

  /**
   * Applies the layer.
   *
   * @param x `[n, c, h, w]`.
   * @returns `[n, c, h', w']`.
   */
  override forward(x: Tensor): Tensor {
    return maxPool2d(x, { ...this.options, kernelSize: this.kernelSize, stride: this.stride });
  }

  /** Every option, as PyTorch prints it. */
  override extraRepr(): string {
    const { padding = 0, dilation = 1, ceilMode = false } = this.options;
    return `kernel_size=${numberOrTuple(this.kernelSize)}, stride=${numberOrTuple(this.stride)}, ` +
      `padding=${numberOrTuple(padding)}, dilation=${numberOrTuple(dilation)}, ceil_mode=${bool(ceilMode)}`;
  }
}

const takesAvg = signature<AvgPool2dLayerOptions>("make AvgPool2d", { kernelSize: wholeOrTwo(1) }, {
  stride: wholeOrTwo(1),
  padding: wholeOrTwo(0),
  ceilMode: BOOLEAN,
  countIncludePad: BOOLEAN,
});

/**
 * Takes the mean of each window, channel by channel.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([[[[1, 2], [3, 6]]]]);
 * assertEquals(await new nn.AvgPool2d(2).forward(x).item(), 3);
 * ```
 */
export class AvgPool2d extends Module {
  /** Height and width of the window; a number for both. */
  readonly kernelSize: number | Pair;
  /** Stride of the window. */
  readonly stride: number | Pair;
  /** The other options. */
  readonly options: AvgPool2dLayerOptions;

  /**
   * Makes a layer.
   *
   * @param kernelSize Height and width of the window; a number for both.
   * @param options Stride, padding, ceil mode, whether padding counts.
   */
  constructor(kernelSize: number | Pair, options: AvgPool2dLayerOptions = {}) {
    super();
    takesAvg(arguments);
    this.kernelSize = kernelSize;
    this.stride = options.stride ?? kernelSize;
    this.options = options;
  }

  /**
   * Applies the layer.
   *
   * @param x `[n, c, h, w]`.
   * @returns `[n, c, h', w']`.
   */
  override forward(x: Tensor): Tensor {
    return avgPool2d(x, { ...this.options, kernelSize: this.kernelSize, stride: this.stride });
  }

  /** Window, stride and padding, as PyTorch prints it. */
  override extraRepr(): string {
    return `kernel_size=${numberOrTuple(this.kernelSize)}, stride=${numberOrTuple(this.stride)}, ` +
      `padding=${numberOrTuple(this.options.padding ?? 0)}`;
  }
}

const takesAdaptive = signature("make AdaptiveAvgPool2d", { outputSize: ADAPTIVE_SIZE });

/**
 * Takes means over windows that are chosen so that the result has a given size, channel by channel.
 *
 * Row j of h' is the mean of the rows from `floor(j h / h')` to `ceil((j + 1) h / h')`, and so for columns.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(new nn.AdaptiveAvgPool2d(1).forward(zeros([2, 64, 7, 5])).shape, [2, 64, 1, 1]);
 * ```
 */
export class AdaptiveAvgPool2d extends Module {
  /** Height and width of the result; a number for both, null for that of the input. */
  readonly outputSize: AdaptiveSize;

  /**
   * Makes a layer.
   *
   * @param outputSize Height and width of the result; a number for both, null for that of the input.
   */
  constructor(outputSize: AdaptiveSize) {
    super();
    takesAdaptive(arguments);
    this.outputSize = outputSize;
  }

  /**
   * Applies the layer.
   *
   * @param x `[n, c, h, w]`.
   * @returns `[n, c, h', w']`.
   */
  override forward(x: Tensor): Tensor {
    return adaptiveAvgPool2d(x, { outputSize: this.outputSize });
  }

  /** The size of the result, as PyTorch prints it. */
  override extraRepr(): string {
    const { outputSize } = this, show = (size: number | null) => `${size ?? "None"}`;
    if (outputSize === null || typeof outputSize === "number") return `output_size=${show(outputSize)}`;
    return `output_size=(${outputSize.map(show).join(", ")})`;
  }
}
