/**
 * Logarithm of the logistic sigmoid, `y = -ln(1 + e^-x)`; `dy/dx = 1 / (1 + e^x)`.
 *
 * @module
 */
import { defineUnary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

const op = defineUnary({
  name: "logSigmoid",
  forward: "select(0.0, x, isnegativef(x) || isnanf(x)) - log1pf(expf(-abs(x)))",
  gradient: "dy * sigmoidf(-x)",
});

const takesLogSigmoid = signature("apply logSigmoid", { x: TENSOR });

/**
 * Takes the logarithm of the sigmoid of every element, without the sigmoid becoming 0.
 *
 * @param x A tensor of any shape, float32.
 * @returns A tensor of the same shape.
 * @throws {TypeError} If `x` is not float32.
 *
 * @example Usage
 * ```ts
 * import { logSigmoid, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await logSigmoid(tensor([-200])).toArray(), [-200]);
 * ```
 */
export function logSigmoid(x: Tensor): Tensor {
  takesLogSigmoid(arguments);
  return op(x);
}
