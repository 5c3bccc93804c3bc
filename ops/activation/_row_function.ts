/**
 * What softmax and its logarithm share: walks over rows, and a gradient that is made of the result.
 *
 * @module
 */
import type { RowWalks } from "../kernels/row_walks.ts";
import { rowsOf } from "../kernels/rows.ts";
import { differentiable } from "../core/autograd/autograd.ts";
import { runRows } from "../core/families/rows.ts";
import { normalDim } from "../core/shape.ts";
import { empty } from "../core/tensor/create.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

/** A function of each row along a dimension. */
export interface RowFunction {
  readonly name: string;
  /** Writes each element of `y`, of the row of `x`. */
  readonly forward: RowWalks;
  /** Writes each element of `dx`, of the rows of `y` and `dy`. */
  readonly gradient: RowWalks;
}

/** Makes an operation that applies a function to each row along a dimension. */
export function defineRowFunction(
  { name, forward, gradient }: RowFunction,
): (x: Tensor, dim: number) => Tensor {
  return (x, dim) => {
    const rows = rowsOf(x.shape, normalDim(name, dim, x.shape.length));
    const y = empty(x.shape), { size } = x;
    if (size > 0) runRows(name, rows, { x }, { y }, forward);
    return differentiable(name, y, [x], {
      saved: [y],
      gradient: (dy, [y]) => {
        const dx = empty(y.shape);
        if (size > 0) runRows(`${name} gradient`, rows, { y, dy }, { dx }, gradient);
        return [dx];
      },
    });
  };
}
