// A call of each export that is right, to be made wrong at one place after another.
import * as plunge from "../../mod.ts";
import { nn, optim, type Tensor, tensor, transforms, zeros } from "../../mod.ts";

/** What is called, and with what: the arguments are made anew for each call. */
export interface ValidCall {
  readonly name: string;
  readonly call: (...args: never[]) => unknown;
  readonly args: () => readonly unknown[];
}

await plunge.openDevice();

/** Where a file is flushed at once, however busy the disk is: calls are timed. */
const memory = await Deno.stat("/dev/shm").then(() => "/dev/shm", () => undefined);
const checkpointFile = `${await Deno.makeTempDir({ dir: memory })}/a.safetensors`;
globalThis.addEventListener(
  "unload",
  () => Deno.removeSync(checkpointFile.slice(0, -14), { recursive: true }),
);

const pngFile = await plunge.encodePng({ width: 1, height: 1, data: new Uint8Array(3) });
const torchFile = await Deno.readFile(new URL("../fixtures/torch/state.pt", import.meta.url));

/** What a checkpoint is saved of. */
function checkpointParts() {
  const model = net(), optimizer = new optim.SGD(model.parameters());
  const scheduler = [new optim.lrScheduler.ExponentialLR(optimizer, { gamma: 0.5 })];
  const metric = new plunge.Accumulator(1);
  return { net: model, optimizer, scheduler, loader: loader(), metric, settings: { lr: 1 } };
}

type Fn = (...args: never[]) => unknown;

const x = tensor([[1, 2, 3], [4, 5, 6]]), w = tensor([[1, 2, 3], [3, 2, 1]]);
const learnt = () => tensor([[1, 2, 3]], { requiresGrad: true });
const images = zeros([2, 2, 4, 4]), kernels = zeros([2, 2, 3, 3]);
const channels = zeros([2]), pair = tensor([1, 1]);
const places = tensor([[0, 1, 2]], { dtype: "int32" }), labels = tensor([0, 2], { dtype: "int32" });
const truth = tensor([true, false, true]), signs = tensor([1, -1]), sequences = zeros([2, 2, 4]);

/** Options of reductions. */
const REDUCE = { dim: [0, 1], keepdim: true };
const ALONG = { dim: 0, keepdim: true };
const CONV = { bias: pair, stride: 1, padding: 1, dilation: 1, groups: 1 };
const LAYER = { stride: 1, padding: 1, dilation: 1, groups: 1, bias: true };
const POOL = { stride: 2, padding: 0, ceilMode: false };
const LOSS = { reduction: "mean" };
const CREATE = { dtype: "float32", requiresGrad: false };

/** The arguments of the operations that take more than one tensor. */
const OPERATIONS: Readonly<Record<string, readonly unknown[]>> = {
  adaptiveAvgPool2d: [images, { outputSize: [2, null] }],
  add: [x, w],
  amax: [x, REDUCE],
  amin: [x, REDUCE],
  all: [x, REDUCE],
  any: [x, REDUCE],
  argmax: [x, ALONG],
  argmin: [x, ALONG],
  avgPool2d: [images, { kernelSize: 2, ...POOL, countIncludePad: true, divisorOverride: 3 }],
  batchNorm1d: [x, {
    runningMean: zeros([3]),
    runningVar: zeros([3]),
    weight: zeros([3]),
    bias: zeros([3]),
    training: true,
    momentum: 0.1,
    eps: 1e-5,
  }],
  batchNorm2d: [images, {
    runningMean: channels,
    runningVar: pair,
    weight: pair,
    bias: channels,
    training: true,
    momentum: 0.1,
    eps: 1e-5,
  }],
  binaryCrossEntropyWithLogits: [x, w, { weight: w, posWeight: w, ...LOSS }],
  clamp: [x, { min: 0, max: 1 }],
  conv2d: [images, kernels, CONV],
  convTranspose2d: [images, kernels, { ...CONV, outputPadding: 0 }],
  crossEntropy: [x, labels, { weight: zeros([3]), ...LOSS, ignoreIndex: -100, labelSmoothing: 0.1 }],
  cumsum: [x, { dim: 0 }],
  div: [x, w],
  dropout: [x, { p: 0.5, training: true }],
  elu: [x, { alpha: 1 }],
  embedding: [labels, w, { paddingIdx: 0 }],
  eq: [x, w],
  expand: [tensor([1]), [2, 3]],
  flatten: [x, { startDim: 0, endDim: -1 }],
  flip: [x, [0, 1]],
  gather: [x, places, { dim: 0 }],
  ge: [x, w],
  gelu: [x, { approximate: "tanh" }],
  groupNorm: [images, 1, { weight: pair, bias: channels, eps: 1e-5 }],
  gt: [x, w],
  interpolate: [images, { size: 2, mode: "bilinear", alignCorners: true }],
  l1Loss: [x, w, LOSS],
  layerNorm: [x, { normalizedShape: [3], weight: zeros([3]), bias: zeros([3]), eps: 1e-5 }],
  le: [x, w],
  leakyRelu: [x, { negativeSlope: 0.1 }],
  linear: [x, w, { bias: pair }],
  logSoftmax: [x, { dim: 0 }],
  logicalAnd: [x, w],
  logicalOr: [x, w],
  logsumexp: [x, REDUCE],
  lt: [x, w],
  matmul: [x, zeros([3, 2])],
  max: [x, ALONG],
  maxPool2d: [images, { kernelSize: 2, ...POOL, dilation: 1, returnIndices: true }],
  maximum: [x, w],
  mean: [x, REDUCE],
  min: [x, ALONG],
  minimum: [x, w],
  mseLoss: [x, w, LOSS],
  mul: [x, w],
  ne: [x, w],
  nllLoss: [x, labels, { weight: zeros([3]), ...LOSS, ignoreIndex: -100 }],
  norm: [x, { p: 2, ...REDUCE }],
  oneHot: [labels, { numClasses: 3 }],
  pad: [x, [1, 1], { mode: "constant", value: 0 }],
  permute: [x, [1, 0]],
  pow: [x, 2],
  prod: [x, ALONG],
  reshape: [x, [3, -1]],
  select: [x, 0, 1],
  slice: [x, { dim: 0, start: 0, end: 1, step: 1 }],
  smoothL1Loss: [x, w, { ...LOSS, beta: 1 }],
  softmax: [x, { dim: 0 }],
  softplus: [x, { beta: 1, threshold: 20 }],
  split: [x, 1, { dim: 0 }],
  squeeze: [x, [0]],
  std: [x, { ...REDUCE, unbiased: false }],
  sub: [x, w],
  sum: [x, REDUCE],
  to: [x, "int32"],
  topk: [x, 1, { dim: 0, largest: true }],
  transpose: [x, 0, 1],
  unsqueeze: [x, 0],
  var: [x, { ...REDUCE, unbiased: false }],
  addcdiv: [x, w, w, { value: 1 }],
  addcmul: [x, w, w, { value: 1 }],
  adaptiveMaxPool2d: [images, { outputSize: [2, null], returnIndices: true }],
  allclose: [x, w, { rtol: 1e-5, atol: 1e-8, equalNan: true }],
  alphaDropout: [x, { p: 0.5, training: true }],
  aminmax: [x, REDUCE],
  argsort: [x, { dim: 0, descending: true }],
  affineGrid: [zeros([2, 2, 3]), [2, 2, 4, 4], { alignCorners: false }],
  atan2: [x, w],
  avgPool1d: [sequences, { kernelSize: 2, ...POOL, countIncludePad: true }],
  bincount: [labels, { weights: pair, minlength: 4 }],
  binaryCrossEntropy: [w.div(4), w.div(4), { weight: w, ...LOSS }],
  bmm: [zeros([2, 3, 4]), zeros([2, 4, 1])],
  celu: [x, { alpha: 1 }],
  chunk: [x, 2, { dim: 0 }],
  clip: [x, { min: 0, max: 1 }],
  conv1d: [sequences, zeros([2, 2, 3]), CONV],
  convTranspose1d: [sequences, zeros([2, 2, 3]), { ...CONV, outputPadding: 0 }],
  copysign: [x, w],
  cosineEmbeddingLoss: [x, w, signs, { margin: 0, ...LOSS }],
  cosineSimilarity: [x, w, { dim: 1, eps: 1e-8 }],
  countNonzero: [x, { dim: [0, 1] }],
  cumprod: [x, { dim: 0 }],
  diag: [x, { diagonal: 1 }],
  diagonal: [x, { offset: 1, dim1: 0, dim2: 1 }],
  dropout2d: [images, { p: 0.5, training: true }],
  equal: [x, w],
  fmod: [x, w],
  fold: [zeros([1, 4, 6]), { outputSize: [3, 4], kernelSize: 2, dilation: 1, padding: 0, stride: 1 }],
  glu: [zeros([2, 4]), { dim: 1 }],
  gridSample: [images, zeros([2, 3, 3, 2]), { mode: "bilinear", paddingMode: "zeros", alignCorners: false }],
  hardtanh: [x, { minVal: 0, maxVal: 1 }],
  histc: [x, { bins: 4, min: 0, max: 6 }],
  huberLoss: [x, w, { delta: 1, ...LOSS }],
  hypot: [x, w],
  indexAdd: [x, labels, zeros([2, 2]), { dim: 1, alpha: 1 }],
  indexCopy: [x, labels, zeros([2, 2]), { dim: 1 }],
  indexPut: [x, [tensor([0], { dtype: "int32" }), labels], 1, { accumulate: true }],
  indexSelect: [x, labels, { dim: 1 }],
  instanceNorm: [images, { weight: pair, bias: channels, eps: 1e-5 }],
  isclose: [x, w, { rtol: 1e-5, atol: 1e-8, equalNan: true }],
  klDiv: [x, w, { logTarget: true, ...LOSS }],
  lerp: [x, w, 0.5],
  localResponseNorm: [images, 2, { alpha: 1, beta: 1, k: 1 }],
  logcumsumexp: [x, { dim: 0 }],
  logicalXor: [x, w],
  marginRankingLoss: [x, w, signs.reshape([2, 1]), { margin: 0, ...LOSS }],
  maskedFill: [x, truth, 1],
  maskedSelect: [x, truth],
  maxPool1d: [sequences, { kernelSize: 2, ...POOL, dilation: 1 }],
  maxUnpool2d: [images, images.to("int32"), { kernelSize: 2, stride: 2, padding: 0, outputSize: [8, 8] }],
  median: [x, ALONG],
  movedim: [x, 0, 1],
  multilabelSoftMarginLoss: [x, w, { weight: zeros([3]), ...LOSS }],
  multinomial: [x, 2, { replacement: true }],
  nanToNum: [x, { nan: 0, posinf: 1, neginf: -1 }],
  nanmean: [x, REDUCE],
  nansum: [x, REDUCE],
  narrow: [x, 1, 0, 2],
  normalize: [x, { p: 2, dim: 1, eps: 1e-12 }],
  outer: [pair, channels],
  pairwiseDistance: [x, w, { p: 2, eps: 1e-6, keepdim: true }],
  pixelShuffle: [zeros([1, 4, 2, 2]), 2],
  pixelUnshuffle: [images, 2],
  poissonNllLoss: [x, w, { logInput: false, full: true, eps: 1e-8, ...LOSS }],
  prelu: [images, pair],
  quantile: [x, [0.5, 1], { ...ALONG, interpolation: "linear" }],
  remainder: [x, w],
  repeat: [x, [2, 1, 1]],
  rmsNorm: [x, { normalizedShape: [3], weight: zeros([3]), eps: 1e-5 }],
  roll: [x, [1, 1], { dims: [0, 1] }],
  rot90: [x, { k: 1, dims: [0, 1] }],
  scatter: [x, places, 1, { dim: 0 }],
  scatterAdd: [x, places.mul(0), zeros([1, 3]), { dim: 0 }],
  softmin: [x, { dim: 0 }],
  sort: [x, { dim: 0, descending: true }],
  stdMean: [x, { ...REDUCE, unbiased: false }],
  takeAlongDim: [x, places, { dim: 1 }],
  threshold: [x, { threshold: 1, value: 0 }],
  tile: [x, [2, 1]],
  tril: [x, { diagonal: 1 }],
  tripletMarginLoss: [x, w, x, { margin: 1, p: 2, eps: 1e-6, swap: true, ...LOSS }],
  triu: [x, { diagonal: 1 }],
  unbind: [x, { dim: 0 }],
  unflatten: [x, 1, [1, -1]],
  unfold: [images, { kernelSize: 2, dilation: 1, padding: 0, stride: 1 }],
  unique: [x, { returnInverse: true, returnCounts: true }],
  varMean: [x, { ...REDUCE, unbiased: false }],
  where: [truth, zeros([3]), 1],
};

const net = () => new nn.Sequential(new nn.Linear(3, 2));
const linear = new nn.Linear(3, 2);
const data = () => new plunge.TensorDataset(x, labels);
const loader = () => new plunge.DataLoader(data(), { batchSize: 2 });
const optimizer = () => new optim.SGD([learnt()], { momentum: 0.9 });
const double = plunge.defineOperation({ name: "double", inputs: ["x"], numbers: ["k"], forward: "k * x" });
const twice = plunge.defineOperation({
  name: "twice",
  inputs: ["x"],
  forward: ({ x }, _options: { k: number } | undefined) => x.mul(2),
});
const bytes = new Uint8Array(8);

const ANOMALY: plunge.AnomalyFacts = {
  kind: "output",
  layer: "0 (Linear)",
  operation: "linear",
  value: NaN,
  shape: [2],
  becameNaN: { layer: "", operation: "mul" },
  before: [],
  step: 1,
  epoch: 1,
  note: "",
};

/** The arguments of what else `mod.ts` exports. Classes are called with `new`. */
const OTHERS: Readonly<Record<string, () => readonly unknown[]>> = {
  Accumulator: () => [2],
  ConcatDataset: () => [[data(), data()]],
  DataLoader: () => [data(), {
    batchSize: 2,
    shuffle: true,
    seed: 1,
    dropLast: false,
    transform: (x: Tensor) => x,
  }],
  HookHandle: () => [() => {}],
  Subset: () => [data(), [0, 1]],
  TensorDataset: () => [x, labels],
  arange: () => [0, 3, 1, CREATE],
  assertNoLeaks: () => [() => {}],
  autotune: () => [() => {}, { seconds: 0, file: null, onProgress: () => {} }],
  cat: () => [[x, w], { dim: 0 }],
  checkpoint: () => [() => learnt(), learnt()],
  compile: () => [(x: Tensor) => x.mul(2)],
  ConfusionMatrix: () => [[[1, 0], [2, 3]], ["a", "b"]],
  confusionMatrix: () => [net(), loader(), { classes: undefined, compile: false }],
  countCorrect: () => [x, labels],
  decodePng: () => [pngFile, { channels: 3, maxPixels: 4 }],
  decodeSafetensors: () => [bytes],
  defineOperation: () => [{
    name: "double",
    inputs: ["x"],
    numbers: ["k"],
    forward: "k * x",
    gradient: { x: "k * dy" },
    result: "float32",
  }],
  enableGrad: () => [() => 1],
  encodePng: () => [tensor([[0, 1]])],
  encodeSafetensors: () => [{ x }, { a: "b" }],
  evaluateAccuracy: () => [net(), loader(), { compile: false }],
  eye: () => [2, 3, CREATE],
  detectAnomaly: () => [() => {}, { step: 1, epoch: 2 }],
  Anomaly: () => [ANOMALY],
  AnomalyError: () => [new plunge.Anomaly(ANOMALY)],
  exportOnnx: () => [net(), zeros([2, 3])],
  fit: () => {
    const model = net(), stop = new AbortController();
    return [model, loader(), {
      optimizer: new optim.SGD(model.parameters()),
      loss: new nn.CrossEntropyLoss(),
      epochs: 1,
      test: loader(),
      scheduler: { step: () => {} },
      stepScheduler: { step: () => {} },
      compile: false,
      onProgress: () => {},
      onEpoch: () => stop.abort(), // of very many epochs
      onNaN: "stop",
      signal: stop.signal,
      checkpoint: undefined,
    }];
  },
  format: () => [x, { precision: 2, threshold: 5, edgeitems: 2, linewidth: 60, sciMode: true }],
  einsum: () => ["ij,ij->i", x, w],
  full: () => [[2], 1, CREATE],
  fullLike: () => [x, 1, CREATE],
  meshgrid: () => [[pair, channels], { indexing: "xy" }],
  onesLike: () => [x, CREATE],
  randLike: () => [x, { requiresGrad: false }],
  randint: () => [0, 9, [2]],
  randnLike: () => [x, { requiresGrad: false }],
  randperm: () => [4],
  zerosLike: () => [x, CREATE],
  loadCheckpoint: () => [checkpointFile, { ...checkpointParts(), rng: true }],
  saveCheckpoint: () => [checkpointFile, { ...checkpointParts(), extra: 1 }],
  getRngState: () => [],
  grad: () => {
    const t = learnt();
    return [t.sum(), [t], { gradOutput: tensor(1), allowUnused: true, retainGraph: false }];
  },
  gradcheck: () => [(t: Tensor) => t.mul(2), [learnt()], {
    reference: ([v]: Float64Array[]) => v.map((e) => 2 * e),
    eps: 1e-3,
    atol: 1,
    rtol: 1,
  }],
  gunzip: () => [bytes],
  linspace: () => [0, 1, 3, CREATE],
  loadTuning: () => ["tests/no such file.json"],
  loadTorch: () => [torchFile, { maxBytes: 1e9 }],
  manualSeed: () => [1],
  noGrad: () => [() => 1],
  ones: () => [[2], CREATE],
  openDevice: () => [{
    kernels: "gpu",
    fusion: true,
    merging: true,
    powerPreference: "low-power",
    trackAllocations: false,
  }],
  parseIdx: () => [Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 7)],
  predict: () => [net(), x, { classes: undefined, top: 1 }],
  profile: () => [() => {}],
  rand: () => [[2], { requiresGrad: false }],
  randn: () => [[2], { requiresGrad: false }],
  randomSplit: () => [data(), [1, 1], { seed: 1 }],
  runKernel: () => [{
    name: "copy",
    inputs: { x },
    outputs: { y: [2, 3] },
    numbers: { n: ["u32", 6] },
    invocations: 6,
    workgroupSize: 64,
    declarations: "",
    body: "if (id < u.n) { y[id] = x[id]; }",
  }],
  safetensorsMetadata: () => [bytes],
  setRngState: () => [{ key: [1, 2], call: 3 }],
  stack: () => [[x, w], { dim: 0 }],
  summary: () => [net(), [2, 3]],
  tensor: () => [[1, 2], { ...CREATE, shape: [2] }],
  zeros: () => [[2], CREATE],
};

const LAYERS: Readonly<Record<string, readonly unknown[]>> = {
  AdaptiveAvgPool2d: [[1, null]],
  AvgPool2d: [2, { ...POOL, countIncludePad: true }],
  BCEWithLogitsLoss: [{ weight: w, posWeight: w, ...LOSS }],
  BatchNorm1d: [3, { eps: 1e-5, momentum: 0.1, affine: true, trackRunningStats: true }],
  BatchNorm2d: [3, { eps: 1e-5, momentum: null, affine: true, trackRunningStats: true }],
  Conv2d: [2, 2, 3, LAYER],
  ConvTranspose2d: [2, 2, 3, { ...LAYER, outputPadding: 0 }],
  CrossEntropyLoss: [{ weight: zeros([3]), ...LOSS, ignoreIndex: -100, labelSmoothing: 0.1 }],
  Dropout: [{ p: 0.5 }],
  ELU: [{ alpha: 1 }],
  Embedding: [4, 2, { paddingIdx: 0 }],
  Flatten: [{ startDim: 1, endDim: -1 }],
  GELU: [{ approximate: "none" }],
  GroupNorm: [1, 2, { eps: 1e-5, affine: true }],
  Identity: [],
  L1Loss: [LOSS],
  LayerNorm: [[3], { eps: 1e-5, elementwiseAffine: true }],
  LeakyReLU: [{ negativeSlope: 0.1 }],
  Linear: [3, 2, { bias: true }],
  LogSoftmax: [{ dim: 1 }],
  MSELoss: [LOSS],
  MaxPool2d: [2, { ...POOL, dilation: 1 }],
  ModuleList: [[linear]],
  NLLLoss: [{ weight: zeros([3]), ...LOSS, ignoreIndex: -100 }],
  Parameter: [],
  ReLU: [],
  Sequential: [linear],
  SiLU: [],
  Sigmoid: [],
  SmoothL1Loss: [{ ...LOSS, beta: 1 }],
  Softmax: [{ dim: 1 }],
  Softplus: [{ beta: 1, threshold: 20 }],
  Tanh: [],
  Upsample: [{ size: 2, mode: "bilinear", alignCorners: true }],
  AdaptiveMaxPool2d: [[1, null]],
  AlphaDropout: [{ p: 0.5 }],
  AvgPool1d: [2, { ...POOL, countIncludePad: true }],
  BCELoss: [{ weight: w, ...LOSS }],
  CELU: [{ alpha: 1 }],
  ConstantPad1d: [[1, 1], 0],
  ConstantPad2d: [[1, 1, 1, 1], 0],
  Conv1d: [2, 2, 3, LAYER],
  ConvTranspose1d: [2, 2, 3, { ...LAYER, outputPadding: 0 }],
  CosineEmbeddingLoss: [{ margin: 0, ...LOSS }],
  CosineSimilarity: [{ dim: 1, eps: 1e-8 }],
  Dropout2d: [{ p: 0.5 }],
  Fold: [4, 2, { dilation: 1, padding: 0, stride: 1 }],
  GLU: [{ dim: 1 }],
  Hardsigmoid: [],
  Hardswish: [],
  Hardtanh: [{ minVal: -1, maxVal: 1 }],
  HuberLoss: [{ delta: 1, ...LOSS }],
  InstanceNorm1d: [3, { eps: 1e-5, affine: true }],
  InstanceNorm2d: [3, { eps: 1e-5, affine: true }],
  KLDivLoss: [{ logTarget: true, ...LOSS }],
  LazyBatchNorm2d: [{ eps: 1e-5, momentum: 0.1, affine: true, trackRunningStats: true }],
  LazyConv2d: [2, 3, LAYER],
  LazyLinear: [2, { bias: true }],
  LocalResponseNorm: [2, { alpha: 1, beta: 1, k: 1 }],
  LogSigmoid: [],
  MarginRankingLoss: [{ margin: 0, ...LOSS }],
  MaxPool1d: [2, { ...POOL, dilation: 1 }],
  MaxUnpool2d: [2, { stride: 2, padding: 0 }],
  Mish: [],
  ModuleDict: [{ a: linear }],
  MultiLabelSoftMarginLoss: [{ weight: w, ...LOSS }],
  PReLU: [{ numParameters: 2, init: 0.25 }],
  PairwiseDistance: [{ p: 2, eps: 1e-6, keepdim: true }],
  ParameterDict: [{ a: linear.weight }],
  ParameterList: [[linear.weight]],
  PixelShuffle: [2],
  PixelUnshuffle: [2],
  PoissonNLLLoss: [{ logInput: true, full: true, eps: 1e-8, ...LOSS }],
  RMSNorm: [[3], { eps: 1e-5, elementwiseAffine: true }],
  ReLU6: [],
  ReflectionPad1d: [[1, 1]],
  ReflectionPad2d: [[1, 1, 1, 1]],
  ReplicationPad1d: [[1, 1]],
  ReplicationPad2d: [[1, 1, 1, 1]],
  SELU: [],
  Softmin: [{ dim: 1 }],
  Softsign: [],
  Threshold: [0.1, 1],
  TripletMarginLoss: [{ margin: 1, p: 2, eps: 1e-6, swap: true, ...LOSS }],
  Unflatten: [1, [1, -1]],
  Unfold: [2, { dilation: 1, padding: 0, stride: 1 }],
  ZeroPad2d: [[1, 1, 1, 1]],
};

const INIT: Readonly<Record<string, readonly unknown[]>> = {
  calculateFans: [x],
  calculateGain: ["leakyRelu", 0.1],
  constant: [x, 1],
  dirac: [kernels, { groups: 1 }],
  eye: [x],
  kaimingNormal: [x, { a: 0, mode: "fanIn", nonlinearity: "relu" }],
  kaimingUniform: [x, { a: 0, mode: "fanIn", nonlinearity: "relu" }],
  normal: [x, { mean: 0, std: 1 }],
  ones: [x],
  orthogonal: [x, { gain: 1 }],
  sparse: [x, { sparsity: 0.5, std: 1 }],
  truncNormal: [x, { mean: 0, std: 1, a: -1, b: 1 }],
  uniform: [x, { a: 0, b: 1 }],
  xavierNormal: [x, { gain: 1 }],
  xavierUniform: [x, { gain: 1 }],
  zeros: [x],
};

const UTILS: Readonly<Record<string, () => readonly unknown[]>> = {
  clipGradNorm: () => [[learnt()], 1, { normType: 2, errorIfNonfinite: true }],
  clipGradValue: () => [[learnt()], 1],
  parametersToVector: () => [[learnt()]],
  vectorToParameters: () => [zeros([3]), [learnt()]],
};

const OPTIMIZERS: Readonly<Record<string, object>> = {
  Adagrad: { lr: 0.1, lrDecay: 0, weightDecay: 0, initialAccumulatorValue: 0, eps: 1e-8, maximize: false },
  Adam: { lr: 0.1, betas: [0.9, 0.99], eps: 1e-8, weightDecay: 0, amsgrad: false, maximize: false },
  AdamW: { lr: 0.1, betas: [0.9, 0.99], eps: 1e-8, weightDecay: 0, amsgrad: false, maximize: false },
  RMSprop: { lr: 0.1, alpha: 0.9, eps: 1e-8, weightDecay: 0, momentum: 0.1, centered: true, maximize: false },
  Adadelta: { lr: 0.1, rho: 0.9, eps: 1e-6, weightDecay: 0, maximize: false },
  Adamax: { lr: 0.1, betas: [0.9, 0.99], eps: 1e-8, weightDecay: 0, maximize: false },
  Muon: {
    lr: 0.1,
    weightDecay: 0,
    momentum: 0.9,
    nesterov: true,
    nsCoefficients: [3.4445, -4.775, 2.0315],
    eps: 1e-7,
    nsSteps: 5,
  },
  NAdam: { lr: 0.1, betas: [0.9, 0.99], eps: 1e-8, weightDecay: 0, momentumDecay: 0.004, maximize: false },
  RAdam: { lr: 0.1, betas: [0.9, 0.99], eps: 1e-8, weightDecay: 0, maximize: false },
  SGD: { lr: 0.1, momentum: 0.1, dampening: 0, weightDecay: 0, nesterov: false, maximize: false },
};

const SCHEDULES: Readonly<Record<string, object>> = {
  ConstantLR: { factor: 0.5, totalIters: 2 },
  CosineAnnealingLR: { TMax: 2, etaMin: 0 },
  ExponentialLR: { gamma: 0.9 },
  LambdaLR: { lrLambda: () => 1 },
  LinearLR: { startFactor: 0.5, endFactor: 1, totalIters: 2 },
  MultiStepLR: { milestones: [1, 2], gamma: 0.1 },
  OneCycleLR: {
    maxLr: 0.1,
    totalSteps: 10,
    epochs: 1,
    stepsPerEpoch: 10,
    pctStart: 0.3,
    annealStrategy: "cos",
    cycleMomentum: true,
    baseMomentum: 0.8,
    maxMomentum: 0.9,
    divFactor: 25,
    finalDivFactor: 1e4,
    threePhase: false,
  },
  ReduceLROnPlateau: {
    mode: "min",
    factor: 0.1,
    patience: 1,
    threshold: 1e-4,
    thresholdMode: "rel",
    cooldown: 0,
    minLr: 0,
    eps: 1e-8,
  },
  StepLR: { stepSize: 1, gamma: 0.1 },
  CosineAnnealingWarmRestarts: { T0: 2, TMult: 2, etaMin: 0 },
  CyclicLR: {
    baseLr: 0.1,
    maxLr: 1,
    stepSizeUp: 2,
    stepSizeDown: 2,
    mode: "triangular",
    gamma: 1,
    cycleMomentum: true,
    baseMomentum: 0.8,
    maxMomentum: 0.9,
  },
  MultiplicativeLR: { lrLambda: () => 1 },
  PolynomialLR: { totalIters: 2, power: 1 },
};

const averaged = () => new optim.swaUtils.AveragedModel(linear);
const SWA: Readonly<Record<string, () => readonly unknown[]>> = {
  AveragedModel: () => [linear, { decay: 0.9, useBuffers: true }],
  SWALR: () => [optimizer(), { swaLr: 0.1, annealEpochs: 2, annealStrategy: "cos" }],
  updateBn: () => [[[x]], net()],
};

const TRANSFORMS: Readonly<Record<string, readonly unknown[]>> = {
  compose: [[(x: Tensor) => x]],
  normalize: [{ mean: 0, std: [1, 1] }],
  randomCrop: [{ size: 2, padding: 1 }],
  randomHorizontalFlip: [{ p: 0.5 }],
  resize: [{ size: 2 }],
  toTensor: [{ width: 1, height: 1, data: new Uint8Array(3) }],
};

/** Methods, and functions that functions make. */
const METHODS: readonly (readonly [name: string, call: Fn, args: () => readonly unknown[]])[] = [
  ["Tensor.backward", ((g: Tensor, o: object) => learnt().mul(2).backward(g, o)) as Fn, () => [
    zeros([1, 3]),
    { retainGraph: false },
  ]],
  ["Tensor.copy", ((t: Tensor) => zeros([2, 3]).copy(t)) as Fn, () => [x]],
  ["Tensor.fill", ((v: number) => zeros([2]).fill(v)) as Fn, () => [1]],
  ["Tensor.format", ((o: object) => zeros([2]).format(o)) as Fn, () => [{ precision: 2 }]],
  ["Tensor.registerHook", ((hook: () => void) => learnt().registerHook(hook)) as Fn, () => [() => {}]],
  ["Tensor.grad =", ((t: Tensor) => zeros([2]).grad = t) as Fn, () => [pair]],
  ["Tensor.requiresGrad =", ((v: boolean) => zeros([2]).requiresGrad = v) as Fn, () => [true]],
  [
    "Scope.keep",
    ((t: Tensor) => {
      using inner = plunge.scope();
      return inner.keep(t);
    }) as Fn,
    () => [zeros([2])],
  ],
  ["defineOperation(elementwise)()", double as Fn, () => [x, { k: 2 }]],
  ["defineOperation(general)()", twice as Fn, () => [x, { k: 2 }]],
  ["Module.add", ((name: string, m: nn.Module) => net().add(name, m)) as Fn, () => ["extra", linear]],
  ["Module.apply", ((fn: () => void) => net().apply(fn)) as Fn, () => [() => {}]],
  ["Module.append", ((m: nn.Module) => net().append(m)) as Fn, () => [linear]],
  ["Module.at", ((k: number) => net().at(k)) as Fn, () => [0]],
  ["Module.getSubmodule", ((path: string) => net().getSubmodule(path)) as Fn, () => ["0"]],
  [
    "Module.loadStateDict",
    ((s: Record<string, Tensor>, o: object) => linear.loadStateDict(s, o)) as Fn,
    () => [
      linear.stateDict(),
      { strict: false },
    ],
  ],
  [
    "Module.namedModules",
    ((p: string, s: Set<nn.Module>) => net().namedModules(p, s)) as Fn,
    () => ["a", new Set()],
  ],
  ["Module.registerBuffer", ((n: string, t: Tensor) => net().registerBuffer(n, t)) as Fn, () => ["b", x]],
  ["Module.registerForwardHook", ((h: () => void) => net().registerForwardHook(h)) as Fn, () => [() => {}]],
  [
    "Module.registerForwardPreHook",
    ((h: () => void) => net().registerForwardPreHook(h)) as Fn,
    () => [() => {}],
  ],
  ["Module.requiresGrad", ((v: boolean) => net().requiresGrad(v)) as Fn, () => [true]],
  ["Module.train", ((v: boolean) => net().train(v)) as Fn, () => [true]],
  ["Module.training =", ((v: boolean) => net().training = v) as Fn, () => [true]],
  ["ModuleList.extend", ((m: nn.Module[]) => new nn.ModuleList().extend(m)) as Fn, () => [[linear]]],
  ["Sequential({…})", ((m: Record<string, nn.Module>) => new nn.Sequential(m)) as Fn, () => [{ a: linear }]],
  ["Parameter", ((t: Tensor) => new nn.Parameter(t)) as Fn, () => [zeros([2])]],
  [
    "forward",
    ((x: Tensor) =>
      [
        new nn.BatchNorm1d(3),
        new nn.Identity(),
        new nn.Linear(3, 2),
        new nn.Flatten(),
        new nn.Dropout(),
        new nn.LayerNorm(3),
        new nn.Softmax({ dim: 1 }),
      ].map((layer) => layer.forward(x))) as Fn,
    () => [x],
  ],
  [
    "CrossEntropyLoss.forward",
    ((x: Tensor, t: Tensor) => new nn.CrossEntropyLoss().forward(x, t)) as Fn,
    () => [
      x,
      labels,
    ],
  ],
  ["Optimizer.addParamGroup", ((g: { params: Tensor[] }) => optimizer().addParamGroup(g)) as Fn, () => [{
    params: [learnt()],
    lr: 0.1,
    nesterov: false,
    initialLr: 0.1,
  }]],
  [
    "Optimizer.loadStateDict",
    ((s: ReturnType<optim.SGD["stateDict"]>) => optimizer().loadStateDict(s)) as Fn,
    () => [
      optimizer().stateDict(),
    ],
  ],
  [
    "StepLR.loadStateDict",
    ((s: never) => new optim.lrScheduler.StepLR(optimizer(), { stepSize: 1 }).loadStateDict(s)) as Fn,
    () => [
      new optim.lrScheduler.StepLR(optimizer(), { stepSize: 1 }).stateDict(),
    ],
  ],
  [
    "ReduceLROnPlateau.step",
    ((v: number) => new optim.lrScheduler.ReduceLROnPlateau(optimizer()).step(v)) as Fn,
    () => [1],
  ],
  [
    "ReduceLROnPlateau.loadStateDict",
    ((s: never) => new optim.lrScheduler.ReduceLROnPlateau(optimizer()).loadStateDict(s)) as Fn,
    () => [
      new optim.lrScheduler.ReduceLROnPlateau(optimizer()).stateDict(),
    ],
  ],
  [
    "ChainedScheduler",
    ((all: never) => new optim.lrScheduler.ChainedScheduler(all)) as Fn,
    () => [[new optim.lrScheduler.ExponentialLR(optimizer(), { gamma: 0.5 })]],
  ],
  [
    "AveragedModel.loadStateDict",
    ((s: never) => averaged().loadStateDict(s)) as Fn,
    () => [averaged().stateDict()],
  ],
  ["ModuleDict.get", ((name: string) => new nn.ModuleDict({ a: linear }).get(name)) as Fn, () => ["a"]],
  ["ParameterList.at", ((k: number) => new nn.ParameterList([linear.weight]).at(k)) as Fn, () => [0]],
  [
    "ParameterDict.set",
    ((name: string, p: nn.Parameter) => new nn.ParameterDict().set(name, p)) as Fn,
    () => ["a", linear.weight],
  ],
  ["Accumulator.add", ((...v: number[]) => new plunge.Accumulator(2).add(...v)) as Fn, () => [1, tensor(2)]],
  ["TensorDataset.gather", ((i: Int32Array) => data().gather(i)) as Fn, () => [Int32Array.of(0, 1)]],
  [
    "Subset.gather",
    ((i: Int32Array) => new plunge.Subset(data(), [0, 1]).gather(i)) as Fn,
    () => [Int32Array.of(0)],
  ],
  [
    "ConcatDataset.gather",
    ((i: Int32Array) => new plunge.ConcatDataset([data()]).gather(i)) as Fn,
    () => [Int32Array.of(0)],
  ],
  // "none" is refused last, so that no call reads or loads anything
  ["MNIST.load", ((o: never) => plunge.MNIST.load(o)) as Fn, () => [{
    root: "data",
    mirrors: [],
    signal: new AbortController().signal,
    onProgress: () => {},
    split: "none",
  }]],
  [
    "a data set's get()",
    ((item: never) => [...new plunge.DataLoader({ length: 1, get: () => item }, { batchSize: 1 })]) as Fn,
    () => [[[1, 2], 0]],
  ],
  [
    "a transform of a loader",
    ((fn: never) => [...new plunge.DataLoader(data(), { transform: fn })]) as Fn,
    () => [
      (x: Tensor) => x,
    ],
  ],
  ...["normalize", "randomCrop", "randomHorizontalFlip", "resize"].map((name) =>
    [
      `transforms.${name}()()`,
      ((x: Tensor) => {
        const options = { normalize: { mean: 0, std: 1 }, randomCrop: { size: 2 }, resize: { size: 2 } };
        const make = (transforms as unknown as Record<string, (o?: object) => plunge.Transform>)[name];
        return make((options as Record<string, object>)[name])(x);
      }) as Fn,
      () => [images],
    ] as const
  ),
];

/** Exports that are no functions, or have calls of their own above. */
const NONE = new Set([
  "MNIST",
  "FashionMNIST",
  "Scope",
  "scope",
  "Tensor",
  "VERSION",
  "nn",
  "optim",
  "transforms",
]);
const ABSTRACT = new Set(["Module", "Parameter"]);

/** A function, or a class as one. */
function callOf(value: unknown): Fn {
  const text = Function.prototype.toString.call(value);
  return text.startsWith("class")
    ? ((...args: never[]) => new (value as new (...args: never[]) => unknown)(...args))
    : value as Fn;
}

/** The calls of everything in a namespace; an export without a call is an error. */
function callsOf(
  space: string,
  exports: Readonly<Record<string, unknown>>,
  argsOf: (name: string) => (() => readonly unknown[]) | undefined,
): ValidCall[] {
  return Object.entries(exports).flatMap(([name, value]) => {
    if (typeof value !== "function" || NONE.has(name) || ABSTRACT.has(name)) return [];
    const args = argsOf(name);
    if (!args) {
      throw new Error(`Cannot test ${space}${name} as it must have a call in the table: there is none`);
    }
    return [{ name: `${space}${name}`, call: callOf(value), args }];
  });
}

/** A right call of each operation. */
export function operationCalls(operations: Readonly<Record<string, unknown>>): ValidCall[] {
  return callsOf("", operations, (name) => () => OPERATIONS[name] ?? [x]);
}

/** The same calls by method. */
export function methodCalls(operations: Readonly<Record<string, unknown>>): ValidCall[] {
  return operationCalls(operations).map(({ name, args }) => {
    const [self, ...rest] = args() as [Tensor, ...unknown[]];
    return {
      name: `x.${name}`,
      call: (...given) => (self as unknown as Record<string, Fn>)[name](...given),
      args: () => rest,
    };
  });
}

/** A right call of everything else. */
export function otherCalls(operations: Readonly<Record<string, unknown>>): ValidCall[] {
  const rest = Object.fromEntries(Object.entries(plunge).filter(([name]) => !(name in operations)));
  const { init, utils, ...layers } = nn;
  const { lrScheduler, swaUtils, Optimizer: _, ...optimizers } = optim;
  const { LRScheduler: __, SequentialLR: ___, ChainedScheduler: ____, ...schedules } = lrScheduler;
  return [
    ...callsOf("", rest, (name) => OTHERS[name]),
    ...callsOf("nn.", layers, (name) => LAYERS[name] && (() => LAYERS[name])),
    ...callsOf("nn.init.", init, (name) => INIT[name] && (() => INIT[name])),
    ...callsOf("nn.utils.", utils, (name) => UTILS[name]),
    ...callsOf("optim.", optimizers, (name) => OPTIMIZERS[name] && (() => [[learnt()], OPTIMIZERS[name]])),
    ...callsOf(
      "lrScheduler.",
      schedules,
      (name) => SCHEDULES[name] && (() => [optimizer(), SCHEDULES[name]]),
    ),
    ...callsOf("swaUtils.", swaUtils, (name) => SWA[name]),
    ...callsOf("transforms.", transforms, (name) => TRANSFORMS[name] && (() => TRANSFORMS[name])),
    ...METHODS.map(([name, call, args]) => ({ name, call, args })),
  ];
}
