import { assertEquals } from "@std/assert";
import { gradcheck, openDevice, squeeze, tensor, unsqueeze, zeros } from "../../../mod.ts";
import { assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("squeeze() drops dimensions of size 1", async () => {
  const x = zeros([1, 3, 1, 5]);
  assertEquals(squeeze(x).shape, [3, 5]);
  assertEquals(squeeze(x, 2).shape, [1, 3, 5]);
  assertEquals(squeeze(x, -4).shape, [3, 1, 5]);
  assertEquals(squeeze(x, 1).shape, [1, 3, 1, 5]);
  assertEquals(squeeze(x, [0, 1, -2]).shape, [3, 5]);
  assertEquals(squeeze(x, []).shape, [1, 3, 1, 5]);
  assertEquals(await squeeze(tensor([[true]])).toArray(), true);
  assertEquals(squeeze(tensor(3), 0).shape, []);
  assertEquals(squeeze(zeros([1, 0])).shape, [0]);
});

Deno.test("unsqueeze() adds a dimension of size 1", async () => {
  const x = tensor([[1, 2]], { dtype: "int32" });
  assertEquals(await unsqueeze(x, 0).toArray(), [[[1, 2]]]);
  assertEquals(await unsqueeze(x, -1).toArray(), [[[1], [2]]]);
  assertEquals(unsqueeze(x, 1).dtype, "int32");
  assertEquals(unsqueeze(tensor(3), 0).shape, [1]);
  assertEquals(unsqueeze(zeros([0, 2]), -2).shape, [0, 1, 2]);
});

Deno.test("squeeze() and unsqueeze() pass gradcheck", async () => {
  const options = { reference: ([x]: Float64Array[]) => x };
  await gradcheck((x) => squeeze(x), [noiseTensor([3, 1, 5])], options);
  await gradcheck((x) => unsqueeze(x, 1), [noiseTensor([3, 5])], options);
});

Deno.test("squeeze() and unsqueeze() refuse dimensions that do not exist", () => {
  assertRefuses(
    () => squeeze(zeros([2, 3]), 2),
    RangeError,
    "Cannot apply squeeze as dim must be a whole number from -2 to 1: 2",
  );
  assertRefuses(
    () => unsqueeze(zeros([2, 3]), 3),
    RangeError,
    "Cannot apply unsqueeze as dim must be a whole number from -3 to 2: 3",
  );
});
