import { assertEquals } from "@std/assert";
import { FitLine } from "../../../nn/train/_fit_line.ts";

/** A display that keeps what is written, and the line that stands on it. */
function display(isTerminal: boolean) {
  const written: string[] = [];
  const shown = { isTerminal, columns: 70, write: (text: string) => void written.push(text) };
  return { written, shown };
}

const PROGRESS = {
  epoch: 2,
  step: 5,
  steps: 10,
  examples: 320,
  trainLoss: 0.51234567,
  trainAcc: 0.75,
  seconds: 2,
};
const EPOCH = { epoch: 2, trainLoss: 0.4, trainAcc: 0.8, testAcc: 0.79, examplesPerSec: 160.4, seconds: 4 };

Deno.test("on a terminal, fit's line says what keeps it busy, how far it is, and what an epoch came to", () => {
  const { written, shown } = display(true), line = new FitLine(3, undefined, shown);
  line.compiling(1);
  line.progress(PROGRESS);
  line.epoch(EPOCH, false);
  line.epoch(EPOCH, true);
  assertEquals(written.map((text) => text.replace("\r\x1b[K", "")), [
    "epoch 1/3 compiling kernels…",
    "epoch 2/3 [#####......] 5/10  loss 0.5123  train 0.750  160 examples/s",
    "epoch 2/3  loss 0.4  train 0.800  test 0.790  160 examples/s\n",
    "",
  ]);
});

Deno.test("fit's line is silent where nobody looks or nobody wants it, and speaks where it is wanted", () => {
  for (
    const [isTerminal, isWanted, count] of [[false, undefined, 0], [true, false, 0], [
      false,
      true,
      2,
    ]] as const
  ) {
    const { written, shown } = display(isTerminal), line = new FitLine(3, isWanted, shown);
    line.compiling(1);
    line.clear();
    assertEquals(written.length, count);
  }
});
