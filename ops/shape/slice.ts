/**
 * Ranges along a dimension. The gradient is that of the range, and 0 elsewhere.
 *
 * @module
 */
import { sliceAlong } from "../core/families/movement.ts";
import { normalDim, show } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { cut } from "./_cut.ts";
import { DIM, whole } from "../core/kinds.ts";

/** Options of {@linkcode slice}. */
export interface SliceOptions {
  /** Dimension to cut, 0 unless given; negative ones count from the end. */
  dim?: number;
  /** First index, 0 unless given; negative ones count from the end. */
  start?: number;
  /** Index after the last, the size unless given; negative ones count from the end. */
  end?: number;
  /** Distance of the indices taken, 1 unless given; at least 1. */
  step?: number;
}

const takes = signature<SliceOptions>("apply slice", { x: TENSOR }, {
  dim: DIM,
  start: whole(),
  end: whole(),
  step: whole(1),
});

/**
 * Takes a range along a dimension, as `x[start:end:step]` does in Python: what lies beyond the ends is cut off.
 *
 * @param x A tensor of one dimension or more.
 * @param options The dimension and the range.
 * @returns A new tensor, empty along the dimension where the range is.
 * @throws {RangeError} If the dimension does not exist, a bound is not a whole number, or `step` is not positive.
 *
 * @example Usage
 * ```ts
 * import { openDevice, slice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([0, 1, 2, 3, 4]);
 * assertEquals(await slice(x, { start: 1, end: -1 }).toArray(), [1, 2, 3]);
 * assertEquals(await slice(x, { step: 2 }).toArray(), [0, 2, 4]);
 * ```
 */
export function slice(x: Tensor, options: SliceOptions = {}): Tensor {
  takes(arguments);
  if (x.shape.length === 0) {
    throw new RangeError("Cannot apply slice as x must have a dimension: it is a scalar");
  }
  const { step = 1 } = options, dim = normalDim("slice", options.dim ?? 0, x.shape.length);
  const size = x.shape[dim]!;
  const start = bound(options.start ?? 0, size), end = bound(options.end ?? size, size);
  const count = Math.max(0, Math.ceil((end - start) / step));
  return cut("slice", x, sliceAlong(x.shape, dim, start, count, step));
}

function bound(value: number, size: number): number {
  return Math.min(Math.max(value < 0 ? value + size : value, 0), size);
}

const takesNarrow = signature("apply narrow", { x: TENSOR, dim: DIM, start: whole(), length: whole(0) });

/**
 * Takes `length` indices of a dimension from `start` on.
 *
 * @param x A tensor of one dimension or more.
 * @param dim The dimension; negative ones count from the end.
 * @param start The first index; negative ones count from the end.
 * @param length How many.
 * @returns A new tensor.
 * @throws {RangeError} If the dimension does not exist, or the range is not within it.
 *
 * @example Usage
 * ```ts
 * import { narrow, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await narrow(tensor([0, 1, 2, 3]), 0, 1, 2).toArray(), [1, 2]);
 * ```
 */
export function narrow(x: Tensor, dim: number, start: number, length: number): Tensor {
  takesNarrow(arguments);
  const d = normalDim("narrow", dim, x.shape.length), size = x.shape[d];
  const first = start < 0 ? start + (size ?? 0) : start;
  if (size === undefined || first < 0 || first + length > size) {
    throw new RangeError(
      `Cannot apply narrow as the range must lie within dim ${dim}: ${length} from ${start} of x of shape ${
        show(x.shape)
      }`,
    );
  }
  return cut("narrow", x, sliceAlong(x.shape, d, first, length));
}
