import { assertEquals } from "@std/assert";
import {
  clip,
  displayWidth,
  padded,
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
  assertEquals([shorten("network", 7), shorten("network", 5), shorten("network", 5, "...")], [
    "network",
    "netw…",
    "ne...",
  ]);
});

Deno.test("displayWidth() counts two columns for what East Asian writing has wide, none for what only joins", () => {
  assertEquals([..."、。〈ぁア한𠀀（！：￥🙂〾"].map(displayWidth), Array(13).fill(2));
  assertEquals([..."ｱａ\u303f×…─é"].map(displayWidth), [1, 2, 1, 1, 1, 1, 1]);
  assertEquals(displayWidth("\u1112\u1161\u11ab"), 2); // a syllable of three letters
  assertEquals(displayWidth("a\u200d\u200bb\ufeff"), 2);
  assertEquals(clip("准确率", 5), "准确");
  assertEquals([padded("准确", 6), padded("abcdef", 3)], ["准确  ", "abcdef"]);
});

Deno.test("wrapWords() breaks Chinese between characters, but no line begins with punctuation that closes", () => {
  const text = "这里两者都没有学到什么，无从比较：增加轮数（或换一个学习率 0.01）也许有用。";
  for (let columns = 10; columns < 60; columns++) {
    const lines = wrapWords(text, columns);
    assertEquals(lines.map((line) => line.trimStart()).join("").replaceAll(" ", ""), text.replace(" ", ""));
    for (const line of lines) {
      assertEquals(displayWidth(line) <= columns, true, `${columns}: ${line}`);
      assertEquals(/^ *[，：）。]|（$/.test(line), false, `${columns}: ${line}`);
    }
  }
});
