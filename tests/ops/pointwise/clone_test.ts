import { assertEquals } from "@std/assert";
import { clone, gradcheck, openDevice, tensor, zeros } from "../../../mod.ts";
import { bitsOf, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("clone() has memory of its own", async () => {
  const x = tensor([[1, 2]], { dtype: "int32" }), y = clone(x);
  x.fill(0);
  assertEquals([y.dtype, await y.toArray()], ["int32", [[1, 2]]]);
  assertEquals(await clone(tensor(true)).toArray(), true);
  assertEquals(clone(zeros([2, 0])).shape, [2, 0]);
});

Deno.test("clone() keeps NaN's and zero's bits", async () => {
  assertEquals(bitsOf(await clone(tensor([NaN, -0, Infinity])).data()), bitsOf([NaN, -0, Infinity]));
});

Deno.test("clone() passes gradcheck", async () => {
  await gradcheck((x) => clone(x), [noiseTensor([2, 3])], { reference: ([x]) => x });
});
