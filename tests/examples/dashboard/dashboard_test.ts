import { assert, assertEquals, assertLessOrEqual, assertStringIncludes } from "@std/assert";
import { Dashboard } from "../../../examples/dashboard/dashboard.ts";
import { plotLines } from "../../../examples/pictures/plot_lines.ts";
import { TerminalPlot } from "../../../examples/pictures/terminal_plot.ts";
import type { Metrics } from "../../../examples/runs/metrics.ts";
import { RunControl } from "../../../examples/runs/run_control.ts";
import type { RunEvent } from "../../../examples/runs/run_feed.ts";
import { Screen } from "../../../examples/terminal/screen.ts";
import { StopRequest } from "../../../examples/terminal/stop_request.ts";
import { displayWidth } from "../../../examples/terminal/text_width.ts";
import { setLanguage } from "../../../examples/words/words.ts";
import { bare, chartOf, FakeTerminal } from "../_fake_terminal.ts";

/** A terminal whose keys are pressed by the test. */
class KeyedTerminal extends FakeTerminal {
  press: ((key: string) => void) | null = null;

  onKeys(take: ((key: string) => void) | null): void {
    this.press = take;
  }
}

const BEGIN: RunEvent = {
  kind: "begin",
  title: "LeNet",
  epochs: 10,
  images: 60000,
  device: "a device",
  lr: 0.9,
  classes: [],
  layers: [{ path: "", type: "LeNet", depth: 0, shape: [1, 10], parameters: 61706 }],
  folder: null,
};

const epoch = (n: number): Metrics => ({
  epoch: n,
  trainLoss: 1 / n,
  trainAcc: 0.5,
  testAcc: 0.625,
  examplesPerSec: 13000,
  seconds: 4.6,
});

const PROGRESS: RunEvent = {
  kind: "progress",
  epoch: 3,
  step: 5,
  steps: 10,
  done: 30000,
  total: 60000,
  examplesPerSec: 13000,
  secondsLeft: 34.6,
  trainLoss: 0.4,
  trainAcc: 0.5,
  lr: 0.9,
};

/** A dashboard of a run of two epochs, on a terminal of some size. */
function shown(columns = 80, rows = 24, { unicode = true, canSave = true } = {}) {
  const terminal = new KeyedTerminal(columns, rows, true, unicode, unicode);
  let time = 0;
  const screen = new Screen(terminal, () => time += 1000), control = new RunControl();
  const dashboard = new Dashboard(screen, control), stop = new StopRequest();
  control.attach({ stop, canSave });
  dashboard.event(BEGIN);
  new TerminalPlot(screen).draw({ ...chartOf(2), title: "", xLim: [0, 10] });
  for (const n of [1, 2]) dashboard.event({ kind: "epoch", metrics: epoch(n) });
  dashboard.event(PROGRESS);
  screen.showStatus("epoch 3/10 [###...] 30000/60000");
  return { terminal, screen, control, dashboard, stop };
}

Deno.test("Dashboard fills 80 by 24: title, time left, curves, latest epochs, keys, bar", () => {
  const { terminal } = shown();
  const lines = bare(terminal.text());
  assertEquals(lines.length, 24);
  assertEquals(lines[0], "LeNet, 61,706 parameters, on a device                          0:35 left in all");
  assertEquals(lines[1], "loss, accuracy by epoch");
  assertEquals(lines.slice(-7), [
    "epoch  train loss  train acc  test acc  time  examples/s",
    "--------------------------------------------------------",
    "1           1.000      0.500     0.625  0:05       13000",
    "2           0.500      0.500     0.625  0:05       13000",
    "",
    "q stop   s save   + - learning rate 0.9",
    "epoch 3/10 [###...] 30000/60000",
  ]);
});

Deno.test("Dashboard leaves smaller windows what they had, also one that was made smaller", () => {
  for (const [columns, rows] of [[79, 23], [79, 24], [80, 23]]) {
    const { terminal } = shown(columns, rows);
    const curves = plotLines({ ...chartOf(2), title: "", xLim: [0, 10] }, { columns, rows }, terminal);
    assertEquals(terminal.text(), [...bare(curves), "epoch 3/10 [###...] 30000/60000"]);
    assertEquals(terminal.press, null);
  }
  const { terminal, screen } = shown(100, 30);
  terminal.resize(70, 20);
  screen.showStatus("on");
  assertStringIncludes(terminal.text().join("\n"), "loss, accuracy by epoch");
  assertEquals(terminal.text().slice(-20).some((line) => line.includes("q stop")), false);
});

Deno.test("Dashboard fits every window in both languages, and does not jump as epochs end", () => {
  for (const language of ["en", "zh"] as const) {
    setLanguage(language);
    try {
      for (
        const [columns, rows] of [[80, 24], [81, 33], [97, 25], [129, 60], [130, 24], [136, 27], [220, 50]]
      ) {
        const { terminal, dashboard } = shown(columns, rows), before = terminal.text().length;
        assertLessOrEqual(before, rows);
        for (let n = 3; n < 20; n++) dashboard.event({ kind: "epoch", metrics: epoch(n) });
        assertEquals(terminal.text().length, before, `${columns} by ${rows}`);
        for (const line of terminal.text()) assertLessOrEqual(displayWidth(line), columns - 1);
      }
    } finally {
      setLanguage("en");
    }
  }
});

Deno.test("Dashboard speaks Chinese", () => {
  setLanguage("zh");
  try {
    const lines = shown().terminal.text();
    assertEquals(displayWidth(lines[0]), 79);
    assertStringIncludes(lines[0], "总共剩余 0:35");
    assertEquals(lines.slice(-7, -1), [
      "轮次  训练损失  训练准确率  测试准确率  用时  样本/秒",
      "-----------------------------------------------------",
      "1        1.000       0.500       0.625  0:05    13000",
      "2        0.500       0.500       0.625  0:05    13000",
      "",
      "q 停止   s 保存   + - 学习率 0.9",
    ]);
  } finally {
    setLanguage("en");
  }
});

Deno.test("Dashboard writes ASCII alone where the terminal is so", () => {
  const { terminal } = shown(80, 24, { unicode: false });
  terminal.press!("+");
  const text = terminal.text().join("\n");
  assert(/^[\x20-\x7e\n]*$/.test(text), text);
  assertStringIncludes(text, "learning rate 0.9   x 1.25 from the next step on");
});

Deno.test("keys ask the run to stop, to save and for other learning rates, and say so", () => {
  const { terminal, control, stop, dashboard } = shown();
  const last = () => terminal.text().at(-2)!;
  terminal.press!("s");
  assertEquals([control.isAsked, control.takeSave(), control.isAsked], [true, true, false]);
  assertStringIncludes(last(), "saving…");
  dashboard.event({ kind: "saved", file: "/runs/a/epoch-2-step-5.safetensors" });
  assertStringIncludes(last(), "saved epoch-2-step-5.safetensors");
  const optimizer = { paramGroups: [{ lr: 1 }] }, place = { epoch: 3, step: 5 };
  const rate = () => control.takeRates({ optimizer }, place)?.lr;
  terminal.press!("+");
  assertEquals(rate(), 1.25);
  terminal.press!("=");
  terminal.press!("-");
  terminal.press!("-");
  assertEquals(rate(), 1.25 * 1.25 * 0.8 * 0.8);
  dashboard.event({ kind: "lr", from: 1, lr: 0.5, ...place });
  assertStringIncludes(last(), "learning rate 0.5");
  terminal.press!("x");
  assertEquals([control.isAsked, stop.signal.aborted], [false, false]);
  terminal.press!("q");
  assertEquals(stop.signal.aborted, true);
  assertStringIncludes(last(), "stopping…");
});

Deno.test("without a folder there is nothing to save, and it is said", () => {
  const { terminal, control } = shown(80, 24, { canSave: false });
  assertStringIncludes(terminal.text().at(-2)!, "q stop   + - learning rate 0.9");
  terminal.press!("s");
  assertStringIncludes(terminal.text().at(-2)!, "without --out nothing is saved");
  assertEquals(control.isAsked, false);
});

Deno.test("the last picture stands without keys, and they are left to the terminal", () => {
  const { terminal, screen, dashboard } = shown();
  screen.end();
  dashboard.event({ kind: "end", how: "finished", text: "" });
  assertEquals(terminal.press, null);
  screen.print("loss 0.500");
  const lines = terminal.text();
  assertEquals(lines.slice(-3), [
    "2           0.500      0.500     0.625  0:05       13000",
    "loss 0.500",
    "",
  ]);
  assertEquals(lines.some((line) => line.includes("q stop") || line.includes("left in all")), false);
});
