/**
 * Cosine; `dy/dx = -sin x`.
 *
 * @module
 */
import { defineUnary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

const op = defineUnary({
  name: "cos",
  forward: "cosf(x)",
  gradient: "-dy * sinf(x)",
  promotes: true,
});

const takes = signature("apply cos", { x: TENSOR });

/**
 * Takes the cosine of every element of `x`, in radians; any finite angle is exact to the last digits.
 *
 * @param x A tensor of any shape; integers and booleans are taken as float32.
 * @returns A tensor of the same shape.
 *
 * @example Usage
 * ```ts
 * import { cos, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await cos(tensor(1)).item(), Math.cos(1), 1e-6);
 * ```
 */
export function cos(x: Tensor): Tensor {
  takes(arguments);
  return op(x);
}
