import { assertEquals } from "@std/assert";
import { gradcheck, openDevice, sum, tensor, zeros } from "../../../mod.ts";
import * as reference from "../../support/reference.ts";
import { assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

const x = tensor([[1, 2, 3], [4, 5, 6]]);

Deno.test("sum() adds up everything, or some dimensions", async () => {
  assertEquals(await sum(x).toArray(), 21);
  assertEquals(await sum(x, { dim: 0 }).toArray(), [5, 7, 9]);
  assertEquals(await sum(x, { dim: -1, keepdim: true }).toArray(), [[6], [15]]);
  assertEquals(await sum(x, { dim: [1, 0] }).toArray(), 21);
  assertEquals(await sum(x, { dim: [] }).toArray(), 21);
  assertEquals(await sum(tensor(5), { dim: 0 }).toArray(), 5);
});

Deno.test("sum() of integers and booleans is an integer", async () => {
  const y = tensor([[true, true], [false, true]]).sum({ dim: 1 });
  assertEquals(y.dtype, "int32");
  assertEquals(await y.toArray(), [2, 1]);
  assertEquals(
    await sum(tensor([2 ** 30, 2 ** 30, -7], { dtype: "int32" })).item(),
    -(2 ** 31) - 7 + 2 ** 32,
  );
});

Deno.test("sum() over nothing is 0, and of nothing is empty", async () => {
  assertEquals(await sum(zeros([0])).item(), 0);
  assertEquals(await sum(zeros([2, 0]), { dim: 1 }).toArray(), [0, 0]);
  assertEquals(await sum(zeros([2, 0]), { dim: 0 }).toArray(), []);
});

Deno.test("sum() passes NaN and infinities on", async () => {
  const y = sum(tensor([[1, Infinity], [NaN, 1], [Infinity, -Infinity], [1, -Infinity]]), { dim: 1 });
  assertEquals(await y.toArray(), [Infinity, NaN, NaN, -Infinity]);
});

Deno.test("sum() of a million ones is exact", async () => {
  const y = sum(zeros([1009, 1000]).add(1));
  assertEquals(await y.item(), 1_009_000);
});

for (const dims of [[0, 2], [1], [0, 1, 2]]) {
  Deno.test(`sum() passes gradcheck over dimensions ${dims}`, async () => {
    const shape = [3, 4, 5];
    await gradcheck((x) => sum(x, { dim: dims }), [noiseTensor(shape)], {
      reference: reference.sum(shape, dims),
    });
  });
}

Deno.test("sum() refuses dimensions that do not exist or repeat", () => {
  assertRefuses(
    () => sum(x, { dim: 2 }),
    RangeError,
    "Cannot apply sum as dim must be a whole number from -2 to 1: 2",
  );
  assertRefuses(
    () => sum(x, { dim: [0, -2] }),
    RangeError,
    "Cannot apply sum as dims must not repeat: [0, -2]",
  );
});
