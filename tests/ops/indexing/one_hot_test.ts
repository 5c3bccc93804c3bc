import { assertEquals } from "@std/assert";
import { oneHot, openDevice, tensor, zeros } from "../../../mod.ts";
import { assertRefuses } from "../../support/values.ts";

await openDevice();

Deno.test("oneHot() makes a row for each index", async () => {
  const y = oneHot(tensor([[2], [0]], { dtype: "int32" }), { numClasses: 3 });
  assertEquals([y.dtype, await y.toArray()], ["int32", [[[0, 0, 1]], [[1, 0, 0]]]]);
  assertEquals(await oneHot(tensor(1, { dtype: "int32" }), { numClasses: 2 }).toArray(), [0, 1]);
  assertEquals(oneHot(tensor([], { dtype: "int32" }), { numClasses: 4 }).shape, [0, 4]);
});

Deno.test("oneHot() makes rows of zeros for indices that do not exist", async () => {
  const y = oneHot(tensor([-1, 2, 5], { dtype: "int32" }), { numClasses: 2 });
  assertEquals(await y.toArray(), [[0, 0], [0, 0], [0, 0]]);
});

Deno.test("oneHot() refuses other types and numbers of classes", () => {
  assertRefuses(
    () => oneHot(zeros([2]), { numClasses: 2 }),
    TypeError,
    "Cannot apply oneHot as x must be int32: it is float32",
  );
  for (const numClasses of [0, -1, 1.5]) {
    assertRefuses(
      () => oneHot(tensor([0], { dtype: "int32" }), { numClasses }),
      RangeError,
      `Cannot apply oneHot as numClasses must be a whole number from 1 up: ${numClasses}`,
    );
  }
});
