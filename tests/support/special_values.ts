/**
 * Every elementwise operation at NaN, infinities, signed zeros, the least and the greatest numbers: literals from PyTorch
 * 1.13, printed by tests/reference/print_special_values.py.
 *
 * @module
 */
import * as plunge from "../../mod.ts";
import { pow, type Tensor, tensor } from "../../mod.ts";
import { ulps } from "./values.ts";

const LEAST = 1e-45, GREATEST = 3.4028235e38, TINY = 2 ** -126;
const X = [NaN, Infinity, -Infinity, 0, -0, LEAST, -LEAST, GREATEST, -GREATEST, 1, -1];
const V = [NaN, Infinity, -Infinity, 0, -0, 1, -2, LEAST, GREATEST];

/**
 * Results for each of X; those of bool as digits. The rows of log1p, elu, selu and celu are what the functions are, where PyTorch's
 * vector loops lose -0, the least numbers or, in log1p, the greatest.
 */
const UNARY: [name: string, results: string][] = [
  ["neg", "nan -inf inf -0 0 -1e-45 1e-45 -3.4028235e38 3.4028235e38 -1 1"],
  ["abs", "nan inf inf 0 0 1e-45 1e-45 3.4028235e38 3.4028235e38 1 1"],
  ["sign", "0 1 -1 0 0 1 -1 1 -1 1 -1"],
  ["square", "nan inf inf 0 0 0 0 inf inf 1 1"],
  ["sqrt", "nan inf nan 0 -0 3.743392e-23 nan 1.8446743e19 nan 1 nan"],
  ["rsqrt", "nan 0 nan inf -inf 2.6713738e22 nan 5.4210115e-20 nan 1 nan"],
  ["exp", "nan inf 0 1 1 1 1 inf 0 2.7182817 0.36787945"],
  ["expm1", "nan inf -1 0 -0 1e-45 -1e-45 inf -1 1.7182819 -0.63212055"],
  ["log", "nan inf nan -inf -inf -103.27893 nan 88.72284 nan 0 nan"],
  ["log1p", "nan inf nan 0 -0 1e-45 -1e-45 88.72284 nan 0.6931472 -inf"],
  ["sin", "nan nan nan 0 -0 1e-45 -1e-45 -0.5218765 0.5218765 0.84147096 -0.84147096"],
  ["cos", "nan nan nan 1 1 1 1 0.853021 0.853021 0.54030234 0.54030234"],
  ["tanh", "nan 1 -1 0 -0 1e-45 -1e-45 1 -1 0.7615942 -0.7615942"],
  ["erf", "nan 1 -1 0 -0 1e-45 -1e-45 1 -1 0.8427008 -0.8427008"],
  ["sigmoid", "nan 1 0 0.5 0.5 0.5 0.5 1 0 0.7310586 0.26894143"],
  ["relu", "nan inf 0 0 -0 1e-45 0 3.4028235e38 0 1 0"],
  ["leakyRelu", "nan inf -inf 0 -0 1e-45 -0 3.4028235e38 -3.4028233e36 1 -0.01"],
  ["elu", "nan inf -1 0 -0 1e-45 -1e-45 3.4028235e38 -1 1 -0.63212055"],
  ["gelu", "nan inf nan 0 -0 0 -0 3.4028235e38 -0 0.8413447 -0.15865526"],
  ["geluTanh", "nan inf nan 0 -0 0 -0 3.4028235e38 -0 0.841192 -0.158808"],
  ["silu", "nan inf nan 0 -0 0 -0 3.4028235e38 -0 0.7310586 -0.26894143"],
  ["softplus", "nan inf 0 0.6931472 0.6931472 0.6931472 0.6931472 3.4028235e38 0 1.3132616 0.3132617"],
  ["clamp", "nan 0.75 -0.5 0 -0 1e-45 -1e-45 0.75 -0.5 0.75 -0.5"],
  ["pow 0", "1 1 1 1 1 1 1 1 1 1 1"],
  ["pow 1", "nan inf -inf 0 -0 1e-45 -1e-45 3.4028235e38 -3.4028235e38 1 -1"],
  ["pow 2", "nan inf inf 0 0 0 0 inf inf 1 1"],
  ["pow 3", "nan inf -inf 0 -0 0 -0 inf -inf 1 -1"],
  ["pow -1", "nan 0 -0 inf -inf inf -inf 2.938736e-39 -2.938736e-39 1 -1"],
  ["pow -2", "nan 0 0 inf inf inf inf 0 0 1 1"],
  ["pow 0.5", "nan inf nan 0 -0 3.743392e-23 nan 1.8446743e19 nan 1 nan"],
  ["pow -0.5", "nan 0 nan inf -inf 2.6713738e22 nan 5.4210115e-20 nan 1 nan"],
  ["pow 1.5", "nan inf inf 0 0 0 nan inf nan 1 nan"],
  ["floor", "nan inf -inf 0 -0 0 -1 3.4028235e38 -3.4028235e38 1 -1"],
  ["ceil", "nan inf -inf 0 -0 1 -0 3.4028235e38 -3.4028235e38 1 -1"],
  ["round", "nan inf -inf 0 -0 0 -0 3.4028235e38 -3.4028235e38 1 -1"],
  ["trunc", "nan inf -inf 0 -0 0 -0 3.4028235e38 -3.4028235e38 1 -1"],
  ["exp2", "nan inf 0 1 1 1 1 inf 0 2 0.5"],
  ["log2", "nan inf nan -inf -inf -149 nan 128 nan 0 nan"],
  ["log10", "nan inf nan -inf -inf -44.85347 nan 38.53184 nan 0 nan"],
  ["reciprocal", "nan 0 -0 inf -inf inf -inf 2.938736e-39 -2.938736e-39 1 -1"],
  ["tan", "nan nan nan 0 -0 1e-45 -1e-45 -0.6117979 0.6117979 1.5574077 -1.5574077"],
  ["asin", "nan nan nan 0 -0 1e-45 -1e-45 nan nan 1.5707964 -1.5707964"],
  ["acos", "nan nan nan 1.5707964 1.5707964 1.5707964 1.5707964 nan nan 0 3.1415927"],
  ["atan", "nan 1.5707964 -1.5707964 0 -0 1e-45 -1e-45 1.5707964 -1.5707964 0.7853981 -0.7853981"],
  ["sinh", "nan inf -inf 0 -0 1e-45 -1e-45 inf -inf 1.1752012 -1.1752012"],
  ["cosh", "nan inf inf 1 1 1 1 inf inf 1.5430806 1.5430806"],
  ["nanToNum", "0 3.4028235e38 -3.4028235e38 0 -0 1e-45 -1e-45 3.4028235e38 -3.4028235e38 1 -1"],
  ["mish", "nan inf nan 0 -0 1e-45 -1e-45 3.4028235e38 -0 0.86509836 -0.30340144"],
  ["hardswish", "nan inf nan 0 -0 0 -0 inf -0 0.6666667 -0.33333334"],
  ["hardsigmoid", "nan 1 0 0.5 0.5 0.5 0.5 1 0 0.6666667 0.33333334"],
  ["hardtanh", "nan 1 -1 0 -0 1e-45 -1e-45 1 -1 1 -1"],
  ["relu6", "nan 6 0 0 -0 1e-45 0 6 0 1 0"],
  ["selu", "nan inf -1.7580993 0 -0 1e-45 -3e-45 inf -1.7580993 1.050701 -1.1113307"],
  ["celu", "nan inf -1 0 -0 1e-45 -1e-45 3.4028235e38 -1 1 -0.63212055"],
  ["softsign", "nan nan nan 0 -0 1e-45 -1e-45 1 -1 0.5 -0.5"],
  [
    "logSigmoid",
    "nan 0 -inf -0.6931472 -0.6931472 -0.6931472 -0.6931472 0 -3.4028235e38 -0.3132617 -1.3132617",
  ],
  ["isinf", "01100000000"],
  ["isnan", "10000000000"],
  ["isfinite", "00011111111"],
  ["logicalNot", "00011000000"],
];

/** Results for each of V with each of V, a row for each first operand. */
const BINARY: [name: string, results: string][] = [
  [
    "add",
    `
    nan nan nan nan nan nan nan nan nan
    nan inf nan inf inf inf inf inf inf
    nan nan -inf -inf -inf -inf -inf -inf -inf
    nan inf -inf 0 0 1 -2 1e-45 3.4028235e38
    nan inf -inf 0 -0 1 -2 1e-45 3.4028235e38
    nan inf -inf 1 1 2 -1 1 3.4028235e38
    nan inf -inf -2 -2 -1 -4 -2 3.4028235e38
    nan inf -inf 1e-45 1e-45 1 -2 3e-45 3.4028235e38
    nan inf -inf 3.4028235e38 3.4028235e38 3.4028235e38 3.4028235e38 3.4028235e38 inf`,
  ],
  [
    "sub",
    `
    nan nan nan nan nan nan nan nan nan
    nan nan inf inf inf inf inf inf inf
    nan -inf nan -inf -inf -inf -inf -inf -inf
    nan -inf inf 0 0 -1 2 -1e-45 -3.4028235e38
    nan -inf inf -0 0 -1 2 -1e-45 -3.4028235e38
    nan -inf inf 1 1 0 3 1 -3.4028235e38
    nan -inf inf -2 -2 -3 0 -2 -3.4028235e38
    nan -inf inf 1e-45 1e-45 -1 2 0 -3.4028235e38
    nan -inf inf 3.4028235e38 3.4028235e38 3.4028235e38 3.4028235e38 3.4028235e38 0`,
  ],
  [
    "mul",
    `
    nan nan nan nan nan nan nan nan nan
    nan inf -inf nan nan inf -inf inf inf
    nan -inf inf nan nan -inf inf -inf -inf
    nan nan nan 0 -0 0 -0 0 0
    nan nan nan -0 0 -0 0 -0 -0
    nan inf -inf 0 -0 1 -2 1e-45 3.4028235e38
    nan -inf inf -0 0 -2 4 -3e-45 -inf
    nan inf -inf 0 -0 1e-45 -3e-45 0 4.7683713e-07
    nan inf -inf 0 -0 3.4028235e38 -inf 4.7683713e-07 inf`,
  ],
  [
    "div",
    `
    nan nan nan nan nan nan nan nan nan
    nan nan nan inf -inf inf -inf inf inf
    nan nan nan -inf inf -inf inf -inf -inf
    nan 0 -0 nan nan 0 -0 0 0
    nan -0 0 nan nan -0 0 -0 -0
    nan 0 -0 inf -inf 1 -0.5 inf 2.938736e-39
    nan -0 0 -inf inf -2 1 -inf -5.877472e-39
    nan 0 -0 inf -inf 1e-45 -0 1 0
    nan 0 -0 inf -inf 3.4028235e38 -1.7014117e38 inf 1`,
  ],
  [
    "pow",
    `
    nan nan nan 1 1 nan nan nan nan
    nan inf 0 1 1 inf 0 inf inf
    nan inf 0 1 1 -inf 0 inf inf
    nan 0 inf 1 1 0 inf 0 0
    nan 0 inf 1 1 -0 inf 0 0
    1 1 1 1 1 1 1 1 1
    nan inf 0 1 1 -2 0.25 nan inf
    nan 0 inf 1 1 1e-45 inf 1 0
    nan inf 0 1 1 3.4028235e38 0 1 inf`,
  ],
  [
    "maximum",
    `
    nan nan nan nan nan nan nan nan nan
    nan inf inf inf inf inf inf inf inf
    nan inf -inf 0 -0 1 -2 1e-45 3.4028235e38
    nan inf 0 0 0 1 0 1e-45 3.4028235e38
    nan inf -0 -0 -0 1 -0 1e-45 3.4028235e38
    nan inf 1 1 1 1 1 1 3.4028235e38
    nan inf -2 0 -0 1 -2 1e-45 3.4028235e38
    nan inf 1e-45 1e-45 1e-45 1 1e-45 1e-45 3.4028235e38
    nan inf 3.4028235e38 3.4028235e38 3.4028235e38 3.4028235e38 3.4028235e38 3.4028235e38 3.4028235e38`,
  ],
  [
    "minimum",
    `
    nan nan nan nan nan nan nan nan nan
    nan inf -inf 0 -0 1 -2 1e-45 3.4028235e38
    nan -inf -inf -inf -inf -inf -inf -inf -inf
    nan 0 -inf 0 0 0 -2 0 0
    nan -0 -inf -0 -0 -0 -2 -0 -0
    nan 1 -inf 0 -0 1 -2 1e-45 1
    nan -2 -inf -2 -2 -2 -2 -2 -2
    nan 1e-45 -inf 0 -0 1e-45 -2 1e-45 1e-45
    nan 3.4028235e38 -inf 0 -0 1 -2 1e-45 3.4028235e38`,
  ],
  [
    "remainder",
    `
    nan nan nan nan nan nan nan nan nan
    nan nan nan nan nan nan nan nan nan
    nan nan nan nan nan nan nan nan nan
    nan 0 0 nan nan 0 0 0 0
    nan -0 -0 nan nan -0 -0 -0 -0
    nan 1 -inf nan nan 0 -1 0 1
    nan inf -2 nan nan -0 -0 -0 3.4028235e38
    nan 1e-45 -inf nan nan 1e-45 -2 0 1e-45
    nan 3.4028235e38 -inf nan nan 0 0 0 0`,
  ],
  [
    "fmod",
    `
    nan nan nan nan nan nan nan nan nan
    nan nan nan nan nan nan nan nan nan
    nan nan nan nan nan nan nan nan nan
    nan 0 0 nan nan 0 0 0 0
    nan -0 -0 nan nan -0 -0 -0 -0
    nan 1 1 nan nan 0 1 0 1
    nan -2 -2 nan nan -0 -0 -0 -2
    nan 1e-45 1e-45 nan nan 1e-45 1e-45 0 1e-45
    nan 3.4028235e38 3.4028235e38 nan nan 0 0 0 0`,
  ],
  [
    "atan2",
    `
    nan nan nan nan nan nan nan nan nan
    nan 0.7853982 2.3561945 1.5707964 1.5707964 1.5707964 1.5707964 1.5707964 1.5707964
    nan -0.7853982 -2.3561945 -1.5707964 -1.5707964 -1.5707964 -1.5707964 -1.5707964 -1.5707964
    nan 0 3.1415927 0 3.1415927 0 3.1415927 0 0
    nan -0 -3.1415927 -0 -3.1415927 -0 -3.1415927 -0 -0
    nan 0 3.1415927 1.5707964 1.5707964 0.7853982 2.6779451 1.5707964 2.938736e-39
    nan -0 -3.1415927 -1.5707964 -1.5707964 -1.1071488 -2.3561945 -1.5707964 -5.877472e-39
    nan 0 3.1415927 1.5707964 1.5707964 1e-45 3.1415927 0.7853982 0
    nan 0 3.1415927 1.5707964 1.5707964 1.5707964 1.5707963 1.5707964 0.7853982`,
  ],
  [
    "hypot",
    `
    nan inf inf nan nan nan nan nan nan
    inf inf inf inf inf inf inf inf inf
    inf inf inf inf inf inf inf inf inf
    nan inf inf 0 0 1 2 1e-45 3.4028235e38
    nan inf inf 0 0 1 2 1e-45 3.4028235e38
    nan inf inf 1 1 1.4142135 2.236068 1 3.4028235e38
    nan inf inf 2 2 2.236068 2.828427 2 3.4028235e38
    nan inf inf 1e-45 1e-45 1 2 1e-45 3.4028235e38
    nan inf inf 3.4028235e38 3.4028235e38 3.4028235e38 3.4028235e38 3.4028235e38 inf`,
  ],
  [
    "copysign",
    `
    nan nan nan nan nan nan nan nan nan
    inf inf -inf inf -inf inf -inf inf inf
    inf inf -inf inf -inf inf -inf inf inf
    0 0 -0 0 -0 0 -0 0 0
    0 0 -0 0 -0 0 -0 0 0
    1 1 -1 1 -1 1 -1 1 1
    2 2 -2 2 -2 2 -2 2 2
    1e-45 1e-45 -1e-45 1e-45 -1e-45 1e-45 -1e-45 1e-45 1e-45
    3.4028235e38 3.4028235e38 -3.4028235e38 3.4028235e38 -3.4028235e38 3.4028235e38 -3.4028235e38 3.4028235e38 3.4028235e38`,
  ],
  [
    "eq",
    `
    000000000 010000000 001000000 000110000 000110000 000001000 000000100 000000010 000000001`,
  ],
  [
    "ne",
    `
    111111111 101111111 110111111 111001111 111001111 111110111 111111011 111111101 111111110`,
  ],
  [
    "lt",
    `
    000000000 000000000 010111111 010001011 010001011 010000001 010111011 010001001 010000000`,
  ],
  [
    "le",
    `
    000000000 010000000 011111111 010111011 010111011 010001001 010111111 010001011 010000001`,
  ],
  [
    "gt",
    `
    000000000 001111111 000000000 001000100 001000100 001110110 001000000 001110100 001111110`,
  ],
  [
    "ge",
    `
    000000000 011111111 001000000 001110100 001110100 001111110 001000100 001110110 001111111`,
  ],
  [
    "logicalAnd",
    `
    111001111 111001111 111001111 000000000 000000000 111001111 111001111 111001111 111001111`,
  ],
  [
    "logicalOr",
    `
    111111111 111111111 111111111 111001111 111001111 111111111 111111111 111111111 111111111`,
  ],
  [
    "logicalXor",
    `
    000110000 000110000 000110000 111001111 111001111 000110000 000110000 000110000 000110000`,
  ],
];

/** Operations that take options. */
const OTHER: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  geluTanh: (x) => x.gelu({ approximate: "tanh" }),
  clamp: (x) => x.clamp({ min: -0.5, max: 0.75 }),
};

function parse(text: string): number[] {
  const words = text.trim().split(/\s+/);
  const digits = words[0].length > 1 && words.every((w) => /^[01]+$/.test(w));
  return (digits ? [...words.join("")] : words).map((w) => Number(w.replace("inf", "Infinity")));
}

/** Within two units of what is wanted, zeros of the same sign; a denormal number may have become 0. */
function agrees(got: number, want: number): boolean {
  if (Math.abs(want) >= TINY || Number.isNaN(want)) return ulps(got, want) <= 2;
  const near = Math.abs(got - want) <= LEAST && (got !== 0 || want !== 0);
  return near || Object.is(got, want) || Object.is(got, 0 * want);
}

/** Compares where an adapter may also have taken a denormal input for 0. */
function wrong(
  got: ArrayLike<number>,
  want: number[],
  same: (i: number) => number,
  label: (i: number) => string,
): string[] {
  if (got.length !== want.length) return [`${got.length} values, expected ${want.length}`];
  return want.flatMap((w, i) =>
    agrees(got[i], w) || agrees(got[i], want[same(i)]) ? [] : [`${label(i)}: ${got[i]}, expected ${w}`]
  );
}

const show = (v: number) => (Object.is(v, -0) ? "-0" : `${v}`);
const flushed = (values: number[], i: number) =>
  Math.abs(values[i]) === LEAST ? values.findIndex((v) => Object.is(v, 0 * values[i])) : i;

/** The operations of one tensor, by name; those with an option have it in the name. */
export const UNARY_NAMES: readonly string[] = UNARY.map(([name]) => name);
/** The operations of two tensors, by name. */
export const BINARY_NAMES: readonly string[] = BINARY.map(([name]) => name);

/** Runs an operation of {@linkcode UNARY_NAMES} at every special value; gives a line for each that is wrong. */
export async function wrongUnary(name: string): Promise<string[]> {
  const [, results] = UNARY.find(([each]) => each === name)!;
  const fn = name.startsWith("pow ")
    ? (x: Tensor) => pow(x, Number(name.slice(4)))
    : OTHER[name] ?? (plunge as unknown as Record<string, (x: Tensor) => Tensor>)[name];
  using x = tensor(X), y = fn(x);
  return wrong(await y.data(), parse(results), (i) => flushed(X, i), (i) => show(X[i]));
}

/** Runs an operation of {@linkcode BINARY_NAMES} at every pair of special values; gives a line for each that is wrong. */
export async function wrongBinary(name: string): Promise<string[]> {
  const [, results] = BINARY.find(([each]) => each === name)!, n = V.length;
  const fn = (plunge as unknown as Record<string, (a: Tensor, b: Tensor) => Tensor>)[name];
  using a = tensor(V, { shape: [n, 1] }), b = tensor(V), y = fn(a, b);
  const at = (i: number) => [Math.floor(i / n), i % n];
  const same = (i: number) => flushed(V, at(i)[0]) * n + flushed(V, at(i)[1]);
  return wrong(await y.data(), parse(results), same, (i) => at(i).map((k) => show(V[k])).join(" and "));
}
