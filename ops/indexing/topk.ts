/**
 * The largest or smallest elements along a dimension, in order. The gradient goes to the places that were chosen.
 *
 * @module
 */
import { topk as lowerTopk } from "../kernels/indexing/topk.ts";
import { type Rows, rowsOf } from "../kernels/rows.ts";
import { rowMajor } from "../kernels/wgsl/access.ts";
import { differentiable } from "../core/autograd/autograd.ts";
import { beats } from "../core/families/extremes.ts";
import { scatterAddRows } from "../core/families/indexing.ts";
import type { ValuesAndIndices } from "../core/families/reduce.ts";
import { run } from "../core/run.ts";
import { normalDim, sizeOf } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { empty } from "../core/tensor/create.ts";
import { tensorOf } from "../core/tensor/kinds.ts";
import { storageOf } from "../core/tensor/internals.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { BOOLEAN, DIM, NUMBER } from "../core/kinds.ts";

/** Options of {@linkcode topk}. */
export interface TopkOptions {
  /** Dimension along which to choose, the last unless given. Negative ones count from the end. */
  dim?: number;
  /** Whether the largest are chosen rather than the smallest, true unless given. */
  largest?: boolean;
}

const takes = signature<TopkOptions>("apply topk", { x: tensorOf("float32", "int32"), k: NUMBER }, {
  dim: DIM,
  largest: BOOLEAN,
}, "dim");

/**
 * Finds the `k` largest elements along a dimension, the largest first, and their places.
 *
 * @param x A tensor of any shape, float32 or int32. NaN counts as largest.
 * @param k How many.
 * @param options The dimension, the last unless given, and whether the largest or the smallest are wanted. `dim` may
 *   stand alone.
 * @returns The elements and their places, int32, with size `k` along the dimension; of equal elements the first come
 *   first.
 * @throws {RangeError} If the dimension does not exist or has fewer than `k` elements.
 *
 * @example Usage
 * ```ts
 * import { openDevice, tensor, topk } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const { values, indices } = topk(tensor([1, 5, 2, 4]), 2);
 * assertEquals(await values.toArray(), [5, 4]);
 * assertEquals(await indices.toArray(), [1, 3]);
 * ```
 */
export function topk(x: Tensor, k: number, options: TopkOptions | number = {}): ValuesAndIndices {
  options = takes(arguments);
  const { dim = -1, largest = true } = options, rank = x.shape.length;
  const d = normalDim("topk", dim, rank), rows = rowsOf(x.shape, d);
  if (!Number.isInteger(k) || k < 0 || k > rows.size) {
    throw new RangeError(`Cannot apply topk as k must be a whole number from 0 to ${rows.size}: ${k}`);
  }
  const n = rank === 0 ? 1 : k, shape = x.shape.map((size, at) => (at === d ? n : size));
  const values = empty(shape, x.dtype), indices = empty(shape, "int32");
  if (values.size > 0) choose(x, rows, n, largest, values, indices);
  differentiable("topk", values, [x], {
    saved: [indices],
    gradient: (dy, [indices]) => [gradient(dy, indices, x.shape, d)],
  });
  return { values, indices };
}

/** WGSL for whether an element is larger than another. */
const IS_LARGER = {
  float32: (a: string, b: string) => beats("max", "float32", a, b),
  int32: (a: string, b: string) => beats("max", "int32", a, b),
};

function choose(x: Tensor, rows: Rows, k: number, largest: boolean, values: Tensor, indices: Tensor): void {
  const dtype = x.dtype as "float32" | "int32";
  const data = {
    x: storageOf(x),
    dtype,
    rows,
    k,
    largest,
    isLarger: IS_LARGER[dtype],
    values: storageOf(values),
    indices: storageOf(indices),
  };
  run({ name: "topk", reads: [data.x], writes: [data.values, data.indices], data, lower: lowerTopk });
}

function gradient(dy: Tensor, indices: Tensor, shape: readonly number[], dim: number): Tensor {
  if (shape.length === 0) return dy;
  const strides = rowMajor(shape);
  const gathered = {
    items: indices.shape,
    base: { strides: strides.with(dim, 0), offset: 0 },
    dim,
    step: strides[dim]!,
    limit: shape[dim]!,
    width: 1,
    tableRows: sizeOf(shape),
    skip: -1,
  };
  return scatterAddRows("topk gradient", gathered, dy, indices, shape);
}
