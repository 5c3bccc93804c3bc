import { assertEquals } from "@std/assert";
import { gradcheck, openDevice, sin, tensor, zeros } from "../../../mod.ts";
import { unary } from "../../support/reference.ts";
import { assertClose, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("sin() gives sines, of vast angles too", async () => {
  assertClose(await sin(tensor([0.5, -2, 1e5, -1e30])).data(), [
    0.479425539,
    -0.909297427,
    0.035748798,
    0.791163439,
  ], { rtol: 3e-7 });
  assertEquals([sin(tensor(1)).shape, sin(zeros([2, 0, 3])).shape], [[], [2, 0, 3]]);
});

Deno.test("sin() passes gradcheck", async () => {
  await gradcheck(sin, [noiseTensor([3, 1, 7], { scale: 9 })], { reference: unary(Math.sin) });
});
