import { assertEquals } from "@std/assert";
import { flatten, gradcheck, openDevice, tensor, zeros } from "../../../mod.ts";
import { assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("flatten() merges dimensions", async () => {
  const x = zeros([2, 3, 4, 5]);
  assertEquals(flatten(x).shape, [120]);
  assertEquals(flatten(x, { startDim: 1 }).shape, [2, 60]);
  assertEquals(flatten(x, { startDim: -3, endDim: 2 }).shape, [2, 12, 5]);
  assertEquals(flatten(x, { startDim: 1, endDim: 1 }).shape, [2, 3, 4, 5]);
  assertEquals(flatten(zeros([0, 3]), { startDim: 0 }).shape, [0]);
  assertEquals(await flatten(tensor(3)).toArray(), [3]);
  assertEquals(await flatten(tensor([[1, 2], [3, 4]])).toArray(), [1, 2, 3, 4]);
});

Deno.test("flatten() passes gradcheck", async () => {
  await gradcheck((x) => flatten(x, { startDim: 1 }), [noiseTensor([2, 3, 5])], { reference: ([x]) => x });
});

Deno.test("flatten() refuses dimensions in the wrong order or out of range", () => {
  assertRefuses(
    () => flatten(zeros([2, 3]), { startDim: 1, endDim: 0 }),
    RangeError,
    "Cannot apply flatten as startDim must not come after endDim: 1 and 0 of x [2, 3]",
  );
  assertRefuses(
    () => flatten(zeros([2, 3]), { startDim: 2 }),
    RangeError,
    "Cannot apply flatten as dim must be a whole number from -2 to 1: 2",
  );
});
