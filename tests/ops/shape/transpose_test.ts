import { assertEquals } from "@std/assert";
import { gradcheck, openDevice, tensor, transpose, zeros } from "../../../mod.ts";
import * as reference from "../../support/reference.ts";
import { assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("transpose() exchanges two dimensions", async () => {
  assertEquals(await transpose(tensor([[1, 2, 3], [4, 5, 6]]), 0, 1).toArray(), [[1, 4], [2, 5], [3, 6]]);
  assertEquals(transpose(zeros([2, 3, 4]), -1, 0).shape, [4, 3, 2]);
  assertEquals(transpose(zeros([2, 3]), 1, 1).shape, [2, 3]);
  assertEquals(await transpose(tensor(3), 0, -1).toArray(), 3);
});

Deno.test("transpose() passes gradcheck", async () => {
  const options = { reference: reference.permute([3, 5, 7], [2, 1, 0]) };
  await gradcheck((x) => transpose(x, 0, 2), [noiseTensor([3, 5, 7])], options);
});

Deno.test("transpose() refuses a dimension that does not exist", () => {
  assertRefuses(
    () => transpose(zeros([2, 3]), 0, 2),
    RangeError,
    "Cannot apply transpose as dim must be a whole number from -2 to 1: 2",
  );
});
