import { assertEquals } from "@std/assert";
import { gradcheck, openDevice, sign, tensor, zeros } from "../../../mod.ts";
import { unary } from "../../support/reference.ts";
import { assertClose, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("sign() gives signs", async () => {
  assertClose(await sign(tensor([-3, 0, 2.5])).data(), [-1, 0, 1], { rtol: 3e-7 });
  assertEquals([sign(tensor(1)).shape, sign(zeros([2, 0, 3])).shape], [[], [2, 0, 3]]);
});

Deno.test("sign() passes gradcheck", async () => {
  await gradcheck(sign, [noiseTensor([3, 1, 7], { seed: 3 })], { reference: unary(Math.sign) });
});
