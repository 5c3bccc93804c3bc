/**
 * The largest element and the smallest, of everything or along a dimension.
 *
 * Of everything, the gradient is divided evenly among the elements equal to the extreme; along a dimension it goes to
 * the place that `indices` names. So does PyTorch.
 *
 * @module
 */
import { differentiable } from "../core/autograd/autograd.ts";
import {
  EQUAL_OR_NAN,
  evenGradient,
  expectElements,
  type Extreme,
  extremePlace,
  extremeValue,
  placeGradient,
} from "../core/families/extremes.ts";
import { reduceTensor, reduceTensorParts, type ValuesAndIndices } from "../core/families/reduce.ts";
import { normalDim } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { BOOLEAN, DIM } from "../core/kinds.ts";

/** Options of {@linkcode max} and {@linkcode min}. */
export interface MaxOptions {
  /** Dimension to reduce. Negative ones count from the end. */
  dim: number;
  /** Whether the reduced dimension stays, with size 1. */
  keepdim?: boolean;
}

function overAll(which: Extreme, x: Tensor): Tensor {
  const dims = x.shape.map((_, d) => d);
  expectElements(which, x, dims);
  const y = reduceTensor(which, extremeValue(which, x.dtype), x, dims);
  return differentiable(which, y, [x], {
    saved: [x, y],
    gradient: (dy, [x, y]) => [evenGradient(which, x, y, dy, dims, EQUAL_OR_NAN)],
  });
}

function along(which: Extreme, x: Tensor, options: MaxOptions): ValuesAndIndices {
  const dim = normalDim(which, options.dim, x.shape.length), dims = x.shape.length === 0 ? [] : [dim];
  expectElements(which, x, dims);
  const [values, indices] = reduceTensorParts<[Tensor, Tensor]>(
    which,
    extremePlace(which, x.dtype),
    x,
    dims,
    options,
  );
  differentiable(which, values, [x], {
    saved: [indices],
    gradient: (dy, [indices]) => [placeGradient(which, x.shape, dim, indices, dy)],
  });
  return { values, indices };
}

const takesMax = signature<MaxOptions>("apply max", { x: TENSOR }, { dim: DIM, keepdim: BOOLEAN }, "dim");

/**
 * Finds the largest element of `x`.
 *
 * @param x A tensor of any shape and type. NaN counts as largest.
 * @returns The element, `[]`.
 * @throws {RangeError} If `x` is empty.
 */
export function max(x: Tensor): Tensor;
/**
 * Finds the largest elements along a dimension, and their places.
 *
 * @param x A tensor of any shape and type. NaN counts as largest.
 * @param options The dimension, and whether it stays with size 1. `dim` may stand alone.
 * @returns The elements and their places; of equal elements the first.
 * @throws {RangeError} If the dimension does not exist, or there is nothing to choose from.
 *
 * @example Usage
 * ```ts
 * import { max, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([[1, 5, 2], [7, 0, 7]]);
 * assertEquals(await max(x).item(), 7);
 * const { values, indices } = max(x, { dim: 1 });
 * assertEquals(await values.toArray(), [5, 7]);
 * assertEquals(await indices.toArray(), [1, 0]);
 * ```
 */
export function max(x: Tensor, options: MaxOptions | number): ValuesAndIndices;
export function max(x: Tensor, options?: MaxOptions | number): Tensor | ValuesAndIndices {
  options = takesMax(arguments);
  return options.dim === undefined ? overAll("max", x) : along("max", x, options);
}

const takesMin = signature<MaxOptions>("apply min", { x: TENSOR }, { dim: DIM, keepdim: BOOLEAN }, "dim");

/**
 * Finds the smallest element of `x`.
 *
 * @param x A tensor of any shape and type. NaN counts as smallest.
 * @returns The element, `[]`.
 * @throws {RangeError} If `x` is empty.
 */
export function min(x: Tensor): Tensor;
/**
 * Finds the smallest elements along a dimension, and their places.
 *
 * @param x A tensor of any shape and type. NaN counts as smallest.
 * @param options The dimension, and whether it stays with size 1. `dim` may stand alone.
 * @returns The elements and their places; of equal elements the first.
 * @throws {RangeError} If the dimension does not exist, or there is nothing to choose from.
 *
 * @example Usage
 * ```ts
 * import { min, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([[1, 5, 2], [7, 0, 7]]);
 * assertEquals(await min(x).item(), 0);
 * assertEquals(await min(x, { dim: 0 }).indices.toArray(), [0, 1, 0]);
 * ```
 */
export function min(x: Tensor, options: MaxOptions | number): ValuesAndIndices;
export function min(x: Tensor, options?: MaxOptions | number): Tensor | ValuesAndIndices {
  options = takesMin(arguments);
  return options.dim === undefined ? overAll("min", x) : along("min", x, options);
}
