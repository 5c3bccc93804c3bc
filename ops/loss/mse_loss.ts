/**
 * Squared error, `(x - t)²`.
 *
 * @module
 */
import { signature } from "../core/signature.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { defineElementLoss, LOSS_OPTIONS, type LossOptions } from "./_loss.ts";

export type { LossOptions };

const loss = defineElementLoss({
  name: "mseLoss",
  forward: "(x - t) * (x - t)",
  slopes: ["2.0 * (x - t)", "2.0 * (t - x)"],
});

const takes = signature<LossOptions>(
  "apply mseLoss",
  { input: FLOAT_TENSOR, target: FLOAT_TENSOR },
  LOSS_OPTIONS,
);

/**
 * Measures the squared distance of each element of `input` from that of `target`.
 *
 * @param input A tensor of any shape, float32.
 * @param target A tensor whose shape broadcasts with that of `input`, float32; gradients flow to it too.
 * @param options How the losses are put together.
 * @returns `[]`, or with reduction "none" the broadcast shape.
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example Usage
 * ```ts
 * import { mseLoss, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await mseLoss(tensor([1, 2]), tensor([1, 4])).item(), 2);
 * ```
 */
export function mseLoss(input: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  takes(arguments);
  return loss([input, target], options.reduction);
}
