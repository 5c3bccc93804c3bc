/** Events of a small run, for tests of what shows them. */
import type { LiveEvent } from "../../../examples/live/run_view.ts";
import type { BeginEvent } from "../../../examples/runs/run_feed.ts";

/** The beginning of a run. */
export const BEGIN: BeginEvent = {
  kind: "begin",
  title: "LeNet",
  epochs: 2,
  images: 100,
  device: "a GPU",
  lr: 0.9,
  classes: ["boot", "bag"],
  layers: [
    { path: "", type: "Sequential", depth: 0, shape: [1, 10], parameters: 0 },
    { path: "0", type: "Conv2d", depth: 1, shape: [1, 6, 28, 28], parameters: 156 },
  ],
  folder: null,
};

/** How far an epoch is. */
export function progress(epoch: number, step: number, trainLoss = 1): LiveEvent {
  const rest = { steps: 10, total: 100, examplesPerSec: 50, secondsLeft: 3, trainAcc: 0.5, lr: 0.9 };
  return { kind: "progress", epoch, step, done: 10 * step, trainLoss, ...rest };
}

/** What an epoch came to. */
export function epoch(epoch: number, trainLoss = 0.5): LiveEvent {
  const metrics = { epoch, trainLoss, trainAcc: 0.8, testAcc: 0.75, examplesPerSec: 1000, seconds: 60 };
  return { kind: "epoch", metrics };
}
