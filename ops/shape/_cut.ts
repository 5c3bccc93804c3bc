/**
 * A slice of a tensor, with its gradient.
 *
 * @module
 */
import { differentiable } from "../core/autograd/autograd.ts";
import { putSlice, type StridedSlice, takeSlice } from "../core/families/movement.ts";
import { aliasOf } from "../core/tensor/internals.ts";
import { takenBy } from "../core/tensor/origin.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

/** The elements of a slice, with their gradient; `shape` gives the result another shape of as many elements. */
export function cut(op: string, x: Tensor, part: StridedSlice, shape = part.shape): Tensor {
  const taken = takeSlice(op, x, part);
  const y = shape === part.shape ? taken : aliasOf(taken, shape);
  if (y !== taken) taken.dispose();
  return differentiable(op, takenBy(op, y), [x], {
    gradient: (dy) => [putSlice(`${op} gradient`, dy, x.shape, part)],
  });
}
