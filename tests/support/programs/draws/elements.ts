/**
 * How calls of operations on elements, along dimensions and of shapes are drawn.
 *
 * @module
 */
import type { Arg, Ref } from "../program.ts";
import type { Generator } from "../generator.ts";
import { Rejected } from "./rejected.ts";

/** Draws a step, and perhaps others that it needs. */
export type Draw = (g: Generator) => void;

const unary = (fn: string): [string, Draw] => [fn, (g) => void g.step(fn, [g.float()])];
const ofPositive = (fn: string): [string, Draw] => [fn, (g) => void g.step(fn, [g.positive()])];
const binary = (fn: string): [string, Draw] => [fn, (g) => {
  if (g.chance(0.1)) {
    const shape = g.shape(), other = g.chance(0.5) ? g.oneOf<Arg>([2, -1, 0.5]) : g.int(shape, 6);
    return void g.step(fn, [g.int(shape, 6), other]);
  }
  const a = g.float(), b = g.partner(a);
  g.step(fn, g.chance(0.3) ? [b, a] : [a, b]);
}];

/** A dimension of a shape, counted from either end. */
export function someDim(g: Generator, shape: readonly number[]): number {
  return g.whole(-shape.length, shape.length - 1);
}

/** Which dimensions are reduced, and whether they stay. */
function reduceOptions(g: Generator, shape: readonly number[]): Record<string, Arg> {
  const dims = shape.map((_, d) => d).filter(() => g.chance(0.5));
  const dim = shape.length === 0 || g.chance(0.2)
    ? undefined
    : g.chance(0.5) || dims.length === 0
    ? someDim(g, shape)
    : dims;
  return { ...(dim === undefined ? {} : { dim }), ...(g.chance(0.5) ? { keepdim: g.chance(0.7) } : {}) };
}

/** Mostly float32; some operations take integers too. */
const orInt = (g: Generator) => (g.chance(0.1) ? g.int(g.shape(), 6) : g.float());
const reduction = (
  fn: string,
  take: (g: Generator) => Ref = (g) => g.float(),
): [string, Draw] => [fn, (g) => {
  const x = take(g);
  g.step(fn, [x, ...g.optional(reduceOptions(g, g.shapeOf(x)))]);
}];
/** Along one dimension, or over everything. */
const along = (fn: string, takesAll: boolean): [string, Draw] => [fn, (g) => {
  const x = g.ranked(1, 4), keepdim = g.options({ keepdim: true });
  if (takesAll && g.chance(0.2)) return void g.step(fn, [x]);
  g.step(fn, [x, { dim: someDim(g, g.shapeOf(x)), ...keepdim }]);
}];
const withPlaces = (fn: string): [string, Draw] => [fn, (g) => {
  const x = g.ranked(1, 4);
  if (g.chance(0.25)) return void g.step(fn, [x]);
  g.step(fn, [x, { dim: someDim(g, g.shapeOf(x)), ...g.options({ keepdim: true }) }], { result: "pair" });
}];
const spread: [string, Draw][] = ["var", "std"].map((fn) => [fn, (g) => {
  const x = g.float((s) => s.length > 0 && s.every((n) => n > 1), () => [g.whole(2, 5), g.whole(2, 6)]);
  g.step(fn, [x, { ...reduceOptions(g, g.shapeOf(x)), ...g.options({ unbiased: false }) }]);
}]);

function toSome(g: Generator): void {
  const x = g.find(
    (v) => v.dtype !== "int32" || g.chance(0.5),
    () => g.leaf(g.shape(), { low: -3, high: 3 }),
  );
  g.step("to", [x, g.oneOf(["float32", "int32", "bool", "float32"])]);
}

export const ELEMENTS: readonly [string, Draw][] = [
  ...[
    "abs",
    "neg",
    "sign",
    "square",
    "sin",
    "cos",
    "erf",
    "exp",
    "expm1",
    "relu",
    "tanh",
    "sigmoid",
    "silu",
    "clone",
  ]
    .map(unary),
  ...["isnan", "isfinite"].map(unary),
  ...["sqrt", "rsqrt", "log", "log1p"].map(ofPositive),
  ["gelu", (g) => void g.step("gelu", [g.float(), ...g.optional(g.options({ approximate: "tanh" }))])],
  [
    "softplus",
    (g) => void g.step("softplus", [g.float(), ...g.optional(g.options({ beta: 2, threshold: 1 }))]),
  ],
  ["elu", (g) => void g.step("elu", [g.float(), ...g.optional(g.options({ alpha: 0.7 }))])],
  [
    "leakyRelu",
    (g) => void g.step("leakyRelu", [g.float(), ...g.optional(g.options({ negativeSlope: 0.2 }))]),
  ],
  [
    "clamp",
    (g) =>
      void g.step("clamp", [
        g.float(),
        g.oneOf<Arg>([{ min: -0.5 }, { max: 0.5 }, { min: -0.5, max: 0.25 }]),
      ]),
  ],
  ...["add", "sub", "mul", "maximum", "minimum", "eq", "ne", "lt", "le", "gt", "ge"].map(binary),
  ["div", (g) => {
    const b = g.positive();
    g.step("div", [g.partner(b), b]);
  }],
  ["pow", (g) => {
    if (g.chance(0.3)) return void g.step("pow", [g.float(), g.oneOf([2, 3, 4, 0, 1])]);
    const x = g.positive();
    g.step("pow", g.chance(0.5) ? [x, g.oneOf([-2, -1, -0.5, 0.5, 1.5, 2.3])] : [x, g.partner(x)]);
  }],
  ["where", (g) => {
    const a = g.float(), shape = g.shapeOf(a), condition = g.bool(shape), b = g.partner(a);
    g.step("where", g.chance(0.5) ? [condition, a, b] : [condition, b, a]);
  }],
  ...["logicalAnd", "logicalOr"].map((fn): [string, Draw] => [fn, (g) => {
    const a = g.bool();
    g.step(fn, [a, g.bool(g.shapeOf(a))]);
  }]),
  ["logicalNot", (g) => void g.step("logicalNot", [g.bool()])],
  ["to", toSome],
];

export const REDUCTIONS: readonly [string, Draw][] = [
  ...["sum", "amax", "amin"].map((fn) => reduction(fn, orInt)),
  ...["mean", "logsumexp"].map((fn) => reduction(fn)),
  ...["any", "all"].map((fn) => reduction(fn, (g) => g.chance(0.7) ? g.bool() : g.float())),
  ["norm", (g) => {
    const p = g.oneOf([undefined, 1, 2, 3, Infinity, -Infinity, 0, 0.5]);
    const x = p === 3 || p === 0.5 ? g.positive() : g.float();
    g.step("norm", [
      x,
      ...g.optional({ ...(p === undefined ? {} : { p }), ...reduceOptions(g, g.shapeOf(x)) }),
    ]);
  }],
  ...["argmax", "argmin", "prod"].map((fn) => along(fn, true)),
  ["cumsum", (g) => {
    const x = g.float((s) => s.length > 0 && Math.max(...s) < 100, () => [g.whole(2, 8), g.whole(2, 8)]);
    g.step("cumsum", [x, { dim: someDim(g, g.shapeOf(x)) }]);
  }],
  ...["max", "min"].map(withPlaces),
  ...spread,
  ...["softmax", "logSoftmax"].map((fn): [string, Draw] => [fn, (g) => {
    const x = g.ranked(1, 4);
    g.step(fn, [x, { dim: someDim(g, g.shapeOf(x)) }]);
  }]),
  ["topk", (g) => {
    const x = g.ranked(1, 4), dim = someDim(g, g.shapeOf(x)), options = g.options({ largest: false });
    g.step("topk", [x, g.whole(1, Math.min(g.shapeOf(x).at(dim)!, 9)), { dim, ...options }], {
      result: "pair",
    });
  }],
];

/** A shape of as many elements. */
function otherShape(g: Generator, size: number): number[] {
  const shape: number[] = [];
  for (let rest = size; rest > 1;) {
    const divisors = Array.from({ length: rest }, (_, k) => k + 1).filter((k) => k > 1 && rest % k === 0);
    const n = g.oneOf(divisors);
    shape.push(n);
    rest /= n;
  }
  if (shape.length > 4) return [size];
  if (shape.length < 4 && g.chance(0.3)) shape.splice(g.whole(0, shape.length), 0, 1);
  return shape;
}

function shuffled(g: Generator, n: number): number[] {
  const order = Array.from({ length: n }, (_, k) => k);
  for (let k = n - 1; k > 0; k--) {
    const j = g.whole(0, k);
    [order[k], order[j]] = [order[j], order[k]];
  }
  return order;
}

function slice(g: Generator): void {
  const x = g.anyRanked(1, 4), dim = someDim(g, g.shapeOf(x)), n = g.shapeOf(x).at(dim)!;
  g.step("slice", [x, {
    dim,
    ...g.options({ start: g.whole(-1, 1), end: g.whole(1, n), step: g.whole(1, 3) }),
  }]);
}

function pad(g: Generator): void {
  const mode = g.oneOf(["constant", "reflect", "replicate"]);
  if (mode === "constant") {
    const x = g.ranked(1, 4),
      sides = Array.from({ length: 2 * g.whole(1, g.shapeOf(x).length) }, () => g.whole(0, 2));
    return void g.step("pad", [x, sides, ...g.optional(g.options({ value: 0.5 }))]);
  }
  const x = g.images(3);
  g.step("pad", [x, [g.whole(0, 2), g.whole(0, 2), g.whole(0, 2), g.whole(0, 2)], { mode }]);
}

function split(g: Generator): void {
  const x = g.float((s) => s.length > 0 && s.some((n) => n > 1), () => [4, 6]), shape = g.shapeOf(x);
  const dim = g.oneOf(shape.map((_, d) => d).filter((d) => shape[d] > 1)),
    n = shape[dim],
    first = g.whole(1, n - 1);
  if (g.chance(0.5)) {
    return void g.step("split", [x, [first, n - first], { dim }], { result: "list", parts: 2 });
  }
  g.step("split", [x, first, { dim }], { result: "list", parts: Math.ceil(n / first) });
}

/** Several values of one shape. */
function alike(g: Generator): Ref[] {
  const x = g.ranked(1, 3), shape = g.shapeOf(x);
  const same = () =>
    g.find((v) => v.dtype === "float32" && v.shape.join() === shape.join(), () => g.leaf(shape), 0.4);
  return g.chance(0.3) ? [same(), x, same()] : [x, same()];
}

export const SHAPES: readonly [string, Draw][] = [
  ["reshape", (g) => {
    const x = g.anyRanked(0, 4), shape = otherShape(g, g.valueOf(x).size), k = g.whole(0, shape.length);
    g.step("reshape", [x, k < shape.length && g.chance(0.3) ? shape.with(k, -1) : shape]);
  }],
  ["flatten", (g) => void g.step("flatten", [g.ranked(1, 4), ...g.optional(g.options({ startDim: -1 }))])],
  ["squeeze", (g) => {
    const x = g.float((s) => s.includes(1), () => [2, 1, 3]),
      ones = [...g.shapeOf(x).keys()].filter((d) => g.shapeOf(x)[d] === 1);
    g.step("squeeze", g.chance(0.5) ? [x] : [x, g.oneOf(ones)]);
  }],
  ["unsqueeze", (g) => {
    const x = g.anyRanked(0, 3);
    g.step("unsqueeze", [x, g.whole(-1 - g.shapeOf(x).length, g.shapeOf(x).length)]);
  }],
  ["permute", (g) => {
    const x = g.anyRanked(1, 4);
    g.step("permute", [x, shuffled(g, g.shapeOf(x).length)]);
  }],
  ["transpose", (g) => {
    const x = g.anyRanked(2, 4);
    g.step("transpose", [x, someDim(g, g.shapeOf(x)), someDim(g, g.shapeOf(x))]);
  }],
  ["expand", (g) => {
    const x = g.ranked(0, 3),
      own = g.shapeOf(x).map((n) => (n === 1 ? g.whole(1, 3) : g.chance(0.3) ? -1 : n));
    g.step("expand", [x, g.chance(0.5) ? [g.whole(1, 3), ...own] : own]);
  }],
  ["flip", (g) => {
    const x = g.anyRanked(1, 4), dims = [...g.shapeOf(x).keys()].filter(() => g.chance(0.5));
    g.step("flip", [x, dims.length > 0 ? dims : [-1]]);
  }],
  ["select", (g) => {
    const x = g.anyRanked(1, 4), dim = someDim(g, g.shapeOf(x)), n = g.shapeOf(x).at(dim)!;
    g.step("select", [x, dim, g.whole(-n, n - 1)]);
  }],
  ["slice", slice],
  ["split", split],
  ["pad", pad],
  ["cat", (g) => {
    const parts = alike(g);
    g.step("cat", [parts, ...g.optional(g.options({ dim: someDim(g, g.shapeOf(parts[0])) }))]);
  }],
  ["stack", (g) => {
    const parts = alike(g);
    g.step("stack", [parts, ...g.optional(g.options({ dim: g.whole(0, g.shapeOf(parts[0]).length) }))]);
  }],
  ["detach", (g) => void g.step("detach", [g.float()])],
  ["fill", (g) => void g.step("fill", [ownMemory(g), g.oneOf([0, 0.5, -2])], { result: "none" })],
  ["copy", (g) => {
    const x = ownMemory(g), shape = g.shapeOf(x).map((n) => (g.chance(0.2) ? 1 : n));
    const source = g.find(
      (v) => v.shape.join() === shape.join() && !v.requiresGrad,
      () => g.leaf(shape, { requiresGrad: false }),
    );
    if (g.valueOf(source).cell === g.valueOf(x).cell) throw new Rejected();
    g.step("copy", [x, source], { result: "none" });
  }],
];

/** A new tensor without gradients that may be overwritten, perhaps with a view of it that exists already. */
export function ownMemory(g: Generator): Ref {
  const [x] = g.step("clone", [g.leaf(g.shape(), { requiresGrad: false })]);
  if (g.chance(0.7)) g.step("reshape", [x, otherShape(g, g.valueOf(x).size)]);
  if (g.chance(0.3)) g.step("mul", [x, g.leaf(g.shapeOf(x), { requiresGrad: false })]); // read before it is written
  return x;
}
