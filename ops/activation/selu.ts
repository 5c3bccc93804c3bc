/**
 * SELU and CELU: exponential below 0. Klambauer et al.: Self-normalizing neural networks (arXiv
 * 1706.02515); Barron: Continuously differentiable exponential linear units (arXiv 1704.07483).
 *
 * @module
 */
import { defineUnary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import type { Kind } from "../core/kinds.ts";

/** Options of {@linkcode celu}. */
export interface CeluOptions {
  /** `y` approaches `-alpha` far below 0, 1 unless given. */
  alpha?: number;
}

/** A number other than 0. */
const CELU_ALPHA: Kind = {
  example: "0.5",
  objection: (v) =>
    typeof v === "number" && v !== 0 ? null : { must: "a number other than 0", isRange: v === 0 },
};

const seluOp = defineUnary({
  name: "selu",
  forward: "select(1.7580993 * expm1f(x), 1.050701 * x, x > 0.0)",
  gradient: "dy * select(1.7580993 * expf(x), 1.050701, x > 0.0)",
});

const celuOp = defineUnary({
  name: "celu",
  forward: "select(alpha * expm1f(x / alpha), x, x > 0.0)",
  gradient: "dy * select(expf(x / alpha), 1.0, x > 0.0)",
  numbers: ["alpha"],
});

const takesSelu = signature("apply selu", { x: TENSOR });

/**
 * Applies the self-normalizing unit: `1.0507 x` above 0, `1.7581 (e^x - 1)` below.
 *
 * @param x A tensor of any shape, float32.
 * @returns A tensor of the same shape.
 * @throws {TypeError} If `x` is not float32.
 *
 * @example Usage
 * ```ts
 * import { openDevice, selu, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await selu(tensor(-1)).item(), -1.1113307, 1e-6);
 * ```
 */
export function selu(x: Tensor): Tensor {
  takesSelu(arguments);
  return seluOp(x);
}

const takesCelu = signature<CeluOptions>("apply celu", { x: TENSOR }, { alpha: CELU_ALPHA }, "alpha");

/**
 * Applies `y = x` above 0 and `y = alpha (e^(x / alpha) - 1)` below, whose slope has no jump.
 *
 * @param x A tensor of any shape, float32.
 * @param options The limit below 0. `alpha` may stand alone.
 * @returns A tensor of the same shape.
 * @throws {RangeError} If `alpha` is 0.
 * @throws {TypeError} If `x` is not float32.
 *
 * @example Usage
 * ```ts
 * import { celu, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await celu(tensor(-1), { alpha: 2 }).item(), -0.7869387, 1e-6);
 * ```
 */
export function celu(x: Tensor, options: CeluOptions | number = {}): Tensor {
  options = takesCelu(arguments);
  return celuOp(x, options.alpha ?? 1);
}
