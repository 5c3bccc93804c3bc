import { assertEquals } from "@std/assert";
import { clip, displayWidth } from "../../../examples/terminal/text_width.ts";

const ESC = "\x1b";

Deno.test("displayWidth() counts columns, not characters", () => {
  assertEquals(displayWidth(`${ESC}[38;5;33mab${ESC}[39m`), 2);
  assertEquals(displayWidth("第 1 轮"), 7);
  assertEquals(displayWidth("e\u0301"), 1);
});

Deno.test("clip() cuts at the width and keeps the colour codes", () => {
  assertEquals(clip("abcdef", 3), "abc");
  assertEquals(clip(`a${ESC}[38;5;33mbcd${ESC}[39m`, 2), `a${ESC}[38;5;33mb${ESC}[39m`);
  assertEquals(clip("a轮b", 2), "a");
  assertEquals(clip("abc", 0), "");
});
