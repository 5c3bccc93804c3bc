/**
 * Tables in plain characters.
 *
 * @module
 */
import { clip, displayWidth, shorten } from "./text_width.ts";

const LEAST = 12; // columns that are left of a name at the least

/** How a table is brought to a width. */
export interface TableOptions {
  /** The most columns that a line may take. */
  columns?: number;
  /** What a cell that is cut off ends in, `…` unless given: what is `...` on the terminal must be so here. */
  ellipsis?: string;
  /** The columns' names that are left out where there is no room, the first to go first. */
  optional?: readonly string[];
}

/**
 * Lays out a table: the first column to the left, all others, which hold numbers, to the right. Where it is too wide,
 * columns that may be missing are left out, then the first is shortened.
 *
 * @param header The columns' names.
 * @param rows The cells of each row, as many as there are columns.
 * @param options The width that there is.
 * @returns The lines, with a rule under the header.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { tableLines } from "./table.ts";
 *
 * assertEquals(tableLines(["network", "loss"], [["LeNet", "0.461"], ["with max pooling", "0.4"]]), [
 *   "network            loss",
 *   "-----------------------",
 *   "LeNet             0.461",
 *   "with max pooling    0.4",
 * ]);
 * ```
 */
export function tableLines(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  { columns = Infinity, optional = [], ellipsis }: TableOptions = {},
): string[] {
  const table = [header, ...rows];
  const widthOf = (i: number) => Math.max(...table.map((row) => displayWidth(row[i])));
  const total = (shown: readonly number[]) => shown.reduce((sum, i) => sum + 2 + widthOf(i), -2);
  let shown = [...header.keys()];
  for (const name of optional) {
    if (total(shown) > columns) shown = shown.filter((i) => header[i] !== name);
  }
  const excess = Math.max(0, total(shown) - columns), first = Math.max(LEAST, widthOf(0) - excess);
  const lines = table.map((row) =>
    shown.map((i) => {
      const cell = i === 0 ? shorten(row[0], first, ellipsis) : row[i];
      const space = " ".repeat(
        Math.max(0, (i === 0 ? Math.min(first, widthOf(0)) : widthOf(i)) - displayWidth(cell)),
      );
      return i === 0 ? cell + space : space + cell;
    }).join("  ")
  );
  return [lines[0], "-".repeat(displayWidth(lines[0])), ...lines.slice(1)];
}

/**
 * Brings a table that is text already to a width, by leaving out its last columns.
 *
 * @param text The table; its first line is a rule, and its rows are as long as that. Others stay as they are.
 * @param columns The most columns that a line may take.
 * @returns The lines.
 */
export function narrowTable(text: string, columns: number): string[] {
  const lines = text.split("\n"), full = displayWidth(lines[0]);
  if (full <= columns) return lines;
  const rows = lines.filter((line) => displayWidth(line) === full && !/^(.)\1+$/.test(line)).map(cells);
  const isGap = (at: number) => rows.every((row) => row[at] === " " && row[at + 1] === " ");
  let width = columns;
  while (width > 0 && !isGap(width)) width--; // two spaces in all rows part two columns
  return lines.map((line) => displayWidth(line) === full ? clip(line, width || columns).trimEnd() : line);
}

/** What stands in each column of a line. */
function cells(line: string): string[] {
  return [...line].flatMap((sign) => displayWidth(sign) === 2 ? [sign, ""] : [sign]);
}
