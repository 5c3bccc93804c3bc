/**
 * Rectified linear unit, `y = max(x, 0)`; its gradient at 0 is 0, as in PyTorch.
 *
 * @module
 */
import { defineUnary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

const op = defineUnary({
  name: "relu",
  forward: { float32: "select(x, 0.0, isnegativef(x))", int32: "max(x, 0)" },
  gradient: "select(dy, 0.0, y == 0.0)",
});

const takes = signature("apply relu", { x: TENSOR });

/**
 * Sets every element of `x` below 0 to 0. NaN stays NaN.
 *
 * @param x A tensor of any shape, float32 or int32.
 * @returns A tensor of the same shape and type.
 * @throws {TypeError} If `x` is bool.
 *
 * @example Usage
 * ```ts
 * import { openDevice, relu, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await relu(tensor(-3)).item(), 0, 1e-6);
 * ```
 */
export function relu(x: Tensor): Tensor {
  takes(arguments);
  return op(x);
}
