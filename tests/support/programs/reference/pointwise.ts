/**
 * Operations on each element, as mathematics defines them.
 *
 * @module
 */
import { type DType, leafValue, type Pointwise, pointwise, Value } from "../tape.ts";

/** A tensor, or a number as float32 has it. */
export type Operand = Value | number;

/** An operand as a value. */
export function valueOf(x: Operand): Value {
  return x instanceof Value ? x : leafValue([], [Math.fround(x)], "float32", false);
}

/** The type of what operands make; a number beside integers leaves them integers if it is whole. */
function promoted(...all: Operand[]): DType {
  const types = all.map((x) => x instanceof Value ? x.dtype : Number.isInteger(x) ? "int32" : "float32");
  const own = all.filter((x) => x instanceof Value).map((x) => x.dtype);
  if (types.includes("float32")) return "float32";
  return own.includes("float32") ? "float32" : types.includes("int32") ? "int32" : "bool";
}

/** What is exact, such as a choice or a change of sign. */
export const exact = (f: Pointwise["f"], slopes?: Pointwise["slopes"]): Pointwise => ({ f, slopes, ulps: 0 });

export const unary = (fn: Pointwise): (x: Value) => Value => (x) => pointwise([x], fn);
export const binary = (fn: Pointwise): (a: Operand, b: Operand) => Value => (a, b) => {
  const dtype = promoted(a, b);
  return pointwise([valueOf(a), valueOf(b)], dtype === "float32" ? fn : { ...exact(fn.f), dtype });
};
export const test = (f: (a: number, b: number) => boolean) => (a: Operand, b: Operand): Value =>
  pointwise([valueOf(a), valueOf(b)], { ...exact((x, y) => Number(f(x, y))), dtype: "bool" });
/** A test that is another one at a single distance, which no shifted input meets: unsure where the errors reach over it. */
export const equality = (f: (a: number, b: number) => boolean) => (a: Operand, b: Operand): Value => {
  const result = test(f)(a, b), { err } = result.cell.node.value;
  const apart = pointwise([valueOf(a), valueOf(b)], exact((x, y) => x - y)).cell.node.value;
  apart.err.forEach((reach, i) => {
    if (reach > 0 && Math.abs(apart.data[i]) <= reach) err[i] = 1;
  });
  return result;
};
export const logical = (f: (...x: boolean[]) => boolean) => (...x: Value[]): Value =>
  pointwise(x, { ...exact((...v) => Number(f(...v.map((e) => e !== 0)))), dtype: "bool" });

/** The error function, by its series, or by the continued fraction of what it lacks to 1. */
export function erfOf(x: number): number {
  if (Math.abs(x) > 3) return Math.sign(x) * (1 - tail(Math.abs(x)));
  let term = x, sum = x;
  for (let n = 1; n < 120; n++) {
    term *= -x * x / n;
    sum += term / (2 * n + 1);
  }
  return 2 / Math.sqrt(Math.PI) * sum;
}

function tail(x: number): number {
  let fraction = x;
  for (let k = 60; k > 0; k--) fraction = x + (k / 2) / fraction;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}

export const sigmoidOf = (x: number) => 1 / (1 + Math.exp(-x));
const density = (x: number) => Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
const half = (a: number, b: number) => (a > b ? 1 : a === b ? 0.5 : 0);

/** The gradient of the approximation by tanh is that of `x (1 + tanh(u)) / 2`. */
const GELU_TANH: Pointwise = (() => {
  const c = Math.sqrt(2 / Math.PI), u = (x: number) => c * (x + 0.044715 * x ** 3);
  return {
    f: (x) => x / 2 * (1 + Math.tanh(u(x))),
    slopes: [
      (x) => (1 + Math.tanh(u(x))) / 2 + x / 2 * (1 - Math.tanh(u(x)) ** 2) * c * (1 + 0.134145 * x * x),
    ],
    terms: 1,
    ulps: 8,
  };
})();

export const abs = unary(exact(Math.abs, [Math.sign]));
export const neg = unary(exact((x) => -x, [() => -1]));
export const sign = unary(exact(Math.sign, [() => 0]));
export const square = unary({ f: (x) => x * x, slopes: [(x) => 2 * x], ulps: 1 });
export const sqrt = unary({ f: Math.sqrt, slopes: [(x) => 0.5 / Math.sqrt(x)] });
export const rsqrt = unary({ f: (x) => 1 / Math.sqrt(x), slopes: [(x) => -0.5 * x ** -1.5] });
export const exp = unary({ f: Math.exp, slopes: [Math.exp], ulps: 8 });
export const expm1 = unary({ f: Math.expm1, slopes: [Math.exp], ulps: 8, terms: 0.5 });
export const log = unary({ f: Math.log, slopes: [(x) => 1 / x], terms: 0.5 });
export const log1p = unary({ f: Math.log1p, slopes: [(x) => 1 / (1 + x)], terms: 0.5 });
export const sin = unary({ f: Math.sin, slopes: [Math.cos], terms: 1 });
export const cos = unary({ f: Math.cos, slopes: [(x) => -Math.sin(x)], terms: 1 });
export const erf = unary({
  f: erfOf,
  slopes: [(x) => 2 / Math.sqrt(Math.PI) * Math.exp(-x * x)],
  terms: 1,
});
export const relu = unary(exact((x) => Math.max(x, 0), [(x) => Number(x > 0)]));
export const sigmoid = unary({
  f: sigmoidOf,
  slopes: [(x) => sigmoidOf(x) * sigmoidOf(-x)],
  ulps: 8,
  terms: 1,
});
export const tanh = unary({ f: Math.tanh, slopes: [(x) => 1 - Math.tanh(x) ** 2], ulps: 8, terms: 1 });
export const silu = unary({
  f: (x) => x * sigmoidOf(x),
  slopes: [(x) => sigmoidOf(x) * (1 + x * sigmoidOf(-x))],
  ulps: 8,
  terms: 1,
});
const exactGelu = unary({
  f: (x) => x / 2 * (1 + erfOf(x / Math.SQRT2)),
  slopes: [(x) => (1 + erfOf(x / Math.SQRT2)) / 2 + x * density(x)],
  ulps: 8,
  terms: 1,
});
export const gelu = (x: Value, { approximate = "none" } = {}): Value =>
  approximate === "none" ? exactGelu(x) : unary(GELU_TANH)(x);
export const softplus = (x: Value, { beta = 1, threshold = 20 } = {}): Value =>
  pointwise([x], {
    f: (v) => beta * v > threshold ? v : Math.log1p(Math.exp(beta * v)) / beta,
    slopes: [(v) => beta * v > threshold ? 1 : sigmoidOf(beta * v)],
    ulps: 8,
    terms: 1,
  });
export const elu = (x: Value, { alpha = 1 } = {}): Value =>
  pointwise([x], {
    f: (v) => v > 0 ? v : Math.fround(alpha) * Math.expm1(v),
    slopes: [(v) => v > 0 ? 1 : Math.fround(alpha) * Math.exp(v)],
    ulps: 8,
    terms: alpha / 2,
  });
export const leakyRelu = (x: Value, { negativeSlope = 0.01 } = {}): Value =>
  pointwise([x], {
    f: (v) => v > 0 ? v : Math.fround(negativeSlope) * v,
    slopes: [(v) => v > 0 ? 1 : Math.fround(negativeSlope)],
    ulps: 1,
  });
export const clamp = (
  x: Value,
  { min = -Infinity, max = Infinity }: { min?: number; max?: number },
): Value => {
  const [low, high] = [min, max].map(Math.fround);
  const slope = (v: number) => Number(v >= low && v <= high);
  return pointwise([x], exact((v) => Math.min(Math.max(v, low), high), [slope]));
};
export const clone = unary(exact((x) => x, [() => 1]));
export const isnan = unary({ ...exact((x) => Number(Number.isNaN(x))), dtype: "bool" });
export const isfinite = unary({ ...exact((x) => Number(Number.isFinite(x))), dtype: "bool" });
export const to = (x: Value, dtype: DType): Value => {
  if (dtype === x.dtype) return x.view(x.shape);
  const f = dtype === "bool"
    ? (v: number) => Number(v !== 0)
    : dtype === "int32"
    ? Math.trunc
    : (v: number) => v;
  return pointwise([x], { ...exact(f), dtype });
};

export const add = binary({ f: (a, b) => a + b, slopes: [() => 1, () => 1], ulps: 1 });
export const sub = binary({ f: (a, b) => a - b, slopes: [() => 1, () => -1], ulps: 1 });
export const mul = binary({ f: (a, b) => a * b, slopes: [(_, b) => b, (a) => a], ulps: 1 });
export const div = (a: Operand, b: Operand): Value =>
  pointwise([valueOf(a), valueOf(b)], {
    f: (x, y) => x / y,
    slopes: [(_, y) => 1 / y, (x, y) => -x / (y * y)],
  });
export const maximum = binary(exact(Math.max, [half, (a, b) => half(b, a)]));
export const minimum = binary(exact(Math.min, [(a, b) => half(b, a), half]));
export const pow = (x: Operand, p: Operand): Value => {
  const type = promoted(x, p);
  const slopeInPower = (a: number, b: number) => a === 0 && b >= 0 ? 0 : a ** b * Math.log(a);
  const slopes = [(a: number, b: number) => b === 0 ? 0 : b * a ** (b - 1), slopeInPower];
  // a power's rounding is that of exp2(p log2 x), whose exponent is computed in two parts
  if (type === "float32") {
    return pointwise([valueOf(x), valueOf(p)], { f: (a, b) => a ** b, slopes, ulps: 16 });
  }
  return pointwise([valueOf(x), valueOf(p)], { ...exact((a, b) => a ** b), dtype: type });
};
export const where = (condition: Value, a: Operand, b: Operand): Value => {
  const dtype = a instanceof Value || b instanceof Value ? promoted(a, b) : "float32";
  return pointwise([condition, valueOf(a), valueOf(b)], {
    ...exact((c, x, y) => c !== 0 ? x : y, [() => 0, (c) => Number(c !== 0), (c) => Number(c === 0)]),
    dtype,
  });
};
export const eq = equality((a, b) => a === b);
export const ne = equality((a, b) => a !== b);
export const lt = test((a, b) => a < b);
export const le = test((a, b) => a <= b);
export const gt = test((a, b) => a > b);
export const ge = test((a, b) => a >= b);
export const logicalAnd = logical((a, b) => a && b);
export const logicalOr = logical((a, b) => a || b);
export const logicalNot = logical((a) => !a);
