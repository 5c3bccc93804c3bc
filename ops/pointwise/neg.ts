/**
 * Negation, `y = -x`.
 *
 * @module
 */
import { defineUnary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

const op = defineUnary({
  name: "neg",
  forward: { float32: "-x", int32: "-x" },
  gradient: "-dy",
});

const takes = signature("apply neg", { x: TENSOR });

/**
 * Changes the sign of every element of `x`.
 *
 * @param x A tensor of any shape, float32 or int32.
 * @returns A tensor of the same shape and type.
 * @throws {TypeError} If `x` is bool.
 *
 * @example Usage
 * ```ts
 * import { neg, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await neg(tensor(2)).item(), -2, 1e-6);
 * ```
 */
export function neg(x: Tensor): Tensor {
  takes(arguments);
  return op(x);
}
