/**
 * Exchanging two dimensions.
 *
 * @module
 */
import { normalDim } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { reordered } from "./_reordered.ts";
import { DIM } from "../core/kinds.ts";

const takes = signature("apply transpose", { x: TENSOR, dim0: DIM, dim1: DIM });

/**
 * Exchanges two dimensions of `x`.
 *
 * @param x A tensor of any shape.
 * @param dim0 One dimension; negative ones count from the end.
 * @param dim1 The other.
 * @returns A new tensor, contiguous.
 * @throws {RangeError} If a dimension does not exist.
 *
 * @example Usage
 * ```ts
 * import { openDevice, tensor, transpose } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await transpose(tensor([[1, 2], [3, 4]]), 0, 1).toArray(), [[1, 3], [2, 4]]);
 * ```
 */
export function transpose(x: Tensor, dim0: number, dim1: number): Tensor {
  takes(arguments);
  const rank = x.shape.length;
  const a = normalDim("transpose", dim0, rank), b = normalDim("transpose", dim1, rank);
  const order = x.shape.map((_, d) => (d === a ? b : d === b ? a : d));
  return reordered("transpose", x, order);
}
