/**
 * Multiplication, `y = a b`, element by element, with broadcasting.
 *
 * @module
 */
import { defineBinary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { OPERAND } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

const op = defineBinary({
  name: "mul",
  forward: { float32: "a * b", int32: "a * b", bool: "a && b" },
  gradient: { a: "dy * b", b: "dy * a" },
});

const takes = signature("apply mul", { a: OPERAND, b: OPERAND });

/**
 * Multiplies two tensors, or a tensor and a number.
 *
 * @param a A tensor, or a number if `b` is a tensor.
 * @param b A tensor whose shape broadcasts with that of `a`, or a number.
 * @returns A tensor of the broadcast shape.
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example Usage
 * ```ts
 * import { mul, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await mul(tensor([1, 2, 3]), tensor([4, 5, 6])).toArray(), [4, 10, 18]);
 * ```
 */
export function mul(a: Tensor | number, b: Tensor | number): Tensor {
  takes(arguments);
  return op(a, b);
}
