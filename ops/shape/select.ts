/**
 * One index of a dimension.
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

const takes = signature("apply select", { x: TENSOR, dim: DIM, index: whole() });

/**
 * Takes what stands at one index of a dimension, as `x[index]` does for the first dimension in Python.
 *
 * @param x A tensor of one dimension or more.
 * @param dim The dimension; negative ones count from the end.
 * @param index The index; negative ones count from the end.
 * @returns A new tensor without the dimension.
 * @throws {RangeError} If the dimension or the index does not exist.
 *
 * @example Usage
 * ```ts
 * import { openDevice, select, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([[1, 2, 3], [4, 5, 6]]);
 * assertEquals(await select(x, 0, 1).toArray(), [4, 5, 6]);
 * assertEquals(await select(x, 1, -1).toArray(), [3, 6]);
 * ```
 */
export function select(x: Tensor, dim: number, index: number): Tensor {
  takes(arguments);
  if (x.shape.length === 0) {
    throw new RangeError("Cannot apply select as x must have a dimension: it is a scalar");
  }
  const d = normalDim("select", dim, x.shape.length), size = x.shape[d]!;
  if (index < -size || index >= size) {
    throw new RangeError(
      `Cannot apply select as index must exist along dim ${dim}: ${index} for x of shape ${show(x.shape)}`,
    );
  }
  const slice = sliceAlong(x.shape, d, index < 0 ? index + size : index, 1);
  return cut("select", x, slice, x.shape.toSpliced(d, 1));
}
