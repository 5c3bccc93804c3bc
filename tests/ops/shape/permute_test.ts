import { assertEquals } from "@std/assert";
import { gradcheck, openDevice, permute, tensor, zeros } from "../../../mod.ts";
import * as reference from "../../support/reference.ts";
import { assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("permute() puts dimensions in another order", async () => {
  const x = tensor([[[1, 2, 3], [4, 5, 6]]]);
  assertEquals(await permute(x, [2, 0, 1]).toArray(), [[[1, 4]], [[2, 5]], [[3, 6]]]);
  assertEquals(await permute(x, [0, -1, 1]).toArray(), [[[1, 4], [2, 5], [3, 6]]]);
  const labels = permute(tensor([[1, 2], [3, 4]], { dtype: "int32" }), [1, 0]);
  assertEquals([labels.dtype, await labels.toArray()], ["int32", [[1, 3], [2, 4]]]);
  assertEquals(await permute(tensor([[true, false]]), [1, 0]).toArray(), [[true], [false]]);
  assertEquals(await permute(tensor(3), []).toArray(), 3);
  assertEquals(permute(zeros([2, 0, 3]), [2, 0, 1]).shape, [3, 2, 0]);
});

Deno.test("permute() keeps NaN's and zero's bits", async () => {
  const x = tensor([[NaN, -0], [Infinity, 1]]), y = await permute(x, [1, 0]).data();
  assertEquals(new Uint32Array(y.buffer), new Uint32Array([0x7fc00000, 0x7f800000, 0x80000000, 0x3f800000]));
});

Deno.test("permute() passes gradcheck on four dimensions", async () => {
  const shape = [2, 3, 4, 5], dims = [3, 1, 0, 2];
  const options = { reference: reference.permute(shape, dims) };
  await gradcheck((x) => permute(x, dims), [noiseTensor(shape)], options);
});

Deno.test("permute() refuses what is not a reordering", () => {
  const refuse = (dims: number[], shown: string) =>
    assertRefuses(
      () => permute(zeros([2, 3]), dims),
      RangeError,
      `Cannot apply permute as dims must name each dimension of x once: ${shown} for x of shape [2, 3]`,
    );
  refuse([0], "[0]");
  refuse([1, 1], "[1, 1]");
  refuse([1, -1], "[1, -1]");
  assertRefuses(
    () => permute(zeros([2, 3]), [0, 2]),
    RangeError,
    "Cannot apply permute as dim must be a whole number from -2 to 1: 2",
  );
});
