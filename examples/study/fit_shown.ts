/**
 * Training by `fit` as the scripts show it: progress and curves while it goes on, a line and the files after each epoch.
 *
 * @module
 */
import { type DataLoader, type Device, fit, type FitOptions, nn } from "../../mod.ts";
import { type Metrics, RunFiles } from "../runs/run_files.ts";
import { Progress } from "../terminal/progress.ts";
import { Animator, checkEpochs, describe, screen, type TrainOptions } from "../d2l.ts";

/** How a network is trained. */
export interface FitShownOptions
  extends TrainOptions, Pick<FitOptions, "optimizer" | "stepScheduler" | "epochs"> {
  /** What it is trained on. */
  device: Device;
}

/**
 * Trains a classifier with cross-entropy, and returns each epoch's metrics. Rejects with a `RangeError` if `epochs` is no
 * whole number from 1 up.
 */
export async function fitShown(
  net: nn.Module,
  trainIter: DataLoader,
  testIter: DataLoader,
  { optimizer, stepScheduler, epochs, device, out, title = "network", onEpoch }: FitShownOptions,
): Promise<Metrics[]> {
  checkEpochs("epochs", epochs);
  const files = out === undefined ? null : await RunFiles.open(out, title), history: Metrics[] = [];
  const total = trainIter.dataset.length;
  const bar = (epoch: number) => new Progress(screen, { label: `epoch ${epoch}/${epochs}`, total });
  const legend = ["train loss", "train acc", "test acc"];
  const animator = new Animator({ xlabel: "epoch", ylabel: "loss, accuracy", xlim: [0, epochs], legend });
  let progress = bar(1);
  const { onCompile } = device;
  device.onCompile = (_kernel, seconds) => seconds > 0.5 && progress.message("compiling kernels…");
  const training = fit(net, trainIter, {
    optimizer,
    stepScheduler,
    loss: new nn.CrossEntropyLoss(),
    epochs,
    test: testIter,
    onProgress: async ({ epoch, step, steps, examples, trainLoss, trainAcc = NaN }) => {
      if (step === steps || step % Math.ceil(steps / 20) === 0) {
        await animator.add(epoch - 1 + step / steps, [trainLoss, trainAcc, null]);
      }
      progress.update(examples);
    },
    onEpoch: async ({ trainAcc = NaN, testAcc = NaN, ...rest }) => {
      const metrics = { ...rest, trainAcc, testAcc }, { epoch, seconds } = metrics;
      history.push(metrics);
      progress.clear();
      progress = bar(epoch + 1);
      await animator.add(epoch, [null, null, testAcc]);
      await files?.addEpoch(metrics);
      await onEpoch?.(metrics);
      screen.print(`epoch ${epoch}/${epochs}: ${describe(metrics)}, ${seconds.toFixed(1)} s`);
    },
  });
  await training.finally(() => device.onCompile = onCompile);
  screen.end();
  return history;
}
