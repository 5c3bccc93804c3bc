import { assertEquals } from "@std/assert";
import { nn, openDevice, zeros } from "../../../mod.ts";
import { assertRefuses } from "../../support/values.ts";

await openDevice();

Deno.test("Conv2d has PyTorch's weight shape, and passes its options on", () => {
  const conv = new nn.Conv2d(4, 6, [3, 2], { stride: 2, padding: [1, 0], groups: 2 });
  assertEquals([conv.weight.shape, conv.bias!.shape], [[6, 2, 3, 2], [6]]);
  assertEquals(conv.forward(zeros([2, 4, 7, 8])).shape, [2, 6, 4, 4]);
  assertEquals(new nn.Conv2d(1, 1, 3, { padding: "same", bias: false }).forward(zeros([1, 1, 2, 4])).shape, [
    1,
    1,
    2,
    4,
  ]);
});

Deno.test("Conv2d refuses groups and sizes that do not fit", () => {
  assertRefuses(
    () => new nn.Conv2d(4, 6, 3, { groups: 4 }),
    RangeError,
    "Cannot make Conv2d as groups must divide inChannels 4 and outChannels 6: 4",
  );
  assertRefuses(
    () => new nn.Conv2d(1, 1, 0),
    RangeError,
    "Cannot make Conv2d as kernelSize must be a whole number from 1 up, or two: 0",
  );
});
