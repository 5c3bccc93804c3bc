import { assertEquals } from "@std/assert";
import { eq, openDevice, tensor, zeros } from "../../../mod.ts";
import { assertRefuses } from "../../support/values.ts";

await openDevice();

Deno.test("eq() says where operands are equal", async () => {
  const y = eq(tensor([[1, 2], [3, 4]]), tensor([1, 4]));
  assertEquals(y.dtype, "bool");
  assertEquals(await y.toArray(), [[true, false], [false, true]]);
  assertEquals(await y.data(), new Uint8Array([1, 0, 0, 1]));
  assertEquals(await tensor([3, 5], { dtype: "int32" }).eq(5).toArray(), [false, true]);
  assertEquals(await eq(tensor([true, false]), tensor([false, false])).toArray(), [false, true]);
});

Deno.test("eq() finds -0 equal to 0, infinities equal to themselves and NaN equal to nothing", async () => {
  const y = eq(tensor([-0, Infinity, Infinity, NaN]), tensor([0, Infinity, -Infinity, NaN]));
  assertEquals(await y.toArray(), [true, true, false, false]);
});

Deno.test("eq() lets no gradient through", () => {
  assertEquals(eq(tensor([1], { requiresGrad: true }), 1).requiresGrad, false);
});

Deno.test("eq() refuses shapes that do not broadcast", () => {
  assertRefuses(
    () => eq(zeros([4]), zeros([2, 3])),
    RangeError,
    "Cannot apply eq as the shapes must broadcast: [4] and [2, 3]",
  );
});
