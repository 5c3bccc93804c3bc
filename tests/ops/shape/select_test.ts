import { assertEquals } from "@std/assert";
import { gradcheck, openDevice, select, tensor, zeros } from "../../../mod.ts";
import { assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("select() takes one index and drops the dimension", async () => {
  const x = tensor([[1, 2, 3], [4, 5, 6]]);
  assertEquals(await select(x, 0, 1).toArray(), [4, 5, 6]);
  assertEquals(await select(x, -1, -3).toArray(), [1, 4]);
  assertEquals(await select(tensor([true, false]), 0, 1).toArray(), false);
  assertEquals(select(zeros([0, 2]), 1, 0).shape, [0]);
});

Deno.test("select() passes gradcheck", async () => {
  const options = { reference: ([x]: Float64Array[]) => Float64Array.of(x[2], x[3], x[8], x[9]) };
  await gradcheck((x) => select(x, 1, -2), [noiseTensor([2, 3, 2])], options);
});

Deno.test("select() refuses scalars and indices that do not exist", () => {
  const refuse = (index: number) =>
    assertRefuses(
      () => select(zeros([2, 3]), 1, index),
      RangeError,
      `Cannot apply select as index must exist along dim 1: ${index} for x of shape [2, 3]`,
    );
  refuse(3);
  refuse(-4);
  assertRefuses(
    () => select(zeros([2, 3]), 1, 0.5),
    RangeError,
    "Cannot apply select as index must be a whole number: 0.5",
  );
  assertRefuses(
    () => select(tensor(3), 0, 0),
    RangeError,
    "Cannot apply select as x must have a dimension: it is a scalar",
  );
});
