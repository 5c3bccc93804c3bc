import { assertEquals } from "@std/assert";
import {
  clip,
  displayWidth,
  setParagraphs,
  shorten,
  toAscii,
  wrapWords,
} from "../../../examples/terminal/text_width.ts";

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

Deno.test("wrapWords() breaks between words, and words only where they are wider than a line", () => {
  assertEquals(wrapWords("one two three four", 9), ["one two", "three", "four"]);
  assertEquals(wrapWords("(conv1): Conv2d(1, 6, kernel_size=(5, 5))", 25), [
    "(conv1): Conv2d(1, 6,",
    "  kernel_size=(5, 5))",
  ]);
  assertEquals(wrapWords("a\n\n  b  c", 20), ["a", "", "  b  c"]);
  assertEquals(wrapWords("第一轮训练损失", 7), ["第一轮", "训练损", "失"]);
  for (let columns = 14; columns < 60; columns++) {
    for (
      const line of wrapWords("  Both have the same parameters, and supercalifragilistic weights", columns)
    ) {
      assertEquals(displayWidth(line) <= columns, true, `${columns}: ${line}`);
    }
  }
});

Deno.test("setParagraphs() sets lines anew, whatever their own breaks", () => {
  assertEquals(setParagraphs("one\ntwo three\n\n\nfour", 9), ["one two", "three", "", "four"]);
  assertEquals(setParagraphs("one\ntwo", Infinity), ["one two"]);
});

Deno.test("toAscii() spells our signs, shorten() ends with an ellipsis", () => {
  assertEquals(toAscii("compiling… 3 × −0.5, 1–2 → 第"), "compiling... 3 x -0.5, 1-2 -> 第");
  assertEquals([shorten("network", 7), shorten("network", 5)], ["network", "netw…"]);
});
