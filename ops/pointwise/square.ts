/**
 * Square, `y = x²`; `dy/dx = 2 x`.
 *
 * @module
 */
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { pow } from "./pow.ts";

const takes = signature("apply square", { x: TENSOR });

/**
 * Multiplies every element of `x` by itself.
 *
 * @param x A tensor of any shape; booleans are taken as int32.
 * @returns A tensor of the same shape.
 *
 * @example Usage
 * ```ts
 * import { openDevice, square, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await square(tensor([-3, 0.5])).toArray(), [9, 0.25]);
 * ```
 */
export function square(x: Tensor): Tensor {
  takes(arguments);
  return pow(x, 2);
}
