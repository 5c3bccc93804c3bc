/**
 * Tangent and the inverse functions, right to the last digits over the whole range.
 *
 * @module
 */

import { defineUnary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

const tanOp = defineUnary({
  name: "tan",
  forward: "tanf(x)",
  gradient: "dy * (1.0 + y * y)",
  promotes: true,
});
const asinOp = defineUnary({
  name: "asin",
  forward: "asinf(x)",
  gradient: "dy / sqrtf((1.0 - x) * (1.0 + x))",
  promotes: true,
});
const acosOp = defineUnary({
  name: "acos",
  forward: "acosf(x)",
  gradient: "-dy / sqrtf((1.0 - x) * (1.0 + x))",
  promotes: true,
});
const atanOp = defineUnary({
  name: "atan",
  forward: "atanf(x)",
  gradient: "dy / (1.0 + x * x)",
  promotes: true,
});

const takesTan = signature("apply tan", { x: TENSOR });

/**
 * Takes the tangent of every element, in radians.
 *
 * @param x A tensor of any shape; integers and booleans are taken as float32.
 * @returns A tensor of the same shape.
 *
 * @example Usage
 * ```ts
 * import { openDevice, tan, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await tan(tensor(1)).item(), 1.5574077, 1e-6);
 * ```
 */
export function tan(x: Tensor): Tensor {
  takesTan(arguments);
  return tanOp(x);
}

const takesAsin = signature("apply asin", { x: TENSOR });

/**
 * Takes the inverse sine of every element: from -π/2 to π/2, NaN outside of [-1, 1].
 *
 * @param x A tensor of any shape; integers and booleans are taken as float32.
 * @returns A tensor of the same shape.
 *
 * @example Usage
 * ```ts
 * import { asin, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await asin(tensor(1)).item(), Math.PI / 2, 1e-6);
 * ```
 */
export function asin(x: Tensor): Tensor {
  takesAsin(arguments);
  return asinOp(x);
}

const takesAcos = signature("apply acos", { x: TENSOR });

/**
 * Takes the inverse cosine of every element: from 0 to π, NaN outside of [-1, 1].
 *
 * @param x A tensor of any shape; integers and booleans are taken as float32.
 * @returns A tensor of the same shape.
 *
 * @example Usage
 * ```ts
 * import { acos, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await acos(tensor(-1)).item(), Math.PI, 1e-6);
 * ```
 */
export function acos(x: Tensor): Tensor {
  takesAcos(arguments);
  return acosOp(x);
}

const takesAtan = signature("apply atan", { x: TENSOR });

/**
 * Takes the inverse tangent of every element: from -π/2 to π/2.
 *
 * @param x A tensor of any shape; integers and booleans are taken as float32.
 * @returns A tensor of the same shape.
 *
 * @example Usage
 * ```ts
 * import { atan, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await atan(tensor(1)).item(), Math.PI / 4, 1e-6);
 * ```
 */
export function atan(x: Tensor): Tensor {
  takesAtan(arguments);
  return atanOp(x);
}
