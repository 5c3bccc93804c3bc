// sort, median, quantile, unique, bincount and histc; PyTorch's numbers are in tests/oracle_test.ts.
import { assertEquals, assertRejects } from "@std/assert";
import { bincount, histc, median, openDevice, quantile, tensor, unique, zeros } from "../../../mod.ts";
import { noise } from "../../support/oracle.ts";
import { assertRefuses } from "../../support/values.ts";

await openDevice();

Deno.test("sort() sorts many elements in both directions, equal ones in their order", async () => {
  const values = noise(3, 70_000).map((v) => Math.round(v * 500) / 4), x = tensor(values);
  const order = Array.from(values.keys()).sort((a, b) => values[a] - values[b] || a - b);
  const up = x.sort(), down = x.sort({ descending: true });
  assertEquals(await up.indices.data(), Int32Array.from(order));
  assertEquals(await up.values.data(), Float32Array.from(order, (k) => values[k]));
  const falling = Array.from(values.keys()).sort((a, b) => values[b] - values[a] || a - b);
  assertEquals(await down.indices.data(), Int32Array.from(falling));
});

Deno.test("gradients of sorted elements go back to where they came from", async () => {
  const x = tensor([3, 1, 2], { requiresGrad: true });
  x.sort().values.mul(tensor([10, 20, 30])).sum().backward();
  assertEquals(await x.grad!.toArray(), [30, 10, 20]);
});

Deno.test("median() of a row with NaN is NaN, at the first of them", async () => {
  const { values, indices } = median(tensor([[1, NAN, 2, NAN], [4, 3, 2, 1]]), 1);
  assertEquals([await values.toArray(), await indices.toArray()], [[NaN, 2], [1, 2]]);
});

const NAN = NaN;

Deno.test("quantile() takes several shares at once, along a dimension that may stay", async () => {
  const x = tensor([[0, 10, 20], [1, 2, 4]]);
  assertEquals(await quantile(x, [0, 0.75], { dim: 1, keepdim: true }).toArray(), [[[0], [1]], [[15], [3]]]);
  assertEquals(quantile(x, [0.5], { keepdim: true }).shape, [1, 1, 1]);
});

Deno.test("unique() and bincount() of nothing are empty", async () => {
  const { values, inverse, counts } = await unique(zeros([0, 2]), {
    returnInverse: true,
    returnCounts: true,
  });
  assertEquals([values.shape, inverse!.shape, counts!.shape], [[0], [0, 2], [0]]);
  assertEquals((await bincount(tensor([], { dtype: "int32" }))).shape, [0]);
});

Deno.test("unique() counts every NaN for itself, and keeps types", async () => {
  const { values, counts } = await unique(tensor([NaN, 1, NaN]), { returnCounts: true });
  assertEquals([await values.toArray(), await counts!.toArray()], [[1, NaN, NaN], [1, 1, 1]]);
  assertEquals((await unique(tensor([3, 3], { dtype: "int32" }))).values.dtype, "int32");
});

Deno.test("bincount() and histc() count exactly what there is", async () => {
  const values = Int32Array.from(noise(5, 100_000), (v) => Math.floor((v + 0.5) * 7)),
    wanted = new Array(8).fill(0);
  for (const v of values) wanted[v]++;
  while (wanted.at(-1) === 0) wanted.pop();
  assertEquals(await (await bincount(tensor(values))).toArray(), wanted);
  const x = tensor([0, 1, 2, 3, NaN, -1, 4]);
  assertEquals(await histc(x, { bins: 2, min: 0, max: 3 }).toArray(), [2, 2]);
  assertEquals(await histc(zeros([0]), 3).toArray(), [0, 0, 0]);
});

Deno.test("sorting refuses what it does not take", async () => {
  const error = await assertRejects(() => bincount(tensor([1, -1], { dtype: "int32" })), RangeError);
  assertEquals(error.message, "Cannot apply bincount as x must have whole numbers from 0 up: -1");
  assertRefuses(
    () => median(zeros([2, 0]), 1),
    RangeError,
    "Cannot apply median as there must be elements to choose from: x has shape [2, 0]",
  );
  assertRefuses(
    () => quantile(zeros([2]), 1.5),
    RangeError,
    "Cannot apply quantile as q must be a number from 0 to 1 or an array of numbers from 0 to 1: 1.5",
  );
  assertRefuses(
    () => histc(zeros([2]), { min: 2, max: 1 }),
    RangeError,
    "Cannot apply histc as max must not be below min: 2 and 1",
  );
});
