import { assertEquals } from "@std/assert";
import { flip, gradcheck, openDevice, tensor, zeros } from "../../../mod.ts";
import { assertRefuses, bitsOf, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("flip() reverses dimensions", async () => {
  const x = tensor([[1, 2, 3], [4, 5, 6]]);
  assertEquals(await flip(x, [0]).toArray(), [[4, 5, 6], [1, 2, 3]]);
  assertEquals(await flip(x, -1).toArray(), [[3, 2, 1], [6, 5, 4]]);
  assertEquals(await flip(x, [1, 0]).toArray(), [[6, 5, 4], [3, 2, 1]]);
  assertEquals(await flip(x, []).toArray(), [[1, 2, 3], [4, 5, 6]]);
  assertEquals(await flip(tensor(3), [0]).toArray(), 3);
  assertEquals(await flip(tensor([true, false]), 0).toArray(), [false, true]);
  assertEquals(flip(zeros([2, 0]), [0, 1]).shape, [2, 0]);
});

Deno.test("flip() keeps NaN's and zero's bits", async () => {
  const y = await flip(tensor([NaN, -0, Infinity]), 0).data();
  assertEquals(bitsOf(y), bitsOf([Infinity, -0, NaN]));
});

Deno.test("flip() passes gradcheck", async () => {
  const options = { reference: ([x]: Float64Array[]) => x.toReversed() };
  await gradcheck((x) => flip(x, [0, 1, 2]), [noiseTensor([2, 3, 5])], options);
});

Deno.test("flip() refuses dimensions that do not exist or repeat", () => {
  assertRefuses(
    () => flip(zeros([2, 3]), [2]),
    RangeError,
    "Cannot apply flip as dim must be a whole number from -2 to 1: 2",
  );
  assertRefuses(
    () => flip(zeros([2, 3]), [1, -1]),
    RangeError,
    "Cannot apply flip as dims must not repeat: [1, -1]",
  );
});
