/**
 * Tables of figures, for terminals and for pages.
 *
 * @module
 */

/** A table: its head, and rows of as many cells. The first column is words, the others are figures. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The table in columns; words to the left, figures to the right. */
export function textTable({ head, rows }: Table, wordColumns = 1): string {
  const all = [head, ...rows], widths = widthsOf(all);
  const line = (row: readonly string[]) =>
    row.map((cell, i) => i < wordColumns ? cell.padEnd(widths[i]) : cell.padStart(widths[i])).join("  ")
      .trimEnd();
  return all.map(line).join("\n");
}

/** The table in Markdown, laid out as `deno fmt` does. */
export function markdownTable({ head, rows }: Table): string {
  const widths = widthsOf([head, ...rows]).map((width) => Math.max(3, width));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, i) => i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])).join(" | ")} |`;
  const rule = widths.map((width, i) => i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`);
  return [line(head), `| ${rule.join(" | ")} |`, ...rows.map(line)].join("\n");
}

function widthsOf(rows: readonly (readonly string[])[]): number[] {
  return rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
}

/**
 * A figure with three significant digits: `12,300`, `945`, `16.9`, `0.812`.
 *
 * @param value A figure that is not negative.
 */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return "";
  if (value === 0) return "0";
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.max(value, 1e-3))));
  const rounded = value >= 1000 ? Number(value.toPrecision(3)) : value;
  return rounded.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** A share as a percentage: `12%`, `0.34%`. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(share > 0 && share < 0.01 ? 2 : 0)}%`;
}

/** How many times as fast `ours` is as `theirs`, both in the same unit of speed: `12.8×`. */
export function ratio(ours: number, theirs: number): string {
  return `${figure(ours / theirs)}×`;
}

/**
 * Replaces what stands between two marker comments, `<!-- name:begin -->` and `<!-- name:end -->`.
 *
 * @throws {SyntaxError} If the page has not both, once and in order.
 */
export function replaceBetween(page: string, name: string, text: string): string {
  const begin = `<!-- ${name}:begin -->`, end = `<!-- ${name}:end -->`;
  const parts = page.split(begin), [, tail = ""] = parts, ends = tail.split(end);
  if (parts.length !== 2 || ends.length !== 2 || parts[0].includes(end)) {
    throw new SyntaxError(`Cannot write into the page as it must have ${begin} and then ${end}, once each`);
  }
  return `${parts[0]}${begin}\n\n${text.trim()}\n\n${end}${ends[1]}`;
}
