/**
 * Poolings of sequences, to a given size, and back.
 *
 * @module
 */
import { signature } from "../../ops/core/signature.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { Module } from "../module.ts";
import { bool, numberOrTuple, tuple } from "../repr.ts";
import { BOOLEAN, whole, wholeOrTwo } from "../../ops/core/kinds.ts";
import type { Pair } from "../../ops/core/shape.ts";
import type { AdaptiveSize } from "../../ops/pooling/adaptive_avg_pool2d.ts";
import {
  adaptiveMaxPool2d,
  maxUnpool2d,
  type MaxUnpool2dOptions,
} from "../../ops/pooling/adaptive_max_pool2d.ts";
import { ADAPTIVE_SIZE } from "../../ops/pooling/adaptive_size.ts";
import {
  avgPool1d,
  type AvgPool1dOptions,
  maxPool1d,
  type MaxPool1dOptions,
} from "../../ops/pooling/pool1d.ts";

function printed(
  kernelSize: number,
  { stride = kernelSize, padding = 0 }: { stride?: number; padding?: number },
  one: (v: number) => string,
): string {
  return `kernel_size=${one(kernelSize)}, stride=${one(stride)}, padding=${one(padding)}`;
}

const takesMaxPool1d = signature<Omit<MaxPool1dOptions, "kernelSize">>("make MaxPool1d", {
  kernelSize: whole(1),
}, { stride: whole(1), padding: whole(0), dilation: whole(1), ceilMode: BOOLEAN });

/**
 * Takes the largest value of each window of a sequence.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await new nn.MaxPool1d(2).forward(tensor([[[1, 3, 2, 0]]])).toArray(), [[[3, 2]]]);
 * ```
 */
export class MaxPool1d extends Module {
  /** Length of the window. */
  readonly kernelSize: number;
  /** The other options. */
  readonly options: Readonly<Omit<MaxPool1dOptions, "kernelSize">>;

  /**
   * Makes a layer.
   *
   * @param kernelSize Length of the window.
   * @param options Stride, padding, dilation, ceil mode.
   */
  constructor(kernelSize: number, options: Omit<MaxPool1dOptions, "kernelSize"> = {}) {
    super();
    takesMaxPool1d(arguments);
    this.kernelSize = kernelSize;
    this.options = options;
  }

  /**
   * Applies the layer.
   *
   * @param x `[n, c, l]`.
   * @returns `[n, c, l']`.
   */
  override forward(x: Tensor): Tensor {
    return maxPool1d(x, { ...this.options, kernelSize: this.kernelSize });
  }

  /** Every option, as PyTorch prints it. */
  override extraRepr(): string {
    return printed(this.kernelSize, this.options, String) +
      `, dilation=${this.options.dilation ?? 1}, ceil_mode=${bool(this.options.ceilMode ?? false)}`;
  }
}

const takesAvgPool1d = signature<Omit<AvgPool1dOptions, "kernelSize">>("make AvgPool1d", {
  kernelSize: whole(1),
}, { stride: whole(1), padding: whole(0), ceilMode: BOOLEAN, countIncludePad: BOOLEAN });

/**
 * Takes the mean of each window of a sequence.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await new nn.AvgPool1d(2).forward(tensor([[[1, 3, 2, 0]]])).toArray(), [[[2, 1]]]);
 * ```
 */
export class AvgPool1d extends Module {
  /** Length of the window. */
  readonly kernelSize: number;
  /** The other options. */
  readonly options: Readonly<Omit<AvgPool1dOptions, "kernelSize">>;

  /**
   * Makes a layer.
   *
   * @param kernelSize Length of the window.
   * @param options Stride, padding, ceil mode, whether padding counts.
   */
  constructor(kernelSize: number, options: Omit<AvgPool1dOptions, "kernelSize"> = {}) {
    super();
    takesAvgPool1d(arguments);
    this.kernelSize = kernelSize;
    this.options = options;
  }

  /**
   * Applies the layer.
   *
   * @param x `[n, c, l]`.
   * @returns `[n, c, l']`.
   */
  override forward(x: Tensor): Tensor {
    return avgPool1d(x, { ...this.options, kernelSize: this.kernelSize });
  }

  /** Window, stride and padding, as PyTorch prints them. */
  override extraRepr(): string {
    return printed(this.kernelSize, this.options, (v) => `(${v},)`);
  }
}

const takesAdaptiveMaxPool2d = signature("make AdaptiveMaxPool2d", { outputSize: ADAPTIVE_SIZE });

/**
 * Takes the largest value of each of so many windows that the result has a given size.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(new nn.AdaptiveMaxPool2d(2).forward(zeros([1, 3, 5, 7])).shape, [1, 3, 2, 2]);
 * ```
 */
export class AdaptiveMaxPool2d extends Module {
  /** Height and width of the result; a number for both, null for that of the input. */
  readonly outputSize: AdaptiveSize;

  /**
   * Makes a layer.
   *
   * @param outputSize Height and width of the result; a number for both, null for that of the input.
   */
  constructor(outputSize: AdaptiveSize) {
    super();
    takesAdaptiveMaxPool2d(arguments);
    this.outputSize = outputSize;
  }

  /**
   * Applies the layer.
   *
   * @param x `[n, c, h, w]`.
   * @returns `[n, c, h', w']`.
   */
  override forward(x: Tensor): Tensor {
    return adaptiveMaxPool2d(x, { outputSize: this.outputSize });
  }

  /** The size of the result, as PyTorch prints it. */
  override extraRepr(): string {
    return `output_size=${numberOrTuple(this.outputSize as number, (v) => `${v ?? "None"}`)}`;
  }
}

const takesMaxUnpool2d = signature<Pick<MaxUnpool2dOptions, "stride" | "padding">>("make MaxUnpool2d", {
  kernelSize: wholeOrTwo(1),
}, { stride: wholeOrTwo(1), padding: wholeOrTwo(0) });

/**
 * Puts maxima back to their places, with zeros elsewhere.
 *
 * @example Usage
 * ```ts
 * import { maxPool2d, nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const { values, indices } = maxPool2d(tensor([[[[1, 3, 2, 0]]]]), { kernelSize: [1, 2], returnIndices: true });
 * assertEquals(await new nn.MaxUnpool2d([1, 2]).forward(values, indices).toArray(), [[[[0, 3, 2, 0]]]]);
 * ```
 */
export class MaxUnpool2d extends Module {
  /** Height and width of the window; a number for both. */
  readonly kernelSize: number | Pair;
  /** The other options. */
  readonly options: Readonly<Pick<MaxUnpool2dOptions, "stride" | "padding">>;

  /**
   * Makes a layer.
   *
   * @param kernelSize Height and width of the window; a number for both.
   * @param options Stride and padding of the window.
   */
  constructor(kernelSize: number | Pair, options: Pick<MaxUnpool2dOptions, "stride" | "padding"> = {}) {
    super();
    takesMaxUnpool2d(arguments);
    this.kernelSize = kernelSize;
    this.options = options;
  }

  /**
   * Applies the layer.
   *
   * @param x Maxima `[n, c, h, w]`.
   * @param indices Their places, int32, of the same shape.
   * @param options Height and width of the result, where they are not the usual ones.
   * @returns `[n, c, h', w']`.
   */
  override forward(x: Tensor, indices: Tensor, options: Pick<MaxUnpool2dOptions, "outputSize"> = {}): Tensor {
    return maxUnpool2d(x, indices, { ...this.options, ...options, kernelSize: this.kernelSize });
  }

  /** Window, stride and padding, as PyTorch prints them. */
  override extraRepr(): string {
    return `kernel_size=${tuple(this.kernelSize)}, stride=${
      tuple(this.options.stride ?? this.kernelSize)
    }, ` +
      `padding=${tuple(this.options.padding ?? 0)}`;
  }
}
