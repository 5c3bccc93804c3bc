/**
 * Which elements are NaN, which are infinite, and which are finite.
 *
 * @module
 */
import { defineUnary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

const nan = defineUnary({ name: "isnan", forward: "isnanf(x)", result: "bool", promotes: true });
const finite = defineUnary({ name: "isfinite", forward: "isfinitef(x)", result: "bool", promotes: true });

const infinite = defineUnary({
  name: "isinf",
  forward: "!isfinitef(x) && !isnanf(x)",
  result: "bool",
  promotes: true,
});

const takesIsnan = signature("apply isnan", { x: TENSOR });

/**
 * Says of every element whether it is NaN.
 *
 * @param x A tensor of any shape and type.
 * @returns A bool tensor of the same shape.
 *
 * @example Usage
 * ```ts
 * import { isnan, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await isnan(tensor([1, Infinity, NaN])).toArray(), [false, false, true]);
 * ```
 */
export function isnan(x: Tensor): Tensor {
  takesIsnan(arguments);
  return nan(x);
}

const takesIsfinite = signature("apply isfinite", { x: TENSOR });

/**
 * Says of every element whether it is neither infinite nor NaN.
 *
 * @param x A tensor of any shape and type.
 * @returns A bool tensor of the same shape.
 *
 * @example Usage
 * ```ts
 * import { isfinite, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await isfinite(tensor([1, Infinity, NaN])).toArray(), [true, false, false]);
 * ```
 */
export function isfinite(x: Tensor): Tensor {
  takesIsfinite(arguments);
  return finite(x);
}

const takesIsinf = signature("apply isinf", { x: TENSOR });

/**
 * Says of every element whether it is infinite, of either sign.
 *
 * @param x A tensor of any shape and type.
 * @returns A bool tensor of the same shape.
 *
 * @example Usage
 * ```ts
 * import { isinf, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await isinf(tensor([1, -Infinity, NaN])).toArray(), [false, true, false]);
 * ```
 */
export function isinf(x: Tensor): Tensor {
  takesIsinf(arguments);
  return infinite(x);
}
