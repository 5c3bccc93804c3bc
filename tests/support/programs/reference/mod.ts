/**
 * The reference: Plunge's operations and layers in float64.
 *
 * @module
 */
import * as arranged from "./arranged.ts";
import * as elementary from "./elementary.ts";
import * as indexing from "./indexing.ts";
import * as planes from "./planes.ts";
import * as pointwise from "./pointwise.ts";
import * as reductions from "./reductions.ts";
import * as rows from "./rows.ts";
import * as shapes from "./shapes.ts";
import * as windows from "./windows.ts";
import { stateOptions } from "../leaf.ts";
import {
  type Arg,
  type Layer,
  type Leaf,
  leafNumbers,
  lossSeed,
  outputsOf,
  type Program,
  resolve,
  runStep,
  type Step,
} from "../program.ts";
import { gradientsOf, leafValue, type Numbers, type Value } from "../tape.ts";

// deno-lint-ignore no-explicit-any
type Fn = (...args: any[]) => any;
const { Random, ...indexed } = indexing;
const FUNCTIONS: Record<string, Fn> = {
  ...indexed,
  ...pointwise,
  ...reductions,
  ...rows,
  ...shapes,
  ...windows,
  ...elementary,
  ...arranged,
  ...planes,
};

type State = Record<string, Value>;
type Shapes = Record<string, readonly number[]>;
// deno-lint-ignore no-explicit-any
type Options = Record<string, any>;

/** A layer: the shapes of its state by its arguments, and what it computes. */
interface LayerKind {
  state?: (...args: never[]) => Shapes;
  forward: (
    call: (fn: string, ...args: unknown[]) => Value,
    state: State,
    training: boolean,
    ...args: never[]
  ) => Fn;
}

/** A layer that is an operation whose options are those of the layer. */
const plain = (fn: string, names: readonly string[] = []): LayerKind => ({
  forward: (call, _state, _training, ...args: (Options | undefined)[]) => {
    const byPlace = Object.fromEntries(names.map((name, k) => [name, args[k]]));
    const options = { ...args[names.length], ...byPlace };
    return (...inputs) => call(fn, ...inputs, ...(Object.keys(options).length > 0 ? [options] : []));
  },
});
const pairOf = (v: number | readonly number[]) => (typeof v === "number" ? [v, v] : v);
const channelState = (c: number, affine: boolean): Shapes => affine ? { weight: [c], bias: [c] } : {};
const conv = (fn: string, isTransposed: boolean): LayerKind => ({
  state: (
    inC: number,
    outC: number,
    kernel: number | number[],
    { groups = 1, bias = true }: Options = {},
  ) => {
    const [from, to] = isTransposed ? [inC, outC] : [outC, inC];
    return { weight: [from, to / groups, ...pairOf(kernel)], ...(bias ? { bias: [outC] } : {}) };
  },
  forward: (call, state, _t, _in: number, _out: number, _kernel: number, options: Options = {}) => (x) =>
    call(fn, x, state.weight, { ...options, bias: state.bias }),
});
const batchNorm = (fn: string): LayerKind => ({
  state: (c: number, { affine = true, trackRunningStats = true }: Options = {}): Shapes => ({
    ...channelState(c, affine),
    ...(trackRunningStats ? { runningMean: [c], runningVar: [c] } : {}),
  }),
  forward: (call, state, training, _c: number, { eps, momentum = 0.1 }: Options = {}) => {
    let batches = 0;
    return (x) => {
      const share = momentum === null ? 1 / ++batches : momentum; // without momentum it is the mean over all batches
      return call(fn, x, { ...state, training: training || !state.runningMean, eps, momentum: share });
    };
  },
});

/** A layer that is an operation whose arguments, and then options, are those of the layer. */
const byPlace = (fn: string): LayerKind => ({
  forward: (call, _state, _training, ...args: (Options | undefined)[]) => (x) => call(fn, x, ...args),
});
const dropping = (fn: string): LayerKind => ({
  forward: (call, _state, training, { p = 0.5 }: Options = {}) => (x) => call(fn, x, { p, training }),
});
const conv1d = (fn: string, isTransposed: boolean): LayerKind => ({
  state: (inC: number, outC: number, kernel: number, { groups = 1, bias = true }: Options = {}) => {
    const [from, to] = isTransposed ? [inC, outC] : [outC, inC];
    return { weight: [from, to / groups, kernel], ...(bias ? { bias: [outC] } : {}) };
  },
  forward: (call, state, _t, _in: number, _out: number, _kernel: number, options: Options = {}) => (x) =>
    call(fn, x, state.weight, { ...options, bias: state.bias }),
});
const instanceNorm: LayerKind = {
  state: (c: number, { affine = false }: Options = {}) => channelState(c, affine),
  forward: (call, state, _t, _c: number, { eps }: Options = {}) => (x) =>
    call("instanceNorm", x, { ...state, eps }),
};
const padding = (kind: string): LayerKind => ({
  forward: (call, _s, _t, sides: number | number[], value = 0) => (x) => {
    const all = typeof sides === "number"
      ? new Array<number>(kind.endsWith("1d") ? 2 : 4).fill(sides)
      : sides;
    const mode = kind.startsWith("Reflection")
      ? "reflect"
      : kind.startsWith("Replication")
      ? "replicate"
      : "constant";
    return call("pad", x, all, { mode, value });
  },
});

/** Layers that are an operation each, and what of their arguments is an option there. */
const FURTHER: Readonly<Record<string, readonly [fn: string, ...names: string[]]>> = {
  Mish: ["mish"],
  Hardswish: ["hardswish"],
  Hardsigmoid: ["hardsigmoid"],
  Hardtanh: ["hardtanh"],
  ReLU6: ["relu6"],
  SELU: ["selu"],
  CELU: ["celu"],
  Softsign: ["softsign"],
  LogSigmoid: ["logSigmoid"],
  GLU: ["glu"],
  MaxPool1d: ["maxPool1d", "kernelSize"],
  AvgPool1d: ["avgPool1d", "kernelSize"],
  AdaptiveMaxPool2d: ["adaptiveMaxPool2d", "outputSize"],
  MaxUnpool2d: ["maxUnpool2d", "kernelSize"],
  Unfold: ["unfold", "kernelSize"],
  Fold: ["fold", "outputSize", "kernelSize"],
  BCELoss: ["binaryCrossEntropy"],
  HuberLoss: ["huberLoss"],
  KLDivLoss: ["klDiv"],
  PoissonNLLLoss: ["poissonNllLoss"],
  MultiLabelSoftMarginLoss: ["multilabelSoftMarginLoss"],
  MarginRankingLoss: ["marginRankingLoss"],
  CosineEmbeddingLoss: ["cosineEmbeddingLoss"],
  TripletMarginLoss: ["tripletMarginLoss"],
  CosineSimilarity: ["cosineSimilarity"],
  PairwiseDistance: ["pairwiseDistance"],
};

/** The layers, by the name of their class. */
export const LAYERS: Readonly<Record<string, LayerKind>> = {
  Linear: {
    state: (from: number, to: number, { bias = true }: Options = {}) => ({
      weight: [to, from],
      ...(bias ? { bias: [to] } : {}),
    }),
    forward: (call, state) => (x) => call("linear", x, state.weight, { bias: state.bias }),
  },
  Conv2d: conv("conv2d", false),
  ConvTranspose2d: conv("convTranspose2d", true),
  BatchNorm1d: batchNorm("batchNorm1d"),
  BatchNorm2d: batchNorm("batchNorm2d"),
  LayerNorm: {
    state: (shape: number | number[], { elementwiseAffine = true }: Options = {}): Shapes =>
      elementwiseAffine ? { weight: [shape].flat(), bias: [shape].flat() } : {},
    forward: (call, state, _t, normalizedShape: number, { eps }: Options = {}) => (x) =>
      call("layerNorm", x, { ...state, normalizedShape, eps }),
  },
  GroupNorm: {
    state: (_groups: number, c: number, { affine = true }: Options = {}) => channelState(c, affine),
    forward: (call, state, _t, groups: number, _c: number, { eps }: Options = {}) => (x) =>
      call("groupNorm", x, groups, { ...state, eps }),
  },
  Embedding: {
    state: (rows: number, width: number) => ({ weight: [rows, width] }),
    forward: (call, state, _t, _rows: number, _width: number, { paddingIdx }: Options = {}) => (x) =>
      call("embedding", x, state.weight, { paddingIdx }),
  },
  Dropout: {
    forward: (call, _state, training, { p = 0.5 }: Options = {}) => (x) =>
      call("dropout", x, { p, training }),
  },
  Flatten: {
    forward: (call, _s, _t, { startDim = 1, endDim = -1 }: Options = {}) => (x) =>
      call("flatten", x, { startDim, endDim }),
  },
  Identity: { forward: () => (x) => x },
  Sequential: {
    forward: (_call, _state, _t, ...layers: Fn[]) => (x) => layers.reduce((y, layer) => layer(y), x),
  },
  MaxPool2d: plain("maxPool2d", ["kernelSize"]),
  AvgPool2d: plain("avgPool2d", ["kernelSize"]),
  AdaptiveAvgPool2d: plain("adaptiveAvgPool2d", ["outputSize"]),
  Upsample: plain("interpolate"),
  ELU: plain("elu"),
  GELU: plain("gelu"),
  LeakyReLU: plain("leakyRelu"),
  ReLU: plain("relu"),
  Sigmoid: plain("sigmoid"),
  SiLU: plain("silu"),
  Softplus: plain("softplus"),
  Tanh: plain("tanh"),
  Softmax: plain("softmax"),
  LogSoftmax: plain("logSoftmax"),
  CrossEntropyLoss: plain("crossEntropy"),
  NLLLoss: plain("nllLoss"),
  MSELoss: plain("mseLoss"),
  L1Loss: plain("l1Loss"),
  SmoothL1Loss: plain("smoothL1Loss"),
  BCEWithLogitsLoss: plain("binaryCrossEntropyWithLogits"),
  ...Object.fromEntries(Object.entries(FURTHER).map(([kind, [fn, ...names]]) => [kind, plain(fn, names)])),
  Dropout2d: dropping("dropout2d"),
  AlphaDropout: dropping("alphaDropout"),
  Threshold: plain("threshold", ["threshold", "value"]),
  Unflatten: {
    forward: (call, _s, _t, dim: number, sizes: number[]) => (x) => call("unflatten", x, dim, sizes),
  },
  PixelShuffle: byPlace("pixelShuffle"),
  PixelUnshuffle: byPlace("pixelUnshuffle"),
  LocalResponseNorm: byPlace("localResponseNorm"),
  Softmin: plain("softmin"),
  PReLU: {
    state: ({ numParameters = 1 }: Options = {}) => ({ weight: [numParameters] }),
    forward: (call, state) => (x) => call("prelu", x, state.weight),
  },
  Conv1d: conv1d("conv1d", false),
  ConvTranspose1d: conv1d("convTranspose1d", true),
  InstanceNorm1d: instanceNorm,
  InstanceNorm2d: instanceNorm,
  RMSNorm: {
    state: (shape: number | number[], { elementwiseAffine = true }: Options = {}): Shapes =>
      elementwiseAffine ? { weight: [shape].flat() } : {},
    forward: (call, state, _t, normalizedShape: number, { eps }: Options = {}) => (x) =>
      call("rmsNorm", x, { ...state, normalizedShape, eps }),
  },
  ...Object.fromEntries(
    [
      "ZeroPad2d",
      "ConstantPad1d",
      "ConstantPad2d",
      "ReflectionPad1d",
      "ReflectionPad2d",
      "ReplicationPad1d",
      "ReplicationPad2d",
    ]
      .map((kind) => [kind, padding(kind)]),
  ),
};

/** Runs programs, or their steps one by one, in float64. */
export class Reference {
  readonly values = new Map<string, unknown>();
  readonly #states = new Map<string, State>();
  readonly #random: indexing.Random;

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  /** Makes a leaf. */
  addLeaf(leaf: Leaf, change: LeafChange = (_, numbers) => numbers): void {
    const { name, shape, dtype = "float32", requiresGrad = false } = leaf;
    this.values.set(name, leafValue(shape, change(leaf, leafNumbers(shape, leaf)), dtype, requiresGrad));
  }

  /** Makes a layer. */
  addLayer({ name, kind, args, training, seed }: Layer): void {
    const given = args.map((a: Arg) => resolve(a, this.values)) as never[],
      { state: shapesOf, forward } = LAYERS[kind];
    const entries = Object.entries(shapesOf?.(...given) ?? {}).map(([field, shape], k) => {
      const isLearnt = !field.startsWith("running");
      return [
        field,
        leafValue(shape, leafNumbers(shape, stateOptions(field, seed, k)), "float32", isLearnt),
      ] as const;
    });
    const state = Object.fromEntries(entries);
    this.#states.set(name, state);
    this.values.set(name, forward((fn, ...rest) => this.#call(fn, rest), state, training, ...given));
  }

  /** Runs a step. */
  run(step: Step): void {
    runStep(
      step,
      this.values,
      ({ fn, layer }, args) => layer ? (this.values.get(layer) as Fn)(...args) : this.#call(fn, args),
    );
  }

  #call(fn: string, args: unknown[]): Value {
    if (fn in this.#random) {
      return this.#random[fn as "dropout"](args[0] as Value, args[1] as Options);
    }
    return FUNCTIONS[fn](...args);
  }

  /** A value. */
  get(name: string): Value {
    return this.values.get(name) as Value;
  }

  /** The state of the layers, under the names of their fields. */
  state(): [name: string, value: Value][] {
    return [...this.#states].flatMap(([name, state]) =>
      Object.entries(state).map(([field, value]) => [`${name}.${field}`, value] as [string, Value])
    );
  }
}

/** What a program gives: outputs, gradients and running statistics, by the text that names them. */
export interface Expected {
  readonly wanted: Map<string, Numbers>;
  /** The outputs through which gradients flow. */
  readonly lossNames: readonly string[];
  readonly shapes: ReadonlyMap<string, readonly number[]>;
}

/** Puts other numbers into a leaf. */
type LeafChange = (leaf: Leaf, numbers: Float32Array) => ArrayLike<number>;

/** Runs a whole program in float64. */
export function expected(program: Program, change?: LeafChange): Expected {
  const reference = new Reference(program.seed), wanted = new Map<string, Numbers>();
  program.leaves.forEach((l) => reference.addLeaf(l, change));
  program.layers.forEach((l) => reference.addLayer(l));
  program.steps.forEach((s) => reference.run(s));
  const outputs = outputsOf(program), values = outputs.map((name) => [name, reference.get(name)] as const);
  for (const [name, { data, err }] of values) wanted.set(name, { data, err });
  const losses = values.filter(([, v]) => v.requiresGrad);
  const weighted = losses.map(([name, v]) =>
    [v, Float64Array.from(leafNumbers(v.shape, { seed: lossSeed(name) }))] as const
  );
  const state = reference.state();
  const learnt = [
    ...program.leaves.filter((l) => l.requiresGrad).map((l) => [l.name, reference.get(l.name)] as const),
    ...state.filter(([, v]) => v.requiresGrad),
  ];
  const gradients = gradientsOf(learnt.map(([, v]) => v), weighted);
  learnt.forEach(([name], k) => gradients[k] && wanted.set(`${name}.grad`, gradients[k]));
  for (const [name, v] of state) if (!v.requiresGrad) wanted.set(name, { data: v.data, err: v.err });
  return {
    wanted,
    lossNames: losses.map(([name]) => name),
    shapes: new Map(values.map(([name, v]) => [name, v.shape])),
  };
}
