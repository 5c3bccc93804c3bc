/**
 * One over the square root; `dy/dx = -y³ / 2`.
 *
 * @module
 */
import { defineUnary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

const op = defineUnary({
  name: "rsqrt",
  forward: "1.0 / sqrtf(x)",
  gradient: "-0.5 * dy * (y * y * y)",
  promotes: true,
});

const takes = signature("apply rsqrt", { x: TENSOR });

/**
 * Divides 1 by the square root of every element of `x`: infinite at 0, NaN below.
 *
 * @param x A tensor of any shape; integers and booleans are taken as float32.
 * @returns A tensor of the same shape.
 *
 * @example Usage
 * ```ts
 * import { openDevice, rsqrt, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await rsqrt(tensor([4, 0.25])).toArray(), [0.5, 2]);
 * ```
 */
export function rsqrt(x: Tensor): Tensor {
  takes(arguments);
  return op(x);
}
