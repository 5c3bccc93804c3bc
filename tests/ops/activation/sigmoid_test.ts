import { assertEquals } from "@std/assert";
import { gradcheck, openDevice, sigmoid, tensor } from "../../../mod.ts";
import { unary } from "../../support/reference.ts";
import { assertClose, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("sigmoid() squashes into 0 to 1", async () => {
  const y = await sigmoid(tensor([0, 1, -1, 5, -20])).data();
  assertClose(y, [0.5, 0.7310585786, 0.2689414214, 0.9933071491, 2.061153618e-9], { rtol: 3e-7 });
});

Deno.test("sigmoid() saturates without overflow, and keeps NaN", async () => {
  const y = await sigmoid(tensor([1000, -1000, Infinity, -Infinity, NaN])).toArray();
  assertEquals(y, [1, 0, 1, 0, NaN]);
});

Deno.test("sigmoid() passes gradcheck", async () => {
  const reference = unary((x) => 1 / (1 + Math.exp(-x)));
  await gradcheck(sigmoid, [noiseTensor([3, 5], { scale: 6 })], { reference });
});

Deno.test("sigmoid() takes integers and booleans as float32", async () => {
  const y = sigmoid(tensor([1, 0], { dtype: "int32" })), z = sigmoid(tensor([true, false]));
  assertEquals([y.dtype, z.dtype], ["float32", "float32"]);
  assertEquals(await y.data(), await sigmoid(tensor([1, 0])).data());
  assertEquals(await z.data(), await y.data());
});
