/**
 * Flattening as a layer.
 *
 * @module
 */
import { signature } from "../../ops/core/signature.ts";
import { Module } from "../module.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { list } from "../repr.ts";
import { flatten, type FlattenOptions, unflatten } from "../../ops/shape/flatten.ts";
import { DIM, listOf, whole } from "../../ops/core/kinds.ts";

const takes = signature<FlattenOptions>("make Flatten", {}, { startDim: DIM, endDim: DIM }, "startDim");

/**
 * Merges dimensions into one; all but the first unless told otherwise.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(new nn.Flatten().forward(zeros([2, 16, 5, 5])).shape, [2, 400]);
 * ```
 */
export class Flatten extends Module {
  /** First dimension to merge. */
  readonly startDim: number;
  /** Last dimension to merge. */
  readonly endDim: number;

  /**
   * Makes a layer.
   *
   * @param options Which dimensions to merge, from 1 to the last unless given. `startDim` may stand alone.
   */
  constructor(options: FlattenOptions | number = {}) {
    super();
    options = takes(arguments);
    this.startDim = options.startDim ?? 1;
    this.endDim = options.endDim ?? -1;
  }

  /**
   * Applies the layer. No data moves.
   *
   * @param x A tensor that has the dimensions.
   * @returns A tensor over the same memory.
   */
  override forward(x: Tensor): Tensor {
    return flatten(x, { startDim: this.startDim, endDim: this.endDim });
  }

  /** The dimensions, as PyTorch prints them. */
  override extraRepr(): string {
    return `start_dim=${this.startDim}, end_dim=${this.endDim}`;
  }
}

const takesUnflatten = signature("make Unflatten", {
  dim: DIM,
  unflattenedSize: listOf(whole(-1), "whole numbers from -1 up"),
});

/**
 * Splits a dimension into several. No data moves.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(new nn.Unflatten(1, [2, 3]).forward(zeros([4, 6])).shape, [4, 2, 3]);
 * ```
 */
export class Unflatten extends Module {
  /** The dimension. */
  readonly dim: number;
  /** The sizes that it becomes. */
  readonly unflattenedSize: readonly number[];

  /**
   * Makes a layer.
   *
   * @param dim The dimension; negative ones count from the end.
   * @param unflattenedSize The sizes that it becomes; one of them may be -1.
   */
  constructor(dim: number, unflattenedSize: readonly number[]) {
    super();
    takesUnflatten(arguments);
    this.dim = dim;
    this.unflattenedSize = [...unflattenedSize];
  }

  /**
   * Applies the layer.
   *
   * @param x A tensor that has the dimension.
   * @returns A tensor over the same memory.
   */
  override forward(x: Tensor): Tensor {
    return unflatten(x, this.dim, this.unflattenedSize);
  }

  /** Dimension and sizes, as PyTorch prints them. */
  override extraRepr(): string {
    return `dim=${this.dim}, unflattened_size=${list(this.unflattenedSize)}`;
  }
}
