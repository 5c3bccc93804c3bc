/**
 * Reordering dimensions.
 *
 * @module
 */
import { normalDim, show } from "../core/shape.ts";
import { numbersOf, signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { reordered } from "./_reordered.ts";
import { DIM, listOf } from "../core/kinds.ts";

const takes = signature("apply permute", { x: TENSOR, dims: listOf(DIM, "whole numbers") });

/**
 * Puts the dimensions of `x` in another order.
 *
 * @param x A tensor of any shape.
 * @param dims For each dimension of the result, which one of `x` it is.
 * @returns A new tensor, contiguous.
 * @throws {RangeError} If `dims` is not a reordering of the dimensions of `x`.
 *
 * @example Usage
 * ```ts
 * import { openDevice, permute, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(permute(zeros([2, 3, 5]), [2, 0, 1]).shape, [5, 2, 3]);
 * ```
 */
export function permute(
  x: Tensor,
  ...dims: number[] | [dims: readonly number[]]
): Tensor {
  const given = numbersOf(dims);
  takes([x, given]);
  const rank = x.shape.length;
  if (given.length !== rank) throw notAPermutation(x, given);
  const order = given.map((d) => normalDim("permute", d, rank));
  if (new Set(order).size !== rank) throw notAPermutation(x, given);
  return reordered("permute", x, order);
}

function notAPermutation(x: Tensor, dims: readonly number[]): RangeError {
  return new RangeError(
    `Cannot apply permute as dims must name each dimension of x once: ${show(dims)} for x of shape ${
      show(x.shape)
    }`,
  );
}
