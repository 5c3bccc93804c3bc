/**
 * Square root; `dy/dx = 1 / (2 y)`.
 *
 * @module
 */
import { defineUnary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

const op = defineUnary({
  name: "sqrt",
  forward: "sqrtf(x)",
  gradient: "dy / (2.0 * y)",
  promotes: true,
});

const takes = signature("apply sqrt", { x: TENSOR });

/**
 * Takes the square root of every element of `x`: NaN below 0.
 *
 * @param x A tensor of any shape; integers and booleans are taken as float32.
 * @returns A tensor of the same shape.
 *
 * @example Usage
 * ```ts
 * import { openDevice, sqrt, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await sqrt(tensor([4, 9])).toArray(), [2, 3]);
 * ```
 */
export function sqrt(x: Tensor): Tensor {
  takes(arguments);
  return op(x);
}
