/**
 * Copies.
 *
 * @module
 */
import { differentiable } from "../core/autograd/autograd.ts";
import { signature } from "../core/signature.ts";
import { cloneOf } from "../core/tensor/in_place.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

const takes = signature("apply clone", { x: TENSOR });

/**
 * Copies a tensor to memory of its own. Gradients flow through; `clone(x.detach())` leaves them behind.
 *
 * @param x A tensor of any shape.
 * @returns A new tensor of the same shape, type and values.
 *
 * @example Usage
 * ```ts
 * import { clone, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([1, 2]), y = clone(x);
 * x.fill(0);
 * assertEquals(await y.toArray(), [1, 2]);
 * ```
 */
export function clone(x: Tensor): Tensor {
  takes(arguments);
  return differentiable("clone", cloneOf(x), [x], { gradient: (dy) => [dy] });
}
