/**
 * Losses of each element, as modules.
 *
 * @module
 */
import { signature } from "../../ops/core/signature.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { Module } from "../module.ts";
import { BOOLEAN, EPS, numberFrom, oneOf } from "../../ops/core/kinds.ts";
import { FLOAT_TENSOR } from "../../ops/core/tensor/kinds.ts";
import {
  binaryCrossEntropy,
  type BinaryCrossEntropyOptions,
  huberLoss,
  type HuberLossOptions,
  klDiv,
  type KlDivOptions,
  poissonNllLoss,
  type PoissonNllLossOptions,
} from "../../ops/loss/huber_loss.ts";
import {
  multilabelSoftMarginLoss,
  type MultilabelSoftMarginLossOptions,
} from "../../ops/loss/margin_losses.ts";
import { LOSS_OPTIONS } from "../../ops/loss/option_kinds.ts";

const REDUCTION = LOSS_OPTIONS.reduction;

const takesBCELoss = signature<BinaryCrossEntropyOptions>("make BCELoss", {}, {
  weight: FLOAT_TENSOR,
  reduction: REDUCTION,
});

/**
 * Cross-entropy of probabilities of two classes; with logits `BCEWithLogitsLoss` is more accurate.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await new nn.BCELoss().forward(tensor([0.5]), tensor([1])).item(), Math.LN2, 1e-6);
 * ```
 */
export class BCELoss extends Module {
  readonly #options: BinaryCrossEntropyOptions;

  /**
   * Makes a loss.
   *
   * @param options What differs from the default.
   */
  constructor(options: BinaryCrossEntropyOptions = {}) {
    super();
    takesBCELoss(arguments);
    this.#options = options;
    if (options.weight) this.registerBuffer("weight", options.weight);
  }

  /**
   * Computes it.
   *
   * @param input A tensor of any shape, float32.
   * @param target A tensor that broadcasts with it.
   * @returns `[]`, or a loss for each with reduction "none".
   */
  override forward(input: Tensor, target: Tensor): Tensor {
    return binaryCrossEntropy(input, target, this.#options);
  }
}

const takesHuberLoss = signature<HuberLossOptions>("make HuberLoss", {}, {
  reduction: REDUCTION,
  delta: numberFrom(0),
});

/**
 * Half the squared distance where it is small, `delta` times the distance, less a constant, where it is
 * large.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await new nn.HuberLoss().forward(tensor([3]), tensor([0])).item(), 2.5);
 * ```
 */
export class HuberLoss extends Module {
  readonly #options: HuberLossOptions;

  /**
   * Makes a loss.
   *
   * @param options What differs from the default.
   */
  constructor(options: HuberLossOptions = {}) {
    super();
    takesHuberLoss(arguments);
    this.#options = options;
  }

  /**
   * Computes it.
   *
   * @param input A tensor of any shape, float32.
   * @param target A tensor that broadcasts with it.
   * @returns `[]`, or a loss for each with reduction "none".
   */
  override forward(input: Tensor, target: Tensor): Tensor {
    return huberLoss(input, target, this.#options);
  }
}

const takesKLDivLoss = signature<KlDivOptions>("make KLDivLoss", {}, {
  reduction: oneOf("mean", "batchmean", "sum", "none"),
  logTarget: BOOLEAN,
});

/**
 * Divergence of Kullback and Leibler, for logarithms of probabilities as input.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await new nn.KLDivLoss({ reduction: "sum" }).forward(tensor([Math.log(0.5)]), tensor([1])).item(), Math.LN2, 1e-6);
 * ```
 */
export class KLDivLoss extends Module {
  readonly #options: KlDivOptions;

  /**
   * Makes a loss.
   *
   * @param options What differs from the default.
   */
  constructor(options: KlDivOptions = {}) {
    super();
    takesKLDivLoss(arguments);
    this.#options = options;
  }

  /**
   * Computes it.
   *
   * @param input A tensor of any shape, float32.
   * @param target A tensor that broadcasts with it.
   * @returns `[]`, or a loss for each with reduction "none".
   */
  override forward(input: Tensor, target: Tensor): Tensor {
    return klDiv(input, target, this.#options);
  }
}

const takesPoissonNLLLoss = signature<PoissonNllLossOptions>("make PoissonNLLLoss", {}, {
  logInput: BOOLEAN,
  full: BOOLEAN,
  eps: EPS,
  reduction: REDUCTION,
});

/**
 * Negative logarithm of the likelihood of counts under Poisson's distribution.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await new nn.PoissonNLLLoss().forward(tensor([0]), tensor([3])).item(), 1);
 * ```
 */
export class PoissonNLLLoss extends Module {
  readonly #options: PoissonNllLossOptions;

  /**
   * Makes a loss.
   *
   * @param options What differs from the default.
   */
  constructor(options: PoissonNllLossOptions = {}) {
    super();
    takesPoissonNLLLoss(arguments);
    this.#options = options;
  }

  /**
   * Computes it.
   *
   * @param input A tensor of any shape, float32.
   * @param target A tensor that broadcasts with it.
   * @returns `[]`, or a loss for each with reduction "none".
   */
  override forward(input: Tensor, target: Tensor): Tensor {
    return poissonNllLoss(input, target, this.#options);
  }
}

const takesMultiLabelSoftMarginLoss = signature<MultilabelSoftMarginLossOptions>(
  "make MultiLabelSoftMarginLoss",
  {},
  { weight: FLOAT_TENSOR, reduction: REDUCTION },
);

/**
 * Cross-entropy of several labels at once, the mean over the classes.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await new nn.MultiLabelSoftMarginLoss().forward(tensor([[0, 0]]), tensor([[1, 0]])).item(), Math.LN2, 1e-6);
 * ```
 */
export class MultiLabelSoftMarginLoss extends Module {
  readonly #options: MultilabelSoftMarginLossOptions;

  /**
   * Makes a loss.
   *
   * @param options What differs from the default.
   */
  constructor(options: MultilabelSoftMarginLossOptions = {}) {
    super();
    takesMultiLabelSoftMarginLoss(arguments);
    this.#options = options;
    if (options.weight) this.registerBuffer("weight", options.weight);
  }

  /**
   * Computes it.
   *
   * @param input Logits `[…, classes]`, float32.
   * @param target 0 or 1 for each of them, float32.
   * @returns `[]`, or a loss for each with reduction "none".
   */
  override forward(input: Tensor, target: Tensor): Tensor {
    return multilabelSoftMarginLoss(input, target, this.#options);
  }
}
