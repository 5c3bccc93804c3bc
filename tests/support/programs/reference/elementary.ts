/**
 * Elementary functions, further activations and losses of elements, as mathematics defines them.
 *
 * @module
 */
import { pointwise, type Value } from "../tape.ts";
import {
  add,
  binary,
  clamp,
  div,
  exact,
  exp,
  log,
  logical,
  mul,
  neg,
  type Operand,
  sigmoid,
  sigmoidOf,
  sqrt,
  square,
  sub,
  to,
  unary,
  valueOf,
  where,
} from "./pointwise.ts";
import { mean, norm, softmax, sum } from "./reductions.ts";
import { split } from "./shapes.ts";

const even = (x: number) => {
  const low = Math.floor(x), rest = x - low;
  return rest < 0.5 || (rest === 0.5 && low % 2 === 0) ? low : low + 1;
};
const none = () => 0;

export const floor = unary(exact(Math.floor, [none]));
export const ceil = unary(exact(Math.ceil, [none]));
export const round = unary(exact(even, [none]));
export const trunc = unary(exact(Math.trunc, [none]));
export const frac = unary({ f: (x) => x - Math.trunc(x), slopes: [() => 1], ulps: 1 });
export const exp2 = unary({ f: (x) => 2 ** x, slopes: [(x) => Math.LN2 * 2 ** x], ulps: 8 });
export const log2 = unary({ f: Math.log2, slopes: [(x) => 1 / (x * Math.LN2)], terms: 0.5 });
export const log10 = unary({ f: Math.log10, slopes: [(x) => 1 / (x * Math.LN10)], terms: 0.5 });
export const reciprocal = unary({ f: (x) => 1 / x, slopes: [(x) => -1 / (x * x)], ulps: 4 });
export const tan = unary({ f: Math.tan, slopes: [(x) => 1 + Math.tan(x) ** 2], ulps: 16, terms: 1 });
export const asin = unary({ f: Math.asin, slopes: [(x) => (1 - x * x) ** -0.5], ulps: 8, terms: 1 });
export const acos = unary({ f: Math.acos, slopes: [(x) => -((1 - x * x) ** -0.5)], ulps: 8, terms: 1 });
export const atan = unary({ f: Math.atan, slopes: [(x) => 1 / (1 + x * x)], ulps: 8, terms: 1 });
export const sinh = unary({ f: Math.sinh, slopes: [Math.cosh], ulps: 8, terms: 1 });
export const cosh = unary({ f: Math.cosh, slopes: [Math.sinh], ulps: 8, terms: 1 });
export const remainder = binary({
  f: (a, b) => a - b * Math.floor(a / b),
  slopes: [() => 1, (a, b) => -Math.floor(a / b)],
  ulps: 2,
  terms: 20,
});
export const fmod = binary({ f: (a, b) => a % b, slopes: [() => 1, (a, b) => -Math.trunc(a / b)], ulps: 2 });
export const atan2 = binary({
  f: Math.atan2,
  slopes: [(a, b) => b / (a * a + b * b), (a, b) => -a / (a * a + b * b)],
  ulps: 8,
  terms: 1,
});
export const hypot = binary({
  f: Math.hypot,
  slopes: [(a, b) => a / Math.hypot(a, b), (a, b) => b / Math.hypot(a, b)],
  ulps: 8,
});
const signOf = (b: number) => (b < 0 || Object.is(b, -0) ? -1 : 1);
export const copysign = binary({
  ...exact((a, b) => Math.abs(a) * signOf(b), [(a, b) => Math.sign(a) * signOf(b), none]),
});
export const lerp = (a: Value, b: Value, weight: Operand): Value =>
  pointwise([a, b, valueOf(weight)], {
    f: (x, y, w) => x + w * (y - x),
    slopes: [(_x, _y, w) => 1 - w, (_x, _y, w) => w, (x, y) => y - x],
    terms: 20,
  });
export const addcmul = (x: Value, a: Value, b: Value, { value = 1 } = {}): Value =>
  add(x, mul(mul(a, b), Math.fround(value)));
export const addcdiv = (x: Value, a: Value, b: Value, { value = 1 } = {}): Value =>
  add(x, mul(div(a, b), Math.fround(value)));
export const nanToNum = unary(exact((x) => x, [() => 1]));
export const isinf = unary({ ...exact(none), dtype: "bool" });
export const isclose = (a: Value, b: Value, { rtol = 1e-5, atol = 1e-8 } = {}): Value =>
  pointwise([a, b], {
    ...exact((x, y) => Number(Math.abs(x - y) <= atol + rtol * Math.abs(y))),
    dtype: "bool",
  });
export const logicalXor = logical((a, b) => a !== b);
export const clip = clamp;

const cut = (x: number, low: number, high: number) => Math.min(Math.max(x, low), high);
const mishOf = (x: number) => Math.tanh(Math.log1p(Math.exp(x)));
export const mish = unary({
  f: (x) => x * mishOf(x),
  slopes: [(x) => mishOf(x) + x * sigmoidOf(x) * (1 - mishOf(x) ** 2)],
  ulps: 16,
  terms: 1,
});
export const hardtanh = (x: Value, { minVal = -1, maxVal = 1 } = {}): Value =>
  pointwise([x], exact((v) => cut(v, minVal, maxVal), [(v) => Number(v > minVal && v < maxVal)]));
export const relu6 = (x: Value): Value => hardtanh(x, { minVal: 0, maxVal: 6 });
export const hardsigmoid = unary({
  f: (x) => cut(x + 3, 0, 6) / 6,
  slopes: [(x) => (x > -3 && x < 3 ? 1 / 6 : 0)],
  terms: 1,
});
export const hardswish = unary({
  f: (x) => x * cut(x + 3, 0, 6) / 6,
  slopes: [(x) => (x < -3 ? 0 : x > 3 ? 1 : x / 3 + 0.5)],
  ulps: 8,
  terms: 1,
});
const SCALE = 1.0507009873554805, DEPTH = 1.7580993408473766;
export const selu = unary({
  f: (x) => (x > 0 ? SCALE * x : DEPTH * Math.expm1(x)),
  slopes: [(x) => (x > 0 ? SCALE : DEPTH * Math.exp(x))],
  ulps: 8,
  terms: 1,
});
export const celu = (x: Value, { alpha = 1 } = {}): Value => {
  const a = Math.fround(alpha);
  return pointwise([x], {
    f: (v) => (v > 0 ? v : a * Math.expm1(v / a)),
    slopes: [(v) => (v > 0 ? 1 : Math.exp(v / a))],
    ulps: 8,
    terms: 1,
  });
};
export const softsign = unary({
  f: (x) => x / (1 + Math.abs(x)),
  slopes: [(x) => (1 + Math.abs(x)) ** -2],
  ulps: 8,
});
export const logSigmoid = unary({
  f: (x) => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x))),
  slopes: [(x) => sigmoidOf(-x)],
  ulps: 8,
  terms: 1,
});
export const threshold = (x: Value, { threshold, value }: { threshold: number; value: number }): Value => {
  const [least, other] = [threshold, value].map(Math.fround);
  return pointwise([x], exact((v) => (v > least ? v : other), [(v) => Number(v > least)]));
};
export const prelu = (x: Value, weight: Value): Value => {
  const form = weight.size === 1 ? [] : [weight.size, ...x.shape.slice(2).map(() => 1)];
  return pointwise([x, weight.view(form)], {
    f: (v, w) => (v > 0 ? v : v * w),
    slopes: [(v, w) => (v > 0 ? 1 : w), (v) => (v > 0 ? 0 : v)],
    ulps: 1,
  });
};
export const glu = (x: Value, { dim = -1 } = {}): Value => {
  const [a, b] = split(x, x.shape.at(dim)! / 2, { dim });
  return mul(a, sigmoid(b));
};
export const softmin = (x: Value, options: { dim: number }): Value => softmax(neg(x), options);

interface Loss {
  reduction?: "mean" | "sum" | "none" | "batchmean";
}

function reduced(losses: Value, reduction: Loss["reduction"] = "mean"): Value {
  return reduction === "none" ? losses : reduction === "sum" ? sum(losses) : mean(losses);
}

export const huberLoss = (
  x: Value,
  t: Value,
  { reduction, delta = 1 }: Loss & { delta?: number } = {},
): Value => {
  const d = Math.fround(delta), f = (v: number) => Math.abs(v) <= d ? v * v / 2 : d * (Math.abs(v) - d / 2);
  return reduced(pointwise([sub(x, t)], { f, slopes: [(v) => cut(v, -d, d)], ulps: 8 }), reduction);
};
export const binaryCrossEntropy = (
  x: Value,
  t: Value,
  { reduction, weight }: Loss & { weight?: Value } = {},
): Value => {
  const losses = neg(add(mul(t, log(x)), mul(sub(1, t), log(sub(1, x)))));
  return reduced(weight ? mul(losses, weight.detached()) : losses, reduction);
};
export const klDiv = (
  x: Value,
  t: Value,
  { reduction, logTarget = false }: Loss & { logTarget?: boolean } = {},
): Value => {
  const losses = logTarget ? mul(exp(t), sub(t, x)) : mul(t, sub(log(t), x));
  return reduction === "batchmean" ? div(sum(losses), x.shape[0] ?? 1) : reduced(losses, reduction);
};
export const poissonNllLoss = (
  x: Value,
  t: Value,
  { reduction, logInput = true, full = false, eps = 1e-8 }: Loss & {
    logInput?: boolean;
    full?: boolean;
    eps?: number;
  } = {},
): Value => {
  const losses = logInput ? sub(exp(x), mul(t, x)) : sub(x, mul(t, log(add(x, eps))));
  if (!full) return reduced(losses, reduction);
  const stirling = pointwise([t], {
    f: (v) => v > 1 ? v * Math.log(v) - v + 0.5 * Math.log(2 * Math.PI * v) : 0,
    slopes: [(v) => v > 1 ? Math.log(v) + 0.5 / v : 0],
    ulps: 16,
    terms: 4,
  });
  return reduced(add(losses, stirling), reduction);
};
const atLeast0 = (x: Value) => clamp(x, { min: 0 });
export const marginRankingLoss = (
  a: Value,
  b: Value,
  target: Value,
  { reduction, margin = 0 }: Loss & { margin?: number } = {},
): Value => reduced(atLeast0(add(mul(neg(to(target, "float32")), sub(a, b)), margin)), reduction);
export const cosineEmbeddingLoss = (
  a: Value,
  b: Value,
  target: Value,
  { reduction, margin = 0 }: Loss & { margin?: number } = {},
): Value => {
  const dim = target.shape.length, length = (x: Value) => add(sum(square(x), { dim }), 1e-12);
  const cosine = div(sum(mul(a, b), { dim }), sqrt(mul(length(a), length(b))));
  const is = (v: number) => pointwise([target], { ...exact((t) => Number(t === v)), dtype: "bool" });
  return reduced(where(is(1), sub(1, cosine), where(is(-1), atLeast0(sub(cosine, margin)), 0)), reduction);
};
export const pairwiseDistance = (a: Value, b: Value, { p = 2, eps = 1e-6, keepdim = false } = {}): Value =>
  norm(add(sub(a, b), eps), { p, dim: -1, keepdim });
export const tripletMarginLoss = (
  anchor: Value,
  positive: Value,
  negative: Value,
  { reduction, margin = 1, p = 2 }: Loss & { margin?: number; p?: number } = {},
): Value => {
  const near = pairwiseDistance(anchor, positive, { p }), far = pairwiseDistance(anchor, negative, { p });
  return reduced(atLeast0(add(sub(near, far), margin)), reduction);
};
export const multilabelSoftMarginLoss = (
  x: Value,
  t: Value,
  { reduction, weight }: Loss & { weight?: Value } = {},
): Value => {
  const likely = add(mul(t, logSigmoid(x)), mul(sub(1, t), logSigmoid(neg(x))));
  return reduced(mean(neg(weight ? mul(likely, weight.detached()) : likely), { dim: -1 }), reduction);
};
const unit = (x: Value, p: number, dim: number | readonly number[], eps: number) =>
  div(x, clamp(norm(x, { p, dim, keepdim: true }), { min: eps }));
export const normalize = (
  x: Value,
  { p = 2, dim = 1, eps = 1e-12 }: { p?: number; dim?: number | readonly number[]; eps?: number } = {},
): Value => unit(x, p, dim, eps);
export const cosineSimilarity = (a: Value, b: Value, { dim = 1, eps = 1e-8 } = {}): Value =>
  sum(mul(unit(a, 2, dim, eps), unit(b, 2, dim, eps)), { dim });
