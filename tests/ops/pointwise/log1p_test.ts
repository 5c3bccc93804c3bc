import { assertEquals } from "@std/assert";
import { gradcheck, log1p, openDevice, tensor, zeros } from "../../../mod.ts";
import { unary } from "../../support/reference.ts";
import { assertClose, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("log1p() gives logarithms that are right near 0 too", async () => {
  assertClose(await log1p(tensor([1e-8, 0.5, -0.75, 20])).data(), [
    9.99999995e-9,
    0.405465108,
    -1.38629436,
    3.04452244,
  ], { rtol: 3e-7 });
  assertEquals([log1p(tensor(1)).shape, log1p(zeros([2, 0, 3])).shape], [[], [2, 0, 3]]);
});

Deno.test("log1p() passes gradcheck", async () => {
  await gradcheck(log1p, [noiseTensor([3, 1, 7], { scale: 1.5 })], { reference: unary(Math.log1p) });
});
