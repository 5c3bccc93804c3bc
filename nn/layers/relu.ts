/**
 * The rectified linear unit as a layer.
 *
 * @module
 */
import type { Tensor } from "../../ops/core/tensor.ts";
import { relu } from "../../ops/relu.ts";
import { Module } from "../module.ts";

/**
 * Sets every element below 0 to 0: `y = max(x, 0)`.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await new nn.ReLU().forward(tensor([-2])).item(), 0, 1e-6);
 * ```
 */
export class ReLU extends Module {
  /**
   * Applies the function.
   *
   * @param x A tensor of any shape.
   * @returns A tensor of the same shape.
   */
  override forward(x: Tensor): Tensor {
    return relu(x);
  }
}
