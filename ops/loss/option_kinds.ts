/**
 * The kinds of the options of losses, which functions and layers share.
 *
 * @module
 */
import type { OptionKinds } from "../core/signature.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import { CLASS_LOSS_OPTIONS } from "./_class_loss.ts";
import { REDUCTION } from "./_loss.ts";
import type { BinaryCrossEntropyWithLogitsOptions } from "./binary_cross_entropy_with_logits.ts";
import type { CrossEntropyOptions } from "./cross_entropy.ts";
import type { SmoothL1LossOptions } from "./smooth_l1_loss.ts";
import { numberFrom } from "../core/kinds.ts";

export { CLASS_LOSS_OPTIONS } from "./_class_loss.ts";
export { LOSS_OPTIONS } from "./_loss.ts";

/** The kinds of {@linkcode CrossEntropyOptions}. */
export const CROSS_ENTROPY_OPTIONS: OptionKinds<CrossEntropyOptions> = {
  ...CLASS_LOSS_OPTIONS,
  labelSmoothing: numberFrom(0, 1),
};

/** The kinds of {@linkcode BinaryCrossEntropyWithLogitsOptions}. */
export const BCE_OPTIONS: OptionKinds<BinaryCrossEntropyWithLogitsOptions> = {
  weight: FLOAT_TENSOR,
  posWeight: FLOAT_TENSOR,
  reduction: REDUCTION,
};

/** The kinds of {@linkcode SmoothL1LossOptions}. */
export const SMOOTH_L1_OPTIONS: OptionKinds<SmoothL1LossOptions> = {
  reduction: REDUCTION,
  beta: numberFrom(0),
};
