import { assert, assertEquals, assertFalse } from "@std/assert";
import { plotLines } from "../../../examples/pictures/plot_lines.ts";
import { TerminalPlot } from "../../../examples/pictures/terminal_plot.ts";
import { Screen } from "../../../examples/terminal/screen.ts";
import { bare, chartOf, FakeTerminal } from "../_fake_terminal.ts";

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
