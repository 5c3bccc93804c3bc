import { assertEquals } from "@std/assert";
import { abs, gradcheck, openDevice, tensor, zeros } from "../../../mod.ts";
import { unary } from "../../support/reference.ts";
import { assertClose, assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("abs() drops signs", async () => {
  assertClose(await abs(tensor([-3, 0, 2.5])).data(), [3, 0, 2.5], { rtol: 3e-7 });
  assertEquals([abs(tensor(1)).shape, abs(zeros([2, 0, 3])).shape], [[], [2, 0, 3]]);
});

Deno.test("abs() passes gradcheck", async () => {
  await gradcheck(abs, [noiseTensor([3, 1, 7], { seed: 3 })], { reference: unary(Math.abs) });
});

Deno.test("abs() has gradient 0 at 0 and at NaN, as in PyTorch", async () => {
  const x = tensor([0, -0, NaN, -Infinity, 1e-30], { requiresGrad: true });
  abs(x).sum().backward();
  assertEquals(await x.grad!.toArray(), [0, 0, 0, -1, 1]);
});

Deno.test("abs() refuses booleans", () => {
  assertRefuses(
    () => abs(tensor([true])),
    TypeError,
    "Cannot apply abs as x must be float32 or int32: it is bool",
  );
});
