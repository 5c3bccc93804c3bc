/**
 * Addition, `y = a + b`, with broadcasting.
 *
 * @module
 */
import { defineBinary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { OPERAND } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

const op = defineBinary({
  name: "add",
  forward: { float32: "a + b", int32: "a + b", bool: "a || b" },
  gradient: { a: "dy", b: "dy" },
});

const takes = signature("apply add", { a: OPERAND, b: OPERAND });

/**
 * Adds two tensors, or a tensor and a number.
 *
 * @param a A tensor, or a number if `b` is a tensor.
 * @param b A tensor whose shape broadcasts with that of `a`, or a number.
 * @returns A tensor of the broadcast shape.
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example Usage
 * ```ts
 * import { add, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await add(tensor([[1, 2], [3, 4]]), tensor([10, 20])).toArray(), [[11, 22], [13, 24]]);
 * ```
 */
export function add(a: Tensor | number, b: Tensor | number): Tensor {
  takes(arguments);
  return op(a, b);
}
