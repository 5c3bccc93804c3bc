import { assertEquals } from "@std/assert";
import { gradcheck, openDevice, tanh, tensor } from "../../../mod.ts";
import { unary } from "../../support/reference.ts";
import { assertClose, bitsOf, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("tanh() squashes into -1 to 1", async () => {
  const y = await tanh(tensor([0, 0.5, -1, 3, -1e-4])).data();
  assertClose(y, [0, 0.4621171573, -0.7615941560, 0.9950547537, -9.999999967e-5], { rtol: 2.5e-7 });
});

Deno.test("tanh() saturates, and keeps NaN and the sign of zero", async () => {
  const y = await tanh(tensor([20, -20, Infinity, -Infinity, NaN, -0])).data();
  assertEquals([...y.subarray(0, 5)], [1, -1, 1, -1, NaN]);
  assertEquals(bitsOf(y)[5], 0x80000000);
});

Deno.test("tanh() passes gradcheck", async () => {
  await gradcheck(tanh, [noiseTensor([3, 5], { scale: 4 })], { reference: unary(Math.tanh) });
});

Deno.test("tanh() takes integers and booleans as float32", async () => {
  const y = tanh(tensor([1, 0], { dtype: "int32" })), z = tanh(tensor([true, false]));
  assertEquals([y.dtype, z.dtype], ["float32", "float32"]);
  assertEquals(await y.data(), await tanh(tensor([1, 0])).data());
  assertEquals(await z.data(), await y.data());
});
