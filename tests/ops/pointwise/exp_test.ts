import { assertEquals } from "@std/assert";
import { exp, gradcheck, openDevice, tensor, zeros } from "../../../mod.ts";
import { unary } from "../../support/reference.ts";
import { assertClose, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("exp() gives powers of e", async () => {
  const y = await exp(tensor([0, 1, -1, 10, -20])).data();
  assertClose(y, [1, 2.718281828, 0.3678794412, 22026.46579, 2.061153622e-9], { rtol: 2.5e-7 });
});

Deno.test("exp() overflows to infinity, underflows to 0, and keeps NaN", async () => {
  assertEquals(await exp(tensor([89, -104, Infinity, -Infinity, NaN])).toArray(), [
    Infinity,
    0,
    Infinity,
    0,
    NaN,
  ]);
  assertEquals(await exp(zeros([0])).toArray(), []);
});

Deno.test("exp() passes gradcheck", async () => {
  await gradcheck(exp, [noiseTensor([3, 5], { scale: 4 })], { reference: unary(Math.exp) });
});

Deno.test("exp() takes integers and booleans as float32", async () => {
  const y = exp(tensor([1, 0], { dtype: "int32" })), z = exp(tensor([true, false]));
  assertEquals([y.dtype, z.dtype], ["float32", "float32"]);
  assertEquals(await y.data(), await exp(tensor([1, 0])).data());
  assertEquals(await z.data(), await y.data());
});
