/**
 * How many columns a text takes in a terminal, and how it is brought to fewer.
 *
 * @module
 */

// deno-lint-ignore no-control-regex
const PIECES = /\x1b\[[0-9;]*m|[^]/gu;
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

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
  if (piece.length > 2 || /\p{M}/u.test(piece)) return 0; // a colour, or an accent on what stands before it
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

/** Shortens a text that is wider than it may be, with an ellipsis at its end. */
export function shorten(text: string, columns: number): string {
  return displayWidth(text) <= columns ? text : `${clip(text, Math.max(0, columns - 1))}…`;
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
  for (const word of line.slice(indent.length).match(/ +|[^ ]+/g) ?? []) {
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
