/**
 * Absolute value; its gradient is the sign, 0 at 0, as in PyTorch.
 *
 * @module
 */
import { defineUnary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

const op = defineUnary({
  name: "abs",
  forward: { float32: "abs(x)", int32: "abs(x)" },
  gradient: "dy * signf(x)",
});

const takes = signature("apply abs", { x: TENSOR });

/**
 * Drops the sign of every element of `x`.
 *
 * @param x A tensor of any shape, float32 or int32.
 * @returns A tensor of the same shape and type.
 * @throws {TypeError} If `x` is bool.
 *
 * @example Usage
 * ```ts
 * import { abs, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await abs(tensor([-3, 0, 2])).toArray(), [3, 0, 2]);
 * ```
 */
export function abs(x: Tensor): Tensor {
  takes(arguments);
  return op(x);
}
