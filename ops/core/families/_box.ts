/**
 * Boxes: the elements of a tensor from a start, at even distances, along every dimension.
 *
 * A slice is a box, so is a tensor flipped (distances of -1), and each part of a concatenation. Taking one and putting
 * one into place are each other's gradients.
 *
 * @module
 */
import { type AffineAccess, rowMajor } from "../../kernels/wgsl/access.ts";
import { empty, full } from "../tensor/create.ts";
import { gatherAffine, scatterAffine } from "./movement.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Some of a tensor's elements. */
export interface Box {
  /** Coordinates of its first element. */
  readonly start: readonly number[];
  /** Distance of its elements along each dimension; negative ones walk backward. */
  readonly step: readonly number[];
  /** How many elements it has along each dimension. */
  readonly shape: readonly number[];
}

/** The whole of `shape` but for dimension `dim`, where it is `size` elements from `start` on, `step` apart. */
export function boxAlong(shape: readonly number[], dim: number, start: number, size: number, step = 1): Box {
  return {
    start: shape.map((_, d) => (d === dim ? start : 0)),
    step: shape.map((_, d) => (d === dim ? step : 1)),
    shape: shape.map((whole, d) => (d === dim ? size : whole)),
  };
}

/** The elements of `box` in `x` as a new tensor. */
export function takeBox(name: string, x: Tensor, box: Box): Tensor {
  return gatherAffine(name, x, box.shape, accessTo(box, x.shape));
}

/** Writes `x`, which has as many elements, into `box` of `y`. */
export function writeBox(name: string, x: Tensor, y: Tensor, box: Box): void {
  const view = x.alias(box.shape);
  scatterAffine(name, view, y, accessTo(box, y.shape));
  view.dispose();
}

/** A new tensor of `shape` that is `x` in `box` and `value` everywhere else. */
export function putBox(name: string, x: Tensor, shape: readonly number[], box: Box, value = 0): Tensor {
  const isWhole = box.shape.every((size, d) => size === shape[d]);
  const y = isWhole ? empty(shape, x.dtype) : full(shape, value, { dtype: x.dtype });
  writeBox(name, x, y, box);
  return y;
}

function accessTo({ start, step }: Box, shape: readonly number[]): AffineAccess {
  const strides = rowMajor(shape);
  return {
    strides: strides.map((stride, d) => stride * step[d]),
    offset: start.reduce((sum, at, d) => sum + at * strides[d], 0),
  };
}
