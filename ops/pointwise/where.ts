/**
 * Choosing between two, element by element, with broadcasting of all three.
 *
 * @module
 */
import { differentiable } from "../core/autograd/autograd.ts";
import { converted, evaluate, expectDType, promote, shapeOf } from "../core/families/elementwise.ts";
import { sumTo } from "../core/families/reduce.ts";
import { broadcastShapes } from "../core/shape.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

/** Gradients in `a` and in `b`. */
const GRADIENT = ["select(0.0, dy, condition)", "select(dy, 0.0, condition)"];

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
  expectDType("where", condition, "bool", "condition");
  const shape = broadcastShapes("where", condition.shape, shapeOf(a), shapeOf(b));
  const dtype = typeof a === "number" && typeof b === "number" ? "float32" : promote("where", a, b);
  return converted(dtype, [a, b], ([a, b]) => {
    const y = evaluate("where", "select(b, a, condition)", { condition, a, b }, shape, dtype, dtype);
    if (dtype !== "float32") return y;
    const inputs = [a, b].map((v) => (typeof v === "number" ? null : v));
    return differentiable("where", y, inputs, {
      saved: [condition],
      gradient: (dy, [condition], needs) =>
        inputs.map((input, k) => {
          if (!needs[k]) return null;
          return sumTo(evaluate("where gradient", GRADIENT[k], { dy, condition }, shape), input!.shape);
        }),
    });
  });
}
