/**
 * Smooth absolute error: with d = x - t, `d² / (2 beta)` where |d| < beta, and `|d| - beta / 2` elsewhere.
 *
 * Its slope is that of a parabola between straight lines: d / beta, held between -1 and 1. From Girshick, "Fast R-CNN",
 * 2015; for beta = 1 it is Huber's loss.
 *
 * @module
 */
import { signature } from "../core/signature.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { defineElementLoss, type LossOptions } from "./_loss.ts";
import { SMOOTH_L1_OPTIONS } from "./option_kinds.ts";

/** Options of {@linkcode smoothL1Loss}. */
export interface SmoothL1LossOptions extends LossOptions {
  /** Distance at which the parabola becomes a line, 1 unless given; with 0 it is the absolute error. */
  beta?: number;
}

const slope = (d: string) => `select(select(${d} / beta, 1.0, ${d} >= beta), -1.0, ${d} <= -beta)`;

const loss = defineElementLoss({
  name: "smoothL1Loss",
  numbers: ["beta"],
  forward: "select(abs(x - t) - 0.5 * beta, 0.5 * (x - t) * (x - t) / beta, abs(x - t) < beta)",
  slopes: [slope("(x - t)"), slope("(t - x)")],
});

const takes = signature<SmoothL1LossOptions>("apply smoothL1Loss", {
  input: FLOAT_TENSOR,
  target: FLOAT_TENSOR,
}, SMOOTH_L1_OPTIONS);

/**
 * Measures the distance of each element of `input` from that of `target`, small ones squared.
 *
 * @param input A tensor of any shape, float32.
 * @param target A tensor whose shape broadcasts with that of `input`, float32; gradients flow to it too.
 * @param options Where small ends, and how the losses are put together.
 * @returns `[]`, or with reduction "none" the broadcast shape.
 * @throws {RangeError} If the shapes do not broadcast, or `beta` is negative.
 *
 * @example Usage
 * ```ts
 * import { openDevice, smoothL1Loss, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const loss = smoothL1Loss(tensor([1, 2]), tensor([1.5, 4]), { reduction: "none" });
 * assertEquals(await loss.toArray(), [0.125, 1.5]);
 * ```
 */
export function smoothL1Loss(input: Tensor, target: Tensor, options: SmoothL1LossOptions = {}): Tensor {
  takes(arguments);
  const { beta = 1, reduction } = options;
  return loss([input, target], reduction, [beta]);
}
