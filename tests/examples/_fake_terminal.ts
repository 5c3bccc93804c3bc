// deno-lint-ignore-file no-control-regex
/**
 * A terminal in memory, and a chart to draw on it.
 *
 * @module
 */
import type { Chart } from "../../examples/pictures/chart.ts";
import { displayWidth } from "../../examples/terminal/text_width.ts";
import type { Terminal } from "../../examples/terminal/terminal.ts";

const ESC = "\x1b";

/** A chart of a run of so many epochs. */
export function chartOf(epochs: number): Chart {
  const epoch = Array.from({ length: epochs }, (_, i) => i + 1);
  return {
    title: "LeNet on Fashion-MNIST",
    xLabel: "epoch",
    yLabel: "loss, accuracy",
    series: [
      { name: "train loss", points: epoch.map((e) => [e, 2.3 / e] as const) },
      { name: "train acc", points: epoch.map((e) => [e, 1 - 0.9 / e] as const), dashed: true },
      { name: "test acc", points: epoch.map((e) => [e, 0.9 - 0.8 / e] as const), dashed: true },
    ],
  };
}

/** The lines as a terminal shows them, without the colour codes. */
export function bare(lines: string[]): string[] {
  return lines.map((line) => line.replaceAll(/\x1b\[[0-9;]*m/g, "").trimEnd());
}

/** A terminal in memory that obeys the few codes we write and throws at any other; it wraps, scrolls and reflows. */
export class FakeTerminal implements Terminal {
  written = "";
  lines: string[][] = [[]]; // logical lines, reflowed to the width when it changes
  row = 0;
  column = 0;
  writes = 0;
  wraps = false; // a line that is too long, which is an error unless that is wanted
  constructor(
    public columns = 80,
    public rows = 24,
    readonly isTerminal = true,
    readonly colors = true,
    readonly unicode = true,
  ) {}

  size() {
    return { columns: this.columns, rows: this.rows };
  }

  resize(columns: number, rows: number): void {
    const before = this.lines.slice(0, this.row);
    const wrap = (line: string[]) =>
      Array.from(
        { length: Math.max(1, Math.ceil(line.length / columns)) },
        (_, i) => line.slice(i * columns, (i + 1) * columns),
      );
    const cursorLine = wrap(this.lines[this.row]);
    this.row = before.flatMap(wrap).length + cursorLine.length - 1;
    this.column = cursorLine.at(-1)!.length;
    this.lines = this.lines.flatMap(wrap);
    [this.columns, this.rows] = [columns, rows];
  }

  write(text: string): void {
    this.written += text;
    this.writes++;
    for (const [piece] of text.matchAll(/\x1b\[[0-9;]*[A-Za-z]|[^]/gu)) this.#obey(piece);
  }

  text(): string[] {
    return this.lines.map((line) => Array.from(line, (c) => c ?? " ").join("").trimEnd());
  }

  #obey(piece: string): void {
    const line = this.lines[this.row];
    if (piece === "\r") this.column = 0;
    else if (piece === "\n") {
      this.column = 0;
      this.lines[++this.row] ??= [];
    } else if (piece === `${ESC}[K`) line.length = Math.min(line.length, this.column);
    else if (piece === `${ESC}[J`) {
      line.length = Math.min(line.length, this.column);
      this.lines.length = this.row + 1;
    } else if (/^\x1b\[\d+A$/.test(piece)) {
      const top = Math.max(0, this.lines.length - this.rows);
      this.row = Math.max(top, this.row - parseInt(piece.slice(2)));
    } else if (!/^\x1b\[(38;5;\d+|39)m$/.test(piece)) {
      if (piece.startsWith(ESC)) throw new Error(`Unexpected code ${JSON.stringify(piece)}`);
      const width = displayWidth(piece);
      if (this.column + width > this.columns) {
        if (!this.wraps) throw new Error("A line went beyond the last column");
        this.#obey("\n");
      }
      this.lines[this.row][this.column] = piece;
      if (width === 2) this.lines[this.row][this.column + 1] = "";
      this.column += width;
    }
  }
}
