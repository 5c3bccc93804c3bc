/**
 * Softmax of the negated elements.
 *
 * @module
 */
import { composed } from "../core/composed.ts";
import { DIM, required } from "../core/kinds.ts";
import { signature } from "../core/signature.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { neg } from "../pointwise/neg.ts";
import { softmax } from "./softmax.ts";

const takes = signature<{ dim: number }>("apply softmin", { x: FLOAT_TENSOR }, { dim: required(DIM) }, "dim");

/**
 * Turns numbers along a dimension into shares that add up to 1, the smallest having the largest:
 * `softmax(-x)`.
 *
 * @param x A tensor of any shape, float32.
 * @param options The dimension; negative ones count from the end. `dim` may stand alone.
 * @returns A tensor of the same shape.
 * @throws {RangeError} If the dimension does not exist.
 *
 * @example Usage
 * ```ts
 * import { openDevice, softmin, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await softmin(tensor([7, 7]), 0).toArray(), [0.5, 0.5]);
 * ```
 */
export function softmin(x: Tensor, options: { dim: number } | number): Tensor {
  options = takes(arguments);
  const { dim } = options;
  return composed(() => softmax(neg(x), { dim }));
}
