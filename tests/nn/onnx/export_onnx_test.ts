// Files are run by ONNX Runtime, and its outputs held to ours.
import { assert, assertEquals, assertRejects } from "@std/assert";
import * as ort from "npm:onnxruntime-web@1";
import { NETWORKS } from "../../../examples/networks.ts";
import * as plunge from "../../../mod.ts";
import { FORMS } from "../../../nn/onnx/_forms.ts";
import {
  exportOnnx,
  manualSeed,
  nn,
  noGrad,
  ones,
  openDevice,
  rand,
  scope,
  type Tensor,
  tensor,
} from "../../../mod.ts";
import { undisposed } from "../../support/memory.ts";
import { assertClose, noiseTensor } from "../../support/values.ts";

const device = await openDevice();
ort.env.wasm.numThreads = 1;

/** A module of a function. */
class Of extends nn.Module {
  readonly #f: (x: Tensor) => unknown;

  constructor(f: (x: Tensor) => unknown) {
    super();
    this.#f = f;
  }

  override forward(x: Tensor): unknown {
    return this.#f(x);
  }
}

/** Exports a module for one input, and holds what ONNX Runtime makes of others to ours. */
async function assertRunsAlike(
  net: nn.Module,
  input: Tensor,
  others: readonly Tensor[],
  name: string,
): Promise<void> {
  const bytes = await exportOnnx(net, input), session = await ort.InferenceSession.create(bytes);
  net.eval();
  for (const x of [input, ...others]) {
    const fed = new ort.Tensor(x.dtype as "float32", await x.data() as Float32Array, x.shape);
    const { output } = await session.run({ input: fed });
    const y = noGrad(() => net.forward(x)) as Tensor;
    assertEquals(output.dims, y.shape, name);
    try {
      assertClose(Array.from(output.data as Float32Array, Number), await y.data(), {
        atol: 1e-5,
        rtol: 1e-5,
      });
    } catch (error) {
      throw new Error(`${name}: ${error}`, { cause: error });
    }
  }
  await session.release();
}

Deno.test("every network of the study gives the same in ONNX Runtime, for any number of images", async () => {
  const seen = new Set<string>();
  for (const [name, make] of Object.entries(NETWORKS)) {
    using _ = scope();
    manualSeed(1);
    const net = make(), printed = `${net}`;
    if (!seen.has(printed)) { // some have several names
      noGrad(() => net.forward(rand([3, 1, 28, 28]))); // so that running statistics are not those of the beginning
      await assertRunsAlike(net, rand([2, 1, 28, 28]), [rand([3, 1, 28, 28])], name);
    }
    seen.add(printed);
    net.dispose();
  }
});

const { conv2d, convTranspose2d, layerNorm, linear, embedding } = plunge;
const w = noiseTensor([4, 2, 3, 2]),
  v = noiseTensor([2, 3, 3, 3]),
  b = noiseTensor([4]),
  row = noiseTensor([6]);
const W = noiseTensor([5, 6]),
  c = noiseTensor([2]),
  table = noiseTensor([7, 3]),
  images = noiseTensor([2, 2, 6, 6]);
const whole = tensor([1, 2, 3, 4, 5, 6], { dtype: "int32" });
const grouped = noiseTensor([4, 1, 3, 3]);

/** Functions of images `[n, 2, 6, 6]`. */
const OF_IMAGES: Record<string, (x: Tensor) => Tensor> = {
  abs: (x) => x.abs(),
  add: (x) => x.add(0.5).add(row).add(x),
  amax: (x) => x.amax({ dim: [2, 3], keepdim: true }),
  amin: (x) => x.amin({ dim: -1 }),
  avgPool2d: (x) => x.avgPool2d({ kernelSize: 2, padding: 1 }),
  "avgPool2d without padding": (x) =>
    x.avgPool2d({ kernelSize: [2, 4], padding: [0, 1], countIncludePad: false, stride: [2, 1] }),
  adaptiveAvgPool2d: (x) =>
    x.adaptiveAvgPool2d(1).add(x.adaptiveAvgPool2d([3, 2]).amax({ dim: [2, 3], keepdim: true })),
  batchNorm2d: (x) => x.batchNorm2d({ runningMean: c, runningVar: c.square(), eps: 0.1 }),
  cat: (x) => plunge.cat([x, x.neg()], 1),
  clamp: (x) => x.clamp({ min: -0.2, max: 0.3 }).add(x.clamp({ min: 0 })),
  clone: (x) => x.clone(),
  conv2d: (x) => conv2d(x, w, { bias: b, stride: [2, 1], padding: [1, 2], dilation: [1, 2] }),
  "conv2d, same": (x) => conv2d(x, w, { padding: "same" }),
  "conv2d, groups": (x) => conv2d(x, grouped, { groups: 2, padding: "valid" }),
  convTranspose2d: (x) => convTranspose2d(x, v, { stride: 2, padding: 1, outputPadding: 1 }),
  cos: (x) => x.cos(),
  div: (x) => x.div(3).div(row).add(plunge.div(1, x.square().add(1))),
  dropout: (x) => plunge.dropout(x, { training: false }),
  elu: (x) => x.elu({ alpha: 0.7 }),
  erf: (x) => x.erf(),
  exp: (x) => x.exp(),
  flatten: (x) => x.flatten({ startDim: 1 }),
  "flatten of the batch": (x) => x.flatten({ startDim: 0, endDim: 1 }),
  gelu: (x) => x.gelu(),
  "gelu, tanh": (x) => x.gelu({ approximate: "tanh" }),
  groupNorm: (x) => plunge.groupNorm(x, 2, { weight: c, bias: c, eps: 0.01 }).add(plunge.groupNorm(x, 1)),
  layerNorm: (x) => layerNorm(x, { normalizedShape: 6, weight: row, bias: row, eps: 0.01 }),
  "layerNorm of two dimensions": (x) => layerNorm(x, [6, 6]),
  leakyRelu: (x) => x.leakyRelu(0.2),
  linear: (x) => linear(x, W),
  log: (x) => x.square().add(0.1).log(),
  logSoftmax: (x) => x.logSoftmax(-1),
  matmul: (x) => x.matmul(x.transpose(2, 3)),
  maxPool2d: (x) => x.maxPool2d({ kernelSize: 3, stride: 2, padding: 1 }),
  "maxPool2d, dilated": (x) => x.maxPool2d({ kernelSize: 2, dilation: 2, stride: 1 }),
  maximum: (x) => x.maximum(row).minimum(x.neg().add(0.5)),
  mean: (x) => x.mean({ dim: [2, 3], keepdim: true }),
  "mean of all": (x) => x.sub(x.mean()),
  mul: (x) => x.mul(2).mul(x),
  "numbers of other types": (x) => x.mul(whole),
  pad: (x) => x.pad([1, 0, 2, 1], { value: 3 }),
  "pad, reflect and replicate": (x) => x.pad([1, 2], "reflect").pad([1, 1, 0, 1], "replicate"),
  permute: (x) => x.permute(0, 3, 1, 2),
  pow: (x) => x.pow(2).add(x.abs().add(0.1).pow(row)),
  relu: (x) => x.relu(),
  reshape: (x) => x.reshape([-1, 4, 18]),
  "reshape of the batch": (x) => x.reshape([x.shape[0] * 12, 6]),
  rsqrt: (x) => x.square().add(1).rsqrt(),
  select: (x) => x.select(1, 1).add(x.select(-1, -2).sum({ dim: 1, keepdim: true })),
  sigmoid: (x) => x.sigmoid(),
  sign: (x) => x.sign(),
  silu: (x) => x.silu(),
  sin: (x) => x.sin(),
  slice: (x) => x.slice({ dim: 2, start: -3 }).add(x.slice({ dim: 2, start: 0, end: 5, step: 2 })),
  softmax: (x) => x.softmax({ dim: 1 }),
  softplus: (x) => x.softplus().add(x.softplus({ beta: 3 })),
  sqrt: (x) => x.abs().sqrt(),
  squeeze: (x) => x.select(1, 0).unsqueeze(1).squeeze(1).unsqueeze(-1),
  stack: (x) => plunge.stack([x, x.exp()], 2),
  sub: (x) => plunge.sub(1, x).sub(row),
  sum: (x) => x.sum().add(x.sum({ dim: 0 })),
  tanh: (x) => x.tanh(),
  acos: (x) => x.mul(0.3).acos(),
  asin: (x) => x.mul(0.3).asin(),
  atan: (x) => x.atan(),
  ceil: (x) => x.mul(3).ceil(),
  celu: (x) => x.celu({ alpha: 0.6 }),
  cosh: (x) => x.cosh(),
  exp2: (x) => x.exp2(),
  floor: (x) => x.mul(3).floor(),
  fmod: (x) => x.mul(5).fmod(0.7).add(x.fmod(row.abs().add(0.5))),
  hardsigmoid: (x) => x.mul(4).hardsigmoid(),
  hardswish: (x) => x.mul(4).hardswish(),
  hardtanh: (x) => x.hardtanh().add(x.hardtanh({ minVal: -0.2, maxVal: 0.4 })),
  "hardtanh as relu6": (x) => x.mul(8).relu6(),
  log10: (x) => x.abs().add(0.1).log10(),
  log2: (x) => x.abs().add(0.1).log2(),
  logSigmoid: (x) => x.logSigmoid(),
  mish: (x) => x.mish(),
  prelu: (x) => x.prelu(c).add(x.prelu(c.slice({ end: 1 }).reshape([]))),
  "prelu of rows": (x) => x.reshape([-1, 2]).prelu(c),
  reciprocal: (x) => x.abs().add(0.5).reciprocal(),
  round: (x) => x.mul(3).round(),
  selu: (x) => x.selu(),
  sinh: (x) => x.sinh(),
  softsign: (x) => x.softsign(),
  tan: (x) => x.mul(0.4).tan(),
  trunc: (x) => x.mul(3).trunc(),
  "the input itself": (x) => x,
};

Deno.test("every operation that has a form gives the same in ONNX Runtime", async () => {
  for (const [name, f] of Object.entries(OF_IMAGES)) {
    using _ = scope();
    await assertRunsAlike(new Of(f), images, [noiseTensor([3, 2, 6, 6], { seed: 2 })], name);
  }
});

Deno.test("no form is without a test", () => {
  const tested = new Set(Object.keys(OF_IMAGES).map((name) => name.split(/,| /)[0]));
  const others = ["batchNorm1d", "embedding", "minimum", "neg", "square", "transpose", "unsqueeze"]; // in the tests of others, and below
  assertEquals(Object.keys(FORMS).filter((op) => !tested.has(op) && !others.includes(op)), []);
});

Deno.test("layers of rows, of whole numbers and of a batch of vectors are exported too", async () => {
  using _ = scope();
  const words = tensor([[0, 6, 3], [2, 2, 1]], { dtype: "int32" });
  await assertRunsAlike(new Of((x) => embedding(x, table)), words, [], "embedding");
  const net = new nn.Sequential(
    new nn.Linear(6, 4),
    new nn.BatchNorm1d(4),
    new nn.Dropout(0.5),
    new nn.Linear(4, 2, { bias: false }),
  );
  await assertRunsAlike(net, noiseTensor([3, 6]), [noiseTensor([1, 6])], "rows");
});

Deno.test("names are those of the state, the batch is free, and each parameter is there once", async () => {
  using _ = scope();
  const layer = new nn.Linear(3, 3), net = new nn.Sequential({ first: layer, again: layer });
  const bytes = await exportOnnx(net, ones([2, 3])), session = await ort.InferenceSession.create(bytes);
  assertEquals([session.inputNames, session.outputNames], [["input"], ["output"]]);
  const [{ shape, type }] = session.inputMetadata as unknown as { shape: unknown[]; type: string }[];
  assertEquals([shape, type], [["batch", 3], "float32"]);
  const text = new TextDecoder("latin1").decode(bytes);
  assertEquals(text.match(/first\.weight/g)!.length, 3); // as a constant, and as the input of two nodes
  assert(!text.includes("again"));
});

Deno.test("exportOnnx() leaves mode, statistics and memory as they were", async () => {
  const net = new nn.Sequential(new nn.Conv2d(1, 2, 3), new nn.BatchNorm2d(2), new nn.Dropout()),
    x = ones([2, 1, 5, 5]);
  net[2].eval();
  const before = undisposed(device);
  await exportOnnx(net, x);
  assertEquals([net.training, net[1].training, net[2].training], [true, true, false]);
  assertEquals(await net.stateDict()["1.running_mean"].toArray(), [0, 0]);
  assertEquals(undisposed(device), before);
  await assertRejects(() => exportOnnx(new nn.Sequential(net, new Of((x) => x.cumsum({ dim: 1 }))), x));
  assertEquals([net.training, net[2].training, undisposed(device)], [true, false, before]);
});

Deno.test("what has no form is refused by its name and place", async () => {
  const x = ones([2, 2, 5, 5]);
  const refuses = async (f: (x: Tensor) => unknown, found: string, type: ErrorConstructor = RangeError) => {
    const { message } = await assertRejects(
      () => exportOnnx(new nn.Sequential({ a: new nn.ReLU(), b: new Of(f) }), x),
      type,
    );
    assert(
      message.includes("Cannot export to ONNX as ") && message.includes(found),
      `${message} has no "${found}"`,
    );
  };
  await refuses((x) => x.cumsum({ dim: 1 }), "every operation must have a form there: cumsum in b has none");
  await refuses((x) => x.std({ dim: 1 }), "every operation must have a form there: std in b has none");
  await refuses(
    (x) => x.avgPool2d({ kernelSize: 2, ceilMode: true }),
    "avgPool2d with a last, incomplete window in b has none",
  );
  await refuses((x) => x.softplus({ threshold: 5 }), "softplus with threshold 5 in b has none");
  await refuses(
    (x) => plunge.dropout(x, 0.5),
    "of one of shape [2, 2, 5, 5] that does not (called were also dropout)",
  );
  await refuses(
    (x) => x.batchNorm2d({ training: true }),
    "batchNorm2d by the batch's own statistics in b has none",
  );
  await refuses((x) => x.gt(0).where(x, 0), "where in b has none");
  await refuses(
    (x) => x.argmax({ dim: 1 }),
    "the output is of one of shape [2, 5, 5] that does not (called were also argmax)",
  );
  await refuses((x) => x.mul(plunge.randn([5])), "mul in b is of one of shape [5] that does not");
  await refuses((x) => x.detach().mul(2), "mul in b is of one of shape [2, 2, 5, 5] that does not");
  await refuses((x) => x.mul(x.shape[0]), "the number of examples must be free: mul in b depends on it");
  await refuses(
    (x) => x.reshape([10, x.size / 10]),
    "the number of examples must be free: reshape in b depends on it",
  );
  await refuses(
    (x) => x.shape[0] > 2 ? x : x.neg(),
    "the number of examples must be free: neg in b depends on it",
  );
  await refuses((x) => (x.set(0, 1), x), "nothing must be written in place: set does in b", Error);
  await refuses((x) => [x], "forward must return a tensor", TypeError);
  await assertRejects(
    () => exportOnnx(new nn.ReLU(), tensor(1)),
    RangeError,
    "input must have a dimension: it is a scalar",
  );
});
