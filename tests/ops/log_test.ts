import { assertEquals } from "@std/assert";
import { gradcheck, log, openDevice, tensor } from "../../mod.ts";
import { unary } from "../support/reference.ts";
import { assertClose, assertRefuses, noiseTensor } from "../support/values.ts";

await openDevice();

Deno.test("log() gives natural logarithms", async () => {
  const y = await log(tensor([1, Math.E, 10, 0.001, 3e38])).data();
  assertClose(y, [0, 1, 2.302585093, -6.907755279, 88.59684815], { rtol: 2.5e-7 });
});

Deno.test("log() of zero is minus infinity, of less NaN", async () => {
  const y = await log(tensor([0, -0, -1, -Infinity, Infinity, NaN])).toArray();
  assertEquals(y, [-Infinity, -Infinity, NaN, NaN, Infinity, NaN]);
});

Deno.test("log() passes gradcheck", async () => {
  await gradcheck(log, [noiseTensor([3, 5], { offset: 2 })], { reference: unary(Math.log) });
});

Deno.test("log() refuses integers", () => {
  assertRefuses(
    () => log(tensor([1], { dtype: "int32" })),
    TypeError,
    "Cannot apply log as x must be float32: it is int32",
  );
});
