/**
 * Equality, with broadcasting.
 *
 * @module
 */
import { defineBinary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { OPERAND } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

const op = defineBinary({
  name: "eq",
  forward: { float32: "equalf(a, b)", int32: "a == b", bool: "a == b" },
  result: "bool",
});

const takes = signature("apply eq", { a: OPERAND, b: OPERAND });

/**
 * Compares element by element: true where the operands are equal. NaN equals nothing.
 *
 * @param a A tensor, or a number if `b` is a tensor.
 * @param b A tensor whose shape broadcasts with that of `a`, or a number.
 * @returns A bool tensor of the broadcast shape.
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example Usage
 * ```ts
 * import { eq, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await eq(tensor([1, 2, 3]), tensor([1, 5, 3])).toArray(), [true, false, true]);
 * ```
 */
export function eq(a: Tensor | number, b: Tensor | number): Tensor {
  takes(arguments);
  return op(a, b);
}
