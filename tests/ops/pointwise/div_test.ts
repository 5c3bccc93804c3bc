import { assertEquals } from "@std/assert";
import { div, gradcheck, openDevice, tensor, zeros } from "../../../mod.ts";
import { binary } from "../../support/reference.ts";
import { assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("div() divides, and integers give fractions", async () => {
  assertEquals(await div(tensor([1, 6, -9]), tensor([2, 3, 4])).toArray(), [0.5, 2, -2.25]);
  const y = div(tensor([1, 3], { dtype: "int32" }), 2);
  assertEquals(y.dtype, "float32");
  assertEquals(await y.toArray(), [0.5, 1.5]);
  assertEquals(await div(1, tensor(4)).item(), 0.25);
});

Deno.test("div() by zero is infinite, and zero by zero NaN", async () => {
  const y = div(tensor([1, -1, 1, 0, 1, NaN]), tensor([0, 0, -0, 0, Infinity, 1]));
  assertEquals(await y.toArray(), [Infinity, -Infinity, -Infinity, NaN, 0, NaN]);
});

Deno.test("div() passes gradcheck where both operands broadcast", async () => {
  const a = noiseTensor([3, 1, 5]), b = noiseTensor([4, 1], { seed: 2, offset: 2 });
  await gradcheck(div, [a, b], { reference: binary([3, 1, 5], [4, 1], (a, b) => a / b) });
});

Deno.test("div() passes gradcheck with a number on either side", async () => {
  const x = noiseTensor([5], { offset: -3 });
  await gradcheck((x) => div(2, x), [x], { reference: ([x]) => x.map((v) => 2 / v) });
  await gradcheck((x) => div(x, 8), [x], { reference: ([x]) => x.map((v) => v / 8) });
});

Deno.test("div() refuses shapes that do not broadcast", () => {
  assertRefuses(
    () => div(zeros([2, 2]), zeros([3])),
    RangeError,
    "Cannot apply div as the shapes must broadcast: [2, 2] and [3]",
  );
});
