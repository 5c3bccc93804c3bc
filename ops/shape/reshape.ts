/**
 * Other shapes over the same elements.
 *
 * @module
 */
import { show, sizeOf } from "../core/shape.ts";
import { numbersOf, signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { formOf } from "./view_as.ts";
import { listOf, whole } from "../core/kinds.ts";

const takes = signature("apply reshape", { x: TENSOR, shape: listOf(whole(-1), "whole numbers from -1 up") });

/**
 * Gives `x` another shape with as many elements, in row-major order. No data moves: the memory is shared.
 *
 * @param x A tensor of any shape.
 * @param shape The new shape; one size may be -1 and is inferred.
 * @returns A tensor over the same memory.
 * @throws {RangeError} If the number of elements differs.
 *
 * @example Usage
 * ```ts
 * import { openDevice, reshape, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await reshape(tensor([1, 2, 3, 4]), [2, -1]).toArray(), [[1, 2], [3, 4]]);
 * ```
 */
export function reshape(
  x: Tensor,
  ...shape: number[] | [shape: readonly number[]]
): Tensor {
  const given = numbersOf(shape);
  takes([x, given]);
  return formOf("reshape", x, inferShape(x, given));
}

function inferShape(x: Tensor, shape: readonly number[]): number[] {
  const unknown = shape.indexOf(-1);
  const known = sizeOf(shape.filter((_, d) => d !== unknown));
  const fits = shape.every((size, d) => d === unknown || (Number.isInteger(size) && size >= 0));
  const inferred = unknown < 0 ? 1 : x.size / known;
  if (!fits || !Number.isInteger(inferred) || known * inferred !== x.size) {
    throw new RangeError(
      `Cannot apply reshape as ${show(shape)} must have the ${x.size} elements of x: x has shape ${
        show(x.shape)
      }`,
    );
  }
  return shape.map((size, d) => (d === unknown ? inferred : size));
}
