/**
 * Subtraction, `y = a - b`, with broadcasting.
 *
 * @module
 */
import { defineBinary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { OPERAND } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

const op = defineBinary({
  name: "sub",
  forward: { float32: "a - b", int32: "a - b" },
  gradient: { a: "dy", b: "-dy" },
});

const takes = signature("apply sub", { a: OPERAND, b: OPERAND });

/**
 * Subtracts the second operand from the first.
 *
 * @param a A tensor, or a number if `b` is a tensor.
 * @param b A tensor whose shape broadcasts with that of `a`, or a number.
 * @returns A tensor of the broadcast shape.
 * @throws {RangeError} If the shapes do not broadcast.
 * @throws {TypeError} If both are bool.
 *
 * @example Usage
 * ```ts
 * import { openDevice, sub, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await sub(tensor([5, 7]), 2).toArray(), [3, 5]);
 * ```
 */
export function sub(a: Tensor | number, b: Tensor | number): Tensor {
  takes(arguments);
  return op(a, b);
}
