/**
 * Changing the type of a tensor's elements.
 *
 * @module
 */
import type { DType } from "../kernels/wgsl/dtype.ts";
import { signature } from "../core/signature.ts";
import { cast } from "../core/tensor/compute.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { viewAs } from "../shape/view_as.ts";
import { DTYPE } from "../core/kinds.ts";

const takes = signature("apply to", { x: TENSOR, dtype: DTYPE });

/**
 * Gives the elements of `x` another type.
 *
 * To int32 the fraction is cut off; what has no int32, such as NaN, becomes some integer. To bool everything but 0 is
 * true. From bool come 0 and 1. Only float32 has gradients, so they flow through where the type stays float32.
 *
 * @param x A tensor of any shape.
 * @param dtype The new type. Where it is that of `x` already, the memory is shared.
 * @returns A tensor of the same shape.
 * @throws {TypeError} If there is no such type.
 *
 * @example Usage
 * ```ts
 * import { openDevice, tensor, to } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await to(tensor([-1.5, 0, 2.9]), "int32").toArray(), [-1, 0, 2]);
 * assertEquals(await to(tensor([true, false]), "float32").toArray(), [1, 0]);
 * ```
 */
export function to(x: Tensor, dtype: DType): Tensor {
  takes(arguments);
  return x.dtype === dtype ? viewAs("to", x, x.shape) : cast(x, dtype);
}
