/**
 * The hyperbolic tangent as a layer.
 *
 * @module
 */
import type { Tensor } from "../../ops/core/tensor.ts";
import { tanh } from "../../ops/tanh.ts";
import { Module } from "../module.ts";

/**
 * Squashes every element into (-1, 1).
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await new nn.Tanh().forward(tensor([1])).item(), Math.tanh(1), 1e-6);
 * ```
 */
export class Tanh extends Module {
  /**
   * Applies the function.
   *
   * @param x A tensor of any shape.
   * @returns A tensor of the same shape.
   */
  override forward(x: Tensor): Tensor {
    return tanh(x);
  }
}
