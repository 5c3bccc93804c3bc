import { assert, assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import { manualSeed, openDevice, rand, randn } from "../../../../mod.ts";
import { normals, permutation, seedStream, words } from "../../../../ops/core/tensor/random.ts";
import { philox, unit } from "../../../../ops/kernels/wgsl/philox.ts";
import { assertRefuses } from "../../../support/values.ts";

await openDevice();

// The vectors of the authors' own tests (Random123, kat_vectors).
Deno.test("philox() gives the published test vectors", () => {
  const hex = (words: number[]) => words.map((w) => w.toString(16).padStart(8, "0")).join(" ");
  assertEquals(hex(philox([0, 0, 0, 0], [0, 0])), "6627e8d5 e169c58d bc57ac4c 9b00dbd8");
  const all = 0xffffffff;
  assertEquals(hex(philox([all, all, all, all], [all, all])), "408f276d 41c83b0e a20bc7c6 6d5451fd");
  assertEquals(
    hex(philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0])),
    "d16cfe09 94fdcceb 5001e420 24126ea1",
  );
});

Deno.test("rand() gives the same bits on the GPU as the generator on the CPU", async () => {
  const seed = 2 ** 40 + 123_456_789;
  manualSeed(seed);
  for (const [call, n] of [1003, 64].entries()) {
    const source = words(seedStream(seed, call));
    const wanted = Float32Array.from({ length: n }, () => unit(source.next().value));
    assertEquals(await rand([n]).data(), wanted);
  }
});

Deno.test("rand() lies in [0, 1) and fills it evenly", async () => {
  manualSeed(1);
  const values = await rand([100, 1000]).data(), counts = new Int32Array(10);
  for (const v of values) counts[Math.floor(v * 10)]++;
  // each count is binomial with standard deviation 95, so five of them make a chance failure one in a hundred thousand
  for (const count of counts) assertAlmostEquals(count, 10_000, 475);
});

Deno.test("the same seed gives the same numbers, another seed or call others", async () => {
  const draw = async () => [await rand([5]).toArray(), await rand([5]).toArray(), await randn([3]).toArray()];
  manualSeed(42);
  const first = await draw();
  manualSeed(42);
  assertEquals(await draw(), first);
  assertNotEquals(first[0], first[1]);
  manualSeed(43);
  assertNotEquals(await draw(), first);
});

Deno.test("randn() is normal", async () => {
  manualSeed(5);
  const x = randn([10_001]), n = x.size, values = [...await x.data()];
  const moment = (k: number) => values.reduce((sum, v) => sum + v ** k, 0) / n;
  // standard errors: 0.01, 0.014, 0.024 and 0.1
  assertAlmostEquals(moment(1), 0, 0.04);
  assertAlmostEquals(moment(2), 1, 0.06);
  assertAlmostEquals(moment(3), 0, 0.15);
  assertAlmostEquals(moment(4), 3, 0.5);
  assert(values.every(Number.isFinite));
  assert(values.some((v) => Math.abs(v) > 3));
});

Deno.test("normals() of a prefix are the first of more", () => {
  const stream = seedStream(3, 0);
  assertEquals(normals(5, stream), normals(8, stream).subarray(0, 5));
});

Deno.test("rand() and randn() make any shape, and leaves", () => {
  assertEquals([rand([]).shape, rand([2, 0]).shape, randn([0]).shape], [[], [2, 0], [0]]);
  assertEquals([rand([1], { requiresGrad: true }).requiresGrad, randn([1]).requiresGrad], [true, false]);
});

Deno.test("permutation() is an order of all, in no particular one", () => {
  const order = permutation(1000, seedStream(1, 0));
  assertEquals(order.toSorted(), Int32Array.from({ length: 1000 }, (_, i) => i));
  const stayed = order.filter((v, i) => v === i).length; // Poisson with mean 1
  assert(stayed < 8, `${stayed} stayed in their place`);
  assertNotEquals(order, permutation(1000, seedStream(1, 1)));
  assertEquals([permutation(0, seedStream(1, 0)), permutation(1, seedStream(1, 0))], [
    new Int32Array(0),
    new Int32Array(1),
  ]);
});

Deno.test("permutation() gives each order of three as often", () => {
  const counts = new Map<string, number>();
  for (let call = 0; call < 6000; call++) {
    const order = permutation(3, seedStream(9, call)).join();
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assertEquals(counts.size, 6);
  for (const count of counts.values()) assertAlmostEquals(count, 1000, 150); // standard deviation 29
});

Deno.test("manualSeed() refuses what is no whole number from 0 up", () => {
  for (const seed of [-1, 0.5, 2 ** 53, NaN]) {
    assertRefuses(
      () => manualSeed(seed),
      RangeError,
      `Cannot set the seed as seed must be a whole number from 0 to 2^53 - 1: ${seed}`,
    );
  }
});
