import { assert, assertEquals } from "@std/assert";
import { xAxis, yAxis } from "../../../examples/pictures/axis.ts";
import type { Chart } from "../../../examples/pictures/chart.ts";

function chartOf(points: (readonly [number, number])[], more: Partial<Chart> = {}): Chart {
  return { title: "", xLabel: "epoch", yLabel: "", series: [{ name: "a", points }], ...more };
}

function epochs(n: number): [number, number][] {
  return Array.from({ length: n }, (_, i) => [i + 1, 0.5]);
}

Deno.test("xAxis() has ticks at whole epochs, at the first and at the last", () => {
  assertEquals(xAxis(chartOf(epochs(1))), { low: 0.5, high: 1.5, ticks: [1] });
  assertEquals(xAxis(chartOf(epochs(2))).ticks, [1, 2]);
  assertEquals(xAxis(chartOf(epochs(3))).ticks, [1, 2, 3]);
  assertEquals(xAxis(chartOf(epochs(10))).ticks, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  assertEquals(xAxis(chartOf(epochs(20))).ticks, [1, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20]);
  assertEquals(xAxis(chartOf(epochs(91))).ticks, [1, 10, 20, 30, 40, 50, 60, 70, 80, 91]);
  assertEquals(xAxis(chartOf([[0.2, 1]], { xLim: [0, 1] })).ticks, [0, 1]);
  assertEquals(xAxis(chartOf([[0.2, 1], [1.4, 2]], { xLim: [0, 3] })).ticks, [0, 1, 2, 3]);
  for (let n = 1; n < 300; n++) {
    const { ticks } = xAxis(chartOf(epochs(n)));
    assert(ticks.every(Number.isInteger) && ticks.length <= 12, `${n}: ${ticks}`);
    assertEquals([ticks[0], ticks.at(-1)], [1, n]);
  }
});

Deno.test("yAxis() of shares never passes 1, and makes no noise look like learning", () => {
  const share = (...ys: number[]) => yAxis(chartOf(ys.map((y, i) => [i + 1, y]), { share: true }));
  assertEquals(share(0.911, 0.919), { low: 0.8, high: 1, ticks: [0.8, 0.85, 0.9, 0.95, 1] });
  assertEquals(share(1, 1, 1).high, 1);
  assertEquals(share(0, 0).low, 0);
  assertEquals(share(0.1, 0.85), { low: 0, high: 1, ticks: [0, 0.2, 0.4, 0.6, 0.8, 1] });
  for (let a = 0; a <= 100; a++) {
    for (let b = a; b <= 100; b++) {
      const { low, high, ticks } = share(a / 100, b / 100);
      assert(low >= 0 && high <= 1 && low <= a / 100 && high >= b / 100, `${a}, ${b}: ${low} to ${high}`);
      assert(high - low > 0.19 && ticks.length >= 3 && ticks.length <= 8, `${a}, ${b}: ${ticks}`);
    }
  }
});

Deno.test("yAxis() spans a tenth of its values, in round numbers", () => {
  const of = (...ys: number[]) => yAxis(chartOf(ys.map((y, i) => [i + 1, y])));
  const { low, high } = of(2.3026, 2.3021);
  assert(high - low >= 0.23, `${low} to ${high}`);
  assertEquals(of(0.46, 2.31), { low: 0, high: 2.5, ticks: [0, 0.5, 1, 1.5, 2, 2.5] });
  assertEquals(of(1.1e22, 3.3e22).ticks, [1e22, 1.5e22, 2e22, 2.5e22, 3e22, 3.5e22]);
  assertEquals(of(), { low: 0, high: 1, ticks: [0, 0.2, 0.4, 0.6, 0.8, 1] });
  assertEquals(of(NaN, -3, Infinity).ticks.includes(-3), true);
  assertEquals(yAxis(chartOf([[1, 7]], { yLim: [0, 5] })), { low: 0, high: 5, ticks: [0, 1, 2, 3, 4, 5] });
});

Deno.test("xAxis() and yAxis() have ticks for any numbers", () => {
  for (const ys of [[1e308, -1e308], [5e-324, 0], [1e-20], [1e300, 1e-300], [-5, -5], [1, 1 + 1e-15], [0]]) {
    const { low, high, ticks } = yAxis(chartOf(ys.map((y, i) => [i + 1, y])));
    assert(low < high && ticks.length >= 2 && ticks.length <= 12, `${ys}: ${low} to ${high}, ${ticks}`);
  }
  assertEquals(xAxis(chartOf([], { xLim: [0, 0] })).ticks, [0]);
});
