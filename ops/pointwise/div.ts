/**
 * Division, `y = a / b`, with broadcasting; `dy/da = 1 / b`, `dy/db = -y / b`.
 *
 * @module
 */
import { defineBinary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { OPERAND } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

const op = defineBinary({
  name: "div",
  forward: "a / b",
  gradient: { a: "dy / b", b: "-dy * y / b" },
  promotes: true,
});

const takes = signature("apply div", { a: OPERAND, b: OPERAND });

/**
 * Divides the first operand by the second. Integers are divided as float32.
 *
 * @param a A tensor, or a number if `b` is a tensor.
 * @param b A tensor whose shape broadcasts with that of `a`, or a number.
 * @returns A float32 tensor of the broadcast shape.
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example Usage
 * ```ts
 * import { div, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await div(tensor([1, 3]), 2).toArray(), [0.5, 1.5]);
 * ```
 */
export function div(a: Tensor | number, b: Tensor | number): Tensor {
  takes(arguments);
  return op(a, b);
}
