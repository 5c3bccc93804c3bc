/**
 * Sign; its gradient is 0 everywhere.
 *
 * @module
 */
import { defineUnary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

const op = defineUnary({
  name: "sign",
  forward: { float32: "signf(x)", int32: "sign(x)", bool: "x" },
  gradient: "0.0",
});

const takes = signature("apply sign", { x: TENSOR });

/**
 * Gives 1 for every element of `x` above 0, -1 for one below, and 0 for 0 and NaN, as PyTorch does.
 *
 * @param x A tensor of any shape and type.
 * @returns A tensor of the same shape and type.
 *
 * @example Usage
 * ```ts
 * import { openDevice, sign, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await sign(tensor([-3, 0, 2])).toArray(), [-1, 0, 1]);
 * ```
 */
export function sign(x: Tensor): Tensor {
  takes(arguments);
  return op(x);
}
