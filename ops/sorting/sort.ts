/**
 * Sorting along a dimension, stably. The gradient goes to the places that the elements came from.
 *
 * @module
 */
import { composed } from "../core/composed.ts";
import type { ValuesAndIndices } from "../core/families/reduce.ts";
import { BOOLEAN, DIM } from "../core/kinds.ts";
import { normalDim } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { cast } from "../core/tensor/compute.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { topk } from "../indexing/topk.ts";

/** Options of {@linkcode sort} and {@linkcode argsort}. */
export interface SortOptions {
  /** The dimension, the last unless given; negative ones count from the end. */
  dim?: number;
  /** Whether the largest come first, false unless given. */
  descending?: boolean;
}

/** All elements along a dimension are the first of as many. */
function sorted(op: string, x: Tensor, { dim = -1, descending = false }: SortOptions): ValuesAndIndices {
  const d = normalDim(op, dim, x.shape.length), k = x.shape[d] ?? 1;
  if (x.dtype !== "bool") return topk(x, k, { dim: d, largest: descending });
  return composed(() => {
    const { values, indices } = topk(cast(x, "int32"), k, { dim: d, largest: descending });
    return { values: cast(values, "bool"), indices };
  });
}

const KINDS = { dim: DIM, descending: BOOLEAN };
const takesSort = signature<SortOptions>("apply sort", { x: TENSOR }, KINDS, "dim");

/**
 * Sorts the elements along a dimension. Equal ones keep their order; NaN counts as largest.
 *
 * @param x A tensor of any shape.
 * @param options The dimension, and whether the largest come first. `dim` may stand alone.
 * @returns The elements and the places that they came from, int32, both of the shape of `x`.
 * @throws {RangeError} If the dimension does not exist.
 *
 * @example Usage
 * ```ts
 * import { openDevice, sort, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const { values, indices } = sort(tensor([3, 1, 2]));
 * assertEquals(await values.toArray(), [1, 2, 3]);
 * assertEquals(await indices.toArray(), [1, 2, 0]);
 * ```
 */
export function sort(x: Tensor, options: SortOptions | number = {}): ValuesAndIndices {
  options = takesSort(arguments);
  return sorted("sort", x, options);
}

const takesArgsort = signature<SortOptions>("apply argsort", { x: TENSOR }, KINDS, "dim");

/**
 * Finds the order in which the elements along a dimension are sorted. Equal ones keep their order; NaN
 * counts as largest.
 *
 * @param x A tensor of any shape.
 * @param options The dimension, and whether the largest come first. `dim` may stand alone.
 * @returns Places along the dimension, int32, of the shape of `x`.
 * @throws {RangeError} If the dimension does not exist.
 *
 * @example Usage
 * ```ts
 * import { argsort, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await argsort(tensor([3, 1, 2])).toArray(), [1, 2, 0]);
 * ```
 */
export function argsort(x: Tensor, options: SortOptions | number = {}): Tensor {
  options = takesArgsort(arguments);
  return composed(() => sorted("argsort", x.detach(), options as SortOptions).indices);
}
