import { assert, assertEquals, assertFalse, assertLessOrEqual } from "@std/assert";
import { Progress, progressLine } from "../../../examples/terminal/progress.ts";
import { Screen } from "../../../examples/terminal/screen.ts";
import { displayWidth } from "../../../examples/terminal/text_width.ts";
import { speaking } from "../../../examples/words/words.ts";
import { FakeTerminal } from "../_fake_terminal.ts";

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
  assertEquals(terminal.text(), ["epoch 1/2 compiling kernels…", ""]);
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

Deno.test("progressLine() speaks Chinese, and fits the width by columns", () => {
  const state = { label: "第 3/10 轮", done: 12_800, total: 60_000, rate: 4321.4 };
  assertEquals(
    speaking("zh", () => progressLine(state, 70)),
    "第 3/10 轮 [####................] 12800/60000  4321 样本/秒  剩余 0:11",
  );
  for (let columns = 20; columns <= 200; columns++) {
    assertLessOrEqual(displayWidth(speaking("zh", () => progressLine(state, columns))), columns);
  }
});
