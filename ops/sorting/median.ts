/**
 * Medians and other quantiles, out of the sorted elements. A row with NaN has NaN for its quantiles.
 *
 * @module
 */
import { composed } from "../core/composed.ts";
import type { DimOptions, ValuesAndIndices } from "../core/families/reduce.ts";
import { BOOLEAN, DIM, either, listOf, numberFrom, oneOf } from "../core/kinds.ts";
import { normalDim, show } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { FLOAT_TENSOR, tensorOf } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { lerp } from "../elementary/lerp.ts";
import { sort } from "./sort.ts";
import { isnan } from "../pointwise/isfinite.ts";
import { where } from "../pointwise/where.ts";
import { argmax } from "../reduction/argmax.ts";
import { stack } from "../shape/cat.ts";
import { select } from "../shape/select.ts";
import { unsqueeze } from "../shape/squeeze.ts";
import { viewAs } from "../shape/view_as.ts";

const takesMedian = signature<DimOptions>("apply median", { x: tensorOf("float32", "int32") }, {
  dim: DIM,
  keepdim: BOOLEAN,
}, "dim");

/** Options of {@linkcode median} along a dimension. */
export interface MedianOptions {
  /** Dimension to reduce. Negative ones count from the end. */
  dim: number;
  /** Whether the reduced dimension stays, with size 1. */
  keepdim?: boolean;
}

/** Refuses to choose from nothing. */
function expectSome(op: string, x: Tensor, size: number): void {
  if (size > 0) return;
  throw new RangeError(
    `Cannot apply ${op} as there must be elements to choose from: x has shape ${show(x.shape)}`,
  );
}

/**
 * Finds the median of all elements: of an even number of them the lower of the two in the middle.
 *
 * @param x A tensor of any shape, float32 or int32.
 * @returns The median, `[]`; NaN if there is NaN.
 */
export function median(x: Tensor): Tensor;
/**
 * Finds the medians along a dimension, and where they are: of an even number of elements the lower of
 * the two in the middle.
 *
 * @param x A tensor of any shape, float32 or int32.
 * @param options The dimension, and whether it stays with size 1. `dim` may stand alone.
 * @returns The medians, NaN in a row with NaN, and their places along the dimension, int32.
 * @throws {RangeError} If the dimension does not exist, or there is nothing to choose from.
 *
 * @example Usage
 * ```ts
 * import { median, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await median(tensor([3, 1, 2, 9])).item(), 2);
 * assertEquals(await median(tensor([[3, 1, 2]]), 1).indices.toArray(), [2]);
 * ```
 */
export function median(x: Tensor, options: MedianOptions | number): ValuesAndIndices;
export function median(x: Tensor, options?: MedianOptions | number): Tensor | ValuesAndIndices {
  const { dim, keepdim = false } = takesMedian([x, ...(options === undefined ? [] : [options])]);
  if (dim === undefined) {
    expectSome("median", x, x.size);
    return composed(() => medianAlong(viewAs("median", x, [x.size]), 0, false).values);
  }
  const d = normalDim("median", dim, x.shape.length);
  expectSome("median", x, x.shape[d] ?? 1);
  return composed(() => medianAlong(x, d, keepdim));
}

function medianAlong(x: Tensor, dim: number, keepdim: boolean): ValuesAndIndices {
  if (x.shape.length === 0) return sort(x);
  const { values: sorted, indices } = sort(x, { dim }), size = x.shape[dim]!;
  const at = (t: Tensor, k: number) => {
    const taken = select(t, dim, k);
    return keepdim ? unsqueeze(taken, dim) : taken;
  };
  const middle = (size - 1) >> 1, values = at(sorted, middle), places = at(indices, middle);
  if (x.dtype !== "float32") return { values, indices: places };
  const last = at(sorted, size - 1), isNone = isnan(last); // NaN is sorted last
  const firstNaN = argmax(x, { dim, keepdim }); // the first NaN counts as largest
  return { values: where(isNone, last, values), indices: where(isNone, firstNaN, places) };
}

/** Options of {@linkcode quantile}. */
export interface QuantileOptions extends DimOptions {
  /** What lies between two elements: "linear" unless given. */
  interpolation?: "linear" | "lower" | "higher" | "midpoint" | "nearest";
}

const SHARE = numberFrom(0, 1);
const takesQuantile = signature<QuantileOptions>("apply quantile", {
  x: FLOAT_TENSOR,
  q: either(SHARE, listOf(SHARE, "numbers from 0 to 1")),
}, {
  dim: DIM,
  keepdim: BOOLEAN,
  interpolation: oneOf("linear", "lower", "higher", "midpoint", "nearest"),
}, "dim");

/**
 * Finds the values below which a share of the elements lies, along a dimension or of all.
 *
 * @param x A tensor of any shape, float32.
 * @param q The share, from 0 to 1, or several: they are the first dimension of the result.
 * @param options The dimension, whether it stays with size 1, and what lies between two elements.
 *   `dim` may stand alone.
 * @returns The quantiles; NaN in a row with NaN.
 * @throws {RangeError} If the dimension does not exist, or there is nothing to choose from.
 *
 * @example Usage
 * ```ts
 * import { openDevice, quantile, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([0, 1, 2, 3]);
 * assertEquals(await quantile(x, 0.5).item(), 1.5);
 * assertEquals(await quantile(x, [0, 1], { interpolation: "lower" }).toArray(), [0, 3]);
 * ```
 */
export function quantile(
  x: Tensor,
  q: number | readonly number[],
  options: QuantileOptions | number = {},
): Tensor {
  options = takesQuantile(arguments);
  const { dim, keepdim = false, interpolation = "linear" } = options, rank = x.shape.length;
  const d = dim === undefined ? 0 : normalDim("quantile", dim, rank);
  const size = dim === undefined ? x.size : x.shape[d] ?? 1;
  expectSome("quantile", x, size);
  if (typeof q !== "number" && q.length === 0) {
    throw new RangeError("Cannot apply quantile as q must be a number, or one number or more: []");
  }
  return composed(() => {
    const line = dim === undefined || rank === 0 ? viewAs("quantile", x, [x.size]) : x;
    const { values: sorted } = sort(line, { dim: d }), last = select(sorted, d, size - 1), none = isnan(last);
    const shape = keepdim ? x.shape.map((n, k) => (dim === undefined || k === d ? 1 : n)) : last.shape;
    const found = (typeof q === "number" ? [q] : q).map((share) => {
      const value = between(sorted, d, share * (size - 1), interpolation);
      return viewAs("quantile", where(none, last, value), shape);
    });
    return typeof q === "number" ? found[0]! : stack(found);
  });
}

/** What stands at a place of the sorted elements, which may lie between two. */
function between(sorted: Tensor, dim: number, rank: number, interpolation: string): Tensor {
  const low = Math.floor(rank), high = Math.ceil(rank), at = (k: number) => select(sorted, dim, k);
  if (low === high || interpolation === "lower") return at(low);
  if (interpolation === "higher") return at(high);
  if (interpolation === "midpoint") return lerp(at(low), at(high), 0.5);
  if (interpolation === "linear") return lerp(at(low), at(high), rank - low);
  const isEven = low % 2 === 0, rest = rank - low;
  return at(rest < 0.5 || (rest === 0.5 && isEven) ? low : high);
}
