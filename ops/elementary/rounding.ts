/**
 * Rounding to whole numbers. Slopes are 0.
 *
 * @module
 */

import { defineUnary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

const floorOp = defineUnary({
  name: "floor",
  forward: { float32: "select(x, floor(x), isfinitef(x))", int32: "x" },
  gradient: "0.0",
});
const ceilOp = defineUnary({
  name: "ceil",
  forward: { float32: "select(x, ceil(x), isfinitef(x))", int32: "x" },
  gradient: "0.0",
});
const roundOp = defineUnary({
  name: "round",
  forward: { float32: "select(x, round(x), isfinitef(x))", int32: "x" },
  gradient: "0.0",
});
const truncOp = defineUnary({
  name: "trunc",
  forward: { float32: "select(x, trunc(x), isfinitef(x))", int32: "x" },
  gradient: "0.0",
});
const fracOp = defineUnary({
  name: "frac",
  forward: { float32: "select(select(x - trunc(x), nanf(), !isfinitef(x)), x, abs(x) < 1.0)" },
  gradient: "dy",
});

const takesFloor = signature("apply floor", { x: TENSOR });

/**
 * Rounds every element down. NaN and infinities stay.
 *
 * @param x A tensor of any shape, float32 or int32, whose type stays.
 * @returns A tensor of the same shape.
 *
 * @example Usage
 * ```ts
 * import { floor, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await floor(tensor([-1.5, 2.5])).toArray(), [-2, 2]);
 * ```
 */
export function floor(x: Tensor): Tensor {
  takesFloor(arguments);
  return floorOp(x);
}

const takesCeil = signature("apply ceil", { x: TENSOR });

/**
 * Rounds every element up. NaN and infinities stay.
 *
 * @param x A tensor of any shape, float32 or int32, whose type stays.
 * @returns A tensor of the same shape.
 *
 * @example Usage
 * ```ts
 * import { ceil, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await ceil(tensor([-1.5, 2.5])).toArray(), [-1, 3]);
 * ```
 */
export function ceil(x: Tensor): Tensor {
  takesCeil(arguments);
  return ceilOp(x);
}

const takesRound = signature("apply round", { x: TENSOR });

/**
 * Rounds every element to the nearest whole number, halves to the nearest even one. NaN and infinities
 * stay.
 *
 * @param x A tensor of any shape, float32 or int32, whose type stays.
 * @returns A tensor of the same shape.
 *
 * @example Usage
 * ```ts
 * import { openDevice, round, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await round(tensor([0.5, 1.5, 2.4])).toArray(), [0, 2, 2]);
 * ```
 */
export function round(x: Tensor): Tensor {
  takesRound(arguments);
  return roundOp(x);
}

const takesTrunc = signature("apply trunc", { x: TENSOR });

/**
 * Cuts the fraction of every element off. NaN and infinities stay.
 *
 * @param x A tensor of any shape, float32 or int32, whose type stays.
 * @returns A tensor of the same shape.
 *
 * @example Usage
 * ```ts
 * import { openDevice, tensor, trunc } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await trunc(tensor([-1.5, 2.5])).toArray(), [-1, 2]);
 * ```
 */
export function trunc(x: Tensor): Tensor {
  takesTrunc(arguments);
  return truncOp(x);
}

const takesFrac = signature("apply frac", { x: TENSOR });

/**
 * Leaves the fraction of every element, `x - trunc(x)`, with the sign of `x`.
 *
 * @param x A tensor of any shape, float32.
 * @returns A tensor of the same shape.
 *
 * @example Usage
 * ```ts
 * import { frac, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await frac(tensor([-1.5, 2.25])).toArray(), [-0.5, 0.25]);
 * ```
 */
export function frac(x: Tensor): Tensor {
  takesFrac(arguments);
  return fracOp(x);
}
