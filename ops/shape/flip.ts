/**
 * Reversing the order along dimensions. The gradient is reversed in the same way.
 *
 * @module
 */
import { differentiable } from "../core/autograd/autograd.ts";
import { takeSlice } from "../core/families/movement.ts";
import { normalDims } from "../core/shape.ts";
import { numbersOf, signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import { takenBy } from "../core/tensor/origin.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { DIM, listOf } from "../core/kinds.ts";

const takes = signature("apply flip", { x: TENSOR, dims: listOf(DIM, "whole numbers") });

/**
 * Reverses the order of the elements along some dimensions.
 *
 * @param x A tensor of any shape.
 * @param dims Dimension or dimensions to reverse; negative ones count from the end. An empty list reverses none.
 * @returns A new tensor of the same shape.
 * @throws {RangeError} If a dimension does not exist or is named twice.
 *
 * @example Usage
 * ```ts
 * import { flip, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await flip(tensor([[1, 2], [3, 4]]), [1]).toArray(), [[2, 1], [4, 3]]);
 * ```
 */
export function flip(
  x: Tensor,
  ...dims: number[] | [dims: number | readonly number[]]
): Tensor {
  const given = numbersOf(dims);
  takes([x, given]);
  const reversed = given.length === 0 ? [] : normalDims("flip", given, x.shape.length);
  const slice = {
    start: x.shape.map((size, d) => (reversed.includes(d) ? size - 1 : 0)),
    step: x.shape.map((_, d) => (reversed.includes(d) ? -1 : 1)),
    shape: x.shape,
  };
  return differentiable("flip", takenBy("flip", takeSlice("flip", x, slice)), [x], {
    gradient: (dy) => [takeSlice("flip gradient", dy, slice)],
  });
}
