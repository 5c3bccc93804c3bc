/**
 * Places of the largest elements and of the smallest.
 *
 * @module
 */
import { expectElements, type Extreme, extremePlace } from "../core/families/extremes.ts";
import { type DimOptions, reduceTensor } from "../core/families/reduce.ts";
import { normalDims } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { tensorOf } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { BOOLEAN, DIM } from "../core/kinds.ts";

function place(which: Extreme, x: Tensor, options: DimOptions): Tensor {
  const op = `arg${which}`;
  const dims = normalDims(op, options.dim, x.shape.length);
  expectElements(op, x, dims);
  return reduceTensor(op, extremePlace(which, x.dtype), x, dims, options);
}

const takesArgmax = signature<DimOptions>("apply argmax", { x: tensorOf("float32", "int32") }, {
  dim: DIM,
  keepdim: BOOLEAN,
}, "dim");

/**
 * Finds the place of the largest element, along a dimension or in all of `x`.
 *
 * @param x A tensor of any shape, float32 or int32. NaN counts as largest.
 * @param options The dimension, and whether it stays with size 1. Without a dimension places count through all of
 *   `x`. `dim` may stand alone.
 * @returns Places, int32; of equal elements the first.
 * @throws {RangeError} If the dimension does not exist, or there is nothing to choose from.
 *
 * @example Usage
 * ```ts
 * import { argmax, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await argmax(tensor([[1, 5, 2], [7, 0, 7]]), { dim: 1 }).toArray(), [1, 0]);
 * ```
 */
export function argmax(x: Tensor, options: DimOptions | number = {}): Tensor {
  options = takesArgmax(arguments);
  return place("max", x, options);
}

const takesArgmin = signature<DimOptions>("apply argmin", { x: tensorOf("float32", "int32") }, {
  dim: DIM,
  keepdim: BOOLEAN,
}, "dim");

/**
 * Finds the place of the smallest element, along a dimension or in all of `x`.
 *
 * @param x A tensor of any shape, float32 or int32. NaN counts as smallest.
 * @param options The dimension, and whether it stays with size 1. Without a dimension places count through all of
 *   `x`. `dim` may stand alone.
 * @returns Places, int32; of equal elements the first.
 * @throws {RangeError} If the dimension does not exist, or there is nothing to choose from.
 *
 * @example Usage
 * ```ts
 * import { argmin, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await argmin(tensor([[1, 5, 0], [7, 0, 0]]), { dim: 1 }).toArray(), [2, 1]);
 * ```
 */
export function argmin(x: Tensor, options: DimOptions | number = {}): Tensor {
  options = takesArgmin(arguments);
  return place("min", x, options);
}
