/**
 * Layers that arrange pixels anew.
 *
 * @module
 */
import { signature } from "../../ops/core/signature.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { Module } from "../module.ts";
import { numberOrTuple } from "../repr.ts";
import { fold, unfold, type UnfoldOptions } from "../../ops/convolution/unfold.ts";
import { whole, wholeOrTwo } from "../../ops/core/kinds.ts";
import type { Pair } from "../../ops/core/shape.ts";
import { pixelShuffle, pixelUnshuffle } from "../../ops/shape/pixel_shuffle.ts";

/** Options of {@linkcode Unfold} and {@linkcode Fold}. */
export type WindowOptions = Omit<UnfoldOptions, "kernelSize">;

function printed(
  kernelSize: number | Pair,
  { dilation = 1, padding = 0, stride = 1 }: WindowOptions,
): string {
  return `kernel_size=${numberOrTuple(kernelSize)}, dilation=${numberOrTuple(dilation)}, padding=${
    numberOrTuple(padding)
  }, stride=${numberOrTuple(stride)}`;
}

const takesUnfold = signature<WindowOptions>("make Unfold", { kernelSize: wholeOrTwo(1) }, {
  dilation: wholeOrTwo(1),
  padding: wholeOrTwo(0),
  stride: wholeOrTwo(1),
});

/**
 * Takes the windows of images apart: each becomes a column.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(new nn.Unfold(2).forward(zeros([1, 3, 4, 5])).shape, [1, 12, 12]);
 * ```
 */
export class Unfold extends Module {
  /** Height and width of the window; a number for both. */
  readonly kernelSize: number | Pair;
  /** The other options. */
  readonly options: Readonly<WindowOptions>;

  /**
   * Makes a layer.
   *
   * @param kernelSize Height and width of the window; a number for both.
   * @param options Dilation, padding, stride.
   */
  constructor(kernelSize: number | Pair, options: WindowOptions = {}) {
    super();
    takesUnfold(arguments);
    this.kernelSize = kernelSize;
    this.options = options;
  }

  /**
   * Applies the layer.
   *
   * @param x `[n, c, h, w]`.
   * @returns `[n, c kh kw, windows]`.
   */
  override forward(x: Tensor): Tensor {
    return unfold(x, { ...this.options, kernelSize: this.kernelSize });
  }

  /** Every option, as PyTorch prints it. */
  override extraRepr(): string {
    return printed(this.kernelSize, this.options);
  }
}

const takesFold = signature<WindowOptions>("make Fold", {
  outputSize: wholeOrTwo(1),
  kernelSize: wholeOrTwo(1),
}, { dilation: wholeOrTwo(1), padding: wholeOrTwo(0), stride: wholeOrTwo(1) });

/**
 * Adds columns up to images: where windows overlap they are added.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(new nn.Fold([4, 5], 2).forward(zeros([1, 12, 12])).shape, [1, 3, 4, 5]);
 * ```
 */
export class Fold extends Module {
  /** Height and width of the images; a number for both. */
  readonly outputSize: number | Pair;
  /** Height and width of the window; a number for both. */
  readonly kernelSize: number | Pair;
  /** The other options. */
  readonly options: Readonly<WindowOptions>;

  /**
   * Makes a layer.
   *
   * @param outputSize Height and width of the images; a number for both.
   * @param kernelSize Height and width of the window; a number for both.
   * @param options Dilation, padding, stride.
   */
  constructor(outputSize: number | Pair, kernelSize: number | Pair, options: WindowOptions = {}) {
    super();
    takesFold(arguments);
    this.outputSize = outputSize;
    this.kernelSize = kernelSize;
    this.options = options;
  }

  /**
   * Applies the layer.
   *
   * @param x `[n, c kh kw, windows]`.
   * @returns `[n, c, h, w]`.
   */
  override forward(x: Tensor): Tensor {
    return fold(x, { ...this.options, kernelSize: this.kernelSize, outputSize: this.outputSize });
  }

  /** Every option, as PyTorch prints it. */
  override extraRepr(): string {
    return `output_size=${numberOrTuple(this.outputSize)}, ${printed(this.kernelSize, this.options)}`;
  }
}

const takesPixelShuffle = signature("make PixelShuffle", { upscaleFactor: whole(1) });

/**
 * Makes images larger by the pixels that lie in their channels.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(new nn.PixelShuffle(2).forward(zeros([1, 8, 3, 3])).shape, [1, 2, 6, 6]);
 * ```
 */
export class PixelShuffle extends Module {
  /** How many times. */
  readonly upscaleFactor: number;

  /**
   * Makes a layer.
   *
   * @param upscaleFactor How many times.
   */
  constructor(upscaleFactor: number) {
    super();
    takesPixelShuffle(arguments);
    this.upscaleFactor = upscaleFactor;
  }

  /**
   * Applies the layer.
   *
   * @param x `[…, c, h, w]`.
   * @returns Images of another size.
   */
  override forward(x: Tensor): Tensor {
    return pixelShuffle(x, this.upscaleFactor);
  }

  /** `upscale_factor=…`, as PyTorch prints it. */
  override extraRepr(): string {
    return `upscale_factor=${this.upscaleFactor}`;
  }
}

const takesPixelUnshuffle = signature("make PixelUnshuffle", { downscaleFactor: whole(1) });

/**
 * Makes images smaller and puts their pixels into channels.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(new nn.PixelUnshuffle(2).forward(zeros([1, 2, 6, 6])).shape, [1, 8, 3, 3]);
 * ```
 */
export class PixelUnshuffle extends Module {
  /** How many times. */
  readonly downscaleFactor: number;

  /**
   * Makes a layer.
   *
   * @param downscaleFactor How many times.
   */
  constructor(downscaleFactor: number) {
    super();
    takesPixelUnshuffle(arguments);
    this.downscaleFactor = downscaleFactor;
  }

  /**
   * Applies the layer.
   *
   * @param x `[…, c, h, w]`.
   * @returns Images of another size.
   */
  override forward(x: Tensor): Tensor {
    return pixelUnshuffle(x, this.downscaleFactor);
  }

  /** `downscale_factor=…`, as PyTorch prints it. */
  override extraRepr(): string {
    return `downscale_factor=${this.downscaleFactor}`;
  }
}
