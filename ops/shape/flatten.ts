/**
 * Merging neighbouring dimensions.
 *
 * @module
 */
import { normalDim, show, sizeOf } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { formOf } from "./view_as.ts";
import { DIM, listOf, whole } from "../core/kinds.ts";

/** Options of {@linkcode flatten}. */
export interface FlattenOptions {
  /** First dimension to merge, 0 unless given. */
  startDim?: number;
  /** Last dimension to merge, the last of all unless given. */
  endDim?: number;
}

const takes = signature<FlattenOptions>(
  "apply flatten",
  { x: TENSOR },
  { startDim: DIM, endDim: DIM },
  "startDim",
);

/**
 * Merges dimensions `startDim` to `endDim` into one. No data moves: the memory is shared.
 *
 * @param x A tensor of any shape; a scalar becomes `[1]`.
 * @param options Which dimensions to merge.
 * @returns A tensor over the same memory.
 * @throws {RangeError} If a dimension does not exist, or `startDim` comes after `endDim`.
 *
 * @example Usage
 * ```ts
 * import { flatten, openDevice, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(flatten(zeros([2, 3, 4, 5]), { startDim: 1 }).shape, [2, 60]);
 * ```
 */
export function flatten(x: Tensor, options: FlattenOptions | number = {}): Tensor {
  options = takes(arguments);
  const { shape } = x;
  if (shape.length === 0) return formOf("flatten", x, [1]);
  const start = normalDim("flatten", options.startDim ?? 0, shape.length);
  const end = normalDim("flatten", options.endDim ?? -1, shape.length);
  if (start > end) {
    throw new RangeError(
      `Cannot apply flatten as startDim must not come after endDim: ${start} and ${end} of x ${show(shape)}`,
    );
  }
  const merged = sizeOf(shape.slice(start, end + 1));
  return formOf("flatten", x, [...shape.slice(0, start), merged, ...shape.slice(end + 1)]);
}

const takesUnflatten = signature("apply unflatten", {
  x: TENSOR,
  dim: DIM,
  sizes: listOf(whole(-1), "whole numbers from -1 up"),
});

/**
 * Splits a dimension into several, over the same memory.
 *
 * @param x A tensor of one dimension or more.
 * @param dim The dimension; negative ones count from the end.
 * @param sizes The sizes that it becomes; one of them may be -1.
 * @returns The same elements in another shape.
 * @throws {RangeError} If the dimension does not exist, or the sizes do not multiply to its own.
 *
 * @example Usage
 * ```ts
 * import { openDevice, tensor, unflatten } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(unflatten(tensor([1, 2, 3, 4]), 0, [2, -1]).shape, [2, 2]);
 * ```
 */
export function unflatten(x: Tensor, dim: number, sizes: readonly number[]): Tensor {
  takesUnflatten(arguments);
  const { shape } = x, d = normalDim("unflatten", dim, shape.length), size = shape[d];
  const unknown = sizes.indexOf(-1), known = sizeOf(sizes.filter((_, k) => k !== unknown));
  const found = sizes.map((n, k) => (k === unknown ? (size ?? 0) / known : n));
  if (size === undefined || !found.every((n) => Number.isInteger(n) && n >= 0) || sizeOf(found) !== size) {
    throw new RangeError(
      `Cannot apply unflatten as sizes must multiply to that of dim ${dim}: ${show(sizes)} for x of shape ${
        show(shape)
      }`,
    );
  }
  return formOf("unflatten", x, shape.toSpliced(d, 1, ...found));
}
