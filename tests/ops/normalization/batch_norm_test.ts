import { assertEquals } from "@std/assert";
import {
  batchNorm1d,
  batchNorm2d,
  type BatchNormOptions,
  gradcheck,
  noGrad,
  ones,
  openDevice,
  rand,
  relu,
  scope,
  type Tensor,
  tensor,
  zeros,
} from "../../../mod.ts";
import { undisposed } from "../../support/memory.ts";
import * as reference from "../../support/reference.ts";
import { assertClose, assertRefuses, noiseTensor } from "../../support/values.ts";

const device = await openDevice();

// The first test: later ones leave tensors to the collector, whose time is its own.
Deno.test("batchNorm2d() keeps nothing but its result outside autograd", () => {
  using _ = scope();
  const x = rand([2, 3, 4, 4]), runningMean = zeros([3]), runningVar = ones([3]);
  const before = undisposed(device);
  noGrad(() => batchNorm2d(x, { runningMean, runningVar, training: true }));
  noGrad(() => batchNorm2d(x, { runningMean, runningVar }));
  assertEquals(undisposed(device), before + 2);
});

Deno.test("batchNorm1d() normalises by the batch, and the running statistics follow it", async () => {
  const x = tensor([[1, 2], [3, 6]]), runningMean = tensor([1, 1]), runningVar = tensor([1, 2]);
  const weight = tensor([1, 3]), bias = tensor([0, 10]);
  const y = batchNorm1d(x, { runningMean, runningVar, weight, bias, training: true, momentum: 0.5, eps: 0 });
  assertEquals(await y.toArray(), [[-1, 7], [1, 13]]);
  assertEquals(await runningMean.toArray(), [1.5, 2.5]); // of means 2 and 4
  assertEquals(await runningVar.toArray(), [1.5, 5]); // of unbiased variances 2 and 8
});

Deno.test("batchNorm1d() of vectors and of sequences of one are the same", async () => {
  const x = noiseTensor([5, 3]), options = { training: true };
  assertEquals(
    await batchNorm1d(x.reshape([5, 3, 1]), options).data(),
    await batchNorm1d(x, options).data(),
  );
});

Deno.test("batchNorm2d() uses the running statistics in evaluation, and leaves them", async () => {
  const x = tensor([[[[1, 3]], [[5, 7]]]]), runningMean = tensor([1, 3]), runningVar = tensor([0.75, 3.75]);
  assertEquals(await batchNorm2d(x, { runningMean, runningVar, eps: 0.25 }).toArray(), [[[[0, 2]], [[
    1,
    2,
  ]]]]);
  assertEquals(await runningMean.toArray(), [1, 3]);
  assertEquals(await runningVar.toArray(), [0.75, 3.75]);
});

Deno.test("batchNorm1d() loses nothing where values are large and close together", async () => {
  const x = tensor([[1e6, 1], [1e6 + 1, 2], [1e6 + 2, 4]]);
  assertClose(
    await batchNorm1d(x, { training: true }).data(),
    [-1.2247357, -1.0690415, 0, -0.26726038, 1.2247357, 1.3363019],
    { atol: 1e-6 },
  );
});

Deno.test("batchNorm2d() is right in chunks, also after an outlier", async () => {
  const shape = [40, 3, 14, 14], x = await noiseTensor(shape, { offset: 30 }).data() as Float32Array;
  x[0] = 1000;
  const runningMean = zeros([3]), runningVar = zeros([3]);
  const options = { runningMean, runningVar, training: true, momentum: 1 };
  const y = batchNorm2d(tensor(x, { shape }), options);
  const wanted = reference.normalize(shape, [1, 3, 1, 1], [1, 3, 1, 1])([Float64Array.from(x)]);
  assertClose(await y.data(), wanted, { atol: 4e-6, rtol: 1e-6 });
  const n = 40 * 14 * 14;
  const moments = [0, 1, 2].map((c) => {
    const values = Float64Array.from(x).filter((_, i) => Math.floor(i / 196) % 3 === c);
    const mean = values.reduce((a, b) => a + b) / n;
    return [mean, values.reduce((a, b) => a + (b - mean) ** 2, 0) / (n - 1)];
  });
  assertClose(await runningMean.data(), moments.map(([mean]) => mean), { rtol: 4e-7 });
  assertClose(await runningVar.data(), moments.map(([, variance]) => variance), { rtol: 2e-6 });
});

Deno.test("batchNorm1d() brings a constant channel to its bias, and NaN and infinity to NaN in theirs alone", async () => {
  const x = tensor([[7, NaN, 1, 0], [7, 2, Infinity, 2]]), bias = tensor([3, 0, 0, 0]);
  const y = await batchNorm1d(x, { training: true, bias, eps: 1e-12 }).data();
  assertEquals([...y], [3, NaN, NaN, -1, 3, NaN, NaN, 1]);
});

Deno.test("batchNorm1d() finds that equal values have no variance, however many there are", async () => {
  for (const n of [3, 7, 1000, 30_001]) {
    const y = await batchNorm1d(tensor(new Float32Array(2 * n).fill(0.1), { shape: [n, 2] }), {
      training: true,
    }).data();
    assertEquals(y.findIndex((v) => v !== 0), -1);
  }
});

Deno.test("batchNorm2d() of no images is empty and leaves the running statistics", async () => {
  const weight = ones([3], { requiresGrad: true }), runningMean = zeros([3]), runningVar = ones([3]);
  const y = batchNorm2d(zeros([0, 3, 4, 4]), { weight, runningMean, runningVar, training: true });
  assertEquals(y.shape, [0, 3, 4, 4]);
  y.sum().backward();
  assertEquals(await weight.grad!.toArray(), [0, 0, 0]);
  assertEquals(await runningVar.toArray(), [1, 1, 1]);
});

const SHAPES = [[7, 3], [5, 3, 7], [2, 3, 5, 3], [2, 3, 2, 4]];

for (const shape of SHAPES) {
  const stats = shape.map((size, d) => (d === 1 ? size : 1));
  const norm = shape.length === 4 ? batchNorm2d : batchNorm1d;
  const inputs =
    () => [noiseTensor(shape), noiseTensor([3], { seed: 2, offset: 2 }), noiseTensor([3], { seed: 3 })];

  Deno.test(`${norm.name}() passes gradcheck in training for [${shape}]`, async () => {
    const options = { reference: reference.normalize(shape, stats, stats, 1e-3) };
    const fn = (x: Tensor, weight: Tensor, bias: Tensor) =>
      norm(x, { weight, bias, training: true, eps: 1e-3 });
    await gradcheck(fn, inputs(), options);
    await gradcheck((x) => norm(x, { training: true, eps: 1e-3 }), inputs().slice(0, 1), options);
  });

  Deno.test(`${norm.name}() passes gradcheck in evaluation for [${shape}]`, async () => {
    const known = { runningMean: tensor([0.5, 0, -1]), runningVar: tensor([1, 2, 0.5]) };
    await gradcheck((x, weight, bias) => norm(x, { ...known, weight, bias }), inputs());
    await gradcheck((x) => norm(x, known), inputs().slice(0, 1));
  });
}

Deno.test("batchNorm1d() gives its parameters their gradients where x needs none", async () => {
  const x = noiseTensor([4, 3], { requiresGrad: false });
  const [weight, bias] = [noiseTensor([3]), noiseTensor([3])];
  await gradcheck((weight, bias) => relu(batchNorm1d(x, { weight, bias, training: true })), [weight, bias]);
  await gradcheck((bias) => batchNorm1d(x, { bias, training: true }), [bias]);
});

Deno.test("batchNorm1d() and batchNorm2d() refuse what does not fit", () => {
  const refuse = (x: Tensor, options: BatchNormOptions, message: string) =>
    assertRefuses(() => batchNorm1d(x, options), RangeError, `Cannot apply batchNorm1d ${message}`);
  const x = zeros([4, 3]), training = true;
  refuse(
    zeros([3]),
    { training },
    "as x must be [n, c] or [n, c, l]: x has shape [3]",
  );
  refuse(x, {}, "as runningMean and runningVar must be given in evaluation: x has shape [4, 3]");
  refuse(
    x,
    { training, runningMean: zeros([3]) },
    "as runningMean and runningVar must come together: x has shape [4, 3]",
  );
  refuse(
    x,
    { training, weight: ones([4]) },
    "as weight must have shape [3]: it has [4], x has shape [4, 3]",
  );
  refuse(
    zeros([1, 3]),
    { training },
    "in training as each channel must have more than one value: x has shape [1, 3]",
  );
  assertRefuses(
    () => batchNorm2d(x, { training }),
    RangeError,
    "Cannot apply batchNorm2d as x must be [n, c, h, w]: x has shape [4, 3]",
  );
  assertRefuses(
    () => batchNorm2d(zeros([1, 1, 2, 2], { dtype: "int32" })),
    TypeError,
    "Cannot apply batchNorm2d as x must be float32: it is int32",
  );
});
