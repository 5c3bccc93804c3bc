/**
 * The same elements under another shape, with their gradient.
 *
 * @module
 */
import { differentiable } from "../core/autograd/autograd.ts";
import { aliasOf } from "../core/tensor/internals.ts";
import { takenBy } from "../core/tensor/origin.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

/** `x` over the same memory in a shape of as many elements; gradients flow through. */
export function viewAs(op: string, x: Tensor, shape: readonly number[]): Tensor {
  return differentiable(op, aliasOf(x, shape), [x], { gradient: (dy) => [aliasOf(dy, x.shape)] });
}

/** Another form of `x`, over the same memory: what is written to it is meant for `x`. */
export function formOf(op: string, x: Tensor, shape: readonly number[]): Tensor {
  return takenBy(op, viewAs(op, x, shape), { isView: true });
}
