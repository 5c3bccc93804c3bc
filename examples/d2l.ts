/**
 * The helpers of *Dive into Deep Learning* under their own names, so that someone with the book open finds every line
 * again. What is general stands in the library; this file is thin over it. It is an entry of its own, `…/d2l`, for
 * scripts and notebooks.
 *
 * @example As in the book
 * ```ts
 * import { Timer, tryGpu } from "@plunge/plunge/d2l";
 * import { assert } from "@std/assert";
 *
 * const timer = new Timer(), device = await tryGpu();
 * assert(device.name !== "" && timer.stop() > 0);
 * ```
 *
 * @module
 */
import {
  Accumulator,
  compile,
  type Compiled,
  countCorrect,
  DataLoader,
  type Dataset,
  type Device,
  evaluateAccuracy,
  FashionMNIST,
  MNIST,
  nn,
  noGrad,
  openDevice,
  optim,
  Subset,
  type Tensor,
  transforms,
} from "../mod.ts";
import { AnomalyWatch } from "../nn/train/anomaly_watch.ts";
import type { Chart } from "./pictures/chart.ts";
import { drawIfPossible } from "./pictures/packages.ts";
import { renderSvg } from "./pictures/render.ts";
import { TerminalPlot } from "./pictures/terminal_plot.ts";
import type { KeepOptions } from "./runs/keep_options.ts";
import { describe, type Metrics } from "./runs/metrics.ts";
import { RunKeeper } from "./runs/run_keeper.ts";
import { TrainingReport, type TrainOptions } from "./runs/training_report.ts";
import { type Bundle, DISPLAY, LivePlace } from "./terminal/notebook.ts";
import { refusal, refusing } from "./terminal/refusal.ts";
import { screen } from "./terminal/screen.ts";
import { say } from "./words/words.ts";

export { Accumulator, type Bundle, type Chart, describe, type KeepOptions, type Metrics, type TrainOptions };
export type { Series } from "./pictures/chart.ts";

/** Options of {@linkcode loadDataFashionMnist} and {@linkcode loadDataMnist}. */
export interface LoadDataOptions {
  /** Height and width to which the images are brought, 28 unless given. */
  resize?: number;
  /** Folder to look in first, and to download into. */
  root?: string;
  /** Only the first so many images of each split. */
  limit?: number;
  /** Seed of the order in which the training images come. */
  seed?: number;
}

/** Loads Fashion-MNIST and returns what iterates over its training batches (shuffled) and its test batches. */
export function loadDataFashionMnist(
  batchSize: number,
  options: LoadDataOptions = {},
): Promise<[DataLoader, DataLoader]> {
  return loadData(FashionMNIST, batchSize, options);
}

/** Loads MNIST and returns what iterates over its training batches (shuffled) and its test batches. */
export function loadDataMnist(
  batchSize: number,
  options: LoadDataOptions = {},
): Promise<[DataLoader, DataLoader]> {
  return loadData(MNIST, batchSize, options);
}

async function loadData(
  source: typeof MNIST,
  batchSize: number,
  { resize, root, limit = Infinity, seed }: LoadDataOptions,
): Promise<[DataLoader, DataLoader]> {
  const transform = resize === undefined ? undefined : transforms.resize({ size: resize });
  const train = firstOf(await loadSplit(source, "train", root), limit);
  const test = firstOf(await loadSplit(source, "test", root), limit);
  return [
    new DataLoader(train, { batchSize, shuffle: true, seed, transform }),
    new DataLoader(test, { batchSize, transform }),
  ];
}

/** The splits that were loaded, so that networks which are compared share the images on the GPU. */
const splits = new Map<string, Promise<MNIST>>();

/**
 * Loads a split once, and says so where it is not in the folder that was named, but in another. Rejects as the data set's
 * own `load` does.
 */
export function loadSplit(source: typeof MNIST, split: "train" | "test", root?: string): Promise<MNIST> {
  const key = JSON.stringify([source.name, split, root]);
  const loading = splits.get(key) ?? loadFrom(source, split, root);
  splits.set(key, loading);
  loading.catch(() => splits.delete(key)); // the next try may find what this did not
  return loading;
}

async function loadFrom(source: typeof MNIST, split: "train" | "test", root?: string): Promise<MNIST> {
  const dataset = await refusing(() => source.load({ split, root }).catch(withAdvice));
  const isElsewhere = root !== undefined && !dataset.source.startsWith(root) &&
    !dataset.source.includes("://");
  if (isElsewhere) {
    const facts = { root, name: source.name, split, source: dataset.source };
    screen.warn(say("{root} has no {name} {split} files: those of {source} are used", facts));
  }
  return dataset;
}

/** Adds to an error what a user can do where there is neither a file nor a mirror. */
function withAdvice(error: unknown): never {
  if (!(error instanceof Error && error.cause instanceof AggregateError)) throw error;
  const [where, why] = [error.message.replace(error.cause.message, "").trim(), error.cause.message];
  const files = ["train", "t10k"].flatMap((split) => [`${split}-images-idx3`, `${split}-labels-idx1`])
    .map((name) => `${name}-ubyte.gz`);
  const advice = `Put ${files.join(", ")} there, or into a folder that --root names.`;
  throw new Error(`${where} ${advice} ${why}`, { cause: error });
}

function firstOf(dataset: Dataset, n: number): Dataset {
  return n >= dataset.length ? dataset : new Subset(dataset, Array(n).keys());
}

/** The GPU. There is no other device to fall back to: an adapter that runs on the CPU is one too. */
export async function tryGpu(): Promise<Device> {
  return await refusing(() => openDevice());
}

/** The number of right predictions, still on the GPU. */
export function accuracy(yHat: Tensor, y: Tensor): Tensor {
  return countCorrect(yHat, y);
}

/** The share of right predictions over a data set. */
export async function evaluateAccuracyGpu(net: nn.Module, dataIter: DataLoader): Promise<number> {
  return await evaluateAccuracy(net, dataIter, { compile: true });
}

/** Measures times, in seconds. */
export class Timer {
  /** The times that were measured. */
  readonly times: number[] = [];
  #started = performance.now();

  /** Starts to measure, with so many seconds already. */
  start(already = 0): void {
    this.#started = performance.now() - 1000 * already;
  }

  /** The time since the start. */
  get elapsed(): number {
    return (performance.now() - this.#started) / 1000;
  }

  /** Stops, and returns the time since the start. */
  stop(): number {
    this.times.push(this.elapsed);
    return this.times.at(-1)!;
  }

  /** The sum of all times. */
  sum(): number {
    return this.times.reduce((a, b) => a + b, 0);
  }
}

/** Draws curves that grow, in the terminal or in a notebook's cell; elsewhere it only keeps their points. */
export class Animator {
  readonly #plot = new TerminalPlot(screen);
  readonly #place = new LivePlace();
  readonly #points: [number, number][][];

  /** Names the axes' quantities and the curves. */
  constructor(
    readonly options: {
      xlabel: string;
      ylabel?: string;
      xlim: readonly [number, number];
      legend: readonly string[];
    },
  ) {
    this.#points = options.legend.map(() => []);
  }

  /** The curves as they are now. */
  get chart(): Chart {
    const { xlabel, ylabel = "", xlim, legend } = this.options;
    const series = legend.map((name, i) => ({ name, points: this.#points[i]!, dashed: i > 0 }));
    return { title: "", xLabel: xlabel, yLabel: ylabel, xLim: xlim, series };
  }

  /** Adds a point to each curve, where it has one, and draws. */
  async add(x: number, ys: readonly (number | null)[]): Promise<void> {
    ys.forEach((y, i) => y !== null && this.#points[i]!.push([x, y]));
    this.#plot.draw(this.chart);
    await this.#place.show(this);
  }

  /** Shows itself in a notebook. */
  async [DISPLAY](): Promise<Bundle> {
    const svg = await drawIfPossible(() => renderSvg(this.chart));
    return { ...svg && { "image/svg+xml": svg }, "text/plain": this.options.legend.join(", ") };
  }
}

/** An {@linkcode Animator} of a run's loss and accuracies. */
export function lossAnimator(epochs: number): Animator {
  const legend = [say("train loss"), say("train acc"), say("test acc")];
  return new Animator({ xlabel: say("epoch"), ylabel: say("loss, accuracy"), xlim: [0, epochs], legend });
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
