/**
 * Exponential less one, `y = e^x - 1`; `dy/dx = y + 1`.
 *
 * @module
 */
import { defineUnary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

const op = defineUnary({
  name: "expm1",
  forward: "expm1f(x)",
  gradient: "dy * (y + 1.0)",
  promotes: true,
});

const takes = signature("apply expm1", { x: TENSOR });

/**
 * Raises e to every element of `x` and takes 1 off, to the last digits even where `x` is small.
 *
 * @param x A tensor of any shape; integers and booleans are taken as float32.
 * @returns A tensor of the same shape.
 *
 * @example Usage
 * ```ts
 * import { expm1, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await expm1(tensor(1e-10)).item(), 1e-10, 1e-16);
 * ```
 */
export function expm1(x: Tensor): Tensor {
  takes(arguments);
  return op(x);
}
