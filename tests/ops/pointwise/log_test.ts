import { assertEquals } from "@std/assert";
import { gradcheck, log, openDevice, tensor } from "../../../mod.ts";
import { unary } from "../../support/reference.ts";
import { assertClose, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("log() gives natural logarithms", async () => {
  const y = await log(tensor([1, Math.E, 10, 0.001, 3e38])).data();
  assertClose(y, [0, 1, 2.302585093, -6.907755279, 88.59684815], { rtol: 2.5e-7 });
});

Deno.test("log() of zero is minus infinity, of less NaN", async () => {
  const y = await log(tensor([0, -0, -1, -Infinity, Infinity, NaN])).toArray();
  assertEquals(y, [-Infinity, -Infinity, NaN, NaN, Infinity, NaN]);
});

Deno.test("log() passes gradcheck", async () => {
  await gradcheck(log, [noiseTensor([3, 5], { offset: 2 })], { reference: unary(Math.log) });
});

Deno.test("log() takes integers and booleans as float32", async () => {
  const y = log(tensor([1, 0], { dtype: "int32" })), z = log(tensor([true, false]));
  assertEquals([y.dtype, z.dtype], ["float32", "float32"]);
  assertEquals(await y.data(), await log(tensor([1, 0])).data());
  assertEquals(await z.data(), await y.data());
});
