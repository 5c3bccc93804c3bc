/**
 * Hyperbolic tangent; `dy/dx = 1 - y²`.
 *
 * @module
 */
import { defineUnary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

const op = defineUnary({
  name: "tanh",
  forward: "tanhf(x)",
  gradient: "dy * (1.0 - y * y)",
  promotes: true,
});

const takes = signature("apply tanh", { x: TENSOR });

/**
 * Squashes every element of `x` into (-1, 1).
 *
 * @param x A tensor of any shape; integers and booleans are taken as float32.
 * @returns A tensor of the same shape.
 *
 * @example Usage
 * ```ts
 * import { openDevice, tanh, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await tanh(tensor(0.5)).item(), Math.tanh(0.5), 1e-6);
 * ```
 */
export function tanh(x: Tensor): Tensor {
  takes(arguments);
  return op(x);
}
