import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { compile, nn, ones, openDevice, type Tensor } from "../../../mod.ts";
import { assertRefuses } from "../../support/values.ts";

await openDevice();

Deno.test("Dropout drops while it is trained, and lets everything through in evaluation", async () => {
  const net = new nn.Sequential(new nn.Dropout({ p: 0.75 })), x = ones([200]);
  const y = await net.forward(x).data();
  assert(y.every((v) => v === 0 || v === 4) && y.includes(0) && y.includes(4));
  assertEquals(await net.eval().forward(x).data(), await x.data());
});

Deno.test("Dropout in a compiled function draws anew at each call and follows its mode", async () => {
  const layer = new nn.Dropout(), forward = compile((x: Tensor) => layer.forward(x).add(0)), x = ones([64]);
  assertNotEquals(await forward(x).data(), await forward(x).data());
  layer.eval();
  assertEquals(await forward(x).data(), await x.data());
  assertEquals(forward.captures, 2);
});

Deno.test("Dropout prints as PyTorch prints it", () => {
  assertEquals([new nn.Dropout(), new nn.Dropout({ p: 0.25 })].map(String), [
    "Dropout(p=0.5, inplace=False)",
    "Dropout(p=0.25, inplace=False)",
  ]);
});

Deno.test("Dropout refuses probabilities beyond 0 to 1", () => {
  assertRefuses(
    () => new nn.Dropout({ p: 1.5 }),
    RangeError,
    "Cannot make Dropout as p must be a number from 0 to 1: 1.5",
  );
});
