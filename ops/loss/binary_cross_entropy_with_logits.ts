/**
 * Binary cross-entropy between logits and targets, `w (-p t log σ(x) - (1 - t) log(1 - σ(x)))`.
 *
 * With `-log σ(x) = log(1 + e^-|x|) + max(-x, 0)` it is `w ((1 - t) x + ((p - 1) t + 1) (-log σ(x)))`, in which nothing
 * overflows. Slopes: `w (((p - 1) t + 1) σ(x) - p t)` in the input, `w ((p - 1) (-log σ(x)) - x)` in the target.
 *
 * @module
 */
import { broadcastShapes, sameShape, show } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { defineElementLoss, type Reduction } from "./_loss.ts";
import { BCE_OPTIONS } from "./option_kinds.ts";

/** Options of {@linkcode binaryCrossEntropyWithLogits}. */
export interface BinaryCrossEntropyWithLogitsOptions {
  /** Weight of each element; its shape broadcasts to that of the input. No gradient flows to it. */
  weight?: Tensor;
  /** Weight of positive targets; its shape broadcasts to that of the input. No gradient flows to it. */
  posWeight?: Tensor;
  /** How the losses are put together, "mean" unless given. */
  reduction?: Reduction;
}

const OP = "binaryCrossEntropyWithLogits";
const MINUS_LOG = "(log1pf(expf(-abs(x))) + select(-x, 0.0, x >= 0.0))";

const withPosWeight = defineLoss(`w * ((p - 1.0) * ${MINUS_LOG} - x)`);
const withoutPosWeight = defineLoss("-w * x");

/** Makes the loss, given its slope in the target. */
function defineLoss(targetSlope: string): ReturnType<typeof defineElementLoss> {
  return defineElementLoss({
    name: OP,
    weights: ["w", "p"],
    forward: `w * ((1.0 - t) * x + ((p - 1.0) * t + 1.0) * ${MINUS_LOG})`,
    slopes: ["w * (((p - 1.0) * t + 1.0) * sigmoidf(x) - p * t)", targetSlope],
  });
}

const takes = signature<BinaryCrossEntropyWithLogitsOptions>("apply binaryCrossEntropyWithLogits", {
  input: FLOAT_TENSOR,
  target: FLOAT_TENSOR,
}, BCE_OPTIONS);

/**
 * Measures how far logits are from targets between 0 and 1, each element on its own.
 *
 * @param input Logits of any shape, float32.
 * @param target Targets of the same shape, float32; gradients flow to them too.
 * @param options Weights, and how the losses are put together.
 * @returns `[]`, or with reduction "none" the shape of `input`.
 * @throws {RangeError} If the shapes do not fit.
 *
 * @example Usage
 * ```ts
 * import { binaryCrossEntropyWithLogits, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * const loss = binaryCrossEntropyWithLogits(tensor([0, 0]), tensor([0, 1]));
 * assertAlmostEquals(await loss.item(), Math.LN2, 1e-6);
 * ```
 */
export function binaryCrossEntropyWithLogits(
  input: Tensor,
  target: Tensor,
  options: BinaryCrossEntropyWithLogitsOptions = {},
): Tensor {
  takes(arguments);
  const { weight, posWeight, reduction } = options;
  if (!sameShape(input.shape, target.shape)) {
    throw new RangeError(
      `Cannot apply ${OP} as target must have the shape of input: input ${show(input.shape)}, target ${
        show(target.shape)
      }`,
    );
  }
  for (const [name, t] of Object.entries({ weight, posWeight })) {
    if (!t || sameShape(broadcastShapes(OP, input.shape, t.shape), input.shape)) continue;
    throw new RangeError(
      `Cannot apply ${OP} as ${name} must broadcast to the shape of input: input ${show(input.shape)}, ` +
        `${name} ${show(t.shape)}`,
    );
  }
  const loss = posWeight ? withPosWeight : withoutPosWeight;
  return loss([input, target, weight ?? 1, posWeight ?? 1], reduction);
}
