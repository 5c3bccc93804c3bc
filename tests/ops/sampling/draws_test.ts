// Draws: shares of many are what they are to be, and the same seed draws the same.
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  alphaDropout,
  bernoulli,
  compile,
  dropout2d,
  full,
  manualSeed,
  multinomial,
  ones,
  openDevice,
  randint,
  randn,
  randnLike,
  randperm,
  tensor,
  zeros,
} from "../../../mod.ts";
import { assertRefuses } from "../../support/values.ts";

await openDevice();

Deno.test("randint() draws each number as often, also of ranges beyond float32", async () => {
  manualSeed(1);
  const counts = await (await randint(-2, 3, [50_000]).add(2).bincount()).toArray() as number[];
  assertEquals(counts.length, 5);
  for (const n of counts) assertAlmostEquals(n, 10_000, 400);
  const wide = await randint(0, 2 ** 31, [20_000]).data() as Int32Array;
  assert(wide.some((v) => v % 2 === 1) && wide.every((v) => v >= 0));
  assertAlmostEquals(wide.reduce((sum, v) => sum + v / 2 ** 31, 0) / 20_000, 0.5, 0.01);
  const all = await randint(-(2 ** 31), 2 ** 31, [1000]).data() as Int32Array;
  assert(all.some((v) => v < 0) && all.some((v) => v > 0));
});

Deno.test("bernoulli() draws ones as often as it is told", async () => {
  manualSeed(2);
  const p = tensor([0, 0.25, 1]).unsqueeze(1).expand(3, 40_000),
    [never, some, always] = await bernoulli(p)
      .mean({ dim: 1 }).data();
  assertEquals([never, always], [0, 1]);
  assertAlmostEquals(some, 0.25, 0.01);
});

Deno.test("multinomial() draws by weight, with places again or once each", async () => {
  manualSeed(3);
  const weights = tensor([[1, 0, 3], [0, 5, 5]]);
  const again = await multinomial(weights, 20_000, true).data() as Int32Array;
  const share = (row: number, k: number) =>
    again.slice(row * 20_000, (row + 1) * 20_000).filter((v) => v === k).length / 20_000;
  assertEquals([share(0, 1), share(1, 0)], [0, 0]);
  assertAlmostEquals(share(0, 2), 0.75, 0.015);
  assertAlmostEquals(share(1, 1), 0.5, 0.015);
  const once = await multinomial(weights.select(0, 0).expand(20_000, 3), 1).data() as Int32Array;
  assertAlmostEquals(once.filter((v) => v === 2).length / 20_000, 0.75, 0.015);
  assertEquals(once.filter((v) => v === 1).length, 0);
  const both = await multinomial(ones([4]), 4).data() as Int32Array;
  assertEquals([...both].sort(), [0, 1, 2, 3]);
});

Deno.test("draws are those of the seed, captured and as written", async () => {
  const draw = () => [randint(0, 100, [5]), bernoulli(full([5], 0.5)), multinomial(ones([5]), 2)];
  manualSeed(4);
  const wanted = await Promise.all(draw().map((t) => t.toArray()));
  const step = compile(draw);
  manualSeed(4);
  assertEquals(await Promise.all(step().map((t) => t.toArray())), wanted);
  step.dispose();
});

Deno.test("dropout2d() drops whole channels", async () => {
  manualSeed(5);
  const y = await dropout2d(ones([100, 10, 2, 2])).data();
  const firsts = y.filter((_, i) => i % 4 === 0);
  assert(y.every((v, i) => v === firsts[Math.floor(i / 4)]) && firsts.every((v) => v === 0 || v === 2));
  assertAlmostEquals(firsts.filter((v) => v === 0).length / 1000, 0.5, 0.06);
});

Deno.test("alphaDropout() keeps mean and variance", async () => {
  manualSeed(6);
  const [variance, mean] = alphaDropout(randn([100_000]), 0.3).varMean();
  assertAlmostEquals(await mean.item(), 0, 0.02);
  assertAlmostEquals(await variance.item(), 1, 0.03);
});

Deno.test("tensors like others and orders have the shapes of these", async () => {
  assertEquals(randnLike(zeros([2, 3])).shape, [2, 3]);
  assertEquals([...await randperm(50).data()].sort((a, b) => a - b), Array.from({ length: 50 }, (_, k) => k));
  assertRefuses(
    () => randint(3, 3, [1]),
    RangeError,
    "Cannot apply randint as high must be above low: 3 and 3",
  );
  assertRefuses(
    () => multinomial(ones([2]), 3),
    RangeError,
    "Cannot apply multinomial as x must be [n] or [rows, n], with as many places as are drawn once each: 3 of x of shape [2]",
  );
});
