/**
 * Dropping and adding dimensions of size 1.
 *
 * @module
 */
import { normalDim, normalDims } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { formOf } from "./view_as.ts";
import { DIM, DIMS, optional } from "../core/kinds.ts";

const takesSqueeze = signature("apply squeeze", { x: TENSOR, dim: optional(DIMS) });

/**
 * Drops dimensions of size 1. No data moves: the memory is shared.
 *
 * @param x A tensor of any shape.
 * @param dim Dimension or dimensions to drop where their size is 1; all of them if absent. Negative ones count from the
 *   end.
 * @returns A tensor over the same memory.
 * @throws {RangeError} If a dimension does not exist.
 *
 * @example Usage
 * ```ts
 * import { openDevice, squeeze, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = zeros([1, 3, 1, 5]);
 * assertEquals(squeeze(x).shape, [3, 5]);
 * assertEquals(squeeze(x, 0).shape, [3, 1, 5]);
 * assertEquals(squeeze(x, 1).shape, [1, 3, 1, 5]);
 * ```
 */
export function squeeze(x: Tensor, dim?: number | readonly number[]): Tensor {
  takesSqueeze(arguments);
  const isNone = typeof dim === "object" && dim.length === 0;
  const dims = isNone ? [] : normalDims("squeeze", dim, x.shape.length);
  return formOf("squeeze", x, x.shape.filter((size, d) => size !== 1 || !dims.includes(d)));
}

const takesUnsqueeze = signature("apply unsqueeze", { x: TENSOR, dim: DIM });

/**
 * Adds a dimension of size 1. No data moves: the memory is shared.
 *
 * @param x A tensor of any shape.
 * @param dim Where the new dimension stands in the result; -1 adds it at the end.
 * @returns A tensor over the same memory.
 * @throws {RangeError} If `dim` is not a place in the result.
 *
 * @example Usage
 * ```ts
 * import { openDevice, unsqueeze, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(unsqueeze(zeros([3, 5]), 1).shape, [3, 1, 5]);
 * assertEquals(unsqueeze(zeros([3, 5]), -1).shape, [3, 5, 1]);
 * ```
 */
export function unsqueeze(x: Tensor, dim: number): Tensor {
  takesUnsqueeze(arguments);
  return formOf("unsqueeze", x, x.shape.toSpliced(normalDim("unsqueeze", dim, x.shape.length + 1), 0, 1));
}
