import { assertEquals } from "@std/assert";
import { plotLines } from "../../../examples/pictures/plot_lines.ts";
import { TerminalPlot } from "../../../examples/pictures/terminal_plot.ts";
import { Progress } from "../../../examples/terminal/progress.ts";
import { Screen } from "../../../examples/terminal/screen.ts";
import { bare, chartOf, FakeTerminal } from "../_fake_terminal.ts";

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

Deno.test("Screen leaves the shell a line of its own after Ctrl-C, and is busy above an empty line", () => {
  let end: (() => void) | null = null;
  class Interrupted extends FakeTerminal {
    onInterrupt(given: (() => void) | null): void {
      end = given;
    }
  }
  const terminal = new Interrupted(40), screen = new Screen(terminal);
  screen.showStatus("compiling…", { isBusy: true });
  assertEquals([terminal.text(), terminal.column, end], [["compiling…", ""], 0, null], "the system ends it");
  screen.showStatus("epoch 1");
  assertEquals([terminal.text(), terminal.column], [["epoch 1"], 7]);
  end!();
  assertEquals([terminal.text(), terminal.column], [["epoch 1", ""], 0]);
  screen.end();
  assertEquals(end, null);
});

Deno.test("Screen writes ASCII and breaks lines between words where the terminal is so", () => {
  const terminal = new FakeTerminal(20, 24, true, true, false), screen = new Screen(terminal);
  screen.print("a mean − a mean, as long as it may be");
  screen.showStatus("compiling kernels…");
  assertEquals(terminal.text(), ["a mean - a mean, as", "  long as it may be", "compiling kernels.."]);
});

/** A screen with a frame, whose clock stands still unless it is moved on. */
function framed(columns = 40, rows = 10) {
  const terminal = new FakeTerminal(columns, rows), clock = { time: 0 };
  const screen = new Screen(terminal, () => clock.time);
  screen.setFrame((block, size, isLast) => [
    `${size.columns}x${size.rows}`,
    ...block({ ...size, rows: size.rows - 2 }),
    isLast ? "the end" : "keys",
  ]);
  return { terminal, clock, screen };
}

Deno.test("Screen draws a frame around the block, in one write each, at most ten times a second", () => {
  const { terminal, clock, screen } = framed();
  screen.showBlock(({ rows }) => [`block of ${rows}`]);
  assertEquals([terminal.text(), terminal.writes], [["40x10", "block of 8", "keys", ""], 1]);
  clock.time = 50;
  screen.showBlock(() => ["two", "lines"]);
  assertEquals(terminal.writes, 1);
  clock.time = 100;
  screen.showStatus("half way");
  assertEquals([terminal.text(), terminal.writes], [["40x10", "two", "lines", "keys", "half way"], 2]);
  screen.showStatus("further");
  assertEquals(
    [terminal.written.split("two").length, terminal.writes],
    [2, 3],
    "a line alone is drawn alone",
  );
  screen.print("for good");
  assertEquals(terminal.text(), ["for good", "40x10", "two", "lines", "keys", "further"]);
  assertEquals(terminal.writes, 4);
});

Deno.test("Screen lays a frame out anew when only the rows change", () => {
  const { terminal, screen } = framed();
  screen.showBlock(({ rows }) => [`block of ${rows}`]);
  terminal.resize(40, 20);
  screen.showStatus("on");
  assertEquals(terminal.text(), ["40x20", "block of 18", "keys", "on"]);
});

Deno.test("Screen leaves the last picture of a frame, also one that it had not drawn yet", () => {
  const { terminal, screen } = framed();
  screen.showBlock(() => ["first"]);
  screen.showBlock(() => ["last"]);
  screen.showStatus("running");
  screen.end();
  assertEquals([terminal.text(), terminal.column], [["40x10", "last", "the end", ""], 0]);
  screen.print("result");
  assertEquals(terminal.text(), ["40x10", "last", "the end", "result", ""]);
});

Deno.test("Screen writes plain lines to a terminal too, no wider than that", () => {
  const terminal = new FakeTerminal(20), screen = new Screen(terminal);
  screen.usePlainLines();
  screen.showBlock(() => ["block"]);
  screen.showStatus("status");
  screen.print("as wide as the terminal is");
  assertEquals([terminal.text(), screen.columns], [["as wide as the", "  terminal is", ""], 19]);
});
