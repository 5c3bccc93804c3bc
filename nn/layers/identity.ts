/**
 * The layer that does nothing.
 *
 * @module
 */
import { signature } from "../../ops/core/signature.ts";
import { TENSOR } from "../../ops/core/tensor/kinds.ts";
import { Module } from "../module.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";

const takes = signature("apply Identity", { x: TENSOR });

/**
 * Returns its input, `y = x`: a place holder where a network may have a layer or not.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertStrictEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([1, 2]);
 * assertStrictEquals(new nn.Identity().forward(x), x);
 * ```
 */
export class Identity extends Module {
  /**
   * Returns the tensor itself, not a copy.
   *
   * @param x Any tensor.
   * @returns `x`.
   */
  override forward(x: Tensor): Tensor {
    takes(arguments);
    return x;
  }
}
