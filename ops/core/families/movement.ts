/**
 * Copies of tensors in another arrangement, which is the identity program with another access.
 *
 * @module
 */
import { pick } from "../../kernels/pick.ts";
import { type AffineAccess, broadcastAccess, rowMajor } from "../../kernels/wgsl/access.ts";
import { computeInto, COPY } from "../tensor/compute.ts";
import { empty, full } from "../tensor/create.ts";
import { aliasOf } from "../tensor/internals.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** A tensor of `shape` whose elements are those that `access` finds in `x`. */
export function gatherAffine(
  name: string,
  x: Tensor,
  shape: readonly number[],
  access: AffineAccess,
): Tensor {
  const y = empty(shape, x.dtype);
  computeInto(name, COPY[x.dtype], shape, [[x, access]], [y]);
  return y;
}

/** Writes `x` into the places of `y` that `access` gives for each of its elements; no two may be the same. */
export function scatterAffine(name: string, x: Tensor, y: Tensor, access: AffineAccess): void {
  computeInto(name, COPY[x.dtype], x.shape, [x], [[y, access]]);
}

/** `x` repeated along its dimensions of size 1 until it has `shape`. */
export function expandTo(x: Tensor, shape: readonly number[]): Tensor {
  return gatherAffine("expand", x, shape, broadcastAccess(x.shape, shape));
}

/** `x` with its dimensions in another order. */
export function permuted(name: string, x: Tensor, dims: readonly number[]): Tensor {
  const strides = rowMajor(x.shape);
  return gatherAffine(name, x, pick(x.shape, dims), {
    strides: pick(strides, dims),
    offset: 0,
  });
}

/** Some of a tensor's elements. */
export interface StridedSlice {
  /** Coordinates of its first element. */
  readonly start: readonly number[];
  /** Distance of its elements along each dimension; negative ones walk backward. */
  readonly step: readonly number[];
  /** How many elements it has along each dimension. */
  readonly shape: readonly number[];
}

/** The whole of `shape` but for dimension `dim`, where it is `size` elements from `start` on, `step` apart. */
export function sliceAlong(
  shape: readonly number[],
  dim: number,
  start: number,
  size: number,
  step = 1,
): StridedSlice {
  return {
    start: shape.map((_, d) => (d === dim ? start : 0)),
    step: shape.map((_, d) => (d === dim ? step : 1)),
    shape: shape.map((whole, d) => (d === dim ? size : whole)),
  };
}

/** The elements of `slice` in `x` as a new tensor. */
export function takeSlice(name: string, x: Tensor, slice: StridedSlice): Tensor {
  return gatherAffine(name, x, slice.shape, accessTo(slice, x.shape));
}

/** Writes `x`, which has as many elements, into `slice` of `y`. */
export function writeSlice(name: string, x: Tensor, y: Tensor, slice: StridedSlice): void {
  const shaped = aliasOf(x, slice.shape);
  scatterAffine(name, shaped, y, accessTo(slice, y.shape));
  shaped.dispose();
}

/** A new tensor of `shape` that is `x` in `slice` and `value` everywhere else. */
export function putSlice(
  name: string,
  x: Tensor,
  shape: readonly number[],
  slice: StridedSlice,
  value = 0,
): Tensor {
  const isWhole = slice.shape.every((size, d) => size === shape[d]);
  const y = isWhole ? empty(shape, x.dtype) : full(shape, value, { dtype: x.dtype });
  writeSlice(name, x, y, slice);
  return y;
}

/** Where the elements of a slice lie in a tensor of `shape`. */
function accessTo({ start, step }: StridedSlice, shape: readonly number[]): AffineAccess {
  const strides = rowMajor(shape);
  return {
    strides: strides.map((stride, d) => stride * step[d]!),
    offset: start.reduce((sum, at, d) => sum + at * strides[d]!, 0),
  };
}
