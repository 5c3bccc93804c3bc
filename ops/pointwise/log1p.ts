/**
 * Logarithm of one more, `y = ln(1 + x)`; `dy/dx = 1 / (1 + x)`.
 *
 * @module
 */
import { defineUnary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

const op = defineUnary({
  name: "log1p",
  forward: "log1pf(x)",
  gradient: "dy / (x + 1.0)",
  promotes: true,
});

const takes = signature("apply log1p", { x: TENSOR });

/**
 * Takes the natural logarithm of 1 plus every element of `x`, to the last digits even where `x` is small.
 *
 * @param x A tensor of any shape; integers and booleans are taken as float32.
 * @returns A tensor of the same shape.
 *
 * @example Usage
 * ```ts
 * import { log1p, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await log1p(tensor(1e-10)).item(), 1e-10, 1e-16);
 * ```
 */
export function log1p(x: Tensor): Tensor {
  takes(arguments);
  return op(x);
}
