/**
 * Tables in plain characters.
 *
 * @module
 */
import { displayWidth } from "./text_width.ts";

/**
 * Lays out a table: the first column to the left, all others, which hold numbers, to the right.
 *
 * @param header The columns' names.
 * @param rows The cells of each row, as many as there are columns.
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
export function tableLines(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = header.map((_, i) => Math.max(...[header, ...rows].map((row) => displayWidth(row[i]))));
  const lines = [header, ...rows].map((row) =>
    row.map((cell, i) => {
      const space = " ".repeat(widths[i] - displayWidth(cell));
      return i === 0 ? cell + space : space + cell;
    }).join("  ")
  );
  return [lines[0], "-".repeat(displayWidth(lines[0])), ...lines.slice(1)];
}
