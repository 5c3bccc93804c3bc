/**
 * Natural logarithm, `y = ln x`; `dy/dx = 1 / x`.
 *
 * @module
 */
import { defineUnary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

const op = defineUnary({
  name: "log",
  forward: "logf(x)",
  gradient: "dy / x",
  promotes: true,
});

const takes = signature("apply log", { x: TENSOR });

/**
 * Takes the natural logarithm of every element of `x`: NaN below 0, -Infinity at 0.
 *
 * @param x A tensor of any shape; integers and booleans are taken as float32.
 * @returns A tensor of the same shape.
 *
 * @example Usage
 * ```ts
 * import { log, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await log(tensor(Math.E)).item(), 1, 1e-6);
 * ```
 */
export function log(x: Tensor): Tensor {
  takes(arguments);
  return op(x);
}
