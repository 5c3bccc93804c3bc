/**
 * Sine; `dy/dx = cos x`.
 *
 * @module
 */
import { defineUnary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

const op = defineUnary({
  name: "sin",
  forward: "sinf(x)",
  gradient: "dy * cosf(x)",
  promotes: true,
});

const takes = signature("apply sin", { x: TENSOR });

/**
 * Takes the sine of every element of `x`, in radians; any finite angle is exact to the last digits.
 *
 * @param x A tensor of any shape; integers and booleans are taken as float32.
 * @returns A tensor of the same shape.
 *
 * @example Usage
 * ```ts
 * import { openDevice, sin, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await sin(tensor(1)).item(), Math.sin(1), 1e-6);
 * ```
 */
export function sin(x: Tensor): Tensor {
  takes(arguments);
  return op(x);
}
