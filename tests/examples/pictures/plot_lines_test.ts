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

Deno.test("plotLines() shows title, axis titles, round ticks and a legend", () => {
  const text = plotLines(chartOf(10), { columns: 60, rows: 24 }, { colors: false, unicode: true }).join("\n");
  for (const part of ["LeNet on Fashion-MNIST", "loss, accuracy", "epoch", "2.5 ┤", "  0 ┤", " 10"]) {
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
  const body = lines.slice(2, -3).map((line) => line.slice(3)); // the labels are "8" and "0"
  assertEquals(body.length, 6);
  assertEquals(body[0], " ".repeat(35) + "*");
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

Deno.test("plotLines() sets round ticks, and each label beneath its tick", () => {
  const points = [[1, 2.3], [10, 0.5]] as const, chart = { ...chartOf(0), series: [{ name: "a", points }] };
  const lines = plotLines(chart, { columns: 60, rows: 24 }, { colors: false, unicode: true });
  const labels = lines.flatMap((line) => line.match(/^ *(\S+) ┤/)?.[1] ?? []);
  assertEquals(labels, ["2.5", "2", "1.5", "1", "0.5"]);
  const [axis, numbers] = lines.slice(-3), places = [...axis].flatMap((c, i) => c === "┬" ? i : []);
  const ends = [...numbers.matchAll(/\d+/g)].map(({ 0: text, index }) => [text, index, index + text.length]);
  assertEquals(ends.map(([text]) => text), ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]);
  ends.forEach(([, start, end], i) => assert(places[i] >= Number(start) && places[i] < Number(end), numbers));
});

Deno.test("plotLines() shows all curves that lie on each other, also more than seven", () => {
  const names = Array.from({ length: 9 }, (_, i) => `network ${i}`);
  const series = names.map((name) => ({ name, points: [[1, 0.5], [9, 0.5]] as const }));
  const size = { columns: 120, rows: 30 }, chart = { ...chartOf(0), series };
  const plain = plotLines(chart, size, { colors: false, unicode: false });
  const curve = plain.find((line) => line.includes("***"))!;
  assertEquals(new Set(curve.slice(8).trim()).size, 9, curve);
  const legend = plotLines(chart, size, { colors: true, unicode: true }).slice(-2).join("   ");
  const keys = legend.split(/ network \d/).map((key) => key.trim()).filter((key) => key !== "");
  assertEquals(new Set(keys).size, 9, "each has a colour and dashes of its own");
});
