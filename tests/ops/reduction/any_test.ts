import { assertEquals } from "@std/assert";
import { all, any, openDevice, tensor, zeros } from "../../../mod.ts";
import { assertRefuses } from "../../support/values.ts";

await openDevice();

Deno.test("any() and all() join booleans over some dimensions, or over all", async () => {
  const x = tensor([[true, false], [false, false], [true, true]]);
  assertEquals([any(x).dtype, await any(x).toArray(), await all(x).toArray()], ["bool", true, false]);
  assertEquals(await any(x, { dim: 1 }).toArray(), [true, false, true]);
  assertEquals(await x.all({ dim: -1, keepdim: true }).toArray(), [[false], [false], [true]]);
  assertEquals(await all(x, { dim: [0, 1] }).toArray(), false);
  assertEquals(await any(tensor([false, false])).toArray(), false);
  assertEquals(await all(tensor(true)).toArray(), true);
});

Deno.test("any() and all() take all numbers but 0 for true, NaN too", async () => {
  const x = tensor([[NaN, 0], [-0, 0], [Infinity, 1e-45], [-1, 2]]);
  assertEquals(await any(x, { dim: 1 }).toArray(), [true, false, true, true]);
  assertEquals(await all(x, { dim: 1 }).toArray(), [false, false, true, true]);
  const int = tensor([[0, 0], [0, -7], [3, 256]], { dtype: "int32" });
  assertEquals(await any(int, { dim: 1 }).toArray(), [false, true, true]);
  assertEquals(await all(int, { dim: 1 }).toArray(), [false, false, true]);
});

Deno.test("any() of nothing is false, all() of nothing true", async () => {
  const x = zeros([2, 0]);
  assertEquals([await any(x).toArray(), await all(x).toArray()], [false, true]);
  assertEquals(await any(x, { dim: 1 }).toArray(), [false, false]);
  assertEquals(await all(x, { dim: 1 }).toArray(), [true, true]);
  assertEquals(all(x, { dim: 0 }).shape, [0]);
});

Deno.test("any() and all() find one among many", async () => {
  const values = new Float32Array(50_000);
  values[33_333] = 1;
  const x = tensor(values);
  assertEquals([await any(x).toArray(), await all(x.eq(0)).toArray()], [true, false]);
});

Deno.test("any() and all() refuse dimensions that do not exist", () => {
  for (const [name, f] of Object.entries({ any, all })) {
    assertRefuses(
      () => f(zeros([2]), { dim: 1 }),
      RangeError,
      `Cannot apply ${name} as dim must be a whole number from -1 to 0: 1`,
    );
  }
});
