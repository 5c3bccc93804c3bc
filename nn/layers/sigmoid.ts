/**
 * The logistic sigmoid as a layer.
 *
 * @module
 */
import type { Tensor } from "../../ops/core/tensor.ts";
import { sigmoid } from "../../ops/sigmoid.ts";
import { Module } from "../module.ts";

/**
 * Squashes every element into (0, 1): `y = 1 / (1 + e^-x)`.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await new nn.Sigmoid().forward(tensor([0])).item(), 0.5, 1e-6);
 * ```
 */
export class Sigmoid extends Module {
  /**
   * Applies the function.
   *
   * @param x A tensor of any shape.
   * @returns A tensor of the same shape.
   */
  override forward(x: Tensor): Tensor {
    return sigmoid(x);
  }
}
