/**
 * The largest and the smallest elements over any dimensions, without their places.
 *
 * The gradient is divided evenly among the elements equal to the extreme, as in PyTorch.
 *
 * @module
 */
import { differentiable } from "../core/autograd/autograd.ts";
import {
  EQUAL,
  evenGradient,
  expectElements,
  type Extreme,
  extremeValue,
} from "../core/families/extremes.ts";
import { type ReduceOptions, reduceTensor } from "../core/families/reduce.ts";
import { normalDims } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { BOOLEAN, DIMS } from "../core/kinds.ts";

function extreme(which: Extreme, x: Tensor, options: ReduceOptions): Tensor {
  const op = `a${which}`, dims = normalDims(op, options.dim, x.shape.length);
  expectElements(op, x, dims);
  const y = reduceTensor(op, extremeValue(which, x.dtype), x, dims, options);
  return differentiable(op, y, [x], {
    saved: [x, y],
    gradient: (dy, [x, y]) => [evenGradient(op, x, y, dy, dims, EQUAL)],
  });
}

const takesAmax = signature<ReduceOptions>(
  "apply amax",
  { x: TENSOR },
  { dim: DIMS, keepdim: BOOLEAN },
  "dim",
);

/**
 * Finds the largest elements over some dimensions, or over all.
 *
 * @param x A tensor of any shape and type. NaN counts as largest.
 * @param options Which dimensions, and whether they stay with size 1. `dim` may stand alone.
 * @returns The elements, of the type of `x`; `[]` if everything is reduced.
 * @throws {RangeError} If a dimension does not exist or repeats, or there is nothing to choose from.
 *
 * @example Usage
 * ```ts
 * import { amax, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([[1, 5, 2], [7, 0, 7]]);
 * assertEquals(await amax(x, { dim: 1 }).toArray(), [5, 7]);
 * assertEquals(await amax(x, { dim: [0, 1] }).item(), 7);
 * ```
 */
export function amax(x: Tensor, options: ReduceOptions | number | readonly number[] = {}): Tensor {
  options = takesAmax(arguments);
  return extreme("max", x, options);
}

const takesAmin = signature<ReduceOptions>(
  "apply amin",
  { x: TENSOR },
  { dim: DIMS, keepdim: BOOLEAN },
  "dim",
);

/**
 * Finds the smallest elements over some dimensions, or over all.
 *
 * @param x A tensor of any shape and type. NaN counts as smallest.
 * @param options Which dimensions, and whether they stay with size 1. `dim` may stand alone.
 * @returns The elements, of the type of `x`; `[]` if everything is reduced.
 * @throws {RangeError} If a dimension does not exist or repeats, or there is nothing to choose from.
 *
 * @example Usage
 * ```ts
 * import { amin, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await amin(tensor([[1, 5, 2], [7, 0, 7]]), { dim: 1 }).toArray(), [1, 0]);
 * ```
 */
export function amin(x: Tensor, options: ReduceOptions | number | readonly number[] = {}): Tensor {
  options = takesAmin(arguments);
  return extreme("min", x, options);
}

const takesAminmax = signature<ReduceOptions>(
  "apply aminmax",
  { x: TENSOR },
  { dim: DIMS, keepdim: BOOLEAN },
  "dim",
);

/**
 * Finds the smallest and the largest elements over some dimensions, or over all.
 *
 * @param x A tensor of any shape and type. NaN counts as both.
 * @param options Which dimensions, and whether they stay with size 1. `dim` may stand alone.
 * @returns The smallest and the largest elements, of the type of `x`; `[]` if everything is reduced.
 * @throws {RangeError} If a dimension does not exist or repeats, or there is nothing to choose from.
 *
 * @example Usage
 * ```ts
 * import { aminmax, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const { min, max } = aminmax(tensor([3, 1, 2]));
 * assertEquals([await min.item(), await max.item()], [1, 3]);
 * ```
 */
export function aminmax(
  x: Tensor,
  options: ReduceOptions | number | readonly number[] = {},
): { min: Tensor; max: Tensor } {
  options = takesAminmax(arguments);
  return { min: extreme("min", x, options), max: extreme("max", x, options) };
}
