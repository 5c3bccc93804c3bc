import { assertEquals } from "@std/assert";
import { expm1, gradcheck, openDevice, tensor, zeros } from "../../../mod.ts";
import { unary } from "../../support/reference.ts";
import { assertClose, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("expm1() gives powers that are right near 0 too", async () => {
  assertClose(await expm1(tensor([1e-8, 0.5, -3, 20])).data(), [
    1.00000001e-8,
    0.648721271,
    -0.950212932,
    485165195,
  ], { rtol: 3e-7 });
  assertEquals([expm1(tensor(1)).shape, expm1(zeros([2, 0, 3])).shape], [[], [2, 0, 3]]);
});

Deno.test("expm1() passes gradcheck", async () => {
  await gradcheck(expm1, [noiseTensor([3, 1, 7], { scale: 4 })], { reference: unary(Math.expm1) });
});
