/**
 * A value in the place of what a mask selects; no gradient flows there.
 *
 * @module
 */
import { composed } from "../core/composed.ts";
import { signature } from "../core/signature.ts";
import { cast } from "../core/tensor/compute.ts";
import { full } from "../core/tensor/create.ts";
import { OPERAND, TENSOR, tensorOf } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { where } from "../pointwise/where.ts";
import { show } from "../core/shape.ts";

const takes = signature("apply maskedFill", { x: TENSOR, mask: tensorOf("bool"), value: OPERAND });

/**
 * Puts a value in the place of every element at which a mask holds.
 *
 * @param x A tensor of any shape.
 * @param mask A bool tensor that broadcasts with `x`.
 * @param value A number, or a tensor of one element without dimensions, to which a gradient flows. It
 *   is converted to the type of `x`.
 * @returns A tensor of the broadcast shape.
 * @throws {RangeError} If the shapes do not broadcast, or `value` has dimensions.
 * @throws {TypeError} If `mask` is not bool.
 *
 * @example Usage
 * ```ts
 * import { maskedFill, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([1, -2, 3]);
 * assertEquals(await maskedFill(x, x.lt(0), 0).toArray(), [1, 0, 3]);
 * ```
 */
export function maskedFill(x: Tensor, mask: Tensor, value: Tensor | number): Tensor {
  takes(arguments);
  if (typeof value !== "number" && value.shape.length > 0) {
    throw new RangeError(
      `Cannot apply maskedFill as value must have no dimensions: it has shape ${show(value.shape)}`,
    );
  }
  return composed(() =>
    where(mask, typeof value === "number" ? full([], value, { dtype: x.dtype }) : cast(value, x.dtype), x)
  );
}
