/**
 * Dimensions in another order, with their gradient.
 *
 * @module
 */
import { differentiable } from "../core/autograd/autograd.ts";
import { permuted } from "../core/families/movement.ts";
import { takenBy } from "../core/tensor/origin.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

/** `x` with its dimensions in `order`; gradients flow back in the inverse order. */
export function reordered(op: string, x: Tensor, order: readonly number[]): Tensor {
  const inverse = order.map((_, d) => order.indexOf(d));
  return differentiable(op, takenBy(op, permuted(op, x, order)), [x], {
    gradient: (dy) => [permuted(`${op} gradient`, dy, inverse)],
  });
}
