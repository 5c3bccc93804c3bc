import { assertEquals, assertStringIncludes } from "@std/assert";
import { halfBlocks, nearestOf256 } from "../../../examples/pictures/half_blocks.ts";

Deno.test("halfBlocks() draws two pixels a character, in the colours that there are", () => {
  const pictures = [
    { name: "input", tile: { values: [0, 1, 1, 0, 1, 1], height: 3, width: 2, gray: true } },
    { name: "far", tile: { values: [1], height: 1, width: 1 } },
  ];
  assertEquals(halfBlocks(pictures, 80, "none", 4), ["inpu far", "++   @", "@@"]);
  assertEquals(halfBlocks(pictures.slice(0, 1), 80, "24-bit", 3), [
    "inp",
    "\x1b[38;2;0;0;0;48;2;255;255;255m▀\x1b[38;2;255;255;255;48;2;0;0;0m▀\x1b[0m",
    "\x1b[38;2;255;255;255m▀\x1b[38;2;255;255;255m▀\x1b[0m",
  ]);
  assertStringIncludes(halfBlocks(pictures, 80, "256", 3)[1], "\x1b[38;5;16;48;5;231m▀");
  assertEquals(halfBlocks(pictures, 7, "none", 4)[0], "inpu", "only what finds room");
});

Deno.test("nearestOf256() takes the cube or the greys, whichever is nearer", () => {
  assertEquals(nearestOf256([255, 0, 0]), 196);
  assertEquals(nearestOf256([128, 128, 128]), 244);
  assertEquals(nearestOf256([68, 1, 84]), 53);
});
