import { assertEquals } from "@std/assert";
import { gradcheck, openDevice, rsqrt, tensor, zeros } from "../../../mod.ts";
import { unary } from "../../support/reference.ts";
import { assertClose, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("rsqrt() divides 1 by square roots", async () => {
  assertClose(await rsqrt(tensor([4, 2, 0.01])).data(), [0.5, 0.707106781, 10], { rtol: 3e-7 });
  assertEquals([rsqrt(tensor(1)).shape, rsqrt(zeros([2, 0, 3])).shape], [[], [2, 0, 3]]);
});

Deno.test("rsqrt() passes gradcheck", async () => {
  await gradcheck(rsqrt, [noiseTensor([3, 1, 7], { offset: 2 })], {
    reference: unary((x) => 1 / Math.sqrt(x)),
  });
});
