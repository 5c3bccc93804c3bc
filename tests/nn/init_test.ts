import { assert, assertAlmostEquals, assertEquals, assertStrictEquals } from "@std/assert";
import { manualSeed, nn, openDevice, type Tensor, zeros } from "../../mod.ts";
import { assertRefuses } from "../support/values.ts";

await openDevice();

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
  assertEquals([layer.weight.requiresGrad, layer.weight.node], [true, null]);
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
    'Cannot calculate a gain as the nonlinearity must be known: "swish"',
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
