import { assertEquals } from "@std/assert";
import { gradcheck, openDevice, relu, tensor, zeros } from "../../../mod.ts";
import { unary } from "../../support/reference.ts";
import { assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("relu() cuts off what is negative", async () => {
  assertEquals(await relu(tensor([[-1, 0, 2], [3.5, -0.25, 1e-30]])).toArray(), [[0, 0, 2], [
    3.5,
    0,
    Math.fround(1e-30),
  ]]);
  assertEquals(await relu(tensor(-3)).item(), 0);
  assertEquals(relu(zeros([2, 0])).shape, [2, 0]);
});

Deno.test("relu() of NaN is NaN, of infinity infinity, of minus infinity 0", async () => {
  assertEquals(await relu(tensor([NaN, Infinity, -Infinity])).toArray(), [NaN, Infinity, 0]);
});

Deno.test("relu() has gradient 0 at 0, and 1 just above", async () => {
  const x = tensor([0, -0, 1e-30, -1e-30, 2], { requiresGrad: true });
  relu(x).sum().backward();
  assertEquals(await x.grad!.toArray(), [0, 0, 1, 0, 1]);
});

Deno.test("relu() passes gradcheck away from 0", async () => {
  await gradcheck(relu, [noiseTensor([3, 7])], { reference: unary((x) => Math.max(x, 0)) });
});

Deno.test("relu() keeps integers, and refuses booleans", async () => {
  assertEquals(await relu(tensor([3, 0, -2], { dtype: "int32" })).data(), new Int32Array([3, 0, 0]));
  assertRefuses(
    () => relu(tensor([true])),
    TypeError,
    "Cannot apply relu as x must be float32 or int32: it is bool",
  );
});
