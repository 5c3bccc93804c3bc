import { assertEquals } from "@std/assert";
import { gradcheck, openDevice, reshape, tensor, zeros } from "../../../mod.ts";
import { assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("reshape() gives another shape to the same elements", async () => {
  const x = tensor([[1, 2, 3], [4, 5, 6]]);
  assertEquals(await reshape(x, [3, 2]).toArray(), [[1, 2], [3, 4], [5, 6]]);
  assertEquals(reshape(x, [-1]).shape, [6]);
  assertEquals(reshape(x, [1, -1, 3]).shape, [1, 2, 3]);
  assertEquals(await reshape(tensor([7]), []).toArray(), 7);
  assertEquals(reshape(tensor([1, 0], { dtype: "int32" }), [2, 1]).dtype, "int32");
});

Deno.test("reshape() handles nothing", () => {
  assertEquals(reshape(zeros([0, 3]), [3, 0]).shape, [3, 0]);
  assertEquals(reshape(zeros([0, 3]), [-1, 3]).shape, [0, 3]);
});

Deno.test("reshape() keeps its memory when the original is disposed of", async () => {
  const x = tensor([1, 2]), y = reshape(x, [2, 1]);
  x.dispose();
  assertEquals(await y.toArray(), [[1], [2]]);
});

Deno.test("reshape() passes gradcheck", async () => {
  await gradcheck((x) => reshape(x, [5, -1]), [noiseTensor([2, 3, 5])], { reference: ([x]) => x });
});

Deno.test("reshape() refuses another number of elements", () => {
  const x = zeros([2, 3]);
  const refuse = (shape: number[], shown: string) =>
    assertRefuses(
      () => reshape(x, shape),
      RangeError,
      `Cannot apply reshape as ${shown} must have the 6 elements of x: x has shape [2, 3]`,
    );
  refuse([4], "[4]");
  refuse([4, -1], "[4, -1]");
  refuse([-1, -1], "[-1, -1]");
  refuse([-1, 0], "[-1, 0]");
  assertRefuses(
    () => reshape(x, [1.5, 4]),
    RangeError,
    "Cannot apply reshape as shape must be an array of whole numbers from -1 up: [1.5, 4]",
  );
});
