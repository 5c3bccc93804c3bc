import { assertEquals } from "@std/assert";
import { gradcheck, neg, openDevice, tensor } from "../../../mod.ts";
import { unary } from "../../support/reference.ts";
import { assertRefuses, bitsOf, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("neg() changes the sign of everything, zeros and infinities too", async () => {
  const y = await neg(tensor([1, -2.5, 0, -0, Infinity, NaN])).data();
  assertEquals([...y], [-1, 2.5, -0, 0, -Infinity, NaN]);
  assertEquals(bitsOf(y).subarray(2, 4), new Uint32Array([0x80000000, 0]));
});

Deno.test("neg() passes gradcheck", async () => {
  await gradcheck(neg, [noiseTensor([3, 5])], { reference: unary((x) => -x) });
});

Deno.test("neg() keeps integers, and refuses booleans", async () => {
  assertEquals(await neg(tensor([3, 0, -2], { dtype: "int32" })).data(), new Int32Array([-3, 0, 2]));
  assertRefuses(
    () => neg(tensor([true])),
    TypeError,
    "Cannot apply neg as x must be float32 or int32: it is bool",
  );
});
