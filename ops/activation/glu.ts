/**
 * The gated linear unit: one half weighted with the sigmoid of the other. Dauphin et al. (arXiv 1612.08083).
 *
 * @module
 */
import { composed } from "../core/composed.ts";
import { DIM } from "../core/kinds.ts";
import { normalDim, show } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { mul } from "../pointwise/mul.ts";
import { split } from "../shape/split.ts";
import { sigmoid } from "./sigmoid.ts";

const takes = signature<{ dim?: number }>("apply glu", { x: FLOAT_TENSOR }, { dim: DIM }, "dim");

/**
 * Cuts `x` into two halves along a dimension and weights the first with the sigmoid of the second.
 *
 * @param x A tensor of one dimension or more, float32, of an even size along the dimension.
 * @param options The dimension, the last unless given; negative ones count from the end. `dim` may
 *   stand alone.
 * @returns A tensor of half the size along the dimension.
 * @throws {RangeError} If the dimension does not exist, or its size is odd.
 *
 * @example Usage
 * ```ts
 * import { glu, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await glu(tensor([3, 4, 0, 0])).toArray(), [1.5, 2]);
 * ```
 */
export function glu(x: Tensor, options: { dim?: number } | number = {}): Tensor {
  options = takes(arguments);
  const dim = normalDim("glu", options.dim ?? -1, x.shape.length), size = x.shape[dim] ?? 1;
  if (size % 2 !== 0) {
    throw new RangeError(
      `Cannot apply glu as dim ${dim} must have an even size: x has shape ${show(x.shape)}`,
    );
  }
  return composed(() => {
    const [a, b] = split(x, [size / 2, size / 2], { dim }) as [Tensor, Tensor];
    return mul(a, sigmoid(b));
  });
}
