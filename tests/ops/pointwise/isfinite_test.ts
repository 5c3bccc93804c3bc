import { assertEquals } from "@std/assert";
import { isfinite, isnan, openDevice, tensor, zeros } from "../../../mod.ts";

await openDevice();

Deno.test("isnan() and isfinite() go by every kind of number", async () => {
  const bits = [0x7fc00000, 0x7f800001, 0xffffffff, 0x7f800000, 0xff800000, 0x7f7fffff, 0x80000000, 1];
  const x = tensor(new Float32Array(Uint32Array.from(bits).buffer));
  assertEquals(await isnan(x).data(), new Uint8Array([1, 1, 1, 0, 0, 0, 0, 0]));
  assertEquals(await isfinite(x).data(), new Uint8Array([0, 0, 0, 0, 0, 1, 1, 1]));
});

Deno.test("isnan() and isfinite() take empty tensors and scalars", async () => {
  assertEquals([isnan(zeros([2, 0])).shape, isfinite(zeros([2, 0])).shape], [[2, 0], [2, 0]]);
  assertEquals([await isnan(tensor(NaN)).toArray(), await isfinite(tensor(NaN)).toArray()], [true, false]);
});
