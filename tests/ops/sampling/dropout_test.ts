import { assert, assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import {
  arange,
  compile,
  dropout,
  gradcheck,
  manualSeed,
  ones,
  openDevice,
  rand,
  type Tensor,
  tensor,
  zeros,
} from "../../../mod.ts";
import { assertRefuses, noiseTensor } from "../../support/values.ts";

const device = await openDevice();

Deno.test("dropout() drops as many as p says, and scales the others so that the mean stays", async () => {
  manualSeed(1);
  for (const p of [0.1, 0.5, 0.75]) {
    const y = await dropout(ones([100, 1000]), { p }).data(), scale = Math.fround(1 / (1 - p));
    assert(y.every((v) => v === 0 || v === scale));
    // the count is binomial with a standard deviation of at most 158
    assertAlmostEquals(y.filter((v) => v === 0).length, p * 100_000, 790);
  }
});

Deno.test("dropout() of the same seed is the same, of each call another", async () => {
  const x = ones([1000]);
  manualSeed(3);
  const first = await dropout(x).data(), second = await dropout(x).data();
  manualSeed(3);
  assertEquals(await dropout(x).data(), first);
  assertNotEquals(first, second);
});

Deno.test("dropout() lets everything through in evaluation and with p 0, and nothing with p 1", async () => {
  const x = tensor([1, -2, NaN], { requiresGrad: true });
  for (
    const [options, values, gradient] of [
      [{ training: false }, [1, -2, NaN], 1],
      [{ p: 0 }, [1, -2, NaN], 1],
      [{ p: 1 }, [0, -0, NaN], 0],
    ] as const
  ) {
    const y = dropout(x, options);
    assertEquals(await y.toArray(), [...values]);
    y.sum().backward();
    assertEquals(await x.grad!.toArray(), [gradient, gradient, gradient]);
    x.grad = null;
    y.dispose();
  }
  assert(!x.disposed);
});

Deno.test("dropout() takes empty tensors and scalars", async () => {
  assertEquals(dropout(zeros([2, 0])).shape, [2, 0]);
  const y = await dropout(tensor(1)).item();
  assert(y === 0 || y === 2);
});

Deno.test("dropout() passes gradcheck", async () => {
  const fn = (x: Parameters<typeof dropout>[0]) => {
    manualSeed(5);
    return dropout(x, { p: 0.4 });
  };
  await gradcheck(fn, [noiseTensor([3, 7])]);
});

Deno.test("dropout() keeps one tensor for its gradient and none without", () => {
  const x = ones([1024], { requiresGrad: true }), before = device.memory().bytesInUse;
  const y = dropout(x);
  assertEquals(device.memory().bytesInUse - before, 2 * 4096);
  y.dispose();
  dropout(x.detach()).dispose();
  assertEquals(device.memory().bytesInUse, before);
});

Deno.test("dropout() in a compiled function draws anew at each call, and its gradient with it", async () => {
  const x = ones([1000], { requiresGrad: true });
  const step = compile(() => {
    x.clearGrad();
    const y = dropout(x);
    y.backward(ones([1000]));
    return y;
  });
  const replay = async () => {
    const values = await step().data();
    assertEquals(await x.grad!.data(), values);
    return values;
  };
  assertNotEquals(await replay(), await replay());
  assertEquals(step.captures, 1);
});

Deno.test("dropout() refuses probabilities beyond 0 to 1, and integers", () => {
  for (const p of [-0.1, 1.5, NaN]) {
    assertRefuses(
      () => dropout(tensor([1]), { p }),
      RangeError,
      `Cannot apply dropout as p must be a number from 0 to 1: ${p}`,
    );
  }
  assertRefuses(
    () => dropout(tensor([1], { dtype: "int32" })),
    TypeError,
    "Cannot apply dropout as x must be float32: it is int32",
  );
});

Deno.test("a captured step draws its zeros in its own order, whatever that of the kernels, also for what nobody reads", async () => {
  const x = tensor(new Float32Array(64).fill(1), { requiresGrad: true }),
    weights = arange(64),
    none = zeros([0]);
  const fn = () => {
    x.clearGrad();
    const a = dropout(x); // its gradient is the last kernel, to which it is merged
    dropout(ones([64]));
    dropout(none);
    const b = dropout(ones([64])), c = rand([8]);
    a.mul(weights).sum().backward();
    return [a, b, c];
  };
  const step = compile(fn);
  const seen: number[][][] = [];
  for (const run of [fn, step, step]) {
    manualSeed(5);
    seen.push(await numbersOf(run() as Tensor[]));
  }
  assertEquals(seen[1], seen[0]);
  assertEquals(seen[2], seen[0]);

  async function numbersOf(made: Tensor[]): Promise<number[][]> {
    const all = await Promise.all([...made, x.grad!].map((t) => t.data()));
    return all.map((v) => Array.from(v));
  }
});
