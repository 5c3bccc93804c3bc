/**
 * How a summary looks as text.
 *
 * @module
 */
import { show } from "../ops/core/shape.ts";
import type { SummaryRow, SummaryTotals } from "./summary.ts";

const HEADER = ["Layer (type (name): depth-index)", "Output shape", "Parameters", "Mult-adds", "Bytes"];

/** The table of a summary. */
export function summaryText(rows: readonly SummaryRow[], totals: SummaryTotals): string {
  const cells = rows.map((row, k) => [
    branch(rows, k) + label(row),
    row.outputShape ? show(row.outputShape) : "--",
    row.recursive ? "(recursive)" : count(row.parameters),
    count(row.multiplyAdds),
    count(row.bytes),
  ]);
  const widths = HEADER.map((title, c) => Math.max(title.length, ...cells.map((row) => row[c].length)));
  const line = (row: readonly string[]) =>
    row.map((cell, c) => c < 2 ? cell.padEnd(widths[c]) : cell.padStart(widths[c])).join("  ").trimEnd();
  const rule = "=".repeat(widths.reduce((sum, w) => sum + w + 2, -2));
  const { parameters, trainable, multiplyAdds, inputBytes, passBytes, parameterBytes } = totals;
  return [
    rule,
    line(HEADER),
    rule,
    ...cells.map(line),
    rule,
    `Total parameters: ${number(parameters)}`,
    `Trainable parameters: ${number(trainable)}`,
    `Non-trainable parameters: ${number(parameters - trainable)}`,
    `Total mult-adds: ${number(multiplyAdds)}`,
    rule,
    `Input size: ${megabytes(inputBytes)}`,
    `Forward/backward pass size: ${megabytes(passBytes)}`,
    `Parameters size: ${megabytes(parameterBytes)}`,
    `Estimated total size: ${megabytes(inputBytes + passBytes + parameterBytes)}`,
    rule,
  ].join("\n");
}

function label({ path, type, depth, index }: SummaryRow): string {
  return depth === 0 ? type : `${type} (${path.split(".").at(-1)}): ${depth}-${index}`;
}

/** The lines of the tree before a row: a bar where a later row hangs on the same stem. */
function branch(rows: readonly SummaryRow[], k: number): string {
  const { depth } = rows[k];
  let text = "";
  for (let level = 1; level <= depth; level++) {
    const next = rows.slice(k + 1).find((row) => row.depth <= level);
    const goesOn = next?.depth === level;
    text += level === depth ? (goesOn ? "├─" : "└─") : (goesOn ? "│  " : "   ");
  }
  return text;
}

function count(n: number): string {
  return n === 0 ? "--" : number(n);
}

function number(n: number): string {
  return n.toLocaleString("en-US");
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}
