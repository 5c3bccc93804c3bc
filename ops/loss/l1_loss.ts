/**
 * Absolute error, `|x - t|`; its slope at 0 is 0, as in PyTorch.
 *
 * @module
 */
import { signature } from "../core/signature.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { defineElementLoss, LOSS_OPTIONS, type LossOptions } from "./_loss.ts";

const slope = (x: string, t: string) => `select(select(0.0, -1.0, ${x} < ${t}), 1.0, ${x} > ${t})`;

const loss = defineElementLoss({
  name: "l1Loss",
  forward: "abs(x - t)",
  slopes: [slope("x", "t"), slope("t", "x")],
});

const takes = signature<LossOptions>(
  "apply l1Loss",
  { input: FLOAT_TENSOR, target: FLOAT_TENSOR },
  LOSS_OPTIONS,
);

/**
 * Measures the distance of each element of `input` from that of `target`.
 *
 * @param input A tensor of any shape, float32.
 * @param target A tensor whose shape broadcasts with that of `input`, float32; gradients flow to it too.
 * @param options How the losses are put together.
 * @returns `[]`, or with reduction "none" the broadcast shape.
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example Usage
 * ```ts
 * import { l1Loss, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await l1Loss(tensor([1, 2]), tensor([1, 4])).item(), 1);
 * ```
 */
export function l1Loss(input: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  takes(arguments);
  return loss([input, target], options.reduction);
}
