/**
 * Between two: `y = a + w (b - a)`, counted from the nearer end, as in PyTorch.
 *
 * @module
 */
import { defineElementwise } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import { either, NUMBER } from "../core/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

const op = defineElementwise({
  name: "lerp",
  inputs: ["a", "b", "w"],
  forward: "select(b - (b - a) * (1.0 - w), a + w * (b - a), abs(w) < 0.5)",
  gradient: { a: "dy * (1.0 - w)", b: "dy * w", w: "dy * (b - a)" },
});

const takes = signature("apply lerp", {
  a: FLOAT_TENSOR,
  b: FLOAT_TENSOR,
  weight: either(FLOAT_TENSOR, NUMBER),
});

/**
 * Goes from `a` towards `b` by a share of the way: `a + weight (b - a)`.
 *
 * @param a A tensor, float32.
 * @param b A tensor, float32, whose shape broadcasts with that of `a`.
 * @param weight The share: a number, or a tensor that broadcasts with both.
 * @returns A tensor of the broadcast shape.
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example Usage
 * ```ts
 * import { lerp, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await lerp(tensor([0, 10]), tensor([4, 20]), 0.25).toArray(), [1, 12.5]);
 * ```
 */
export function lerp(a: Tensor, b: Tensor, weight: Tensor | number): Tensor {
  takes(arguments);
  return op([a, b, weight]);
}
