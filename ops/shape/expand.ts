/**
 * Repeating dimensions of size 1. The gradient is the sum over what was repeated.
 *
 * @module
 */
import { differentiable } from "../core/autograd/autograd.ts";
import { expandTo } from "../core/families/movement.ts";
import { sumTo } from "../core/families/reduce.ts";
import { show } from "../core/shape.ts";
import { numbersOf, signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import { takenBy } from "../core/tensor/origin.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { listOf, whole } from "../core/kinds.ts";

const takes = signature("apply expand", { x: TENSOR, size: listOf(whole(-1), "whole numbers from -1 up") });

/**
 * Repeats `x` along its dimensions of size 1, and along new ones in front, as broadcasting does.
 *
 * Elementwise operations broadcast by themselves, which spares the copy that this makes.
 *
 * @param x A tensor of any shape.
 * @param size The new shape; -1 keeps the size of a dimension that `x` has.
 * @returns A new tensor, contiguous.
 * @throws {RangeError} If a dimension of another size than 1 would change, or `size` has fewer dimensions than `x`.
 *
 * @example Usage
 * ```ts
 * import { expand, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await expand(tensor([[1], [2]]), [-1, 3]).toArray(), [[1, 1, 1], [2, 2, 2]]);
 * ```
 */
export function expand(
  x: Tensor,
  ...size: number[] | [size: readonly number[]]
): Tensor {
  const given = numbersOf(size);
  takes([x, given]);
  const lead = given.length - x.shape.length;
  const shape = given.map((wanted, d) => (wanted === -1 && d >= lead ? x.shape[d - lead]! : wanted));
  const fits = lead >= 0 && shape.every((s, d) =>
    s >= 0 &&
    (d < lead || x.shape[d - lead] === 1 || x.shape[d - lead] === s)
  );
  if (!fits) {
    throw new RangeError(
      `Cannot apply expand as only sizes of 1 can grow and new dimensions come first: size ${
        show(given)
      }, x has shape ${show(x.shape)}`,
    );
  }
  return differentiable("expand", takenBy("expand", expandTo(x, shape)), [x], {
    gradient: (dy) => [sumTo(dy, x.shape)],
  });
}
