/**
 * The largest or smallest elements along a dimension, in order.
 *
 * One invocation walks one row of n elements and keeps the k best so far in a heap with the worst on top, in the very
 * places where the results belong; then it takes the worst off again and again and puts it at the end. So the work is
 * n log k whatever k is. The gradient goes to the places that were chosen.
 *
 * @module
 */
import { differentiable } from "./core/autograd.ts";
import { empty } from "./core/create.ts";
import { beats } from "./core/extreme.ts";
import type { ValuesAndIndices } from "./core/reduction.ts";
import { runRows } from "./core/rows.ts";
import { normalDim } from "./core/shape.ts";
import type { Tensor } from "./core/tensor.ts";
import type { DType } from "./kernels/dtype.ts";
import { type Rows, rowsOf } from "./kernels/rows.ts";

/** Options of {@linkcode topk}. */
export interface TopkOptions {
  /** Dimension along which to choose, the last unless given. Negative ones count from the end. */
  dim?: number;
  /** Whether the largest are chosen rather than the smallest, true unless given. */
  largest?: boolean;
}

/** Where the results of a row begin. */
const OUT = "let out = row / INNER * (u.k * INNER) + row % INNER;";

function forward(dtype: DType, largest: boolean): string {
  // NaN counts as largest either way, so the smallest are those that others beat
  const over = (a: string, b: string) => largest ? beats("max", dtype, a, b) : beats("max", dtype, b, a);
  /** Whether element `i` of value `v` comes after element `j` of value `w` in the result. */
  const after = (v: string, i: string, w: string, j: string) =>
    `(${over(w, v)} || (${i} > ${j} && !${over(v, w)}))`;
  const put = (at: string, v: string, i: string) =>
    `values[out + ${at} * INNER] = ${v}; indices[out + ${at} * INNER] = ${i};`;
  const get = (name: string, at: string) =>
    `let ${name} = values[out + ${at} * INNER]; let ${name}_at = indices[out + ${at} * INNER];`;
  /** Puts (v, i) into a heap of `size` elements whose top is free. */
  const sink = (size: string) => /* wgsl */ `
      var hole = 0u;
      loop {
        var child = 2u * hole + 1u;
        if (child >= ${size}) { break; }
        if (child + 1u < ${size}) {
          ${get("one", "child")}
          ${get("other", "(child + 1u)")}
          if (${after("other", "other_at", "one", "one_at")}) { child++; }
        }
        ${get("next", "child")}
        if (!${after("next", "next_at", "v", "i")}) { break; }
        ${put("hole", "next", "next_at")}
        hole = child;
      }
      ${put("hole", "v", "i")}`;
  return /* wgsl */ `
    ${OUT}
    for (var n = 0u; n < u.size; n++) {
      let v = x[base + n * INNER];
      let i = i32(n);
      if (n < u.k) {
        var hole = n;
        while (hole > 0u) {
          let parent = (hole - 1u) / 2u;
          ${get("up", "parent")}
          if (!${after("v", "i", "up", "up_at")}) { break; }
          ${put("hole", "up", "up_at")}
          hole = parent;
        }
        ${put("hole", "v", "i")}
        continue;
      }
      ${get("top", "0u")}
      if (${after("top", "top_at", "v", "i")}) {
        ${sink("u.k")}
      }
    }
    for (var n = u.k - 1u; n > 0u; n--) {
      ${get("v", "n")}
      let i = v_at;
      ${get("top", "0u")}
      ${put("n", "top", "top_at")}
      ${sink("n")}
    }`;
}

const GRADIENT = /* wgsl */ `
    ${OUT}
    for (var k = 0u; k < u.size; k++) { dx[base + k * INNER] = 0.0; }
    for (var k = 0u; k < u.k; k++) {
      dx[base + u32(indices[out + k * INNER]) * INNER] = dy[out + k * INNER];
    }`;

/**
 * Finds the `k` largest elements along a dimension, the largest first, and their places.
 *
 * @param x A tensor of any shape, float32 or int32. NaN counts as largest.
 * @param k How many.
 * @param options The dimension, the last unless given, and whether the largest or the smallest are wanted.
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
export function topk(x: Tensor, k: number, options: TopkOptions = {}): ValuesAndIndices {
  const { dim = -1, largest = true } = options, rank = x.shape.length;
  if (x.dtype === "bool") throw new TypeError("Cannot apply topk as x must be float32 or int32: it is bool");
  const d = normalDim("topk", dim, rank), rows = rowsOf(x.shape, d);
  if (!Number.isInteger(k) || k < 0 || k > rows.size) {
    throw new RangeError(`Cannot apply topk as k must be a whole number from 0 to ${rows.size}: ${k}`);
  }
  const n = rank === 0 ? 1 : k, shape = x.shape.map((size, at) => (at === d ? n : size));
  const values = empty(shape, x.dtype), indices = empty(shape, "int32");
  const uniforms = [{ name: "k", type: "u32", value: n }] as const;
  if (values.size > 0) {
    runRows("topk", rows, { x }, { values, indices }, forward(x.dtype, largest), uniforms);
  }
  differentiable("topk", values, [x], {
    saved: [indices],
    gradient: (dy, [indices]) => [gradient(dy, indices, x.shape, rows)],
  });
  return { values, indices };
}

function gradient(dy: Tensor, indices: Tensor, shape: readonly number[], rows: Rows): Tensor {
  const dx = empty(shape), count = rows.outer * rows.inner;
  if (dy.size === 0) return dx.fill(0);
  const uniforms = [{ name: "k", type: "u32", value: dy.size / count }] as const;
  runRows("topk gradient", rows, { indices, dy }, { dx }, GRADIENT, uniforms);
  return dx;
}
