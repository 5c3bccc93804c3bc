/**
 * Exponential, `y = e^x`; `dy/dx = y`.
 *
 * @module
 */
import { defineUnary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

const op = defineUnary({
  name: "exp",
  forward: "expf(x)",
  gradient: "dy * y",
  promotes: true,
});

const takes = signature("apply exp", { x: TENSOR });

/**
 * Raises e to every element of `x`.
 *
 * @param x A tensor of any shape; integers and booleans are taken as float32.
 * @returns A tensor of the same shape.
 *
 * @example Usage
 * ```ts
 * import { exp, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await exp(tensor(1)).item(), Math.E, 1e-6);
 * ```
 */
export function exp(x: Tensor): Tensor {
  takes(arguments);
  return op(x);
}
