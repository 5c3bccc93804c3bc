/**
 * Losses of each element of what input and target broadcast to.
 *
 * Huber's is a parabola up to the distance delta and a line beyond; cross-entropy of probabilities takes
 * no logarithm below -100, as in PyTorch; the divergence of Kullback and Leibler is 0 where the target
 * is; the loss of Poisson's distribution has Stirling's approximation of the factorial where `full` is
 * asked for.
 *
 * @module
 */
import { signature } from "../core/signature.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { composed } from "../core/composed.ts";
import { BOOLEAN, EPS, numberFrom, oneOf } from "../core/kinds.ts";
import { div } from "../pointwise/div.ts";
import { defineElementLoss, type LossOptions, REDUCTION, type Reduction } from "./_loss.ts";

const BOTH = { input: FLOAT_TENSOR, target: FLOAT_TENSOR };

/** Options of {@linkcode huberLoss}. */
export interface HuberLossOptions extends LossOptions {
  /** Distance at which the parabola becomes a line, above 0; 1 unless given. */
  delta?: number;
}

const huberSlope = (d: string) => `select(select(${d}, delta, ${d} > delta), -delta, ${d} < -delta)`;

const huber = defineElementLoss({
  name: "huberLoss",
  numbers: ["delta"],
  forward: "select(delta * (abs(x - t) - 0.5 * delta), 0.5 * (x - t) * (x - t), abs(x - t) <= delta)",
  slopes: [huberSlope("(x - t)"), huberSlope("(t - x)")],
});

const takesHuber = signature<HuberLossOptions>("apply huberLoss", BOTH, {
  reduction: REDUCTION,
  delta: numberFrom(0),
});

/**
 * Half the squared distance where it is small, `delta` times the distance, less a constant, where it is
 * large.
 *
 * @param input A tensor, float32.
 * @param target A tensor that broadcasts with it.
 * @param options Where large begins, and how the losses are put together.
 * @returns `[]`, or the broadcast shape with reduction "none".
 * @throws {RangeError} If the shapes do not broadcast.
 * @throws {TypeError} If a tensor is not float32.
 *
 * @example Usage
 * ```ts
 * import { huberLoss, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await huberLoss(tensor([0.5, 3]), tensor([0, 0]), { reduction: "none" }).toArray(), [0.125, 2.5]);
 * ```
 */
export function huberLoss(input: Tensor, target: Tensor, options: HuberLossOptions = {}): Tensor {
  takesHuber(arguments);
  return huber([input, target], options.reduction, [options.delta ?? 1]);
}

/** Options of {@linkcode binaryCrossEntropy}. */
export interface BinaryCrossEntropyOptions extends LossOptions {
  /** Weight of each element, which broadcasts. No gradient flows to it. */
  weight?: Tensor;
}

const LOG = (x: string) => `max(logf(${x}), -100.0)`;

const entropy = defineElementLoss({
  name: "binaryCrossEntropy",
  weights: ["w"],
  forward: `-w * (t * ${LOG("x")} + (1.0 - t) * ${LOG("1.0 - x")})`,
  slopes: ["w * (x - t) / max((1.0 - x) * x, 1e-12)", `w * (${LOG("1.0 - x")} - ${LOG("x")})`],
});

const takesEntropy = signature<BinaryCrossEntropyOptions>("apply binaryCrossEntropy", BOTH, {
  weight: FLOAT_TENSOR,
  reduction: REDUCTION,
});

/**
 * Cross-entropy of probabilities of two classes: `-(t ln x + (1 - t) ln(1 - x))`. With logits,
 * `binaryCrossEntropyWithLogits` is more accurate.
 *
 * @param input Probabilities from 0 to 1, float32; others are not refused, as they would have to be
 *   read back, and give NaN.
 * @param target Targets from 0 to 1, that broadcast with it.
 * @param options Weights, and how the losses are put together.
 * @returns `[]`, or the broadcast shape with reduction "none".
 * @throws {RangeError} If the shapes do not broadcast.
 * @throws {TypeError} If a tensor is not float32.
 *
 * @example Usage
 * ```ts
 * import { binaryCrossEntropy, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await binaryCrossEntropy(tensor([0.5]), tensor([1])).item(), Math.LN2, 1e-6);
 * ```
 */
export function binaryCrossEntropy(
  input: Tensor,
  target: Tensor,
  options: BinaryCrossEntropyOptions = {},
): Tensor {
  takesEntropy(arguments);
  return entropy([input, target, options.weight ?? 1], options.reduction);
}

/** Options of {@linkcode klDiv}. */
export interface KlDivOptions {
  /** How the losses are put together, "mean" unless given; "batchmean" is their sum by the first size of the input. */
  reduction?: Reduction | "batchmean";
  /** Whether the target is given as logarithms, false unless given. */
  logTarget?: boolean;
}

const ofShares = defineElementLoss({
  name: "klDiv",
  forward: "select(t * logf(t) - t * x, 0.0 - t * x, t == 0.0)",
  slopes: ["-t", "logf(t) + 1.0 - x"],
});
const ofLogs = defineElementLoss({
  name: "klDiv",
  forward: "expf(t) * (t - x)",
  slopes: ["-expf(t)", "expf(t) * (t - x + 1.0)"],
});

const takesKl = signature<KlDivOptions>("apply klDiv", BOTH, {
  reduction: oneOf("mean", "batchmean", "sum", "none"),
  logTarget: BOOLEAN,
});

/**
 * Divergence of Kullback and Leibler: `t (ln t - x)` for logarithms of probabilities `x`.
 *
 * @param input Logarithms of probabilities, float32.
 * @param target Probabilities, or their logarithms, that broadcast with it.
 * @param options What the target is, and how the losses are put together.
 * @returns `[]`, or the broadcast shape with reduction "none".
 * @throws {RangeError} If the shapes do not broadcast.
 * @throws {TypeError} If a tensor is not float32.
 *
 * @example Usage
 * ```ts
 * import { klDiv, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([[0.5, 0.5]]).log();
 * assertAlmostEquals(await klDiv(x, tensor([[1, 0]]), { reduction: "batchmean" }).item(), Math.LN2, 1e-6);
 * ```
 */
export function klDiv(input: Tensor, target: Tensor, options: KlDivOptions = {}): Tensor {
  takesKl(arguments);
  const { reduction = "mean", logTarget = false } = options, loss = logTarget ? ofLogs : ofShares;
  if (reduction !== "batchmean") return loss([input, target], reduction);
  return composed(() => div(loss([input, target], "sum"), input.shape[0] ?? 1));
}

/** Options of {@linkcode poissonNllLoss}. */
export interface PoissonNllLossOptions extends LossOptions {
  /** Whether the input is the logarithm of the rate, true unless given. */
  logInput?: boolean;
  /** Whether the logarithm of the target's factorial is added, false unless given. */
  full?: boolean;
  /** Added to rates whose logarithm is taken, 1e-8 unless given. */
  eps?: number;
}

const STIRLING = "select(0.0, t * logf(t) - t + 0.5 * logf(6.2831855 * t), t > 1.0)";
const STIRLING_SLOPE = "select(0.0, logf(t) + 0.5 / t, t > 1.0)";

const ofLogRate = defineElementLoss({
  name: "poissonNllLoss",
  numbers: ["full"],
  forward: `expf(x) - t * x + full * ${STIRLING}`,
  slopes: ["expf(x) - t", `full * ${STIRLING_SLOPE} - x`],
});
const ofRate = defineElementLoss({
  name: "poissonNllLoss",
  numbers: ["full", "eps"],
  forward: `x - t * logf(x + eps) + full * ${STIRLING}`,
  slopes: ["1.0 - t / (x + eps)", `full * ${STIRLING_SLOPE} - logf(x + eps)`],
});

const takesPoisson = signature<PoissonNllLossOptions>("apply poissonNllLoss", BOTH, {
  logInput: BOOLEAN,
  full: BOOLEAN,
  eps: EPS,
  reduction: REDUCTION,
});

/**
 * Negative logarithm of the likelihood of counts under Poisson's distribution: `e^x - t x`, or `x - t ln
 * x` for rates.
 *
 * @param input Logarithms of rates, or rates, float32.
 * @param target Counts, float32, that broadcast with it.
 * @param options What the input is, what is added, and how the losses are put together.
 * @returns `[]`, or the broadcast shape with reduction "none".
 * @throws {RangeError} If the shapes do not broadcast.
 * @throws {TypeError} If a tensor is not float32.
 *
 * @example Usage
 * ```ts
 * import { openDevice, poissonNllLoss, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await poissonNllLoss(tensor([0]), tensor([3])).item(), 1);
 * ```
 */
export function poissonNllLoss(input: Tensor, target: Tensor, options: PoissonNllLossOptions = {}): Tensor {
  takesPoisson(arguments);
  const { logInput = true, full = false, eps = 1e-8, reduction } = options;
  if (logInput) return ofLogRate([input, target], reduction, [Number(full)]);
  return ofRate([input, target], reduction, [Number(full), eps]);
}
