/**
 * The rectifier with a slope below 0 that is learnt. He et al.: Delving deep into rectifiers (arXiv 1502.01852).
 *
 * @module
 */
import { composed } from "../core/composed.ts";
import { defineElementwise } from "../core/families/elementwise.ts";
import { show } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { reshape } from "../shape/reshape.ts";

const op = defineElementwise({
  name: "prelu",
  inputs: ["x", "w"],
  forward: "select(x * w, x, x > 0.0)",
  gradient: { x: "select(dy * w, dy, x > 0.0)", w: "select(dy * x, 0.0, x > 0.0)" },
});

const takes = signature("apply prelu", { x: FLOAT_TENSOR, weight: FLOAT_TENSOR });

/**
 * Multiplies what is not above 0 with a slope, one for all channels or one for each.
 *
 * @param x `[n, c, …]`, or any shape where there is one slope; float32.
 * @param weight `[c]` or `[1]`, float32.
 * @returns A tensor of the same shape.
 * @throws {RangeError} If `weight` has other sizes.
 *
 * @example Usage
 * ```ts
 * import { openDevice, prelu, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await prelu(tensor([[-2, -2]]), tensor([0.5, 0.25])).toArray(), [[-1, -0.5]]);
 * ```
 */
export function prelu(x: Tensor, weight: Tensor): Tensor {
  takes(arguments);
  const channels = x.shape.length > 1 ? x.shape[1]! : 1;
  if (weight.shape.length > 1 || (weight.size !== 1 && weight.size !== channels)) {
    throw new RangeError(
      `Cannot apply prelu as weight must have one slope, or one for each channel: weight ${
        show(weight.shape)
      }, x ${show(x.shape)}`,
    );
  }
  if (weight.size === 1) return composed(() => op([x, reshape(weight, [])]));
  return composed(() => op([x, reshape(weight, [channels, ...x.shape.slice(2).map(() => 1)])]));
}
