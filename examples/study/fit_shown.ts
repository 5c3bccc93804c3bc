/**
 * Training by `fit` as the scripts show it: progress and curves while it goes on, a line and the files after each epoch.
 *
 * @module
 */
import { type DataLoader, type Device, type FitEpoch, type FitOptions, nn } from "../../mod.ts";
import { checkEpochs, checkImages, lossAnimator } from "../d2l.ts";
import { fitKept } from "../runs/fit_kept.ts";
import { describe, type Metrics } from "../runs/metrics.ts";
import { type ReportedRun, TrainingReport, type TrainOptions } from "../runs/training_report.ts";
import { screen } from "../terminal/screen.ts";
import { say } from "../words/words.ts";

/** How a network is trained. */
export interface FitShownOptions
  extends
    TrainOptions,
    Pick<ReportedRun, "hasFiles">,
    Pick<FitOptions, "optimizer" | "stepScheduler" | "epochs"> {
  /** The device the network is trained on. */
  device: Device;
  /** The loss, cross-entropy unless given. */
  loss?: nn.Module;
}

/**
 * Trains a classifier, and returns each epoch's metrics. Rejects with a `RangeError` if `epochs` is no
 * whole number from 1 up, or there are no images.
 */
export async function fitShown(
  net: nn.Module,
  trainIter: DataLoader,
  testIter: DataLoader,
  {
    loss = new nn.CrossEntropyLoss(),
    optimizer,
    stepScheduler,
    epochs,
    device,
    keepGoing = false,
    ...options
  }: FitShownOptions,
): Promise<Metrics[]> {
  checkEpochs("epochs", epochs);
  checkImages(trainIter, testIter);
  const images = trainIter.dataset.length, animator = lossAnimator(epochs);
  using report = await TrainingReport.open({ epochLine: lineOf(epochs), ...options, epochs, images, device });
  const metricsOf = ({ trainAcc = NaN, testAcc = NaN, ...rest }: FitEpoch) => ({
    ...rest,
    trainAcc,
    testAcc,
  });
  report.begin({ net, test: testIter, optimizer });
  await fitKept(net, trainIter, {
    keep: options,
    onResume: async (history) => {
      await report.restore(history.map(metricsOf));
      for (const m of report.history) await animator.add(m.epoch, [m.trainLoss, m.trainAcc, m.testAcc]);
    },
    optimizer,
    stepScheduler,
    loss,
    epochs,
    test: testIter,
    onNaN: keepGoing ? "continue" : "stop",
    onProgress: async ({ epoch, step, steps, examples: done, trainLoss, trainAcc = NaN }) => {
      if (step === steps || step % Math.ceil(steps / 20) === 0) {
        await animator.add(epoch - 1 + step / steps, [trainLoss, trainAcc, null]);
      }
      await report.update({ step, steps, done, trainLoss, trainAcc });
    },
    onEpoch: async (epoch) => {
      const metrics = metricsOf(epoch);
      await animator.add(metrics.epoch, [null, null, metrics.testAcc]);
      await report.endEpoch(metrics);
    },
  }).catch(async (error) => {
    throw await report.stopped(error);
  });
  screen.end();
  return report.history;
}

/** Says what an epoch of so many came to, and how long it took. */
function lineOf(epochs: number): (metrics: Metrics) => string {
  return (metrics) => {
    const facts = { metrics: describe(metrics), seconds: metrics.seconds.toFixed(1) };
    return say("epoch {n}/{epochs}: {what}", {
      n: metrics.epoch,
      epochs,
      what: say("{metrics}, {seconds} s", facts),
    });
  };
}
