import { assertEquals } from "@std/assert";
import { erf, gradcheck, openDevice, tensor, zeros } from "../../../mod.ts";
import { unary } from "../../support/reference.ts";
import { assertClose, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("erf() gives the error function", async () => {
  assertClose(await erf(tensor([0.1, -0.5, 1.5, -3, 0])).data(), [
    0.112462916,
    -0.520499878,
    0.966105146,
    -0.99997791,
    0,
  ], { rtol: 3e-7 });
  assertEquals([erf(tensor(1)).shape, erf(zeros([2, 0, 3])).shape], [[], [2, 0, 3]]);
});

Deno.test("erf() passes gradcheck", async () => {
  await gradcheck(erf, [noiseTensor([3, 1, 7], { scale: 3 })], { reference: unary(erf64) });
});

/** Its Taylor series. */
function erf64(x: number): number {
  let term = x, sum = x;
  for (let k = 1; k < 40; k++) sum += (term *= -x * x / k) / (2 * k + 1);
  return 2 / Math.sqrt(Math.PI) * sum;
}
