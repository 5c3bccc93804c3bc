/**
 * Resizing images as a layer.
 *
 * @module
 */
import { signature } from "../../ops/core/signature.ts";
import { Module } from "../module.ts";
import { float, numberOrTuple } from "../repr.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { interpolate, type InterpolateOptions } from "../../ops/sampling/interpolate.ts";
import { expectOneSize } from "../../ops/sampling/one_size.ts";
import { BOOLEAN, either, listOf, NUMBER, oneOf, wholeOrTwo } from "../../ops/core/kinds.ts";

const takes = signature<InterpolateOptions>("make Upsample", {}, {
  size: wholeOrTwo(1),
  scaleFactor: either(NUMBER, listOf(NUMBER, "numbers", 2)),
  mode: oneOf("nearest", "bilinear"),
  alignCorners: BOOLEAN,
}, ["size", "scaleFactor"]);

/**
 * Resizes images, to a size or by a factor, to nearest neighbours or bilinearly; see `interpolate`.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const up = new nn.Upsample({ scaleFactor: 2, mode: "bilinear" });
 * assertEquals(up.forward(zeros([1, 8, 14, 14])).shape, [1, 8, 28, 28]);
 * ```
 */
export class Upsample extends Module {
  /** The new size and how it is reached. */
  readonly options: InterpolateOptions;

  /**
   * Makes a layer.
   *
   * @param options The new size, or the factor, and how it is reached.
   */
  constructor(options: InterpolateOptions) {
    super();
    takes(arguments);
    expectOneSize("make Upsample", options);
    this.options = options;
  }

  /**
   * Applies the layer.
   *
   * @param x `[n, c, h, w]`.
   * @returns `[n, c, h', w']`.
   */
  override forward(x: Tensor): Tensor {
    return interpolate(x, this.options);
  }

  /** Factor or size, and mode, as PyTorch prints them. */
  override extraRepr(): string {
    const { size, scaleFactor, mode = "nearest" } = this.options;
    const how = scaleFactor === undefined
      ? `size=${numberOrTuple(size!)}`
      : `scale_factor=${numberOrTuple(scaleFactor, float)}`;
    return `${how}, mode=${mode}`;
  }
}
