/**
 * Cutting a tensor into parts.
 *
 * @module
 */
import { sliceAlong } from "../core/families/movement.ts";
import { normalDim, show } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { cut } from "./_cut.ts";
import { DIM, either, listOf, whole } from "../core/kinds.ts";

const takes = signature<{ dim?: number }>(
  "apply split",
  {
    x: TENSOR,
    sizeOrSizes: either(whole(1), listOf(whole(0), "whole numbers from 0 up")),
  },
  { dim: DIM },
  "dim",
);

/**
 * Cuts a tensor into parts along a dimension.
 *
 * @param x A tensor of one dimension or more.
 * @param sizeOrSizes Size of the parts, of which the last may be smaller; or the size of each part.
 * @param options The dimension, 0 unless given; negative ones count from the end. `dim` may stand alone.
 * @returns The parts, new tensors in their order.
 * @throws {RangeError} If the dimension does not exist, or the sizes do not add up to its size.
 *
 * @example Usage
 * ```ts
 * import { openDevice, split, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const [a, b] = split(tensor([1, 2, 3, 4, 5]), 3);
 * assertEquals([await a.toArray(), await b.toArray()], [[1, 2, 3], [4, 5]]);
 * const [c, d] = split(tensor([[1, 2, 3]]), [1, 2], { dim: 1 });
 * assertEquals([await c.toArray(), await d.toArray()], [[[1]], [[2, 3]]]);
 * ```
 */
export function split(
  x: Tensor,
  sizeOrSizes: number | readonly number[],
  options: { dim?: number } | number = {},
): Tensor[] {
  options = takes(arguments);
  if (x.shape.length === 0) {
    throw new RangeError("Cannot apply split as x must have a dimension: it is a scalar");
  }
  const dim = normalDim("split", options.dim ?? 0, x.shape.length), whole = x.shape[dim]!;
  const sizes = typeof sizeOrSizes === "number" ? evenSizes(whole, sizeOrSizes) : sizeOrSizes;
  if (sizes.reduce((sum, size) => sum + size, 0) !== whole) {
    throw new RangeError(
      `Cannot apply split as the sizes must add up to ${whole}: ${show(sizes)} for x of shape ${
        show(x.shape)
      }`,
    );
  }
  let start = 0;
  return sizes.map((size) => {
    const part = cut("split", x, sliceAlong(x.shape, dim, start, size));
    start += size;
    return part;
  });
}

/** Sizes of `size`, the last of what is left; nothing is one part. */
function evenSizes(whole: number, size: number): number[] {
  const count = Math.max(1, Math.ceil(whole / size));
  return Array.from({ length: count }, (_, k) => Math.min(size, whole - k * size));
}
