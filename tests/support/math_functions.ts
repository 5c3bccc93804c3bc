/**
 * Every function of `ops/kernels/wgsl/math.ts` as mathematics defines it, with the units that it may be off, and running
 * them on the adapter at hand.
 *
 * @module
 */
import { runKernel, scope, tensor } from "../../mod.ts";
import { quarterTurns } from "./quarter_turns.ts";
import { ulps } from "./values.ts";

/** A function in WGSL, and what it is to give. */
export interface MathFunction {
  /** The function's name; of what gives two values, one of them. */
  readonly name: string;
  /** WGSL of `x` and `b`: a number of 32 bits. */
  readonly wgsl: string;
  /** The same in float64. */
  readonly f: (x: number, b: number) => number;
  /** Units in the last place that it may be off. */
  readonly allowed: number;
  /** Arguments at which it is tried. */
  readonly x: Float32Array;
  /** Second arguments, 0 unless given. */
  readonly b?: Float32Array;
  /** WGSL's own function for the same, for comparison. */
  readonly builtIn?: string;
  /** Whether it computes bits, in which nothing may differ. */
  readonly isBits?: boolean;
}

/** The greatest number that counts as denormal. */
const TINY = 2 ** -126;

/** Every exponent of either sign, with 64 fractions of each. */
const EVERYWHERE = new Float32Array(
  Uint32Array.from({ length: 1 << 15 }, (_, i) => {
    return (i << 17) | (Math.imul(i, 0x9e3779b9) >>> 15);
  }).buffer,
);
const SPECIAL = [0, -0, Infinity, -Infinity, NaN, 1, -1, 1e-45, -1e-45, TINY, 3.4028235e38];

/** Numbers from `low` to `high`, evenly. */
function range(low: number, high: number, n = 4001): number[] {
  return Array.from({ length: n }, (_, i) => Math.fround(low + (high - low) * i / (n - 1)));
}

/** Numbers everywhere, special ones, and more. */
const everywhere = (...more: number[][]) =>
  Float32Array.from([SPECIAL, ...more, EVERYWHERE].flatMap((v) => [...v]));
/** Numbers from `low` to `high`, and small ones of every exponent. */
const within = (low: number, high: number) =>
  Float32Array.from([...range(low, high), ...EVERYWHERE.filter((v) => v >= low && v <= high)]);

/** erfc by its continued fraction where 1 - erf would cancel. */
function erfc(x: number): number {
  if (x < 2) return 1 - erf(x);
  let fraction = x;
  for (let k = 100; k > 0; k--) fraction = x + k / 2 / fraction;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction;
}

/** erf by its series. */
function erf(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (Math.abs(x) >= 2) return Math.sign(x) * (1 - erfc(Math.abs(x)));
  let term = x, sum = x;
  for (let k = 1; k < 60; k++) sum += (term *= -x * x / k) / (2 * k + 1);
  return x === 0 ? x : 2 / Math.sqrt(Math.PI) * sum;
}

/** The sum of `term(k)` for k from `first` on, which are small soon; small ones first, so that none is lost. */
function series(first: number, term: (k: number) => number): number {
  let sum = 0;
  for (let k = first + 60; k >= first; k--) sum += term(k);
  return sum;
}

/** e^r - 1 - r, whose digits a difference would lose. */
function expTail(r: number): number {
  let term = r, sum = 0;
  for (let k = 2; k < 40; k++) sum += term *= r / k;
  return sum;
}

const bitsOf = (x: number): number => new Uint32Array(Float32Array.of(x).buffer)[0];
const ofBits = (bits: number): number => new Float32Array(Uint32Array.of(bits).buffer)[0];
const isTrue = (call: string) => `select(0.0, 1.0, ${call})`;
const SHUFFLED = EVERYWHERE.map((_, i) => EVERYWHERE[(i * 7919) % EVERYWHERE.length]);

/** Bases and powers: any, whole ones, and results of every size. */
function powers(): { x: Float32Array; b: Float32Array } {
  const x = EVERYWHERE.map((v, i) => i % 4 === 3 ? 0.5 + i / EVERYWHERE.length : v);
  const b = x.map((v, i) => {
    if (i % 4 === 0) return SHUFFLED[i];
    if (i % 4 === 1) return i % 9 - 4;
    return (i * 0.37 % 250 - 125) / Math.log2(Math.abs(v));
  });
  return { x, b };
}

/** The fraction that logarithms are taken of, less 1: from 1/sqrt(2) to sqrt(2). */
function logParts(x: number): number {
  const m = x / 2 ** Math.floor(Math.log2(x) + 1);
  return m < Math.SQRT1_2 ? 2 * m - 1 : m - 1;
}
/** Second arguments of any size, and of that of the first. */
const NEAR = EVERYWHERE.map((v, i) => i % 2 === 0 ? SHUFFLED[i] : v * (SHUFFLED[i] % 3 + 0.5));
/** The length of what has such sides; infinite where one is, as C has it. */
const hypot = (x: number, b: number) => Math.hypot(x, b);
/** Those of whose exponentials the sum is not about 1, where its logarithm is a difference. */
const SUMS = EVERYWHERE.map((v) => v > -2 && v < 0 ? -v : v);
/** The logarithm of a sum of two exponentials. */
function logaddexp(x: number, b: number): number {
  return x === b ? x + Math.LN2 : Math.max(x, b) + Math.log1p(Math.exp(-Math.abs(x - b)));
}

/** The remainder with the sign of the divisor; rounded where float64 would be. */
function remainder(x: number, b: number): number {
  const r = x % b;
  return r !== 0 && (r < 0) !== (b < 0) ? r + b : r;
}

const one = (
  name: string,
  f: (x: number) => number,
  allowed: number,
  x: Float32Array,
  more: Partial<MathFunction> = {},
): MathFunction => ({ name, wgsl: `${name}(x)`, f, allowed, x, ...more });

/** What is called from kernels. */
const CALLED: readonly MathFunction[] = [
  one("expf", Math.exp, 2, everywhere(range(-104, 89)), { builtIn: "exp(x)" }),
  // just above 0.35 it is e^x - 1, which cancels two bits
  one("expm1f", Math.expm1, 4, everywhere(range(-2, 2))),
  one("logf", Math.log, 2, everywhere(range(0, 3), range(0.9, 1.1)), { builtIn: "log(x)" }),
  one("log1pf", Math.log1p, 2, everywhere(range(-0.99, 1), range(-0.01, 0.01))),
  one("tanhf", Math.tanh, 2, everywhere(range(-10, 10)), { builtIn: "tanh(x)" }),
  // an exponential, a sum and a quotient
  one("sigmoidf", (x) => 1 / (1 + Math.exp(-x)), 3, everywhere(range(-87, 20))),
  one("erff", erf, 2, everywhere(range(-4, 4))),
  // below 1 it is a difference from 1, above a product of two exponentials
  one("erfcf", erfc, 8, everywhere(range(-4, 9))),
  one("sqrtf", Math.sqrt, 2, everywhere(range(0, 3)), { builtIn: "sqrt(x)" }),
  one("sinf", Math.sin, 2, everywhere(range(-10, 10), range(-1e6, 1e6)), { builtIn: "sin(x)" }),
  one("cosf", Math.cos, 2, everywhere(range(-10, 10), range(-1e6, 1e6)), { builtIn: "cos(x)" }),
  one("log2f", Math.log2, 2, everywhere(range(0, 3), range(0.9, 1.1)), { builtIn: "log2(x)" }),
  one("log10f", Math.log10, 3, everywhere(range(0, 3), range(0.9, 1.1))),
  one("exp2f", (x) => 2 ** x, 2, everywhere(range(-150, 128)), { builtIn: "exp2(x)" }),
  one("tanf", Math.tan, 4, everywhere(range(-10, 10), range(-1e6, 1e6)), { builtIn: "tan(x)" }),
  one("asinf", Math.asin, 3, everywhere(range(-1, 1)), { builtIn: "asin(x)" }),
  one("acosf", Math.acos, 3, everywhere(range(-1, 1)), { builtIn: "acos(x)" }),
  one("atanf", Math.atan, 3, everywhere(range(-10, 10)), { builtIn: "atan(x)" }),
  one("sinhf", Math.sinh, 4, everywhere(range(-89.4, 89.4))),
  one("coshf", Math.cosh, 4, everywhere(range(-89.4, 89.4))),
  { name: "atan2f", wgsl: "atan2f(x, b)", f: Math.atan2, allowed: 4, x: EVERYWHERE, b: NEAR },
  { name: "hypotf", wgsl: "hypotf(x, b)", f: hypot, allowed: 3, x: EVERYWHERE, b: NEAR },
  { name: "logaddexpf", wgsl: "logaddexpf(x, b)", f: logaddexp, allowed: 4, x: SUMS, b: NEAR },
  { name: "fmodf", wgsl: "fmodf(x, b)", f: (x, b) => x % b, allowed: 0, x: EVERYWHERE, b: NEAR },
  { name: "remainderf", wgsl: "remainderf(x, b)", f: remainder, allowed: 1, x: EVERYWHERE, b: NEAR },
  { name: "powf", wgsl: "powf(x, b)", f: Math.pow, allowed: 3, ...powers(), builtIn: "pow(x, b)" },
];

/** What decides, and goes by the bits where compilers may assume that NaN does not occur. */
const DECIDING: readonly MathFunction[] = [
  one("isnanf", (x) => Number(Number.isNaN(x)), 0, everywhere(), {
    wgsl: isTrue("isnanf(x)"),
    builtIn: isTrue("x != x"),
  }),
  one("isfinitef", (x) => Number(Number.isFinite(x)), 0, everywhere(), { wgsl: isTrue("isfinitef(x)") }),
  one("isnegativef", (x) => Number(x < 0), 0, everywhere(), { wgsl: isTrue("isnegativef(x)") }),
  one("signf", (x) => Number.isNaN(x) ? 0 : Math.sign(x), 0, everywhere(), { builtIn: "sign(x)" }),
  {
    name: "equalf",
    wgsl: isTrue("equalf(x, b)"),
    f: (x, b) => Number(x === b),
    allowed: 0,
    x: everywhere(),
    b: everywhere().map((v, i) => i % 2 === 0 ? v : SHUFFLED[i % SHUFFLED.length]),
    builtIn: isTrue("x == b"),
  },
  {
    name: "lessf",
    wgsl: isTrue("lessf(x, b)"),
    f: (x, b) => Number(x < b),
    allowed: 0,
    x: EVERYWHERE,
    b: SHUFFLED,
  },
  one("infinityf", () => Infinity, 0, Float32Array.of(0), { wgsl: "infinityf()" }),
  one("nanf", () => NaN, 0, Float32Array.of(0), { wgsl: "nanf()" }),
];

/** What those are made of. Only what is within their domains is asked of them. */
const PARTS: readonly MathFunction[] = [
  one("exp_tail", expTail, 2, within(-0.3466, 0.3466)),
  one("expm1_core", Math.expm1, 2, within(-0.3466, 0.3466)),
  one("log1p_core", (m) => series(3, (k) => -((-m) ** k) / k), 4, within(-0.2929, 0.4142)),
  one("sin_core", Math.sin, 2, within(-Math.PI / 4, Math.PI / 4)),
  one("cos_core", Math.cos, 2, within(-Math.PI / 4, Math.PI / 4)),
  one("quarter_turns, rest", (x) => quarterTurns(x).rest, 2, EVERYWHERE.filter(Number.isFinite), {
    wgsl: "quarter_turns(x).x",
  }),
  one("quarter_turns, count", (x) => quarterTurns(x).count, 0, EVERYWHERE.filter(Number.isFinite), {
    wgsl: "quarter_turns(x).y",
  }),
  one("erf_core", erf, 2, within(-1, 1)),
  one("asin_core", Math.asin, 2, within(-0.5, 0.5), { wgsl: "asin_core(x, x * x)" }),
  one("log_parts", logParts, 2, within(1e-3, 1e3), { wgsl: "log_parts(x).y" }),
  one("erfc_tail", erfc, 8, within(1, 9)),
  one("headf", (x) => bitsOf(x) & 0xfffff000, 0, EVERYWHERE, { isBits: true }),
  one("pow2i", (x) => 2 ** x, 0, Float32Array.from({ length: 254 }, (_, i) => i - 126), {
    wgsl: "pow2i(i32(x))",
  }),
  {
    name: "product_high",
    wgsl: "product_high(bitcast<u32>(x), bitcast<u32>(b))",
    f: (x, b) => Number((BigInt(bitsOf(x)) * BigInt(bitsOf(b))) >> 32n),
    allowed: 0,
    x: EVERYWHERE.filter((v) => !Number.isNaN(v)), // whose bits JavaScript need not keep
    b: EVERYWHERE.filter((v) => !Number.isNaN(v)).reverse(),
    isBits: true,
  },
];

/** Every function. */
export const MATH: readonly MathFunction[] = [...CALLED, ...DECIDING, ...PARTS];

/** How a function did. */
export interface MathResult {
  /** The largest error, in units in the last place, of results that are numbers, as they are to be. */
  readonly ulps: number;
  /** What is further off than allowed, or no number, a line each; five at most. */
  readonly wrong: readonly string[];
  /** Whether NaN and infinities stand where they are to stand. */
  readonly isKeeping: boolean;
}

/**
 * Units in the last place that a result is off. A denormal number may count as 0 on the way in and on the way out, and is
 * off by none if it is next to what it is to be.
 */
function unitsOff(got: number, x: number, b: number, f: MathFunction["f"]): number {
  const off = (want: number) => {
    if (Math.abs(want) >= TINY || Number.isNaN(want)) return ulps(got, want);
    const isNear = Math.abs(got) <= Math.abs(want) + 1e-45 || Math.abs(got - want) <= 3e-45;
    return isNear ? 0 : ulps(got, want);
  };
  const units = off(Math.fround(f(x, b)));
  return units > 0 && Math.abs(x) < TINY ? Math.min(units, off(Math.fround(f(0 * Math.sign(x), b)))) : units;
}

function judge(fn: MathFunction, got: Int32Array, every: number): MathResult {
  const floats = new Float32Array(got.buffer, got.byteOffset, got.length), wrong: string[] = [];
  let most = 0, isKeeping = true;
  got.forEach((bits, i) => {
    const x = fn.x[i * every], b = fn.b?.[i * every] ?? 0, want = fn.f(x, b);
    const units = fn.isBits ? Number(bits >>> 0 !== want >>> 0) : unitsOff(floats[i], x, b, fn.f);
    const want32 = Math.fround(want), isNumber = Number.isFinite(floats[i]) && Number.isFinite(want32);
    if (isNumber || fn.isBits) most = Math.max(most, units);
    else if (units > fn.allowed) isKeeping = false;
    if (units <= fn.allowed || wrong.length === 5) return;
    const call = `${fn.name}(${fn.b ? `${x}, ${b}` : x})`;
    wrong.push(
      fn.isBits ? `${call} is ${ofBits(bits)}` : `${call} is ${floats[i]}, expected ${want32}`,
    );
  });
  return { ulps: most, wrong, isKeeping };
}

/**
 * Runs functions on the device that is open and compares them with float64.
 *
 * @param functions What is run, in one kernel.
 * @param every Which of the arguments are tried: every first, second, …
 */
export async function measureMath(functions: readonly MathFunction[], every = 1): Promise<MathResult[]> {
  using _kernel = scope();
  const some = (of: Float32Array) => of.filter((_, i) => i % every === 0),
    all = functions.map(({ x }) => some(x));
  const seconds = functions.map(({ b }, k) => b ? some(b) : new Float32Array(all[k].length));
  const join = (parts: Float32Array[]) => Float32Array.from(parts.flatMap((part) => [...part]));
  const which = all.flatMap((part, k) => Array<number>(part.length).fill(k));
  const { y } = runKernel({
    name: `math_${functions.map(({ name }) => name.replaceAll(/\W+/g, "_")).join("_").slice(0, 60)}`,
    inputs: { xs: tensor(join(all)), bs: tensor(join(seconds)), which: tensor(which, { dtype: "int32" }) },
    outputs: { y: { shape: [which.length], dtype: "int32" } },
    numbers: { n: ["u32", which.length] },
    invocations: which.length,
    body: `if (id >= u.n) { return; }
let x = xs[id];
let b = bs[id];
switch which[id] {
${functions.map(({ wgsl }, k) => `  case ${k}: { y[id] = bitcast<i32>(${wgsl}); }`).join("\n")}
  default: {}
}`,
  });
  const got = await y.data() as Int32Array;
  let at = 0;
  return functions.map((fn, k) => judge(fn, got.slice(at, at += all[k].length), every));
}
