/**
 * Training as the book's sixth chapter has it, and the measures that it takes.
 *
 * @module
 */
import {
  Accumulator,
  compile,
  type Compiled,
  countCorrect,
  type DataLoader,
  type Device,
  evaluateAccuracy,
  nn,
  noGrad,
  optim,
  type Tensor,
} from "../../mod.ts";
import { AnomalyWatch } from "../../nn/train/anomaly_watch.ts";
import { describe, type Metrics } from "../runs/metrics.ts";
import { RunKeeper } from "../runs/run_keeper.ts";
import { TrainingReport, type TrainOptions } from "../runs/training_report.ts";
import { refusal } from "../terminal/refusal.ts";
import { screen } from "../terminal/screen.ts";
import { say } from "../words/words.ts";
import { lossAnimator } from "./animator.ts";
import { Timer } from "./timer.ts";

/** The number of right predictions, still on the GPU. */
export function accuracy(yHat: Tensor, y: Tensor): Tensor {
  return countCorrect(yHat, y);
}

/** The share of right predictions over a data set. */
export async function evaluateAccuracyGpu(net: nn.Module, dataIter: DataLoader): Promise<number> {
  return await evaluateAccuracy(net, dataIter, { compile: true });
}

/** Gives a layer Xavier weights, for `net.apply(initWeights)`. */
export function initWeights(module: nn.Module): void {
  if (module instanceof nn.Linear || module instanceof nn.Conv2d) nn.init.xavierUniform(module.weight);
}

/**
 * Trains a network with SGD and cross-entropy, shows how it goes, and returns each epoch's metrics. Rejects with a
 * `RangeError` if `numEpochs` is no whole number from 1 up, or there are no images.
 */
export async function trainCh6(
  net: nn.Module,
  trainIter: DataLoader,
  testIter: DataLoader,
  numEpochs: number,
  lr: number,
  device: Device,
  { title = "LeNet", keepGoing = false, ...options }: TrainOptions = {},
): Promise<Metrics[]> {
  checkEpochs("numEpochs", numEpochs);
  checkImages(trainIter, testIter);
  const images = trainIter.dataset.length, numBatches = trainIter.length;
  using report = await TrainingReport.open({ title, ...options, epochs: numEpochs, images, device });
  net.apply(initWeights);
  screen.print(say("training on {device}", { device: device.name }));
  const optimizer = new optim.SGD(net.parameters(), { lr });
  report.begin({ net, test: testIter, optimizer });
  const animator = lossAnimator(numEpochs), timer = new Timer(), metric = new Accumulator(3);
  const trainStep = compiledStep(net, optimizer, metric);
  const watch = new AnomalyWatch({ net, loader: trainIter, step: trainStep, metric }, !keepGoing);
  try {
    const parts = { net, optimizer, metric, loader: [trainIter, testIter] };
    using keeper = await RunKeeper.open(options, parts);
    const { history } = report;
    await report.restore(keeper.history);
    for (const m of history) await animator.add(m.epoch, [m.trainLoss, m.trainAcc, m.testAcc]);
    while (history.length < numEpochs) {
      const epoch = history.length + 1, begun = keeper.beginEpoch();
      let trainLoss = NaN, trainAcc = NaN, i = begun.step;
      if (i === 0) metric.reset();
      net.train();
      watch.begin(epoch, i);
      timer.start(begun.seconds);
      for (const [X, y] of trainIter) {
        trainStep(X, y);
        const isFifth = ++i % Math.max(1, Math.floor(numBatches / 5)) === 0 || i === numBatches;
        if (!isFifth && !report.isDue(i * trainIter.batchSize) && !keeper.isDue(i)) continue;
        const [lossSum, right, done] = await watch.read(i, i === numBatches) as [number, number, number];
        [trainLoss, trainAcc] = [lossSum / done, right / done];
        await report.update({ step: i, steps: numBatches, done, trainLoss, trainAcc });
        if (isFifth) await animator.add(epoch - 1 + i / numBatches, [trainLoss, trainAcc, null]);
        if (i < numBatches) await keeper.afterStep({ history, step: i, seconds: timer.elapsed }, watch);
      }
      const seconds = timer.stop();
      const testAcc = await evaluateAccuracyGpu(net, testIter);
      await animator.add(epoch, [null, null, testAcc]);
      const examplesPerSec = images / seconds;
      await report.endEpoch({ epoch, trainLoss, trainAcc, testAcc, examplesPerSec, seconds });
      await keeper.afterEpoch(history);
    }
  } catch (error) {
    throw await report.stopped(error);
  } finally {
    for (const part of [watch, metric, trainStep]) part.dispose();
  }
  const speed = images * report.history.length / report.history.reduce((sum, m) => sum + m.seconds, 0);
  printEnd(report.history.at(-1)!, lr, { n: speed.toFixed(1), device: device.name });
  return report.history;
}

/** A step of training: forward, backward and update, with the loss, the right answers and the examples added up. */
function compiledStep(
  net: nn.Module,
  optimizer: optim.SGD,
  metric: Accumulator,
): Compiled<[Tensor, Tensor], void> {
  const loss = new nn.CrossEntropyLoss();
  return compile((X: Tensor, y: Tensor) => {
    optimizer.zeroGrad();
    const yHat: Tensor = net.forward(X);
    const l = loss.forward(yHat, y);
    l.backward();
    optimizer.step();
    noGrad(() => metric.add(l.mul(X.shape[0]!), accuracy(yHat, y), X.shape[0]!));
  });
}

/** Prints how training ended, what may help where the loss overflowed, and how fast it was. */
function printEnd(metrics: Metrics, lr: number, speed: { n: string; device: string }): void {
  screen.end();
  screen.print(describe(metrics));
  if (!Number.isFinite(metrics.trainLoss)) {
    screen.print(say("the loss is no number any more: a lower learning rate than {lr} may help", { lr }));
  }
  screen.print(say("{n} examples/sec on {device}", speed));
}

/** Refuses to train for no epochs, after which there would be nothing to tell. */
export function checkEpochs(name: string, epochs: number): void {
  if (Number.isInteger(epochs) && epochs >= 1) return;
  throw new RangeError(`Cannot train as ${name} must be a whole number from 1 up: ${epochs}`);
}

/** Refuses to train on no images, or to test on none. */
export function checkImages(trainIter: DataLoader, testIter: DataLoader): void {
  for (const [name, { dataset, length }] of Object.entries({ trainIter, testIter })) {
    if (dataset.length > 0 && length > 0) continue;
    throw refusal(
      new RangeError(`Cannot train as ${name} must have images: its data set has ${dataset.length}`),
    );
  }
}
