/**
 * Softplus, `y = ln(1 + e^(beta x)) / beta`; `dy/dx = σ(beta x)`.
 *
 * @module
 */
import { defineUnary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { NUMBER } from "../core/kinds.ts";

/** Options of {@linkcode softplus}. */
export interface SoftplusOptions {
  /** Sharpness of the bend at 0, 1 unless given. */
  beta?: number;
  /** Where `beta x` is above it, `y = x`; 20 unless given. */
  threshold?: number;
}

const op = defineUnary({
  name: "softplus",
  forward: "select(log1pf(expf(x * beta)) / beta, x, x * beta > threshold)",
  gradient: "select(dy * sigmoidf(x * beta), dy, x * beta > threshold)",
  numbers: ["beta", "threshold"],
});

const takes = signature<SoftplusOptions>("apply softplus", { x: TENSOR }, {
  beta: NUMBER,
  threshold: NUMBER,
});

/**
 * Makes every element of `x` positive by a smooth form of `relu`.
 *
 * @param x A tensor of any shape, float32.
 * @param options Sharpness, and where it becomes linear.
 * @returns A tensor of the same shape.
 * @throws {TypeError} If `x` is not float32.
 *
 * @example Usage
 * ```ts
 * import { openDevice, softplus, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await softplus(tensor(0)).item(), Math.LN2, 1e-6);
 * ```
 */
export function softplus(x: Tensor, options: SoftplusOptions = {}): Tensor {
  takes(arguments);
  return op(x, options.beta ?? 1, options.threshold ?? 20);
}
