/**
 * Softsign, `y = x / (1 + |x|)`; `dy/dx = 1 / (1 + |x|)²`.
 *
 * @module
 */
import { defineUnary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

const op = defineUnary({
  name: "softsign",
  forward: "x / (1.0 + abs(x))",
  gradient: "dy / ((1.0 + abs(x)) * (1.0 + abs(x)))",
});

const takesSoftsign = signature("apply softsign", { x: TENSOR });

/**
 * Squashes every element of `x` into (-1, 1).
 *
 * @param x A tensor of any shape, float32.
 * @returns A tensor of the same shape.
 * @throws {TypeError} If `x` is not float32.
 *
 * @example Usage
 * ```ts
 * import { openDevice, softsign, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await softsign(tensor([-1, 3])).toArray(), [-0.5, 0.75]);
 * ```
 */
export function softsign(x: Tensor): Tensor {
  takesSoftsign(arguments);
  return op(x);
}
