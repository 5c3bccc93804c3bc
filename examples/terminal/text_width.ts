/**
 * How many columns a text takes in a terminal, and how it is brought to fewer.
 *
 * @module
 */

// deno-lint-ignore no-control-regex
const PIECES = /\x1b\[[0-9;]*m|[^]/gu;
/** East Asian Width "W" and "F" of Unicode's annex 11. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
/** Marks on what stands before them, the vowels and finals of a Korean syllable, and signs that only join or part others. */
const NARROW = /[\p{M}\u1160-\u11ff\u200b-\u200f\u2060-\u2064\ufeff]/u;
/** Where a line may not begin: punctuation that closes; and where it may not end: punctuation that opens. */
const CLOSING = "，。、；：？！…％）〉》」』】〕”’,.;:?!%)\\]}", OPENING = "（〈《「『【〔“‘(\\[{";
/** What a line may be broken between: a wide character with the punctuation around it, or a run of others. */
const UNITS = new RegExp(
  `[${OPENING}]*(?:${WIDE.source}|(?:(?!${WIDE.source})[^${OPENING}])+)[${CLOSING}]*|[^]`,
  "gu",
);

/** What stands for the signs that we write, where a terminal has only ASCII. */
const ASCII: Record<string, string> = {
  "…": "...",
  "−": "-",
  "–": "-",
  "×": "x",
  "→": "->",
  "├": "|",
  "│": "|",
  "└": "`",
  "─": "-",
};

function pieceWidth(piece: string): number {
  if (piece.length > 2 || NARROW.test(piece)) return 0; // a colour, or an accent
  return WIDE.test(piece) ? 2 : 1;
}

/**
 * Counts the columns that a line takes: none for colours, two for Chinese characters.
 *
 * @param line A line without control characters but colours.
 * @returns The line's width in columns.
 */
export function displayWidth(line: string): number {
  return (line.match(PIECES) ?? []).reduce((sum, piece) => sum + pieceWidth(piece), 0);
}

/**
 * Cuts a line off at a width, keeping the colour codes beyond it so that none stays switched on.
 *
 * @param line A line without control characters but colours.
 * @param columns The most columns it may take.
 * @returns The line's beginning.
 */
export function clip(line: string, columns: number): string {
  let left = columns;
  return (line.match(PIECES) ?? []).filter((piece) => {
    const width = pieceWidth(piece);
    if (width > 0) left -= width;
    return width === 0 ? left >= 0 || piece.startsWith("\x1b") : left >= 0;
  }).join("");
}

/** Fills a text up to a width with spaces behind it. */
export function padded(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - displayWidth(text)));
}

/** Shortens a text that is wider than it may be, with an ellipsis at its end, which in ASCII takes three columns. */
export function shorten(text: string, columns: number, ellipsis = "…"): string {
  if (displayWidth(text) <= columns) return text;
  return clip(text, Math.max(0, columns - displayWidth(ellipsis))) + ellipsis;
}

/** Writes with ASCII the signs that we use; letters of other languages stay. */
export function toAscii(text: string): string {
  return text.replaceAll(/[…−–×→├│└─]/g, (sign) => ASCII[sign]!);
}

/**
 * Breaks a text between words, so that each line fits; what goes on in the next line stands two columns further right.
 *
 * @param text One line or several.
 * @param columns The most columns that a line may take.
 * @returns The lines.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { wrapWords } from "./text_width.ts";
 *
 * assertEquals(wrapWords("(0): as wide as it may be", 16), ["(0): as wide as", "  it may be"]);
 * ```
 */
export function wrapWords(text: string, columns: number): string[] {
  return text.split("\n").flatMap((line) => displayWidth(line) <= columns ? line : wrapLine(line, columns));
}

function wrapLine(line: string, columns: number): string[] {
  const indent = line.match(/^ */)![0], lines: string[] = [];
  const further = columns > indent.length + 12 ? `${indent}  ` : "";
  let current = indent, space = "";
  const words = line.slice(indent.length).match(/ +|[^ ]+/g) ?? [];
  for (const word of words.flatMap((text) => WIDE.test(text) ? text.match(UNITS)! : text)) {
    if (word.startsWith(" ")) {
      space = word;
      continue;
    }
    if (displayWidth(current + space + word) > columns && current.trim() !== "") {
      lines.push(current);
      [current, space] = [further, ""];
    }
    current += space + word;
    space = "";
    while (displayWidth(current) > columns) { // a word wider than a line, or a sentence without spaces
      const part = clip(current, columns);
      if (part.trim() === "") break;
      lines.push(part);
      current = further + current.slice(part.length);
    }
  }
  return current.trim() === "" ? lines : [...lines, current];
}

/** Sets paragraphs, which blank lines part, in lines of so many columns, wherever their own lines ended. */
export function setParagraphs(text: string, columns: number): string[] {
  return text.trim().split(/\n\s*\n/).flatMap((paragraph, i) => {
    const line = paragraph.replaceAll(/\s*\n\s*/g, " "), indented = wrapWords(line, columns);
    const lines = indented.map((one, k) => k === 0 ? one : one.trimStart());
    return i === 0 ? lines : ["", ...lines];
  });
}
