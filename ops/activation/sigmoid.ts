/**
 * Logistic sigmoid, `y = 1 / (1 + e^-x)`; `dy/dx = y (1 - y)`.
 *
 * @module
 */
import { defineUnary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

const op = defineUnary({
  name: "sigmoid",
  forward: "sigmoidf(x)",
  gradient: "dy * y * (1.0 - y)",
  promotes: true,
});

const takes = signature("apply sigmoid", { x: TENSOR });

/**
 * Squashes every element of `x` into (0, 1).
 *
 * @param x A tensor of any shape; integers and booleans are taken as float32.
 * @returns A tensor of the same shape.
 *
 * @example Usage
 * ```ts
 * import { openDevice, sigmoid, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await sigmoid(tensor(0)).item(), 0.5, 1e-6);
 * ```
 */
export function sigmoid(x: Tensor): Tensor {
  takes(arguments);
  return op(x);
}
