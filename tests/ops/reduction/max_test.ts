import { assertEquals } from "@std/assert";
import { gradcheck, max, min, openDevice, tensor, zeros } from "../../../mod.ts";
import { over, valueAndGradients } from "../../support/reductions.ts";
import { assertRefuses, bitsOf, distinctTensor } from "../../support/values.ts";

await openDevice();

const x = tensor([[1, 5, 2], [7, 0, 6]]);

Deno.test("max() and min() find the extremes of everything", async () => {
  assertEquals([await max(x).toArray(), await min(x).toArray()], [7, 0]);
  assertEquals([await x.max().item(), await x.min().item()], [7, 0]);
  assertEquals(await max(tensor(3)).toArray(), 3);
});

Deno.test("max() and min() along a dimension give values and places", async () => {
  const top = max(x, { dim: 1 }), bottom = x.min({ dim: 0, keepdim: true });
  assertEquals(await top.values.toArray(), [5, 7]);
  assertEquals([top.indices.dtype, await top.indices.toArray()], ["int32", [1, 0]]);
  assertEquals(await bottom.values.toArray(), [[1, 0, 2]]);
  assertEquals(await bottom.indices.toArray(), [[0, 1, 0]]);
  const { values, indices } = max(tensor(3), { dim: -1 });
  assertEquals([await values.toArray(), await indices.toArray()], [3, 0]);
});

Deno.test("max() and min() work on integers and booleans", async () => {
  const int = tensor([-(2 ** 31), 2 ** 31 - 1, -5], { dtype: "int32" });
  assertEquals([max(int).dtype, await max(int).item()], ["int32", 2 ** 31 - 1]);
  assertEquals(await min(int, { dim: 0 }).values.item(), -(2 ** 31));
  const bool = tensor([[false, true], [false, false]]);
  const { values, indices } = max(bool, { dim: 1 });
  assertEquals([await values.toArray(), await indices.toArray()], [[true, false], [1, 0]]);
  assertEquals(await min(bool).toArray(), false);
});

Deno.test("max() and min() let NaN win, the first of several", async () => {
  const x = tensor([[1, NaN, Infinity, NaN], [-Infinity, -Infinity, -Infinity, -Infinity]]);
  for (const f of [max, min]) {
    assertEquals(await f(x).item(), NaN);
    const { values, indices } = f(x, { dim: 1 });
    assertEquals([await values.toArray(), await indices.toArray()], [[NaN, -Infinity], [1, 0]]);
  }
});

Deno.test("max() and min() take the first of 0 and -0, with its sign", async () => {
  for (const f of [max, min]) {
    const { values, indices } = f(tensor([[0, -0], [-0, 0]]), { dim: 1 });
    assertEquals(bitsOf(await values.data()), bitsOf([0, -0]));
    assertEquals(await indices.toArray(), [0, 0]);
  }
});

Deno.test("max() finds the first of equal elements in chunks and vectors", async () => {
  const ties = new Float32Array(20_000).fill(-1);
  ties[12_345] = ties[12_347] = ties[15_000] = 3;
  const { values, indices } = max(tensor(ties), { dim: 0 });
  assertEquals([await values.item(), await indices.item()], [3, 12_345]);
});

Deno.test("max() along a dimension gives the gradient to the first, over everything to all that are equal", async () => {
  assertEquals(await valueAndGradients((x) => max(x, { dim: 0 }).values, [2, 3, 3]), [3, [0, 1, 0]]);
  assertEquals(await valueAndGradients((x) => max(x), [2, 3, 3]), [3, [0, 0.5, 0.5]]);
  assertEquals(await valueAndGradients((x) => min(x), [NaN, 3, NaN]), [NaN, [0.5, 0, 0.5]]);
});

for (const [name, f, g] of [["max", max, Math.max], ["min", min, Math.min]] as const) {
  Deno.test(`${name}() passes gradcheck along each dimension and over everything`, async () => {
    const shape = [3, 4, 5];
    for (const dim of [0, 1, 2]) {
      const reference = over(shape, [dim], (v) => g(...v));
      await gradcheck((x) => f(x, { dim }).values, [distinctTensor(shape)], { reference });
    }
    const reference = over(shape, [0, 1, 2], (v) => g(...v));
    await gradcheck((x) => f(x), [distinctTensor(shape)], { reference });
  });
}

Deno.test("max() and min() refuse nothing to choose from, and a dimension that does not exist", () => {
  assertRefuses(
    () => max(zeros([0])),
    RangeError,
    "Cannot apply max as there must be elements to choose from: x has shape [0]",
  );
  assertRefuses(
    () => min(zeros([2, 0]), { dim: 1 }),
    RangeError,
    "Cannot apply min as there must be elements to choose from: x has shape [2, 0]",
  );
  assertRefuses(
    () => max(zeros([2]), { dim: 1 }),
    RangeError,
    "Cannot apply max as dim must be a whole number from -1 to 0: 1",
  );
  assertEquals(max(zeros([0, 3]), { dim: 1 }).indices.shape, [0]);
});
