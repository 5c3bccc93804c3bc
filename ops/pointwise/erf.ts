/**
 * Error function, `y = 2/√π ∫ e^-t² dt` from 0 to `x`; `dy/dx = 2/√π e^-x²`.
 *
 * @module
 */
import { defineUnary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

const op = defineUnary({
  name: "erf",
  forward: "erff(x)",
  gradient: "dy * 1.1283792 * expf(-x * x)",
  promotes: true,
});

const takes = signature("apply erf", { x: TENSOR });

/**
 * Takes the error function of every element of `x`, which lies in (-1, 1).
 *
 * @param x A tensor of any shape; integers and booleans are taken as float32.
 * @returns A tensor of the same shape.
 *
 * @example Usage
 * ```ts
 * import { erf, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await erf(tensor(1)).item(), 0.8427008, 1e-6);
 * ```
 */
export function erf(x: Tensor): Tensor {
  takes(arguments);
  return op(x);
}
