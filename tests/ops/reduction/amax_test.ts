import { assertEquals } from "@std/assert";
import { amax, amin, gradcheck, openDevice, tensor, zeros } from "../../../mod.ts";
import { over, valueAndGradients } from "../../support/reductions.ts";
import { assertRefuses, distinctTensor } from "../../support/values.ts";

await openDevice();

Deno.test("amax() and amin() find extremes over any dimensions", async () => {
  const x = tensor([[[1, 5], [2, -1]], [[7, 0], [6, 4]]]);
  assertEquals(await amax(x).toArray(), 7);
  assertEquals(await amax(x, { dim: [0, 2] }).toArray(), [7, 6]);
  assertEquals(await x.amin({ dim: -1, keepdim: true }).toArray(), [[[1], [-1]], [[0], [4]]]);
  assertEquals(await amin(tensor(3), { dim: 0 }).toArray(), 3);
});

Deno.test("amax() and amin() keep integers and booleans", async () => {
  const int = tensor([[-4, 9], [3, -8]], { dtype: "int32" }), bool = tensor([[true, false], [true, true]]);
  assertEquals([amax(int).dtype, await amax(int, { dim: 0 }).toArray()], ["int32", [3, 9]]);
  assertEquals(await amin(int, { dim: 1 }).toArray(), [-4, -8]);
  assertEquals(await amin(bool, { dim: 1 }).toArray(), [false, true]);
  assertEquals(await amax(tensor([false, false])).toArray(), false);
});

Deno.test("amax() and amin() let NaN win, and find infinities", async () => {
  const x = tensor([[1, NaN, 2, 0], [-Infinity, -Infinity, -Infinity, -Infinity], [
    1,
    Infinity,
    -Infinity,
    0,
  ]]);
  assertEquals(await amax(x, { dim: 1 }).toArray(), [NaN, -Infinity, Infinity]);
  assertEquals(await amin(x, { dim: 1 }).toArray(), [NaN, -Infinity, -Infinity]);
});

Deno.test("amax() divides its gradient among equal elements, and NaN has none to give", async () => {
  assertEquals(await valueAndGradients((x) => amax(x, { dim: 1 }), [[2, 3, 3], [1, 0, 0]]), [[3, 1], [
    [0, 0.5, 0.5],
    [1, 0, 0],
  ]]);
  assertEquals(await valueAndGradients((x) => amax(x), [1, NaN]), [NaN, [NaN, NaN]]);
});

for (const [name, f, g] of [["amax", amax, Math.max], ["amin", amin, Math.min]] as const) {
  Deno.test(`${name}() passes gradcheck over inner and outer dimensions`, async () => {
    const shape = [3, 4, 5];
    for (const dims of [[0, 2], [1], [0, 1, 2]]) {
      const reference = over(shape, dims, (v) => g(...v));
      await gradcheck((x) => f(x, { dim: dims }), [distinctTensor(shape)], { reference });
    }
  });
}

Deno.test("amax() and amin() refuse nothing to choose from, and dimensions that repeat", () => {
  assertRefuses(
    () => amax(zeros([2, 0])),
    RangeError,
    "Cannot apply amax as there must be elements to choose from: x has shape [2, 0]",
  );
  assertRefuses(
    () => amin(zeros([2, 3]), { dim: [1, -1] }),
    RangeError,
    "Cannot apply amin as dims must not repeat: [1, -1]",
  );
  assertEquals(amax(zeros([2, 0]), { dim: 0 }).shape, [0]);
});
