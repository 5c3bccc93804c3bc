/**
 * Sums and means that pass over NaN, and counts of what is not 0.
 *
 * @module
 */
import { composed } from "../core/composed.ts";
import type { ReduceOptions } from "../core/families/reduce.ts";
import { BOOLEAN, DIMS } from "../core/kinds.ts";
import { signature } from "../core/signature.ts";
import { cast } from "../core/tensor/compute.ts";
import { FLOAT_TENSOR, TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { ne } from "../pointwise/compare.ts";
import { div } from "../pointwise/div.ts";
import { isnan } from "../pointwise/isfinite.ts";
import { logicalNot } from "../pointwise/logical.ts";
import { where } from "../pointwise/where.ts";
import { sum } from "./sum.ts";

const KINDS = { dim: DIMS, keepdim: BOOLEAN };

function sumOfOthers(x: Tensor, options: ReduceOptions): Tensor {
  return sum(where(isnan(x), 0, x), options);
}

const takesNansum = signature<ReduceOptions>("apply nansum", { x: FLOAT_TENSOR }, KINDS, "dim");

/**
 * Adds the elements of `x` up over some dimensions, or over all, with NaN as 0.
 *
 * @param x A tensor of any shape, float32.
 * @param options Which dimensions, and whether they stay with size 1. `dim` may stand alone.
 * @returns The sums; `[]` if everything is reduced.
 * @throws {RangeError} If a dimension does not exist or is named twice.
 *
 * @example Usage
 * ```ts
 * import { nansum, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await nansum(tensor([1, NaN, 3])).item(), 4);
 * ```
 */
export function nansum(x: Tensor, options: ReduceOptions | number | readonly number[] = {}): Tensor {
  options = takesNansum(arguments);
  const given = options;
  return composed(() => sumOfOthers(x, given));
}

const takesNanmean = signature<ReduceOptions>("apply nanmean", { x: FLOAT_TENSOR }, KINDS, "dim");

/**
 * Takes the mean of what is not NaN over some dimensions, or over all; of nothing it is NaN.
 *
 * @param x A tensor of any shape, float32.
 * @param options Which dimensions, and whether they stay with size 1. `dim` may stand alone.
 * @returns The means; `[]` if everything is reduced.
 * @throws {RangeError} If a dimension does not exist or is named twice.
 *
 * @example Usage
 * ```ts
 * import { nanmean, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await nanmean(tensor([1, NaN, 3])).item(), 2);
 * ```
 */
export function nanmean(x: Tensor, options: ReduceOptions | number | readonly number[] = {}): Tensor {
  options = takesNanmean(arguments);
  const given = options;
  return composed(() => {
    const count = sum(cast(logicalNot(isnan(x)), "float32"), given);
    return div(sumOfOthers(x, given), count);
  });
}

const takesCount = signature<{ dim?: number | readonly number[] }>("apply countNonzero", { x: TENSOR }, {
  dim: DIMS,
}, "dim");

/**
 * Counts the elements that are not 0 over some dimensions, or over all. NaN is not 0.
 *
 * @param x A tensor of any shape and type.
 * @param options Which dimensions. `dim` may stand alone.
 * @returns The counts, int32; `[]` if everything is counted.
 * @throws {RangeError} If a dimension does not exist or is named twice.
 *
 * @example Usage
 * ```ts
 * import { countNonzero, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await countNonzero(tensor([1, 0, NaN])).item(), 2);
 * ```
 */
export function countNonzero(
  x: Tensor,
  options: { dim?: number | readonly number[] } | number | readonly number[] = {},
): Tensor {
  options = takesCount(arguments);
  const given = options;
  return composed(() => sum(x.dtype === "bool" ? x : ne(x, 0), given));
}
