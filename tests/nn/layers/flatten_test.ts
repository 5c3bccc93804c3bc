import { assertEquals } from "@std/assert";
import { nn, openDevice, zeros } from "../../../mod.ts";

await openDevice();

Deno.test("Flatten merges all dimensions but the first, unless told otherwise", () => {
  const x = zeros([2, 3, 4, 5]);
  assertEquals(new nn.Flatten().forward(x).shape, [2, 60]);
  assertEquals(new nn.Flatten({ startDim: 0, endDim: 1 }).forward(x).shape, [6, 4, 5]);
});
