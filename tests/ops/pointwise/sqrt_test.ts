import { assertEquals } from "@std/assert";
import { gradcheck, openDevice, sqrt, tensor, zeros } from "../../../mod.ts";
import { unary } from "../../support/reference.ts";
import { assertClose, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("sqrt() gives square roots", async () => {
  assertClose(await sqrt(tensor([4, 2, 0.01])).data(), [2, 1.41421356, 0.1], { rtol: 3e-7 });
  assertEquals([sqrt(tensor(1)).shape, sqrt(zeros([2, 0, 3])).shape], [[], [2, 0, 3]]);
});

Deno.test("sqrt() passes gradcheck", async () => {
  await gradcheck(sqrt, [noiseTensor([3, 1, 7], { offset: 2 })], { reference: unary(Math.sqrt) });
});

Deno.test("sqrt() has an infinite gradient at 0, as in PyTorch", async () => {
  const x = tensor([0, -0, 4, -1], { requiresGrad: true });
  sqrt(x).sum().backward();
  assertEquals(await x.grad!.toArray(), [Infinity, -Infinity, 0.25, NaN]);
});
