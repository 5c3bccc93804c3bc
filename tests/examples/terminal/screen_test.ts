// deno-lint-ignore-file no-control-regex
import {
  assert,
  assertEquals,
  assertFalse,
  assertLess,
  assertLessOrEqual,
  assertStringIncludes,
} from "@std/assert";
import type { Chart } from "../../../examples/pictures/chart.ts";
import { plotLines } from "../../../examples/pictures/plot_lines.ts";
import { clip, displayWidth, Screen, type Terminal } from "../../../examples/terminal/screen.ts";
import { Progress, progressLine, TerminalPlot } from "../../../examples/terminal/progress.ts";

const ESC = "\x1b";

function chartOf(epochs: number): Chart {
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
function bare(lines: string[]): string[] {
  return lines.map((line) => line.replaceAll(/\x1b\[[0-9;]*m/g, "").trimEnd());
}

/** A terminal in memory that obeys the few codes we write and throws at any other; it wraps, scrolls and reflows. */
class FakeTerminal implements Terminal {
  written = "";
  lines: string[][] = [[]]; // logical lines, reflowed to the width when it changes
  row = 0;
  column = 0;
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
      if (this.column >= this.columns) throw new Error("A line went beyond the last column");
      line[this.column++] = piece;
    }
  }
}

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

Deno.test("plotLines() fits every window", () => {
  for (const colors of [true, false]) {
    for (const unicode of [true, false]) {
      for (let columns = 20; columns <= 200; columns++) {
        for (const rows of [5, 9, 12, 24, 60]) {
          const lines = plotLines(chartOf(10), { columns, rows }, { colors, unicode });
          assertLess(lines.length, rows);
          for (const line of lines) assertLess(displayWidth(line), columns);
        }
      }
    }
  }
});

Deno.test("plotLines() shows title, axis titles, limits and a legend", () => {
  const text = plotLines(chartOf(10), { columns: 60, rows: 24 }, { colors: false, unicode: true }).join("\n");
  for (const part of ["LeNet on Fashion-MNIST", "loss, accuracy", "epoch", " 2.3 ┤", "0.1 ┤", " 10"]) {
    assertStringIncludes(text, part);
  }
  assertStringIncludes(text, "* train loss   o train acc   + test acc");
});

Deno.test("plotLines() tells the series apart without colours", () => {
  const lines = plotLines(chartOf(10), { columns: 60, rows: 24 }, { colors: false, unicode: true });
  const curves = lines.filter((line) => /[┤│]/.test(line)).join("");
  for (const marker of "*o+") assertStringIncludes(curves, marker);
  assertFalse(lines.join("").includes(ESC));
});

Deno.test("plotLines() draws each value where it belongs", () => {
  const points = [[0, 0], [1, NaN], [2, 8]] as const;
  const chart = { ...chartOf(0), series: [{ name: "a", points }] };
  const lines = plotLines(chart, { columns: 40, rows: 12 }, { colors: false, unicode: false });
  const body = lines.slice(2, -3).map((line) => line.slice(6)); // the labels are up to "4.67"
  assertEquals(body.length, 6);
  assertEquals(body[0], " ".repeat(32) + "*");
  assertEquals(body.slice(1, -1), ["", "", "", ""]);
  assertEquals(body[5], "*");
});

Deno.test("plotLines() leaves out what lies beyond the limits", () => {
  const series = [{ name: "wild", points: [[0, 0.5], [1, 1e30], [2, 0.5]] as const }];
  const chart = { ...chartOf(0), series, yLim: [0, 1] as const };
  const lines = plotLines(chart, { columns: 40, rows: 12 }, { colors: false, unicode: false });
  assert(lines.slice(2, -3).join("").includes("*"));
});

Deno.test("plotLines() gives up in a window that is too small", () => {
  assertEquals(plotLines(chartOf(3), { columns: 12, rows: 24 }, { colors: true, unicode: true }), []);
  assertEquals(plotLines(chartOf(3), { columns: 80, rows: 6 }, { colors: true, unicode: true }), []);
});

Deno.test("progressLine() fits the width", () => {
  const state = { label: "epoch 3/10", done: 12_800, total: 60_000, rate: 4321.4 };
  assertEquals(
    progressLine(state, 80),
    "epoch 3/10 [#####......................] 12800/60000  4321 examples/s  0:11 left",
  );
  assertEquals(progressLine(state, 30), "epoch 3/10 [#......] 0:11 left");
  assertEquals(progressLine({ ...state, rate: 1 }, 70).slice(-12), "13:06:40 left".slice(1));
  for (let columns = 20; columns <= 200; columns++) {
    assertLessOrEqual(displayWidth(progressLine(state, columns)), columns);
  }
});

Deno.test("Progress redraws one line with speed and time left, at most ten times a second", () => {
  const terminal = new FakeTerminal(80);
  let time = 0;
  const progress = new Progress(new Screen(terminal), { label: "epoch 1/2", total: 1000, now: () => time });
  progress.message("compiling kernels…");
  assertEquals(terminal.text(), ["epoch 1/2 compiling kernels…"]);
  progress.update(0);
  time = 50;
  const before = terminal.written;
  progress.update(100);
  assertEquals(terminal.written, before);
  time = 1000;
  progress.update(250);
  assertEquals(terminal.text(), [
    "epoch 1/2 [#######.......................] 250/1000  250 examples/s  0:03 left",
  ]);
  progress.clear();
  assertEquals(terminal.text(), [""]);
});

Deno.test("Progress is due about once a second, by the speed at the last update", () => {
  let time = 0;
  const now = () => time,
    progress = new Progress(new Screen(new FakeTerminal()), { label: "", total: 1000, now });
  assert(progress.isDue(10));
  progress.update(10);
  time = 500;
  progress.update(60); // 100 in a second
  assertFalse(progress.isDue(159));
  assert(progress.isDue(160));
  const log = new Screen(new FakeTerminal(80, 24, false));
  assertFalse(new Progress(log, { label: "", total: 1000 }).isDue(1000));
});

Deno.test("TerminalPlot leaves no colour on and the cursor visible after any write", () => {
  const terminal = new FakeTerminal(80), screen = new Screen(terminal), plot = new TerminalPlot(screen);
  for (const epochs of [1, 5, 10]) {
    const before = terminal.written.length;
    plot.draw(chartOf(epochs));
    screen.showStatus(`epoch ${epochs}`);
    const written = terminal.written.slice(before);
    assert(written.lastIndexOf("\x1b[39m") > written.lastIndexOf("\x1b[38;"));
    assertFalse(written.includes("?25"), "the cursor was hidden");
  }
});

Deno.test("TerminalPlot is redrawn in place above the progress line", () => {
  const terminal = new FakeTerminal(60, 24);
  terminal.write("before\n");
  const screen = new Screen(terminal);
  const plot = new TerminalPlot(screen);
  for (const epochs of [1, 2, 5, 10]) {
    plot.draw(chartOf(epochs));
    screen.showStatus(`epoch ${epochs}`);
  }
  const expected = bare(plotLines(chartOf(10), { columns: 60, rows: 24 }, terminal));
  assertEquals(terminal.text(), ["before", ...expected, "epoch 10"]);
  screen.print("a line for good");
  assertEquals(terminal.text(), ["before", "a line for good", ...expected, "epoch 10"]);
  screen.end();
  assertEquals(terminal.text(), ["before", "a line for good", ...expected, ""]);
  assertEquals(terminal.column, 0);
  assertFalse(terminal.written.includes("?25"), "the cursor was hidden");
});

Deno.test("Screen survives resizing", () => {
  const terminal = new FakeTerminal(100, 30);
  terminal.write("before\n");
  const screen = new Screen(terminal);
  const plot = new TerminalPlot(screen);
  plot.draw(chartOf(5));
  screen.showStatus("x".repeat(90));
  for (const [columns, rows] of [[50, 99], [31, 99], [120, 99], [20, 99], [80, 99]]) {
    terminal.resize(columns, rows);
    screen.showStatus("running");
    const drawn = terminal.text();
    assertEquals(drawn, ["before", ...bare(plotLines(chartOf(5), { columns, rows }, terminal)), "running"]);
  }
  terminal.resize(40, 15); // lower than what stands there: the rest has scrolled away
  screen.showStatus("running");
  const expected = bare(plotLines(chartOf(5), { columns: 40, rows: 15 }, terminal));
  assertEquals(terminal.text().slice(-expected.length - 1), [...expected, "running"]);
});

Deno.test("Screen writes only plain lines where there is no terminal", () => {
  const terminal = new FakeTerminal(80, 24, false);
  {
    using screen = new Screen(terminal);
    const progress = new Progress(screen, { label: "epoch 1/2", total: 1000 });
    progress.message("compiling kernels…");
    progress.update(500);
    new TerminalPlot(screen).draw(chartOf(3));
    screen.print("epoch 1: loss 0.5");
    progress.clear();
  }
  assertEquals(terminal.written, "epoch 1: loss 0.5\n");
});
