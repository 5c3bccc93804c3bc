import { assertEquals } from "@std/assert";
import { gradcheck, openDevice, tensor, topk, zeros } from "../../../mod.ts";
import { assertAsPyTorch } from "../../support/reductions.ts";
import { assertRefuses, distinctTensor } from "../../support/values.ts";

await openDevice();

Deno.test("topk() gives the largest or smallest elements in order, and their places", async () => {
  const x = tensor([[4, 9, 1, 7], [2, 0, 8, 3]]);
  const top = topk(x, 2), bottom = x.topk(1, { dim: 0, largest: false });
  assertEquals(await top.values.toArray(), [[9, 7], [8, 3]]);
  assertEquals([top.indices.dtype, await top.indices.toArray()], ["int32", [[1, 3], [2, 3]]]);
  assertEquals(await bottom.values.toArray(), [[2, 0, 1, 3]]);
  assertEquals(await bottom.indices.toArray(), [[1, 1, 0, 1]]);
});

Deno.test("topk() takes the first of equal elements first, and NaN counts as largest", async () => {
  const x = tensor([1, NaN, 5, 5, -Infinity, NaN, 5]);
  const top = topk(x, 7), bottom = topk(x, 7, { largest: false });
  assertEquals(await top.values.toArray(), [NaN, NaN, 5, 5, 5, 1, -Infinity]);
  assertEquals(await top.indices.toArray(), [1, 5, 2, 3, 6, 0, 4]);
  assertEquals(await bottom.values.toArray(), [-Infinity, 1, 5, 5, 5, NaN, NaN]);
  assertEquals(await bottom.indices.toArray(), [4, 0, 2, 3, 6, 1, 5]);
  assertEquals(await topk(x, 3).indices.toArray(), [1, 5, 2]);
  assertEquals(await topk(x, 3, { largest: false }).indices.toArray(), [4, 0, 2]);
});

Deno.test("topk() of integers, of a scalar, of nothing", async () => {
  const { values } = topk(tensor([-3, 2 ** 31 - 1, 7], { dtype: "int32" }), 2);
  assertEquals([values.dtype, await values.toArray()], ["int32", [2 ** 31 - 1, 7]]);
  const scalar = topk(tensor(4), 1);
  assertEquals([await scalar.values.toArray(), await scalar.indices.toArray()], [4, 0]);
  assertEquals(topk(zeros([3, 4]), 0).values.shape, [3, 0]);
  assertEquals(topk(zeros([0, 4]), 2).indices.shape, [0, 2]);
});

Deno.test("topk() agrees with a stable sort for every k", async () => {
  const n = 53, values = Array.from({ length: n }, (_, i) => (i * 31) % 17);
  for (const largest of [true, false]) {
    const order = values.map((_, i) => i).sort((i, j) =>
      (largest ? values[j] - values[i] : values[i] - values[j]) || i - j
    );
    for (const k of [1, 2, 3, 16, 52, 53]) {
      const { indices } = topk(tensor(values), k, { largest });
      assertEquals(await indices.toArray(), order.slice(0, k));
    }
  }
});

Deno.test("topk() agrees with PyTorch", async () => {
  const y = [0.5894307, 0.3491378, 0.4463611, -0.3533314, 0.9333125, 0.6581893];
  await assertAsPyTorch((x) => topk(x, 2, { dim: 1 }).values, y, [
    ...[-0.0058301, 0, 0.2753372, 0],
    ...[0, 0, 0.4446292, -0.1961334],
    ...[-0.0896932, 0.1329641, 0, 0],
  ]);
});

Deno.test("topk() passes gradcheck along each dimension", async () => {
  for (const dim of [0, 1, 2]) {
    for (const largest of [true, false]) {
      await gradcheck((x) => topk(x, 2, { dim, largest }).values, [distinctTensor([3, 4, 5])]);
    }
  }
  const x = tensor([1, 2], { requiresGrad: true });
  topk(x, 0).values.backward(zeros([0]));
  assertEquals(await x.grad!.toArray(), [0, 0]);
});

Deno.test("topk() refuses more elements than there are, booleans, and a dimension that does not exist", () => {
  for (const k of [4, -1, 1.5]) {
    assertRefuses(
      () => topk(zeros([2, 3]), k),
      RangeError,
      `Cannot apply topk as k must be a whole number from 0 to 3: ${k}`,
    );
  }
  assertRefuses(
    () => topk(tensor([true]), 1),
    TypeError,
    "Cannot apply topk as x must be float32 or int32: it is bool",
  );
  assertRefuses(
    () => topk(zeros([2]), 1, { dim: 1 }),
    RangeError,
    "Cannot apply topk as dim must be a whole number from -1 to 0: 1",
  );
});
