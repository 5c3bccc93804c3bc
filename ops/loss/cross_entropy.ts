/**
 * Cross-entropy between logits and class labels, or probabilities of the classes.
 *
 * With p = softmax(x), class weights w, label smoothing s and C classes, the loss of a row with target t is
 * `(1 - s) w_t (-log p_t) + s / C sum_k w_k (-log p_k)`, and 0 where t is ignored. "mean" divides the sum by the sum of
 * w_t over the rows that are not ignored, as PyTorch does. Gradient of a row:
 * `(1 - s) w_t (p_k - [k = t]) + s / C (p_k sum_j w_j - w_k)`.
 *
 * @module
 */
import { SOFTMAX_TOTAL } from "../kernels/row_walks.ts";
import { sameShape, show } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { type ClassLoss, classLoss, type ClassLossOptions, labels } from "./_class_loss.ts";
import type { Reduction } from "./_loss.ts";
import { probabilityLoss, refuseLabels } from "./_probability_loss.ts";
import { CROSS_ENTROPY_OPTIONS } from "./option_kinds.ts";

export type { Reduction };

/** Options of {@linkcode crossEntropy}. */
export interface CrossEntropyOptions extends ClassLossOptions {
  /** Share of the target that is spread evenly over all classes, 0 unless given. */
  labelSmoothing?: number;
}

const KERNELS: Pick<ClassLoss, "forward" | "gradient"> = {
  forward: (weight) => [
    ...SOFTMAX_TOTAL,
    "let shift = logf(total);",
    {
      name: "spread",
      kind: "sum",
      of: `${weight("k")} * (shift - (x[at] - top))`,
      when: "u.smoothing > 0.0",
    },
    /* wgsl */ `
    let hard = (1.0 - u.smoothing) * ${weight("own")} * (shift - (x[base + own * INNER] - top));
    let loss = hard + u.smoothing / f32(u.size) * spread;`,
  ],
  gradient: (weight) => ({
    values: [
      ...SOFTMAX_TOTAL,
      { name: "all_weights", kind: "sum", of: weight("k") },
      /* wgsl */ `
    let hard = (1.0 - u.smoothing) * ${weight("own")};
    let soft = u.smoothing / f32(u.size);`,
    ],
    each: /* wgsl */ `
      let p = expf(x[at] - top) / total;
      let g = hard * (p - select(0.0, 1.0, k == own)) + soft * (p * all_weights - ${weight("k")});
      dx[at] = upstream * g;`,
  }),
};

const takes = signature<CrossEntropyOptions>("apply crossEntropy", {
  input: FLOAT_TENSOR,
  target: labels("float32"),
}, CROSS_ENTROPY_OPTIONS);

/**
 * Measures how far logits are from the right classes.
 *
 * @param input Logits: `[classes]`, `[n, classes]` or `[n, classes, d1, …]`, float32.
 * @param target Right classes, int32: `[]`, `[n]` or `[n, d1, …]`; a class that does not exist gives NaN. Numbers are
 *   float32 unless told otherwise: `tensor([3, 1], { dtype: "int32" })` makes labels. Or the probability of each class, float32, in the shape of `input`; then gradients flow to it too.
 * @param options Class weights, reduction, label smoothing, and a target to ignore.
 * @returns `[]`, or with reduction "none" a loss for each row: the shape of `input` without its classes.
 * @throws {RangeError} If shapes do not fit; {@linkcode TypeError} if types do not.
 *
 * @example Usage
 * ```ts
 * import { crossEntropy, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * const logits = tensor([[2, 2, 2, 2]]), labels = tensor([1], { dtype: "int32" });
 * assertAlmostEquals(await crossEntropy(logits, labels).item(), Math.log(4), 1e-6);
 * const probabilities = tensor([[0.1, 0.2, 0.3, 0.4]]);
 * assertAlmostEquals(await crossEntropy(logits, probabilities).item(), Math.log(4), 1e-6);
 * ```
 */
export function crossEntropy(input: Tensor, target: Tensor, options: CrossEntropyOptions = {}): Tensor {
  takes(arguments);
  const { labelSmoothing = 0, ignoreIndex = -100 } = options;
  if (target.dtype === "float32") {
    refuseLabels(input, target);
    if (ignoreIndex >= 0) {
      throw new RangeError(
        `Cannot apply crossEntropy as a target of probabilities must have no ignoreIndex: ${ignoreIndex}`,
      );
    }
    return probabilityLoss(input, target, options);
  }
  if (sameShape(input.shape, target.shape) && input.shape.length > 0) {
    throw new TypeError(
      `Cannot apply crossEntropy as a target of the shape of input, which has the probabilities of the classes, must be float32: ` +
        `it is int32 of shape ${show(target.shape)}, and labels have that of input without its classes`,
    );
  }
  const numbers = [{ name: "smoothing", type: "f32", value: labelSmoothing }] as const;
  return classLoss({ op: "crossEntropy", ...KERNELS, numbers }, input, target, options);
}
