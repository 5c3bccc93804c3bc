import { assert, assertEquals, assertFalse, assertLess, assertStringIncludes } from "@std/assert";
import { plotLines } from "../../../examples/pictures/plot_lines.ts";
import { displayWidth } from "../../../examples/terminal/text_width.ts";
import { chartOf } from "../_fake_terminal.ts";

const ESC = "\x1b";

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
