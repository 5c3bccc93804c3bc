/**
 * Choosing between two, element by element, with broadcasting of all three.
 *
 * @module
 */
import { converted, defineElementwise, promote } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { OPERAND, tensorOf } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

const CHOICE = "select(b, a, condition)";

const op = defineElementwise({
  name: "where",
  inputs: ["condition", "a", "b"],
  forward: { float32: CHOICE, int32: CHOICE, bool: CHOICE },
  gradient: { a: "select(0.0, dy, condition)", b: "select(dy, 0.0, condition)" },
});

const takes = signature("apply where", { condition: tensorOf("bool"), a: OPERAND, b: OPERAND });

/**
 * Takes elements of `a` where the condition holds, and of `b` elsewhere.
 *
 * @param condition A bool tensor.
 * @param a A tensor whose shape broadcasts with that of the others, or a number.
 * @param b Another. Types meet as in arithmetic; two numbers give float32.
 * @returns A tensor of the broadcast shape.
 * @throws {RangeError} If the shapes do not broadcast.
 * @throws {TypeError} If the condition is not bool.
 *
 * @example Usage
 * ```ts
 * import { openDevice, tensor, where } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([-1, 2, -3]);
 * assertEquals(await where(x.lt(0), 0, x).toArray(), [0, 2, 0]);
 * ```
 */
export function where(condition: Tensor, a: Tensor | number, b: Tensor | number): Tensor {
  takes(arguments);
  const dtype = typeof a === "number" && typeof b === "number" ? "float32" : promote("where", a, b);
  return converted(dtype, [a, b], (operands) => op([condition, ...operands], [], dtype));
}
