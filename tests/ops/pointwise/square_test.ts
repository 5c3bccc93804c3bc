import { assertEquals } from "@std/assert";
import { gradcheck, openDevice, square, tensor, zeros } from "../../../mod.ts";
import { unary } from "../../support/reference.ts";
import { assertClose, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("square() multiplies by itself", async () => {
  assertClose(await square(tensor([-3, 0.5, 0])).data(), [9, 0.25, 0], { rtol: 3e-7 });
  assertEquals([square(tensor(1)).shape, square(zeros([2, 0, 3])).shape], [[], [2, 0, 3]]);
});

Deno.test("square() passes gradcheck", async () => {
  await gradcheck(square, [noiseTensor([3, 1, 7], { scale: 4 })], { reference: unary((x) => x * x) });
});
