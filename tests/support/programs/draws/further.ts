/**
 * How calls of further operations and layers are drawn: elementary functions, arrangements, indices, images, losses.
 *
 * @module
 */
import type { Generator } from "../generator.ts";
import type { Arg, Ref } from "../program.ts";
import { type Draw, someDim } from "./elements.ts";
import { Rejected } from "./rejected.ts";

const one = (fn: string, take: (g: Generator) => Ref = (g) => g.float()): [string, Draw] => [
  fn,
  (g) => void g.step(fn, [take(g)]),
];
const inside = (g: Generator) => g.leaf(g.shape(), { low: -0.9, high: 0.9, grid: 0 });
const some = (fn: string, options: Record<string, Arg>): [string, Draw] => [
  fn,
  (g) => void g.step(fn, [g.float(), ...g.optional(g.options(options))]),
];
const withPositive = (fn: string): [string, Draw] => [fn, (g) => {
  const b = g.positive();
  g.step(fn, [g.partner(b), b]);
}];
const layerOf = (kind: string, args: (g: Generator) => readonly Arg[] = () => []): [string, Draw] => [
  `nn.${kind}`,
  (g) => void g.step("forward", [g.float()], { layer: g.layer(kind, args(g)) }),
];
const along = (fn: string, limit = 12): [string, Draw] => [fn, (g) => {
  const x = g.float((s) => s.length > 0 && Math.max(...s) < limit, () => [g.whole(2, 6), g.whole(2, 6)]);
  g.step(fn, [x, { dim: someDim(g, g.shapeOf(x)) }]);
}];

const ELEMENTARY: readonly [string, Draw][] = [
  ...["floor", "ceil", "round", "trunc", "frac", "exp2", "tan", "atan", "sinh", "cosh", "nanToNum", "isinf"]
    .map((fn) => one(fn)),
  ...["log2", "log10", "reciprocal"].map((fn) => one(fn, (g) => g.positive())),
  ...["asin", "acos"].map((fn) => one(fn, inside)),
  ...["remainder", "fmod", "atan2", "hypot", "copysign"].map(withPositive),
  ["lerp", (g) => {
    const a = g.float(), b = g.leaf(g.shapeOf(a));
    g.step("lerp", [a, b, g.chance(0.5) ? g.oneOf([0.25, 0.75]) : g.leaf(g.shapeOf(a))]);
  }],
  ...["addcmul", "addcdiv"].map((fn): [string, Draw] => [fn, (g) => {
    const x = g.float(), a = g.leaf(g.shapeOf(x)), b = g.positive(g.shapeOf(x));
    g.step(fn, [x, a, b, ...g.optional(g.options({ value: 0.5 }))]);
  }]),
  ["isclose", (g) => {
    const a = g.leaf(g.shape());
    g.step("isclose", [a, g.leaf(g.shapeOf(a)), { rtol: 0.3 }]);
  }],
  ["logicalXor", (g) => {
    const a = g.bool();
    g.step("logicalXor", [a, g.bool(g.shapeOf(a))]);
  }],
  ["clip", (g) => void g.step("clip", [g.float(), g.oneOf<Arg>([{ min: -0.5 }, { min: -0.5, max: 0.25 }])])],
];

const ACTIVATIONS: readonly [string, Draw][] = [
  ...["mish", "relu6", "hardsigmoid", "hardswish", "selu", "softsign", "logSigmoid"].map((fn) => one(fn)),
  some("hardtanh", { minVal: -0.5, maxVal: 0.7 }),
  some("celu", { alpha: 0.7 }),
  ["threshold", (g) => void g.step("threshold", [g.float(), { threshold: 0.1, value: -2 }])],
  ["prelu", (g) => {
    const x = g.ranked(2, 4);
    g.step("prelu", [x, g.leaf([g.oneOf([1, g.shapeOf(x)[1]])])]);
  }],
  ["glu", (g) => {
    const x = g.float((s) => s.length > 0 && s.at(-1)! % 2 === 0, () => [3, 4]);
    g.step("glu", [x, ...g.optional(g.options({ dim: -1 }))]);
  }],
  along("softmin", 100),
  ...["Mish", "Hardswish", "Hardsigmoid", "ReLU6", "SELU", "Softsign", "LogSigmoid"].map((kind) =>
    layerOf(kind)
  ),
  layerOf("Hardtanh", (g) => g.optional(g.options({ minVal: -0.5, maxVal: 0.7 }))),
  layerOf("CELU", (g) => g.optional(g.options({ alpha: 0.7 }))),
  layerOf("Threshold", () => [0.1, -2]),
  ["nn.PReLU", (g) => {
    const x = g.ranked(2, 4), layer = g.layer("PReLU", [{ numParameters: g.oneOf([1, g.shapeOf(x)[1]]) }]);
    g.step("forward", [x], { layer });
  }],
  ["nn.GLU", (g) => {
    const x = g.float((s) => s.length > 0 && s.at(-1)! % 2 === 0, () => [3, 4]);
    g.step("forward", [x], { layer: g.layer("GLU", []) });
  }],
  ["nn.Softmin", (g) => {
    const x = g.ranked(1, 4), layer = g.layer("Softmin", [{ dim: someDim(g, g.shapeOf(x)) }]);
    g.step("forward", [x], { layer });
  }],
];

/** Small, so that copies are not too many. */
const few = (g: Generator, least = 0) =>
  g.float(
    (s) => s.length >= least && s.reduce((n, size) => n * size, 1) < 200,
    () => [g.whole(2, 4), g.whole(2, 4)],
  );

const ARRANGEMENTS: readonly [string, Draw][] = [
  ["repeat", (g) => {
    const x = few(g), sizes = g.shapeOf(x).map(() => g.whole(1, 2));
    g.step("repeat", [x, g.chance(0.5) ? sizes : [2, ...sizes]]);
  }],
  ["tile", (g) => void g.step("tile", [few(g), [g.whole(1, 3), g.whole(1, 2)]])],
  ["unbind", (g) => {
    const x = g.float((s) => s.length > 0 && s[0] < 6, () => [3, 4]);
    g.step("unbind", [x], { result: "list", parts: g.shapeOf(x)[0] });
  }],
  ["chunk", (g) => {
    const x = g.ranked(1, 3), n = g.shapeOf(x)[0], chunks = g.whole(1, 3);
    g.step("chunk", [x, chunks], { result: "list", parts: Math.ceil(n / Math.ceil(n / chunks)) });
  }],
  ["narrow", (g) => {
    const x = g.anyRanked(1, 4),
      dim = someDim(g, g.shapeOf(x)),
      n = g.shapeOf(x).at(dim)!,
      start = g.whole(0, n - 1);
    g.step("narrow", [x, dim, start, g.whole(1, n - start)]);
  }],
  ["roll", (g) => {
    const x = g.anyRanked(1, 4);
    g.step("roll", [x, g.whole(-3, 3), { dims: someDim(g, g.shapeOf(x)) }]);
  }],
  ["rot90", (g) => void g.step("rot90", [g.anyRanked(2, 3), { k: g.whole(-1, 3) }])],
  ["movedim", (g) => {
    const x = g.anyRanked(1, 4);
    g.step("movedim", [x, someDim(g, g.shapeOf(x)), someDim(g, g.shapeOf(x))]);
  }],
  ["unflatten", (g) => {
    const x = g.float((s) => s.length > 0 && s.length < 4 && s.at(-1)! % 2 === 0, () => [3, 4]);
    g.step("unflatten", [x, -1, g.oneOf([[2, -1], [1, -1], [-1, 2]])]);
  }],
  ["diagonal", (g) => {
    const x = g.float((s) => s.length > 1 && s[0] > 1 && s[1] > 1, () => [3, 4]);
    g.step("diagonal", [x, ...g.optional(g.options({ offset: g.oneOf([-1, 1]) }))]);
  }],
  ["diag", (g) => {
    const x = g.float((s) => s.length === 1 && s[0] < 30, () => [g.whole(1, 6)]);
    g.step("diag", [x, ...g.optional(g.options({ diagonal: g.oneOf([-1, 1]) }))]);
  }],
  ...["tril", "triu"].map((fn): [string, Draw] => [
    fn,
    (g) => void g.step(fn, [g.anyRanked(2, 4), ...g.optional(g.options({ diagonal: g.whole(-2, 2) }))]),
  ]),
  ["outer", (g) => {
    const x = g.float((s) => s.length === 1 && s[0] < 40, () => [g.whole(1, 6)]);
    g.step("outer", [x, g.leaf([g.whole(1, 6)])]);
  }],
  ["bmm", (g) => {
    const x = g.ranked(3, 3, () => [2, 3, 4]), [b, , k] = g.shapeOf(x);
    g.step("bmm", [x, g.leaf([b, k, g.whole(1, 5)])]);
  }],
  ["pixelShuffle", (g) => void g.step("pixelShuffle", [g.leaf([g.whole(1, 2), 4 * g.whole(1, 2), 2, 3]), 2])],
  ["pixelUnshuffle", (g) => void g.step("pixelUnshuffle", [g.leaf([g.whole(1, 2), g.whole(1, 2), 4, 6]), 2])],
  ["nn.PixelShuffle", (g) => {
    g.step("forward", [g.leaf([1, 8, 2, 3])], { layer: g.layer("PixelShuffle", [2]) });
  }],
  ["nn.PixelUnshuffle", (g) => {
    g.step("forward", [g.leaf([1, 2, 4, 2])], { layer: g.layer("PixelUnshuffle", [2]) });
  }],
  ["nn.Unflatten", (g) => {
    const x = g.float((s) => s.length > 0 && s.length < 4 && s.at(-1)! % 2 === 0, () => [3, 4]);
    g.step("forward", [x], { layer: g.layer("Unflatten", [-1, [2, -1]]) });
  }],
];

/** A vector of indices of a dimension of size `n`. */
const places = (g: Generator, n: number) => g.int([g.whole(1, 5)], n);

const INDEXING: readonly [string, Draw][] = [
  ["indexSelect", (g) => {
    const x = g.ranked(1, 3), dim = someDim(g, g.shapeOf(x));
    g.step("indexSelect", [x, places(g, g.shapeOf(x).at(dim)!), { dim }]);
  }],
  ["takeAlongDim", (g) => {
    const x = g.ranked(1, 3), shape = g.shapeOf(x), dim = g.whole(0, shape.length - 1);
    g.step("takeAlongDim", [x, g.int(shape.map((n, d) => (d === dim ? 3 : g.oneOf([1, n]))), shape[dim]), {
      dim,
    }]);
  }],
  ...["scatter", "scatterAdd"].map((fn): [string, Draw] => [fn, (g) => {
    const x = g.ranked(1, 3), shape = g.shapeOf(x), dim = g.whole(0, shape.length - 1);
    const index = g.int(shape.map((n, d) => (d === dim ? g.whole(1, 5) : g.whole(1, n))), shape[dim]);
    const src = fn === "scatter" && g.chance(0.3) ? 0.5 : g.leaf(g.shapeOf(index));
    g.step(fn, [x, index, src, { dim }]);
  }]),
  ...["indexAdd", "indexCopy"].map((fn): [string, Draw] => [fn, (g) => {
    const x = g.ranked(1, 3),
      shape = g.shapeOf(x),
      dim = g.whole(0, shape.length - 1),
      index = places(g, shape[dim]);
    const source = g.leaf(shape.with(dim, g.shapeOf(index)[0]));
    g.step(fn, [x, index, source, { dim, ...(fn === "indexAdd" ? g.options({ alpha: -0.5 }) : {}) }]);
  }]),
  ["indexPut", (g) => {
    const x = g.ranked(1, 3), shape = g.shapeOf(x), index = places(g, shape[0]);
    const values = g.chance(0.3) ? 0.5 : g.leaf([...g.shapeOf(index), ...shape.slice(1)]);
    g.step("indexPut", [x, [index], values, ...g.optional(g.options({ accumulate: true }))]);
  }],
  ["maskedFill", (g) => {
    const x = g.float();
    g.step("maskedFill", [x, g.bool(g.shapeOf(x)), g.oneOf([0, -2.5])]);
  }],
  ["sort", (g) => {
    const x = g.float((s) => s.length > 0 && Math.max(...s) < 50, () => [4, 5]);
    g.step("sort", [x, { dim: someDim(g, g.shapeOf(x)), ...g.options({ descending: true }) }], {
      result: "pair",
    });
  }],
  ["argsort", (g) => {
    const x = g.float((s) => s.length > 0 && Math.max(...s) < 50, () => [4, 5]);
    g.step("argsort", [x, { dim: someDim(g, g.shapeOf(x)), ...g.options({ descending: true }) }]);
  }],
  ["histc", (g) => void g.step("histc", [g.leaf(g.shape(2)), { bins: g.whole(1, 5), min: -0.7, max: 0.9 }])],
  ["bernoulli", (g) => void g.step("bernoulli", [g.leaf(g.shape(), { low: 0, high: 1 })])],
];

const REDUCTIONS: readonly [string, Draw][] = [
  along("cumprod", 9),
  along("logcumsumexp", 9),
  ...["nansum", "nanmean"].map((fn): [string, Draw] => [fn, (g) => {
    const x = g.ranked(1, 4);
    g.step(fn, [x, { dim: someDim(g, g.shapeOf(x)), ...g.options({ keepdim: true }) }]);
  }]),
  ["countNonzero", (g) => {
    const x = g.chance(0.5) ? g.bool(g.shape(2)) : g.int(g.shape(2), 3);
    g.step("countNonzero", [x, ...g.optional(g.options({ dim: 1 }))]);
  }],
  ...["varMean", "stdMean"].map((fn): [string, Draw] => [fn, (g) => {
    const x = g.float((s) => s.length > 0 && s.every((n) => n > 1), () => [g.whole(2, 5), g.whole(2, 6)]);
    g.step(fn, [x, { dim: someDim(g, g.shapeOf(x)), ...g.options({ unbiased: false, keepdim: true }) }], {
      result: "list",
      parts: 2,
    });
  }]),
  ["aminmax", (g) => {
    const x = g.ranked(1, 4);
    g.step("aminmax", [x, { dim: someDim(g, g.shapeOf(x)) }], { result: "list", parts: 2 });
  }],
  ["median", (g) => {
    const x = g.float((s) => s.length > 0 && Math.max(...s) < 50, () => [4, 5]);
    if (g.chance(0.3)) return void g.step("median", [x]);
    g.step("median", [x, { dim: someDim(g, g.shapeOf(x)), ...g.options({ keepdim: true }) }], {
      result: "pair",
    });
  }],
  ["quantile", (g) => {
    const x = g.float((s) => s.length > 0 && Math.max(...s) < 50, () => [4, 5]);
    g.step("quantile", [x, g.oneOf([0, 0.25, 0.4, 1]), { dim: someDim(g, g.shapeOf(x)) }]);
  }],
];

/** Sequences of at least `least`. */
const sequences = (g: Generator, least = 3) =>
  g.float(
    (s) => s.length === 3 && s[2] >= least && s[2] < 12,
    () => [g.whole(1, 2), g.oneOf([1, 2, 4]), g.whole(least, 9)],
  );

function conv1d(g: Generator, isTransposed: boolean, asLayer: boolean): void {
  const x = sequences(g), [, c] = g.shapeOf(x), groups = c > 1 && g.chance(0.25) ? c : 1, k = g.whole(1, 3);
  const perGroup = g.whole(1, 2), out = perGroup * groups;
  const options: Record<string, Arg> = {
    ...g.options({ stride: 2, padding: 1 }),
    ...(groups > 1 ? { groups } : {}),
  };
  if (isTransposed && options.padding === 1 && k === 1) delete options.padding;
  if (asLayer) {
    const kind = isTransposed ? "ConvTranspose1d" : "Conv1d";
    return void g.step("forward", [x], { layer: g.layer(kind, [c, out, k, ...g.optional(options)]) });
  }
  const bias: Record<string, Arg> = g.chance(0.5) ? { bias: g.leaf([out]) } : {};
  const weight = g.leaf(isTransposed ? [c, perGroup, k] : [out, c / groups, k]);
  g.step(isTransposed ? "convTranspose1d" : "conv1d", [x, weight, ...g.optional({ ...options, ...bias })]);
}

function pool1d(g: Generator, fn: string, asLayer: boolean): void {
  const x = sequences(g, 4),
    kernelSize = g.whole(2, 3),
    options = g.options({ stride: g.whole(1, 2), padding: 1 });
  if (asLayer) {
    const kind = fn === "maxPool1d" ? "MaxPool1d" : "AvgPool1d";
    return void g.step("forward", [x], { layer: g.layer(kind, [kernelSize, ...g.optional(options)]) });
  }
  g.step(fn, [x, { kernelSize, ...options }]);
}

const window = (g: Generator) => g.options({ stride: 2, padding: 1, dilation: g.oneOf<Arg>([1, [1, 2]]) });
const both = (fn: string, kind: string, draw: (g: Generator, asLayer: boolean) => void): [string, Draw][] => [
  [fn, (g) => draw(g, false)],
  [`nn.${kind}`, (g) => draw(g, true)],
];

function unpool(g: Generator, asLayer: boolean): void {
  const shape = [g.whole(1, 2), g.whole(1, 2), g.whole(1, 3), g.whole(1, 3)], x = g.leaf(shape);
  const indices = g.int(shape, 4 * shape[2] * shape[3]);
  if (asLayer) return void g.step("forward", [x, indices], { layer: g.layer("MaxUnpool2d", [2]) });
  g.step("maxUnpool2d", [x, indices, { kernelSize: 2 }]);
}

const IMAGES: readonly [string, Draw][] = [
  ...both("conv1d", "Conv1d", (g, asLayer) => conv1d(g, false, asLayer)),
  ...both("convTranspose1d", "ConvTranspose1d", (g, asLayer) => conv1d(g, true, asLayer)),
  ...both("maxPool1d", "MaxPool1d", (g, asLayer) => pool1d(g, "maxPool1d", asLayer)),
  ...both("avgPool1d", "AvgPool1d", (g, asLayer) => pool1d(g, "avgPool1d", asLayer)),
  ...both("unfold", "Unfold", (g, asLayer) => {
    const x = g.images(4), options = window(g);
    if (asLayer) {
      return void g.step("forward", [x], { layer: g.layer("Unfold", [2, ...g.optional(options)]) });
    }
    g.step("unfold", [x, { kernelSize: 2, ...options }]);
  }),
  ...both("fold", "Fold", (g, asLayer) => {
    const x = g.leaf([g.whole(1, 2), 4 * g.whole(1, 2), 12]);
    if (asLayer) return void g.step("forward", [x], { layer: g.layer("Fold", [[4, 5], 2]) });
    g.step("fold", [x, { outputSize: [4, 5], kernelSize: 2 }]);
  }),
  ...both("adaptiveMaxPool2d", "AdaptiveMaxPool2d", (g, asLayer) => {
    const x = g.images(3), outputSize = g.oneOf<Arg>([1, 2, [2, null], [3, 2]]);
    if (asLayer) return void g.step("forward", [x], { layer: g.layer("AdaptiveMaxPool2d", [outputSize]) });
    g.step("adaptiveMaxPool2d", [x, { outputSize }]);
  }),
  ...both("maxUnpool2d", "MaxUnpool2d", unpool),
  ["affineGrid", (g) => {
    const n = g.whole(1, 2);
    g.step("affineGrid", [
      g.leaf([n, 2, 3]),
      [n, 1, g.whole(1, 4), g.whole(1, 4)],
      ...g.optional(
        g.options({ alignCorners: true }),
      ),
    ]);
  }],
  ["gridSample", (g) => {
    const n = g.whole(1, 2),
      x = g.leaf([n, 2, 3, 4]),
      grid = g.leaf([n, 2, 3, 2], { low: -1.3, high: 1.3, grid: 0 });
    g.step("gridSample", [x, grid, ...g.optional(g.options({ paddingMode: "border", alignCorners: true }))]);
  }],
  ...both("localResponseNorm", "LocalResponseNorm", (g, asLayer) => {
    const x = g.images(2), size = g.whole(1, 3), options = g.options({ alpha: 0.5, beta: 0.5, k: 2 });
    if (asLayer) {
      return void g.step("forward", [x], {
        layer: g.layer("LocalResponseNorm", [size, ...g.optional(options)]),
      });
    }
    g.step("localResponseNorm", [x, size, ...g.optional(options)]);
  }),
  ["instanceNorm", (g) => {
    const x = g.images(2), c = g.shapeOf(x)[1];
    g.step("instanceNorm", [x, { eps: 0.01, ...g.options({ weight: g.leaf([c]), bias: g.leaf([c]) }) }]);
  }],
  ["nn.InstanceNorm2d", (g) => {
    const x = g.images(2),
      layer = g.layer("InstanceNorm2d", [g.shapeOf(x)[1], { eps: 0.01, affine: g.chance(0.5) }]);
    g.step("forward", [x], { layer });
  }],
  ["nn.InstanceNorm1d", (g) => {
    const x = sequences(g),
      layer = g.layer("InstanceNorm1d", [g.shapeOf(x)[1], { eps: 0.01, affine: g.chance(0.5) }]);
    g.step("forward", [x], { layer });
  }],
  ...both("rmsNorm", "RMSNorm", (g, asLayer) => {
    const x = g.ranked(1, 3), normalizedShape = [g.shapeOf(x).at(-1)!];
    if (asLayer) {
      return void g.step("forward", [x], { layer: g.layer("RMSNorm", [normalizedShape, { eps: 0.01 }]) });
    }
    g.step("rmsNorm", [x, { normalizedShape, eps: 0.01, ...g.options({ weight: g.leaf(normalizedShape) }) }]);
  }),
  ...["ZeroPad2d", "ConstantPad2d", "ReflectionPad2d", "ReplicationPad2d"].map((kind): [string, Draw] => [
    `nn.${kind}`,
    (g) => {
      const sides = g.oneOf<Arg>([1, [0, 1, 2, 1]]), args = kind === "ConstantPad2d" ? [sides, 0.5] : [sides];
      g.step("forward", [g.images(3)], { layer: g.layer(kind, args) });
    },
  ]),
  ...["ConstantPad1d", "ReflectionPad1d", "ReplicationPad1d"].map((
    kind,
  ): [string, Draw] => [`nn.${kind}`, (g) => {
    const sides = g.oneOf<Arg>([1, [0, 2]]), args = kind === "ConstantPad1d" ? [sides, 0.5] : [sides];
    g.step("forward", [sequences(g)], { layer: g.layer(kind, args) });
  }]),
  ...both("dropout2d", "Dropout2d", (g, asLayer) => {
    const x = g.images(2);
    if (asLayer) return void g.step("forward", [x], { layer: g.layer("Dropout2d", [{ p: 0.25 }]) });
    g.step("dropout2d", [x, ...g.optional(g.options({ p: 0.25, training: false }))]);
  }),
  ...both("alphaDropout", "AlphaDropout", (g, asLayer) => {
    const x = g.float();
    if (asLayer) return void g.step("forward", [x], { layer: g.layer("AlphaDropout", [{ p: 0.25 }]) });
    g.step("alphaDropout", [x, ...g.optional(g.options({ p: 0.25 }))]);
  }),
];

const reductionOf = (g: Generator) => g.options({ reduction: g.oneOf(["mean", "sum", "none"]) });
/** A loss of several tensors, or its layer. */
const loss = (
  fn: string,
  kind: string,
  draw: (g: Generator) => { tensors: Ref[]; options: Record<string, Arg> },
): [string, Draw][] =>
  both(fn, kind, (g, asLayer) => {
    const { tensors, options } = draw(g);
    if (asLayer) return void g.step("forward", tensors, { layer: g.layer(kind, g.optional(options)) });
    g.step(fn, [...tensors, ...g.optional(options)]);
  });
const signs = (g: Generator, n: number) => {
  const [ones] = g.step("mul", [g.int([n], 2), 2]);
  return g.step("sub", [ones, 1])[0];
};

const LOSSES: readonly [string, Draw][] = [
  ...loss("huberLoss", "HuberLoss", (g) => {
    const x = g.float();
    return {
      tensors: [x, g.leaf(g.shapeOf(x))],
      options: { ...reductionOf(g), ...g.options({ delta: 0.4 }) },
    };
  }),
  ...loss("binaryCrossEntropy", "BCELoss", (g) => {
    const x = g.leaf(g.shape(), { low: 0.1, high: 0.9, grid: 0 }), shape = g.shapeOf(x);
    const weight = g.leaf(shape, { low: 0.5, high: 2, requiresGrad: false });
    return {
      tensors: [x, g.leaf(shape, { low: 0, high: 1 })],
      options: { ...reductionOf(g), ...g.options({ weight }) },
    };
  }),
  ...loss("klDiv", "KLDivLoss", (g) => {
    const x = g.ranked(1, 3), logTarget = g.chance(0.4);
    const target = logTarget ? g.leaf(g.shapeOf(x)) : g.leaf(g.shapeOf(x), { low: 0.1, high: 0.9, grid: 0 });
    const options = g.options({ reduction: g.oneOf(["batchmean", "sum", "none"]) });
    return { tensors: [x, target], options: { ...options, ...(logTarget ? { logTarget } : {}) } };
  }),
  ...loss("poissonNllLoss", "PoissonNLLLoss", (g) => {
    const logInput = g.chance(0.6), x = logInput ? g.float() : g.positive();
    const target = g.leaf(g.shapeOf(x), { low: 2, high: 5, grid: 0 });
    const options = {
      ...reductionOf(g),
      ...g.options({ full: true }),
      ...(logInput ? {} : { logInput, eps: 1e-4 }),
    };
    return { tensors: [x, target], options };
  }),
  ...loss("marginRankingLoss", "MarginRankingLoss", (g) => {
    const x = g.float((s) => s.length === 1 && s[0] < 40, () => [5]), n = g.shapeOf(x)[0];
    return {
      tensors: [x, g.leaf([n]), signs(g, n)],
      options: { ...reductionOf(g), ...g.options({ margin: 0.3 }) },
    };
  }),
  ...loss("cosineEmbeddingLoss", "CosineEmbeddingLoss", (g) => {
    const n = g.whole(1, 4), x = g.leaf([n, 4], { low: 0.2, grid: 0 });
    return { tensors: [x, g.leaf([n, 4], { low: 0.2, grid: 0 }), signs(g, n)], options: reductionOf(g) };
  }),
  ...loss("tripletMarginLoss", "TripletMarginLoss", (g) => {
    const n = g.whole(1, 4), [a, p, m] = [0, 1, 2].map(() => g.leaf([n, 4], { grid: 0 }));
    return { tensors: [a, p, m], options: { ...reductionOf(g), ...g.options({ margin: 0.5 }) } };
  }),
  ...loss("multilabelSoftMarginLoss", "MultiLabelSoftMarginLoss", (g) => {
    const x = g.ranked(2), shape = g.shapeOf(x);
    const weight = g.leaf([shape[1]], { low: 0.5, high: 2, requiresGrad: false });
    return {
      tensors: [x, g.leaf(shape, { low: 0, high: 1 })],
      options: { ...reductionOf(g), ...g.options({ weight }) },
    };
  }),
  ...loss("cosineSimilarity", "CosineSimilarity", (g) => {
    const shape = [g.whole(1, 4), g.whole(2, 5)], of = () => g.leaf(shape, { low: 0.2, grid: 0 });
    return { tensors: [of(), of()], options: g.options({ dim: 1 }) };
  }),
  ...loss("pairwiseDistance", "PairwiseDistance", (g) => {
    const shape = [g.whole(1, 4), g.whole(2, 5)], of = () => g.leaf(shape, { grid: 0 });
    return { tensors: [of(), of()], options: g.options({ keepdim: true, eps: 1e-3 }) };
  }),
  ["normalize", (g) => {
    const x = g.leaf([g.whole(1, 4), g.whole(2, 5)], { low: 0.2, grid: 0 });
    if (g.valueOf(x).size === 0) throw new Rejected();
    g.step("normalize", [x, ...g.optional(g.options({ p: 1 }))]);
  }],
];

export const FURTHER: readonly [string, Draw][] = [
  ...ELEMENTARY,
  ...ACTIVATIONS,
  ...ARRANGEMENTS,
  ...INDEXING,
  ...REDUCTIONS,
  ...IMAGES,
  ...LOSSES,
];
