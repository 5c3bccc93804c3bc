/**
 * Losses as modules.
 *
 * @module
 */
import { signature } from "../ops/core/signature.ts";
import type { Tensor } from "../ops/core/tensor/tensor.ts";
import {
  binaryCrossEntropyWithLogits,
  type BinaryCrossEntropyWithLogitsOptions,
} from "../ops/loss/binary_cross_entropy_with_logits.ts";
import { crossEntropy, type CrossEntropyOptions } from "../ops/loss/cross_entropy.ts";
import { l1Loss } from "../ops/loss/l1_loss.ts";
import {
  BCE_OPTIONS,
  CLASS_LOSS_OPTIONS,
  CROSS_ENTROPY_OPTIONS,
  LOSS_OPTIONS,
  SMOOTH_L1_OPTIONS,
} from "../ops/loss/option_kinds.ts";
import { type LossOptions, mseLoss } from "../ops/loss/mse_loss.ts";
import { type ClassLossOptions, nllLoss } from "../ops/loss/nll_loss.ts";
import { smoothL1Loss, type SmoothL1LossOptions } from "../ops/loss/smooth_l1_loss.ts";
import { Module } from "./module.ts";

const takesCrossEntropyLoss = signature<CrossEntropyOptions>(
  "make CrossEntropyLoss",
  {},
  CROSS_ENTROPY_OPTIONS,
);

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
    takesCrossEntropyLoss(arguments);
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

const takesNLLLoss = signature<ClassLossOptions>("make NLLLoss", {}, CLASS_LOSS_OPTIONS);

/**
 * Measures how far log-probabilities are from the right classes: `-w_t x_t` of each row; see {@linkcode nllLoss}.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([[-1, -2], [-4, -8]]), labels = tensor([0, 1], { dtype: "int32" });
 * assertEquals(await new nn.NLLLoss().forward(x, labels).item(), 4.5);
 * ```
 */
export class NLLLoss extends Module {
  readonly #options: ClassLossOptions;

  /**
   * Makes a loss.
   *
   * @param options Class weights, reduction, and a target to ignore.
   */
  constructor(options: ClassLossOptions = {}) {
    super();
    takesNLLLoss(arguments);
    this.#options = options;
    if (options.weight) this.registerBuffer("weight", options.weight);
  }

  /**
   * Computes the loss.
   *
   * @param input Log-probabilities, `[n, classes, …]`.
   * @param target Right classes, int32, `[n, …]`.
   * @returns `[]`, or the shape of `target` with reduction "none".
   */
  override forward(input: Tensor, target: Tensor): Tensor {
    return nllLoss(input, target, this.#options);
  }
}

const takesMSELoss = signature<LossOptions>("make MSELoss", {}, LOSS_OPTIONS);

/**
 * Measures squared distances: `(x - t)²` of each element.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await new nn.MSELoss().forward(tensor([1, 2]), tensor([1, 4])).item(), 2);
 * ```
 */
export class MSELoss extends Module {
  readonly #options: LossOptions;

  /**
   * Makes a loss.
   *
   * @param options How the losses are put together.
   */
  constructor(options: LossOptions = {}) {
    super();
    takesMSELoss(arguments);
    this.#options = options;
  }

  /**
   * Computes the loss.
   *
   * @param input A tensor of any shape.
   * @param target A tensor whose shape broadcasts with it.
   * @returns `[]`, or the broadcast shape with reduction "none".
   */
  override forward(input: Tensor, target: Tensor): Tensor {
    return mseLoss(input, target, this.#options);
  }
}

const takesL1Loss = signature<LossOptions>("make L1Loss", {}, LOSS_OPTIONS);

/**
 * Measures distances: `|x - t|` of each element.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await new nn.L1Loss().forward(tensor([1, 2]), tensor([1, 4])).item(), 1);
 * ```
 */
export class L1Loss extends Module {
  readonly #options: LossOptions;

  /**
   * Makes a loss.
   *
   * @param options How the losses are put together.
   */
  constructor(options: LossOptions = {}) {
    super();
    takesL1Loss(arguments);
    this.#options = options;
  }

  /**
   * Computes the loss.
   *
   * @param input A tensor of any shape.
   * @param target A tensor whose shape broadcasts with it.
   * @returns `[]`, or the broadcast shape with reduction "none".
   */
  override forward(input: Tensor, target: Tensor): Tensor {
    return l1Loss(input, target, this.#options);
  }
}

const takesSmoothL1Loss = signature<SmoothL1LossOptions>("make SmoothL1Loss", {}, SMOOTH_L1_OPTIONS);

/**
 * Measures distances, small ones squared: `d² / (2 beta)` where `|d| < beta`, else `|d| - beta / 2`, with d = x - t.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await new nn.SmoothL1Loss({ beta: 2 }).forward(tensor([1]), tensor([2])).item(), 0.25);
 * ```
 */
export class SmoothL1Loss extends Module {
  readonly #options: SmoothL1LossOptions;

  /**
   * Makes a loss.
   *
   * @param options Where small ends, and how the losses are put together.
   */
  constructor(options: SmoothL1LossOptions = {}) {
    super();
    takesSmoothL1Loss(arguments);
    this.#options = options;
  }

  /**
   * Computes the loss.
   *
   * @param input A tensor of any shape.
   * @param target A tensor whose shape broadcasts with it.
   * @returns `[]`, or the broadcast shape with reduction "none".
   */
  override forward(input: Tensor, target: Tensor): Tensor {
    return smoothL1Loss(input, target, this.#options);
  }
}

const takesBCEWithLogitsLoss = signature<BinaryCrossEntropyWithLogitsOptions>(
  "make BCEWithLogitsLoss",
  {},
  BCE_OPTIONS,
);

/**
 * Measures how far logits are from targets between 0 and 1; see {@linkcode binaryCrossEntropyWithLogits} for the
 * formula.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * const loss = new nn.BCEWithLogitsLoss();
 * assertAlmostEquals(await loss.forward(tensor([0, 0]), tensor([0, 1])).item(), Math.LN2, 1e-6);
 * ```
 */
export class BCEWithLogitsLoss extends Module {
  readonly #options: BinaryCrossEntropyWithLogitsOptions;

  /**
   * Makes a loss. Weights are part of its state, as `weight` and `pos_weight`.
   *
   * @param options Weights, and how the losses are put together.
   */
  constructor(options: BinaryCrossEntropyWithLogitsOptions = {}) {
    super();
    takesBCEWithLogitsLoss(arguments);
    this.#options = options;
    if (options.weight) this.registerBuffer("weight", options.weight);
    if (options.posWeight) this.registerBuffer("pos_weight", options.posWeight);
  }

  /**
   * Computes the loss.
   *
   * @param input Logits of any shape.
   * @param target Targets of the same shape.
   * @returns `[]`, or the shape of `input` with reduction "none".
   */
  override forward(input: Tensor, target: Tensor): Tensor {
    return binaryCrossEntropyWithLogits(input, target, this.#options);
  }
}
