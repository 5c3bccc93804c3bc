import { assert, assertAlmostEquals, assertEquals, assertStrictEquals } from "@std/assert";
import { manualSeed, nn, openDevice, type Tensor, tensor, zeros } from "../../mod.ts";
import { assertRefuses } from "../support/values.ts";
import { nodeOf } from "../../ops/core/tensor/internals.ts";

const device = await openDevice();

/** Holds a tensor to a uniform distribution: within the bound, near it on both sides, of its spread. */
async function assertUniform(t: Tensor, bound: number): Promise<void> {
  const values = [...await t.data()], n = values.length;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  assert(-bound <= low && high <= bound, `${low} to ${high} beyond ${bound}`);
  // the largest of n lies within 10 / n of the bound but for one in twenty thousand; small tensors say less
  assert(low < -bound * (1 - 20 / n) && high > bound * (1 - 20 / n), `${low} to ${high} not near ${bound}`);
  const spread = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / n);
  assertAlmostEquals(spread, bound / Math.sqrt(3), 2 * bound / Math.sqrt(n));
}

Deno.test("Linear begins within 1 / √inFeatures, weight and bias", async () => {
  manualSeed(1);
  const layer = new nn.Linear(25, 200);
  await assertUniform(layer.weight, 0.2);
  await assertUniform(layer.bias!, 0.2);
});

Deno.test("Conv2d begins within 1 / √(channels of a group × window), weight and bias", async () => {
  manualSeed(2);
  const conv = new nn.Conv2d(8, 200, [5, 5], { groups: 2 });
  await assertUniform(conv.weight, 0.1);
  await assertUniform(conv.bias!, 0.1);
});

Deno.test("xavierUniform() stays within gain √(6 / (fanIn + fanOut))", async () => {
  manualSeed(3);
  await assertUniform(nn.init.xavierUniform(zeros([30, 24])), 1 / 3);
  await assertUniform(nn.init.xavierUniform(zeros([4, 2, 3, 3]), { gain: 3 }), Math.sqrt(6 / 54) * 3);
});

Deno.test("kaimingUniform() stays within gain √(3 / fan)", async () => {
  manualSeed(4);
  await assertUniform(nn.init.kaimingUniform(zeros([20, 24])), 0.5);
  await assertUniform(nn.init.kaimingUniform(zeros([24, 50]), { mode: "fanOut", nonlinearity: "relu" }), 0.5);
  await assertUniform(nn.init.kaimingUniform(zeros([40, 3, 5, 5]), { a: Math.sqrt(5) }), 1 / Math.sqrt(75));
  await assertUniform(nn.init.kaimingUniform(zeros([40, 12]), { nonlinearity: "tanh" }), 5 / 6);
});

Deno.test("zeros() and uniform() fill parameters, which stay leaves", async () => {
  const layer = new nn.Linear(3, 100);
  assertStrictEquals(nn.init.zeros(layer.weight), layer.weight);
  assertEquals(await layer.weight.data(), new Float32Array(300));
  nn.init.uniform(layer.bias!, { a: 2, b: 3 });
  assert((await layer.bias!.data()).every((v) => v >= 2 && v <= 3));
  assertEquals([layer.weight.requiresGrad, nodeOf(layer.weight)], [true, null]);
});

Deno.test("calculateGain() and calculateFans() give PyTorch's numbers", () => {
  const { calculateGain, calculateFans } = nn.init;
  assertEquals([calculateGain("linear"), calculateGain("sigmoid"), calculateGain("conv2d")], [1, 1, 1]);
  assertAlmostEquals(calculateGain("tanh"), 1.6666666667, 1e-9);
  assertAlmostEquals(calculateGain("relu"), 1.4142135624, 1e-9);
  assertAlmostEquals(calculateGain("leakyRelu"), 1.4141428569, 1e-9);
  assertAlmostEquals(calculateGain("leakyRelu", 0.2), 1.3867504906, 1e-9);
  assertEquals(calculateFans(zeros([6, 3, 5, 5])), { fanIn: 75, fanOut: 150 });
});

Deno.test("initialisers refuse vectors and what they do not know", () => {
  assertRefuses(
    () => nn.init.xavierUniform(zeros([3])),
    RangeError,
    "Cannot calculate fans as the tensor must have two dimensions or more: [3]",
  );
  assertRefuses(
    () => nn.init.calculateGain("swish" as "relu"),
    RangeError,
    'Cannot calculate a gain as nonlinearity must be "linear", "conv1d", "conv2d", "conv3d", "convTranspose1d", "convTranspose2d", "convTranspose3d", "sigmoid", "tanh", "relu", "leakyRelu" or "selu": "swish"',
  );
});

Deno.test("the same seed gives the same network", async () => {
  const values = async () => {
    manualSeed(7);
    const net = new nn.Sequential(new nn.Conv2d(1, 2, 3), new nn.Linear(4, 5));
    return await Promise.all(net.parameters().map((p) => p.data()));
  };
  assertEquals(await values(), await values());
});

/** Holds a tensor to a normal distribution by its mean, spread and fourth moment, each within five standard errors. */
async function assertNormal(t: Tensor, mean: number, std: number): Promise<void> {
  const z = [...await t.data()].map((v) => (v - mean) / std), n = z.length;
  const moment = (k: number) => z.reduce((sum, v) => sum + v ** k, 0) / n;
  assertAlmostEquals(moment(1), 0, 5 / Math.sqrt(n));
  assertAlmostEquals(moment(2), 1, 5 * Math.sqrt(2 / n));
  assertAlmostEquals(moment(4), 3, 5 * Math.sqrt(96 / n));
}

Deno.test("normal(), xavierNormal() and kaimingNormal() have PyTorch's standard deviations", async () => {
  manualSeed(5);
  const { normal, xavierNormal, kaimingNormal } = nn.init;
  await assertNormal(normal(zeros([3000])), 0, 1);
  await assertNormal(normal(zeros([3000]), { mean: -2, std: 0.5 }), -2, 0.5);
  await assertNormal(xavierNormal(zeros([80, 20, 3])), 0, Math.sqrt(2 / 300));
  await assertNormal(xavierNormal(zeros([50, 50]), { gain: 2 }), 0, 0.2 * Math.SQRT2);
  await assertNormal(kaimingNormal(zeros([100, 50])), 0, 0.2);
  await assertNormal(
    kaimingNormal(zeros([20, 100]), { mode: "fanOut", nonlinearity: "tanh" }),
    0,
    5 / 3 / Math.sqrt(20),
  );
  await assertNormal(kaimingNormal(zeros([40, 100]), { a: 1 }), 0, 0.1);
});

Deno.test("constant(), ones() and eye() fill with what they say", async () => {
  const t = zeros([2, 3]);
  assertStrictEquals(nn.init.constant(t, 7), t);
  assertEquals(await t.toArray(), [[7, 7, 7], [7, 7, 7]]);
  assertEquals(await nn.init.ones(t).toArray(), [[1, 1, 1], [1, 1, 1]]);
  assertEquals(await nn.init.eye(zeros([3, 2])).toArray(), [[1, 0], [0, 1], [0, 0]]);
});

// PyTorch: nn.init.dirac_(torch.empty(4, 2, 3), 2), nn.init.dirac_(torch.empty(2, 3, 2, 2))
Deno.test("dirac() hands channels on", async () => {
  const one = [0, 1, 0], none = [0, 0, 0];
  assertEquals(await nn.init.dirac(zeros([4, 2, 3]), { groups: 2 }).toArray(), [[one, none], [none, one], [
    one,
    none,
  ], [
    none,
    one,
  ]]);
  const last = [[0, 0], [0, 1]], empty = [[0, 0], [0, 0]];
  assertEquals(await nn.init.dirac(zeros([2, 3, 2, 2])).toArray(), [[last, empty, empty], [
    empty,
    last,
    empty,
  ]]);
});

Deno.test("orthogonal() makes rows, or columns, of one length at right angles", async () => {
  manualSeed(6);
  for (const [shape, gain] of [[[5, 12], 1], [[12, 5], 1], [[6, 6], 2], [[4, 2, 3, 3], 0.5]] as const) {
    const w = nn.init.orthogonal(zeros(shape), { gain }).reshape([shape[0], -1]);
    const [rows, columns] = w.shape, turned = w.transpose(0, 1);
    const square = rows <= columns ? w.matmul(turned) : turned.matmul(w), n = Math.min(rows, columns);
    const values = await square.data();
    values.forEach((v, k) => assertAlmostEquals(v, k % (n + 1) === 0 ? gain ** 2 : 0, 1e-5));
  }
  await assertNormal(nn.init.orthogonal(zeros([1, 4000]), { gain: Math.sqrt(4000) }), 0, 1);
  assertEquals(nn.init.orthogonal(zeros([0, 3])).shape, [0, 3]);
});

Deno.test("sparse() sets a share of each column to 0", async () => {
  manualSeed(7);
  const values = await nn.init.sparse(zeros([40, 50]), { sparsity: 0.11, std: 2 }).data();
  for (let column = 0; column < 50; column++) {
    assertEquals(values.filter((v, k) => k % 50 === column && v === 0).length, 5); // 4.4 rounded up
  }
  await assertNormal(tensor(values.filter((v) => v !== 0) as Float32Array), 0, 2);
});

Deno.test("truncNormal() is a normal distribution between its bounds", async () => {
  manualSeed(8);
  const moments = async (options: Parameters<typeof nn.init.truncNormal>[1], n = 4000) => {
    const values = [...await nn.init.truncNormal(zeros([n]), options).data()];
    const mean = values.reduce((sum, v) => sum + v, 0) / n;
    return [
      Math.min(...values),
      Math.max(...values),
      mean,
      Math.sqrt(values.reduce((s, v) => s + (v - mean) ** 2, 0) / n),
    ];
  };
  // means and standard deviations by numeric integration of the density
  for (
    const [options, low, high, mean, std] of [
      [{}, -2, 2, 0, 0.8796],
      [{ mean: 1, std: 2, a: 0, b: 10 }, 0, 10, 2.0183, 1.3944],
      [{ a: 10, b: Infinity }, 10, 11.5, 10.0981, 0.0972],
      [{ a: -7.01, b: -7 }, -7.01, -7, -7.0049, 0.0029],
    ] as const
  ) {
    const [least, most, m, s] = await moments(options);
    assert(least >= Math.fround(low) && most <= Math.fround(high), `${least} to ${most}`);
    assertAlmostEquals(m, mean, 5 * std / Math.sqrt(4000) + 5e-5);
    assertAlmostEquals(s, std, 5 * std / Math.sqrt(4000) + 5e-5);
  }
});

Deno.test("calculateGain() knows all of PyTorch's names", () => {
  const { calculateGain } = nn.init;
  for (const name of ["conv1d", "conv3d", "convTranspose1d", "convTranspose2d", "convTranspose3d"] as const) {
    assertEquals(calculateGain(name), 1);
  }
  assertEquals(calculateGain("selu"), 0.75);
});

Deno.test("initialisers refuse shapes and options that do not fit", () => {
  const { dirac, eye, normal, orthogonal, sparse, truncNormal } = nn.init;
  const refuse = (fn: () => unknown, message: string) => assertRefuses(fn, RangeError, message);
  refuse(() => eye(zeros([2])), "Cannot fill with eye as the tensor must have two dimensions: [2]");
  refuse(
    () => sparse(zeros([2, 2, 2]), { sparsity: 0.1 }),
    "Cannot fill with sparse as the tensor must have two dimensions: [2, 2, 2]",
  );
  refuse(
    () => sparse(zeros([2, 2]), { sparsity: 1.5 }),
    "Cannot fill with sparse as sparsity must be a number from 0 to 1: 1.5",
  );
  refuse(
    () => orthogonal(zeros([4])),
    "Cannot fill with orthogonal as the tensor must have two dimensions or more: [4]",
  );
  for (const [shape, groups] of [[[4, 2], 1], [[3, 2, 3], 2]] as const) {
    refuse(
      () => dirac(zeros(shape), { groups }),
      "Cannot fill with dirac as the tensor must have three to five dimensions, " +
        `the first a multiple of the ${groups} groups: [${shape.join(", ")}]`,
    );
  }
  refuse(
    () => normal(zeros([2]), { std: -1 }),
    "Cannot fill with normal numbers as std must be a number from 0 up: -1",
  );
  refuse(
    () => truncNormal(zeros([2]), { a: 1, b: 1 }),
    "Cannot fill with truncNormal as std must be above 0 and a below b: std 1, a 1, b 1",
  );
});

Deno.test("initialisers leave no memory behind", () => {
  using t = zeros([4, 4, 3]), m = zeros([4, 4]);
  const before = device.memory();
  for (const init of [nn.init.normal, nn.init.truncNormal, nn.init.dirac]) init(t);
  for (const init of [nn.init.eye, nn.init.orthogonal, nn.init.kaimingNormal]) init(m);
  nn.init.sparse(m, { sparsity: 0.5 });
  const after = device.memory();
  assertEquals([after.tensors, after.bytesInUse], [before.tensors, before.bytesInUse]);
});
