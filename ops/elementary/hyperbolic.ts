/**
 * Hyperbolic sine and cosine. `tanh` is among the activations.
 *
 * @module
 */

import { defineUnary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

const sinhOp = defineUnary({ name: "sinh", forward: "sinhf(x)", gradient: "dy * coshf(x)", promotes: true });
const coshOp = defineUnary({ name: "cosh", forward: "coshf(x)", gradient: "dy * sinhf(x)", promotes: true });

const takesSinh = signature("apply sinh", { x: TENSOR });

/**
 * Takes the hyperbolic sine of every element.
 *
 * @param x A tensor of any shape; integers and booleans are taken as float32.
 * @returns A tensor of the same shape.
 *
 * @example Usage
 * ```ts
 * import { openDevice, sinh, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await sinh(tensor(1)).item(), 1.1752012, 1e-6);
 * ```
 */
export function sinh(x: Tensor): Tensor {
  takesSinh(arguments);
  return sinhOp(x);
}

const takesCosh = signature("apply cosh", { x: TENSOR });

/**
 * Takes the hyperbolic cosine of every element.
 *
 * @param x A tensor of any shape; integers and booleans are taken as float32.
 * @returns A tensor of the same shape.
 *
 * @example Usage
 * ```ts
 * import { cosh, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await cosh(tensor(1)).item(), 1.5430806, 1e-6);
 * ```
 */
export function cosh(x: Tensor): Tensor {
  takesCosh(arguments);
  return coshOp(x);
}
