// Every elementwise operation at NaN, infinities, signed zeros, the least and the greatest numbers: literals from PyTorch
// 1.13, in tests/support/special_values.ts.
import { assertEquals } from "@std/assert";
import { openDevice } from "../../mod.ts";
import { BINARY_NAMES, UNARY_NAMES, wrongBinary, wrongUnary } from "../support/special_values.ts";

await openDevice();

for (const name of UNARY_NAMES) {
  Deno.test(`${name}() is PyTorch's at special values`, async () => assertEquals(await wrongUnary(name), []));
}

for (const name of BINARY_NAMES) {
  Deno.test(`${name}() is PyTorch's at special values`, async () =>
    assertEquals(await wrongBinary(name), []));
}
