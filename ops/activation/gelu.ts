/**
 * Gaussian error linear unit, `y = x Φ(x)` with Φ the normal distribution; `dy/dx = Φ(x) + x φ(x)`.
 *
 * Hendrycks, Gimpel: Gaussian error linear units (arXiv 1606.08415). The approximation is theirs, `y = x σ(2 u)` with
 * `u = √(2/π) (x + 0.044715 x³)`, which is `x (1 + tanh u) / 2`.
 *
 * @module
 */
import { defineUnary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { oneOf } from "../core/kinds.ts";

/** Options of {@linkcode gelu}. */
export interface GeluOptions {
  /** Whether Φ is computed by the error function or approximated by a hyperbolic tangent; `"none"` unless given. */
  approximate?: "none" | "tanh";
}

const exact = defineUnary({
  name: "gelu",
  forward: "x * (0.5 * erfcf(-0.70710678 * x))",
  gradient: "dy * (0.5 * erfcf(-0.70710678 * x) + x * (0.3989423 * expf(-0.5 * x * x)))",
});

const approximated = defineUnary({
  name: "gelu_tanh",
  forward: "x * sigmoidf(1.5957691 * (x + 0.044715 * x * x * x))",
  gradient: /* wgsl */ `
    let s = sigmoidf(1.5957691 * (x + 0.044715 * x * x * x));
    return dy * (s + x * (s * (1.0 - s)) * (1.5957691 * (1.0 + 0.134145 * x * x)));`,
});

const takes = signature<GeluOptions>("apply gelu", { x: TENSOR }, { approximate: oneOf("none", "tanh") });

/**
 * Weights every element of `x` with the probability that a normal number lies below it.
 *
 * @param x A tensor of any shape, float32.
 * @param options Whether to approximate.
 * @returns A tensor of the same shape.
 * @throws {RangeError} If `approximate` is neither `"none"` nor `"tanh"`.
 * @throws {TypeError} If `x` is not float32.
 *
 * @example Usage
 * ```ts
 * import { gelu, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await gelu(tensor(1)).item(), 0.8413447, 1e-6);
 * assertAlmostEquals(await gelu(tensor(1), { approximate: "tanh" }).item(), 0.8411920, 1e-6);
 * ```
 */
export function gelu(x: Tensor, options: GeluOptions = {}): Tensor {
  takes(arguments);
  const { approximate = "none" } = options;
  return approximate === "none" ? exact(x) : approximated(x);
}
