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
import { DIM } from "../core/kinds.ts";

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
