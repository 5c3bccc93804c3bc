/**
 * Negative log-likelihood: the loss of a row x of log-probabilities with target t is `-w_t x_t`, and 0 where t is
 * ignored. "mean" divides by the sum of w_t over the rows that are not ignored, as PyTorch does.
 *
 * @module
 */
import { signature } from "../core/signature.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import {
  CLASS_LOSS_OPTIONS,
  type ClassLoss,
  classLoss,
  type ClassLossOptions,
  labels,
} from "./_class_loss.ts";

export type { ClassLossOptions };

const NLL: ClassLoss = {
  op: "nllLoss",
  forward: (weight) => [`let loss = -${weight("own")} * x[base + own * INNER];`],
  gradient: (weight) => ({
    values: [],
    each: `dx[at] = select(0.0, -${weight("own")} * upstream, k == own);`,
  }),
  numbers: [],
};

const takes = signature<ClassLossOptions>(
  "apply nllLoss",
  { input: FLOAT_TENSOR, target: labels() },
  CLASS_LOSS_OPTIONS,
);

/**
 * Measures how far log-probabilities, as `logSoftmax` gives them, are from the right classes.
 *
 * @param input Log-probabilities: `[classes]`, `[n, classes]` or `[n, classes, d1, …]`, float32.
 * @param target Right classes, int32: `[]`, `[n]` or `[n, d1, …]`. A class that does not exist gives NaN. Numbers are
 *   float32 unless told otherwise: `tensor([3, 1], { dtype: "int32" })` makes labels.
 * @param options Class weights, reduction, and a target to ignore.
 * @returns `[]`, or with reduction "none" the shape of `target`.
 * @throws {RangeError} If shapes do not fit; {@linkcode TypeError} if types do not.
 *
 * @example Usage
 * ```ts
 * import { nllLoss, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([[-1, -2], [-4, -8]]), labels = tensor([0, 1], { dtype: "int32" });
 * assertEquals(await nllLoss(x, labels).item(), 4.5);
 * ```
 */
export function nllLoss(input: Tensor, target: Tensor, options: ClassLossOptions = {}): Tensor {
  takes(arguments);
  return classLoss(NLL, input, target, options);
}
