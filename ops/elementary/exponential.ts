/**
 * Powers of 2, logarithms of other bases than e, and the reciprocal.
 *
 * @module
 */

import { defineUnary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

const exp2Op = defineUnary({
  name: "exp2",
  forward: "exp2f(x)",
  gradient: "dy * y * 0.6931472",
  promotes: true,
});
const log2Op = defineUnary({
  name: "log2",
  forward: "log2f(x)",
  gradient: "dy / (x * 0.6931472)",
  promotes: true,
});
const log10Op = defineUnary({
  name: "log10",
  forward: "log10f(x)",
  gradient: "dy / (x * 2.3025851)",
  promotes: true,
});
const reciprocalOp = defineUnary({
  name: "reciprocal",
  forward: "1.0 / x",
  gradient: "-dy * y * y",
  promotes: true,
});

const takesExp2 = signature("apply exp2", { x: TENSOR });

/**
 * Raises 2 to the power of every element.
 *
 * @param x A tensor of any shape; integers and booleans are taken as float32.
 * @returns A tensor of the same shape.
 *
 * @example Usage
 * ```ts
 * import { exp2, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await exp2(tensor([-1, 0, 3])).toArray(), [0.5, 1, 8]);
 * ```
 */
export function exp2(x: Tensor): Tensor {
  takesExp2(arguments);
  return exp2Op(x);
}

const takesLog2 = signature("apply log2", { x: TENSOR });

/**
 * Takes the logarithm of every element to base 2: exact for powers of 2, NaN below 0.
 *
 * @param x A tensor of any shape; integers and booleans are taken as float32.
 * @returns A tensor of the same shape.
 *
 * @example Usage
 * ```ts
 * import { log2, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await log2(tensor([0.5, 1, 8])).toArray(), [-1, 0, 3]);
 * ```
 */
export function log2(x: Tensor): Tensor {
  takesLog2(arguments);
  return log2Op(x);
}

const takesLog10 = signature("apply log10", { x: TENSOR });

/**
 * Takes the logarithm of every element to base 10, NaN below 0.
 *
 * @param x A tensor of any shape; integers and booleans are taken as float32.
 * @returns A tensor of the same shape.
 *
 * @example Usage
 * ```ts
 * import { log10, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await log10(tensor(1000)).item(), 3, 1e-6);
 * ```
 */
export function log10(x: Tensor): Tensor {
  takesLog10(arguments);
  return log10Op(x);
}

const takesReciprocal = signature("apply reciprocal", { x: TENSOR });

/**
 * Divides 1 by every element.
 *
 * @param x A tensor of any shape; integers and booleans are taken as float32.
 * @returns A tensor of the same shape.
 *
 * @example Usage
 * ```ts
 * import { openDevice, reciprocal, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await reciprocal(tensor([-2, 0.5])).toArray(), [-0.5, 2]);
 * ```
 */
export function reciprocal(x: Tensor): Tensor {
  takesReciprocal(arguments);
  return reciprocalOp(x);
}
