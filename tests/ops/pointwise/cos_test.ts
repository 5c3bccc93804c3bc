import { assertEquals } from "@std/assert";
import { cos, gradcheck, openDevice, tensor, zeros } from "../../../mod.ts";
import { unary } from "../../support/reference.ts";
import { assertClose, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("cos() gives cosines, of vast angles too", async () => {
  assertClose(await cos(tensor([0.5, -2, 1e5, -1e30])).data(), [
    0.877582562,
    -0.416146837,
    -0.999360807,
    -0.611604785,
  ], { rtol: 3e-7 });
  assertEquals([cos(tensor(1)).shape, cos(zeros([2, 0, 3])).shape], [[], [2, 0, 3]]);
});

Deno.test("cos() passes gradcheck", async () => {
  await gradcheck(cos, [noiseTensor([3, 1, 7], { scale: 9 })], { reference: unary(Math.cos) });
});
