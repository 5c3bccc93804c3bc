/**
 * Cross-entropy as a module.
 *
 * @module
 */
import type { Tensor } from "../ops/core/tensor/tensor.ts";
import { crossEntropy, type CrossEntropyOptions } from "../ops/loss/cross_entropy.ts";
import { Module } from "./module.ts";

/**
 * Measures how far logits are from the right classes; see {@linkcode crossEntropy} for the formula.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor, zeros } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * const loss = new nn.CrossEntropyLoss();
 * const labels = tensor([3, 7], { dtype: "int32" });
 * assertAlmostEquals(await loss.forward(zeros([2, 10]), labels).item(), Math.log(10), 1e-6);
 * ```
 */
export class CrossEntropyLoss extends Module {
  readonly #options: CrossEntropyOptions;

  /**
   * Makes a loss.
   *
   * @param options Class weights, reduction, label smoothing, and a target to ignore.
   */
  constructor(options: CrossEntropyOptions = {}) {
    super();
    this.#options = options;
    if (options.weight) this.registerBuffer("weight", options.weight);
  }

  /**
   * Computes the loss.
   *
   * @param input Logits, `[n, classes, …]`.
   * @param target Right classes, int32, `[n, …]`.
   * @returns `[]`, or the shape of `target` with reduction "none".
   */
  override forward(input: Tensor, target: Tensor): Tensor {
    return crossEntropy(input, target, this.#options);
  }
}
