/**
 * Normalisation and losses, as mathematics defines them.
 *
 * @module
 */
import { addTerm, mix, sizeOf, terms, type Value } from "../tape.ts";
import { abs, add, div, lt, mul, neg, rsqrt, softplus, square, sub, where } from "./pointwise.ts";
import { logSoftmax, mean, sum } from "./reductions.ts";
import { coordinates, normal, placeOf } from "./shapes.ts";

interface Affine {
  weight?: Value;
  bias?: Value;
  eps?: number;
}

/** `(x - mean) / sqrt(var + eps) * weight + bias`, with weight and bias in the form in which they broadcast. */
function affine(x: Value, mean: Value, variance: Value, { weight, bias, eps = 1e-5 }: Affine): Value {
  let y = mul(sub(x, mean), rsqrt(add(variance, eps)));
  if (weight) y = mul(y, weight);
  return bias ? add(y, bias) : y;
}

/** Mean and biased variance over some dimensions, which stay. */
function statistics(x: Value, dim: number[]): [Value, Value] {
  const m = mean(x, { dim, keepdim: true });
  return [m, mean(square(sub(x, m)), { dim, keepdim: true })];
}

interface BatchNorm extends Affine {
  runningMean?: Value;
  runningVar?: Value;
  training?: boolean;
  momentum?: number;
}

function batchNorm(x: Value, options: BatchNorm): Value {
  const { runningMean, runningVar, training = false, momentum = 0.1, eps } = options;
  const over = x.shape.map((_, d) => d).filter((d) => d !== 1), n = x.size / x.shape[1];
  const channels = x.shape.map((size, d) => (d === 1 ? size : 1)).slice(1);
  const [weight, bias] = [options.weight, options.bias].map((t) => t?.view(channels));
  if (!training) {
    return affine(x, runningMean!.view(channels), runningVar!.view(channels), { weight, bias, eps });
  }
  const [m, v] = statistics(x, over);
  if (runningMean && runningVar) {
    const next = (old: Value, now: Value) =>
      add(mul(old, 1 - momentum), mul(now.detached().view(old.shape), momentum));
    runningMean.rewrite(next(runningMean, m));
    runningVar.rewrite(next(runningVar, mul(v.detached(), n / (n - 1))));
  }
  return affine(x, m, v, { weight, bias, eps });
}
export const batchNorm1d = batchNorm;
export const batchNorm2d = batchNorm;
export const layerNorm = (
  x: Value,
  options: Affine & { normalizedShape: number | readonly number[] },
): Value => {
  const rank = [options.normalizedShape].flat().length;
  const [m, v] = statistics(x, x.shape.map((_, d) => d).slice(-rank));
  return affine(x, m, v, options);
};
export const groupNorm = (x: Value, numGroups: number, options: Affine = {}): Value => {
  const [n, c] = x.shape, grouped = x.view([n, numGroups, x.size / (n * numGroups)]);
  const [m, v] = statistics(grouped, [2]), channels = [c, ...x.shape.slice(2).map(() => 1)];
  const plain = affine(grouped, m, v, { eps: options.eps }).view(x.shape);
  const scaled = options.weight ? mul(plain, options.weight.view(channels)) : plain;
  return options.bias ? add(scaled, options.bias.view(channels)) : scaled;
};

interface Loss {
  reduction?: "mean" | "sum" | "none";
}

function reduced(losses: Value, reduction: Loss["reduction"] = "mean"): Value {
  return reduction === "none" ? losses : reduction === "sum" ? sum(losses) : mean(losses);
}

export const mseLoss = (x: Value, t: Value, { reduction }: Loss = {}): Value =>
  reduced(square(sub(x, t)), reduction);
export const l1Loss = (x: Value, t: Value, { reduction }: Loss = {}): Value =>
  reduced(abs(sub(x, t)), reduction);
export const smoothL1Loss = (
  x: Value,
  t: Value,
  { reduction, beta = 1 }: Loss & { beta?: number } = {},
): Value => {
  const d = abs(sub(x, t));
  if (beta === 0) return reduced(d, reduction);
  return reduced(where(lt(d, beta), mul(square(d), 0.5 / beta), sub(d, beta / 2)), reduction);
};
export const binaryCrossEntropyWithLogits = (
  x: Value,
  t: Value,
  { reduction, weight, posWeight }: Loss & { weight?: Value; posWeight?: Value } = {},
): Value => {
  const missed = mul(t, softplus(neg(x), { threshold: Infinity }));
  const wrong = mul(sub(1, t), softplus(x, { threshold: Infinity }));
  const losses = add(posWeight ? mul(missed, posWeight.detached()) : missed, wrong);
  return reduced(weight ? mul(losses, weight.detached()) : losses, reduction);
};

interface ClassLoss extends Loss {
  weight?: Value;
  ignoreIndex?: number;
  labelSmoothing?: number;
}

/** Losses of rows that are weighted sums of `logs`, the log-probabilities; `total` is the weight of all rows. */
function classLoss(logs: Value, target: Value, options: ClassLoss): Value {
  const { weight, ignoreIndex = -100, labelSmoothing = 0, reduction = "mean" } = options;
  const { shape } = logs,
    dim = shape.length > 1 ? 1 : 0,
    classes = shape[dim],
    rows = shape.toSpliced(dim, 1);
  const w = (k: number) => weight?.data[k] ?? 1, all = terms();
  let total = 0;
  for (let row = 0; row < sizeOf(rows); row++) {
    const label = target.data[row];
    if (label === ignoreIndex) continue;
    total += w(label);
    for (let k = 0; k < classes; k++) {
      const share = (k === label ? 1 - labelSmoothing : 0) * w(label) + labelSmoothing / classes * w(k);
      const at = coordinates(row, rows).toSpliced(dim, 0, k);
      if (share !== 0) addTerm(all, row, placeOf(at, shape), -share);
    }
  }
  const losses = mix([logs], rows, all);
  return reduction === "none" ? losses : reduction === "sum" ? sum(losses) : div(sum(losses), total);
}

export const nllLoss = (x: Value, target: Value, options: ClassLoss = {}): Value =>
  classLoss(x, target, options);
export const crossEntropy = (x: Value, target: Value, options: ClassLoss = {}): Value => {
  const dim = x.shape.length > 1 ? 1 : 0, logs = logSoftmax(x, { dim });
  if (target.dtype !== "float32") return classLoss(logs, target, options);
  const { labelSmoothing = 0, weight, reduction = "mean" } = options, classes = x.shape[dim];
  const shares = labelSmoothing === 0
    ? target
    : add(mul(target, 1 - labelSmoothing), labelSmoothing / classes);
  const columns = x.shape.slice(normal(dim, x.shape.length)).map((n, d) => (d === 0 ? n : 1));
  const weighted = weight ? mul(shares, weight.detached().view(columns)) : shares;
  const losses = neg(sum(mul(weighted, logs), { dim }));
  return reduction === "none" ? losses : reduction === "sum" ? sum(losses) : div(sum(losses), losses.size);
};
