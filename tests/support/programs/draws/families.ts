/**
 * How calls of products, convolutions, poolings, normalisations, losses and indexing are drawn.
 *
 * @module
 */
import { type Arg, Ref } from "../program.ts";
import type { Generator } from "../generator.ts";
import { Rejected } from "./rejected.ts";
import { type Draw, ownMemory, someDim } from "./elements.ts";

function matmul(g: Generator): void {
  const a = g.ranked(1, 4), shape = g.shapeOf(a), k = shape.at(-1)!, batch = shape.slice(0, -2);
  const other = g.chance(0.2)
    ? [k]
    : [...(g.chance(0.5) ? batch.map((n) => g.chance(0.3) ? 1 : n) : []), k, g.whole(1, 6)];
  g.step("matmul", [a, g.leaf(other)]);
}

/** Options of a convolution that its operation and its layer share. */
function convOptions(g: Generator, c: number): { options: Record<string, Arg>; groups: number } {
  const groups = c > 1 && g.chance(0.25) ? c : 1;
  const options = g.options({ stride: g.oneOf<Arg>([2, [1, 2]]), padding: g.oneOf<Arg>([1, [0, 1]]) });
  return { options: { ...options, ...(groups > 1 ? { groups } : {}) }, groups };
}

function conv2d(g: Generator, asLayer: boolean): void {
  const x = g.images(3), [, c] = g.shapeOf(x), { options, groups } = convOptions(g, c);
  const kernel = g.oneOf([[1, 1], [2, 2], [3, 3], [3, 3], [1, 3]]),
    out = groups * g.whole(1, groups > 1 ? 2 : 4);
  if (g.chance(0.15)) {
    options.padding = g.oneOf(["same", "valid"]);
    delete options.stride;
  }
  if (g.chance(0.15) && kernel.every((k, d) => 2 * k - 1 <= g.shapeOf(x)[2 + d])) options.dilation = 2;
  if (!asLayer) {
    if (g.chance(0.5)) options.bias = g.leaf([out]);
    return void g.step("conv2d", [x, g.leaf([out, c / groups, ...kernel]), ...g.optional(options)]);
  }
  const layer = g.layer("Conv2d", [
    c,
    out,
    kernel,
    ...g.optional({ ...options, ...g.options({ bias: false }) }),
  ]);
  g.step("forward", [x], { layer });
}

function convTranspose2d(g: Generator, asLayer: boolean): void {
  const x = g.images(2), [, c] = g.shapeOf(x), groups = c > 1 && g.chance(0.25) ? c : 1;
  const kernel = g.oneOf([[2, 2], [3, 3], [3, 2]]), perGroup = g.whole(1, 3);
  const options: Record<string, Arg> = {
    ...g.options({ stride: 2, padding: 1 }),
    ...(groups > 1 ? { groups } : {}),
  };
  if (options.stride === 2 && g.chance(0.4)) options.outputPadding = 1;
  if (!asLayer) {
    if (g.chance(0.5)) options.bias = g.leaf([perGroup * groups]);
    return void g.step("convTranspose2d", [x, g.leaf([c, perGroup, ...kernel]), ...g.optional(options)]);
  }
  const layer = g.layer("ConvTranspose2d", [
    c,
    perGroup * groups,
    kernel,
    ...g.optional({ ...options, ...g.options({ bias: false }) }),
  ]);
  g.step("forward", [x], { layer });
}

function poolOptions(g: Generator): { kernelSize: Arg; options: Record<string, Arg> } {
  const kernelSize = g.oneOf<Arg>([2, 2, 3, [2, 3]]);
  return { kernelSize, options: g.options({ stride: g.oneOf<Arg>([1, 2]), padding: 1, ceilMode: true }) };
}

function pool(fn: string, g: Generator, kind?: string): void {
  const { kernelSize, options } = poolOptions(g), x = g.images(4);
  if (fn === "avgPool2d" && g.chance(0.3)) options.countIncludePad = false;
  if (fn === "maxPool2d" && g.chance(0.2)) options.dilation = 2;
  if (kind) {
    return void g.step("forward", [x], { layer: g.layer(kind, [kernelSize, ...g.optional(options)]) });
  }
  if (fn === "maxPool2d" && g.chance(0.3)) {
    return void g.step(fn, [x, { kernelSize, ...options, returnIndices: true }], { result: "pair" });
  }
  g.step(fn, [x, { kernelSize, ...options }]);
}

function resized(g: Generator): Record<string, Arg> {
  const mode = g.oneOf([undefined, "nearest", "bilinear", "bilinear"]);
  const size: Record<string, Arg> = g.chance(0.5)
    ? { size: g.oneOf<Arg>([3, 5, [4, 7], [6, 2]]) }
    : { scaleFactor: g.oneOf<Arg>([2, [2, 3], 1.5]) };
  return {
    ...size,
    ...(mode ? { mode } : {}),
    ...(mode === "bilinear" ? g.options({ alignCorners: true }) : {}),
  };
}

/** Weight and bias of a shape, or not. */
function affine(g: Generator, shape: readonly number[]): Record<string, Arg> {
  return g.options({ weight: g.leaf(shape), bias: g.leaf(shape), eps: 0.01 });
}

function batchNorm(fn: string, g: Generator, kind?: string): void {
  const x = fn === "batchNorm2d" ? g.images(2, (s) => s[0] * s[2] * s[3] > 3) : g.ranked(2, 3, () => [5, 3]);
  const shape = g.shapeOf(x), c = shape[1];
  if (g.valueOf(x).size === c) throw new Rejected(); // of one value there is no variance
  if (kind) {
    const options = g.options({
      affine: false,
      momentum: g.oneOf<Arg>([0.3, null]),
      trackRunningStats: false,
      eps: 0.01,
    });
    return void g.step("forward", [x], { layer: g.layer(kind, [c, ...g.optional(options)]) });
  }
  const training = g.chance(0.7);
  const running = g.chance(0.5) || !training;
  const stats: Record<string, Arg> = running
    ? {
      runningMean: g.step("clone", [g.leaf([c], { requiresGrad: false })])[0],
      runningVar: g.step("clone", [g.leaf([c], { requiresGrad: false, low: 0.5, high: 1.5 })])[0],
    }
    : {};
  g.step(fn, [x, {
    ...affine(g, [c]),
    ...stats,
    ...(training ? { training } : {}),
    ...g.options({ momentum: 0.3 }),
  }]);
}

function layerNorm(g: Generator, asLayer: boolean): void {
  const x = g.float((s) => s.length > 0 && s.at(-1)! > 1, () => [3, 6]), shape = g.shapeOf(x);
  const normalizedShape = shape.slice(-g.whole(1, shape.length));
  if (!asLayer) return void g.step("layerNorm", [x, { normalizedShape, ...affine(g, normalizedShape) }]);
  const options = g.options({ elementwiseAffine: false, eps: 0.01 });
  g.step("forward", [x], { layer: g.layer("LayerNorm", [normalizedShape, ...g.optional(options)]) });
}

function groupNorm(g: Generator, asLayer: boolean): void {
  const x = g.images(2), [, c] = g.shapeOf(x);
  const groups = g.oneOf([1, c, ...(c % 2 === 0 ? [2] : [])]);
  if (!asLayer) return void g.step("groupNorm", [x, groups, ...g.optional(affine(g, [c]))]);
  const options = g.options({ affine: false, eps: 0.01 });
  g.step("forward", [x], { layer: g.layer("GroupNorm", [groups, c, ...g.optional(options)]) });
}

const LOSS_LAYERS: Readonly<Record<string, string>> = {
  mseLoss: "MSELoss",
  l1Loss: "L1Loss",
  smoothL1Loss: "SmoothL1Loss",
  binaryCrossEntropyWithLogits: "BCEWithLogitsLoss",
  nllLoss: "NLLLoss",
  crossEntropy: "CrossEntropyLoss",
};

/** The operation of a loss, or its layer. */
function loss(
  g: Generator,
  fn: string,
  asLayer: boolean,
  x: Ref,
  target: Ref,
  options: Record<string, Arg>,
): void {
  if (asLayer) {
    return void g.step("forward", [x, target], { layer: g.layer(LOSS_LAYERS[fn], g.optional(options)) });
  }
  g.step(fn, [x, target, ...g.optional(options)]);
}

const reductionOf = (g: Generator) => g.options({ reduction: g.oneOf(["mean", "sum", "none"]) });

function elementLoss(fn: string, g: Generator, asLayer: boolean): void {
  const x = g.float(),
    shape = g.shapeOf(x),
    options = reductionOf(g),
    isBce = fn === "binaryCrossEntropyWithLogits";
  if (fn === "smoothL1Loss") Object.assign(options, g.options({ beta: g.oneOf([0.3, 2]) }));
  const positive = () =>
    g.leaf(shape.map((n) => (g.chance(0.4) ? 1 : n)), { low: 0.5, high: 2, requiresGrad: false });
  if (isBce) Object.assign(options, g.options({ weight: positive(), posWeight: positive() }));
  const target = isBce ? g.leaf(shape, { low: 0, high: 1 }) : g.find(
    (v) => v.dtype === "float32" && v.shape.join() === shape.join() && v !== g.valueOf(x),
    () => g.leaf(shape),
  );
  loss(g, fn, asLayer, x, target, options);
}

function classLoss(fn: string, g: Generator, asLayer: boolean): void {
  const x = g.ranked(1, 3, () => [g.whole(1, 5), g.whole(2, 6)]),
    shape = g.shapeOf(x),
    dim = shape.length > 1 ? 1 : 0;
  const classes = shape[dim], rows = shape.toSpliced(dim, 1), options = reductionOf(g);
  Object.assign(
    options,
    g.options({ weight: g.leaf([classes], { low: 0.5, high: 2, requiresGrad: false }) }),
  );
  if (fn === "crossEntropy" && g.chance(0.5)) options.labelSmoothing = 0.1;
  if (fn === "crossEntropy" && g.chance(0.3)) {
    return loss(g, fn, asLayer, x, g.leaf(shape, { low: 0, high: 1, grid: 0 }), options);
  }
  const target = g.int(rows, classes);
  if (g.chance(0.3) && g.valueOf(target).data.some((k) => k !== 0)) options.ignoreIndex = 0;
  loss(g, fn, asLayer, x, target, options);
}

function gather(g: Generator): void {
  const x = g.ranked(1, 3),
    shape = g.shapeOf(x),
    dim = someDim(g, shape),
    d = (dim + shape.length) % shape.length;
  const sizes = shape.map((n, k) => (k === d ? g.whole(1, 6) : g.whole(1, n)));
  g.step("gather", [x, g.int(sizes, shape[d]), { dim }]);
}

function embedding(g: Generator, asLayer: boolean): void {
  const rows = g.whole(2, 6), width = g.oneOf([1, 3, 4]), input = g.int(g.shape(g.whole(0, 2)), rows);
  const options = g.options({ paddingIdx: g.whole(0, rows - 1) });
  if (!asLayer) {
    const weight = g.find(
      (v) => v.dtype === "float32" && v.shape.length === 2 && v.shape[0] >= rows,
      () => g.leaf([rows, width]),
    );
    return void g.step("embedding", [input, weight, ...g.optional(options)]);
  }
  g.step("forward", [input], { layer: g.layer("Embedding", [rows, width, ...g.optional(options)]) });
}

/** An index of a dimension of size `n`; the shape that indices in tensors share is `own`. */
function indexOf(g: Generator, n: number, own: readonly number[]): Arg {
  const kind = g.whole(0, 4);
  if (kind === 0) return g.whole(-n, n - 1);
  if (kind === 1) return "all";
  if (kind === 2) return g.int(own, n);
  if (kind === 3 && g.chance(0.3)) return g.bool([n]);
  return g.options({ start: g.whole(0, n - 1), end: g.whole(1, n), step: 2 });
}

/** Writes into a copy: of what has a gradient, with all of its history, or of what has none, perhaps with a view. */
function set(g: Generator): void {
  const owner = g.chance(0.6) ? g.step("clone", [g.ranked(1, 3)])[0] : ownMemory(g);
  const forms = g.known((v) => v.cell === g.valueOf(owner).cell).map(({ ref }) => ref);
  const x = g.oneOf(forms), shape = g.shapeOf(x); // a view writes into its owner's memory
  const own = [g.oneOf([1, 2, 3])],
    flows = g.valueOf(x).requiresGrad,
    mask = shape.length > 0 && g.chance(0.2);
  const where: Arg = mask
    ? g.bool(shape)
    : shape.slice(0, g.whole(0, shape.length)).map((n) => indexOf(g, n, own));
  const hasMask = mask ||
    (Array.isArray(where) && where.some((w) => w instanceof Ref && g.valueOf(w).dtype === "bool"));
  const isPlain = hasMask || g.chance(0.3);
  const requiresGrad = (flows || g.isFree(x)) && g.chance(0.5) &&
    !g.known((v) => v.cell === g.valueOf(x).cell)[1];
  const value: Arg = isPlain ? 0.5 : g.leaf(valueShape(g, shape, where, own), { requiresGrad });
  g.step("set", [x, where, value], { result: "none" });
}

/** A shape that broadcasts to what is selected: that of the last dimensions, of which nothing is known but that they stay. */
function valueShape(g: Generator, shape: readonly number[], where: Arg, own: readonly number[]): number[] {
  const taken = Array.isArray(where) ? where.length : 0, rest = shape.slice(taken);
  if (Array.isArray(where) && where.length > 0 && where.every((w) => w instanceof Ref) && g.chance(0.7)) {
    return [...own, ...rest];
  }
  return rest.map((n) => (g.chance(0.2) ? 1 : n)).slice(g.whole(0, rest.length));
}

/** Calls a layer once more, on a value of the shape that it had. */
export function again(g: Generator): void {
  const calls = g.steps.filter((s) => s.layer && s.args.length === 1 && s.args[0] instanceof Ref);
  if (calls.length === 0) throw new Rejected();
  const { layer, args: [before] } = g.oneOf(calls), { shape, dtype } = g.valueOf(before as Ref);
  if (dtype !== "float32") return void g.step("forward", [before], { layer });
  const fits = (s: readonly number[]) => s.join() === shape.join();
  g.step("forward", [g.float(fits, () => [...shape])], { layer });
}

const both = (fn: string, kind: string, draw: (g: Generator, asLayer: boolean) => void): [string, Draw][] => [
  [fn, (g) => draw(g, false)],
  [`nn.${kind}`, (g) => draw(g, true)],
];
const activation = (
  kind: string,
  options: Record<string, Arg> = {},
): [string, Draw] => [`nn.${kind}`, (g) => {
  g.step("forward", [g.float()], { layer: g.layer(kind, g.optional(g.options(options))) });
}];
const rowFunction = (kind: string): [string, Draw] => [`nn.${kind}`, (g) => {
  const x = g.ranked(1, 4), layer = g.layer(kind, [{ dim: someDim(g, g.shapeOf(x)) }]);
  g.step("forward", [x], { layer });
}];

/** A layer with weights and an activation, in a row; both may stand elsewhere too. */
function sequential(g: Generator): void {
  const x = g.ranked(1, 3), from = g.shapeOf(x).at(-1)!;
  const layers = [g.layer("Linear", [from, g.whole(1, 6)]), g.layer(g.oneOf(["ReLU", "Tanh", "SiLU"]), [])];
  g.step("forward", [x], { layer: g.layer("Sequential", layers.map((name) => new Ref(name))) });
}

export const FAMILIES: readonly [string, Draw][] = [
  ["matmul", matmul],
  ...both("linear", "Linear", (g, asLayer) => {
    const x = g.ranked(1, 3), from = g.shapeOf(x).at(-1)!, to = g.whole(1, 6);
    if (asLayer) {
      return void g.step("forward", [x], {
        layer: g.layer("Linear", [from, to, ...g.optional(g.options({ bias: false }))]),
      });
    }
    g.step("linear", [x, g.leaf([to, from]), ...g.optional(g.options({ bias: g.leaf([to]) }))]);
  }),
  ...both("conv2d", "Conv2d", conv2d),
  ...both("convTranspose2d", "ConvTranspose2d", convTranspose2d),
  ...both("maxPool2d", "MaxPool2d", (g, asLayer) => pool("maxPool2d", g, asLayer ? "MaxPool2d" : undefined)),
  ...both("avgPool2d", "AvgPool2d", (g, asLayer) => pool("avgPool2d", g, asLayer ? "AvgPool2d" : undefined)),
  ...both("adaptiveAvgPool2d", "AdaptiveAvgPool2d", (g, asLayer) => {
    const x = g.images(3), outputSize = g.oneOf<Arg>([1, 2, 3, [2, null], [3, 2]]);
    if (asLayer) return void g.step("forward", [x], { layer: g.layer("AdaptiveAvgPool2d", [outputSize]) });
    g.step("adaptiveAvgPool2d", [x, { outputSize }]);
  }),
  ...both("interpolate", "Upsample", (g, asLayer) => {
    const x = g.images(2), options = resized(g);
    if (asLayer) return void g.step("forward", [x], { layer: g.layer("Upsample", [options]) });
    g.step("interpolate", [x, options]);
  }),
  ...both(
    "batchNorm1d",
    "BatchNorm1d",
    (g, asLayer) => batchNorm("batchNorm1d", g, asLayer ? "BatchNorm1d" : undefined),
  ),
  ...both(
    "batchNorm2d",
    "BatchNorm2d",
    (g, asLayer) => batchNorm("batchNorm2d", g, asLayer ? "BatchNorm2d" : undefined),
  ),
  ...both("layerNorm", "LayerNorm", layerNorm),
  ...both("groupNorm", "GroupNorm", groupNorm),
  ...both("dropout", "Dropout", (g, asLayer) => {
    const x = g.float(), options = g.options({ p: g.oneOf([0.25, 0.8]) });
    if (asLayer) return void g.step("forward", [x], { layer: g.layer("Dropout", g.optional(options)) });
    g.step("dropout", [x, ...g.optional({ ...options, ...(g.chance(0.2) ? { training: false } : {}) })]);
  }),
  ...["mseLoss", "l1Loss", "smoothL1Loss", "binaryCrossEntropyWithLogits"].flatMap((fn) =>
    both(fn, LOSS_LAYERS[fn], (g, asLayer) => elementLoss(fn, g, asLayer))
  ),
  ...["nllLoss", "crossEntropy"].flatMap((fn) =>
    both(fn, LOSS_LAYERS[fn], (g, asLayer) => classLoss(fn, g, asLayer))
  ),
  ...both("embedding", "Embedding", embedding),
  ["gather", gather],
  ["oneHot", (g) => {
    const numClasses = g.whole(1, 5);
    g.step("oneHot", [g.int(g.shape(g.whole(0, 3)), numClasses), { numClasses }]);
  }],
  ["set", set],
  activation("ReLU"),
  activation("Sigmoid"),
  activation("Tanh"),
  activation("SiLU"),
  activation("GELU", { approximate: "tanh" }),
  activation("ELU", { alpha: 0.7 }),
  activation("LeakyReLU", { negativeSlope: 0.2 }),
  activation("Softplus", { beta: 2, threshold: 1 }),
  activation("Identity"),
  ["nn.Sequential", sequential],
  rowFunction("Softmax"),
  rowFunction("LogSoftmax"),
  [
    "nn.Flatten",
    (g) =>
      void g.step("forward", [g.ranked(2, 4)], {
        layer: g.layer("Flatten", g.optional(g.options({ startDim: 0 }))),
      }),
  ],
];
