/**
 * Tensors that lie one after another in a flat one, such as all parameters in a vector.
 *
 * @module
 */
import "../ops/methods.ts";
import { gatherAffine, scatterAffine } from "../ops/core/families/movement.ts";
import type { Tensor } from "../ops/core/tensor/tensor.ts";
import { rowMajor } from "../ops/kernels/wgsl/access.ts";

/** A copy of the tensor of this shape that begins at `offset`; `name` is the kernel's. */
export function readFlat(name: string, flat: Tensor, shape: readonly number[], offset: number): Tensor {
  return gatherAffine(name, flat, shape, { strides: rowMajor(shape), offset });
}

/** Overwrites what begins at `offset` with the elements of `x`; `name` is the kernel's. */
export function writeFlat(name: string, x: Tensor, flat: Tensor, offset: number): void {
  scatterAffine(name, x, flat, { strides: rowMajor(x.shape), offset });
}
