/**
 * Leaky rectified linear unit, `y = x` above 0 and `y = negativeSlope x` from 0 down.
 *
 * @module
 */
import { defineUnary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { NUMBER } from "../core/kinds.ts";

/** Options of {@linkcode leakyRelu}. */
export interface LeakyReluOptions {
  /** Slope from 0 down, 0.01 unless given. */
  negativeSlope?: number;
}

const op = defineUnary({
  name: "leakyRelu",
  forward: "select(x * slope, x, x > 0.0)",
  gradient: "select(dy * slope, dy, x > 0.0)",
  numbers: ["slope"],
});

const takes = signature<LeakyReluOptions>(
  "apply leakyRelu",
  { x: TENSOR },
  { negativeSlope: NUMBER },
  "negativeSlope",
);

/**
 * Makes every element of `x` below 0 smaller.
 *
 * @param x A tensor of any shape, float32.
 * @param options The slope below 0.
 * @returns A tensor of the same shape.
 * @throws {TypeError} If `x` is not float32.
 *
 * @example Usage
 * ```ts
 * import { leakyRelu, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await leakyRelu(tensor([-2, 3]), { negativeSlope: 0.25 }).toArray(), [-0.5, 3]);
 * ```
 */
export function leakyRelu(x: Tensor, options: LeakyReluOptions | number = {}): Tensor {
  options = takes(arguments);
  return op(x, options.negativeSlope ?? 0.01);
}
