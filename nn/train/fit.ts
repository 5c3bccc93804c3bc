/**
 * Training over epochs: the loop that every script of image classification writes.
 *
 * Metrics add up on the GPU. The sums are read about three times a second and never each step: a read waits for the GPU
 * and then sleeps for 10 ms. The reads also bound how far the program runs ahead of the GPU.
 *
 * @module
 */
import { scope } from "../../ops/core/scope.ts";
import { show } from "../../ops/core/shape.ts";
import { DataLoader } from "../../data/data_loader.ts";
import { signature } from "../../ops/core/signature.ts";
import { MODULE, Module } from "../module.ts";
import { BATCH, BATCHES } from "./_batch.ts";
import { FitLine } from "./_fit_line.ts";
import { Accumulator } from "./accumulator.ts";
import { countCorrect, evaluateAccuracy } from "./evaluate.ts";
import { noGrad } from "../../ops/core/autograd/autograd.ts";
import { compile, type Compiled } from "../../ops/core/compile/compile.ts";
import { Tensor } from "../../ops/core/tensor/tensor.ts";
import { mul } from "../../ops/pointwise/mul.ts";
import { describe } from "../../ops/core/describe.ts";
import {
  ANYTHING,
  BOOLEAN,
  either,
  FUNCTION,
  having,
  instanceOf,
  oneOf,
  recordOf,
  required,
  TEXT,
  whole,
} from "../../ops/core/kinds.ts";
import { type Anomaly, AnomalyError } from "./anomaly.ts";
import { AnomalyWatch } from "./anomaly_watch.ts";
import { openCheckpoints } from "./_fit_checkpoints.ts";
import { isStateful } from "../holders.ts";
import type { CheckpointOptions, RunCheckpoints, RunState } from "./checkpoints/run_checkpoints.ts";

/** Batches of inputs and labels, such as a `DataLoader` or an array. */
export interface FitBatches extends Iterable<readonly [x: Tensor, y: Tensor]> {
  /** Number of batches in a pass. */
  readonly length: number;
}

/** How training stands in the middle of an epoch. */
export interface FitProgress {
  /** The epoch, from 1. */
  epoch: number;
  /** Steps of this epoch that are done. */
  step: number;
  /** Steps of an epoch. */
  steps: number;
  /** Examples of this epoch that are done. */
  examples: number;
  /** Mean loss over those examples. */
  trainLoss: number;
  /** Share of those examples that was classified right; absent where there are no classes. */
  trainAcc?: number;
}

/** What is measured in an epoch. */
export interface FitEpoch {
  /** The epoch, from 1. */
  epoch: number;
  /** Mean training loss, each example measured with the network as it was at its step. */
  trainLoss: number;
  /** Share of the training examples classified right; absent where there are no classes. */
  trainAcc?: number;
  /** Share of the test examples classified right; absent without `test`. */
  testAcc?: number;
  /** Training examples a second. */
  examplesPerSec: number;
  /** How long the training took, without the test. */
  seconds: number;
}

/** Options of {@linkcode fit}. */
export interface FitOptions {
  /** What updates the parameters. */
  optimizer: { zeroGrad(): void; step(): void };
  /** The loss of outputs and labels, a mean over the batch: a module such as `nn.CrossEntropyLoss`, or a function. */
  loss: Module | ((output: Tensor, y: Tensor) => Tensor);
  /** How often the batches are gone through. */
  epochs: number;
  /** Batches to test with after each epoch. */
  test?: FitBatches;
  /** A schedule of the learning rate that goes on after each epoch; its `step` takes the epoch's loss. */
  scheduler?: { step(trainLoss: number): void };
  /** A schedule that goes on after each step, such as `OneCycleLR`. */
  stepScheduler?: { step(): void };
  /** Whether the step is captured once and replayed, see {@linkcode compile}; true unless given. */
  compile?: boolean;
  /**
   * Whether a line on stderr shows how far training is, and that kernels are being compiled. Unless given it does on a terminal,
   * where there is no `onProgress`; what an epoch came to stays, where there is no `onEpoch`.
   */
  progress?: boolean;
  /** Called whenever metrics were read: about three times a second, and after the last step of an epoch. */
  onProgress?: (progress: FitProgress) => void | Promise<void>;
  /** Called after each epoch and its test. */
  onEpoch?: (epoch: FitEpoch) => void | Promise<void>;
  /**
   * What happens when a loss is not finite (NaN, or an infinity), or a parameter: `"stop"`, unless given, finds the step,
   * layer and operation to blame, leaves the network and the optimiser as they were before that step, and rejects with an
   * {@linkcode AnomalyError}. A function is called with what was found, and training ends with the epochs that were
   * finished. `"continue"` goes on without a word.
   */
  onNaN?: "stop" | "continue" | ((anomaly: Anomaly) => void | Promise<void>);
  /** Ends training after the step under way; an epoch that is not finished is not counted. */
  signal?: AbortSignal;
  /**
   * The folder that keeps where the training is, or more on that: a checkpoint after each epoch, and when `signal` ends it.
   * Training goes on from the newest one that is there, and ends with the bits that it would have had without the
   * interruption; `onEpoch` is not called again for the epochs before. What the folder must not hold is another training.
   */
  checkpoint?: string | CheckpointOptions<FitEpoch>;
}

/** Milliseconds between two reads of the metrics. */
const READ_EVERY = 350;

const takesBatch = signature("fit", { batch: BATCH });
const takes = signature<FitOptions>("fit", { net: MODULE, loader: BATCHES }, {
  optimizer: required(having("an optimiser", "optimizer", "zeroGrad", "step")),
  loss: required(either(MODULE, FUNCTION)),
  epochs: required(whole(0)),
  test: BATCHES,
  scheduler: having("a schedule", "scheduler", "step"),
  stepScheduler: having("a schedule", "scheduler", "step"),
  compile: BOOLEAN,
  progress: BOOLEAN,
  onProgress: FUNCTION,
  onEpoch: FUNCTION,
  onNaN: either(oneOf("stop", "continue"), FUNCTION),
  signal: instanceOf(AbortSignal, "an AbortSignal", "signal"),
  checkpoint: either(TEXT, recordOf(ANYTHING, "options")),
});

/**
 * Trains a network: forward, backward and update for each batch, for some epochs.
 *
 * Accuracy is measured where the output is `[n, classes]` and the labels are int32 `[n]`. The network is left in
 * training mode.
 *
 * @param net The network.
 * @param loader The batches; all are used, also a smaller last one.
 * @param options Optimiser, loss and number of epochs; what to test with, schedules, callbacks, a signal to end it.
 * @returns What was measured in each finished epoch: all of them, unless the signal ended it before. Rejects with a
 *   `RangeError` if `epochs` is no whole number from 0 up, a pass gives no examples, or the loss has more than one
 *   element; with an {@linkcode AnomalyError} if a loss is not finite, unless `onNaN` says otherwise; with the errors
 *   of `loadCheckpoint` if it is to go on from a checkpoint that does not fit.
 *
 * @example Usage
 * ```ts
 * import { DataLoader, fit, nn, openDevice, optim, TensorDataset } from "@plunge/plunge";
 * import { assertEquals, assertLess } from "@std/assert";
 *
 * await openDevice();
 * const points = [[0, 0], [0, 1], [1, 0], [1, 1]];
 * const data = { length: 4, get: (i: number) => [points[i], points[i][0] ^ points[i][1]] };
 * const net = new nn.Sequential(new nn.Linear(2, 16), new nn.Tanh(), new nn.Linear(16, 2));
 * const history = await fit(net, new DataLoader(data, { batchSize: 4 }), {
 *   optimizer: new optim.SGD(net.parameters(), { lr: 0.5 }),
 *   loss: new nn.CrossEntropyLoss(),
 *   epochs: 100,
 * });
 * assertEquals(history.map(({ epoch }) => epoch).slice(0, 3), [1, 2, 3]);
 * assertLess(history[99].trainLoss, history[0].trainLoss);
 * ```
 */
export async function fit(net: Module, loader: FitBatches, options: FitOptions): Promise<FitEpoch[]> {
  takes(arguments);
  if (loader.length === 0) throw new RangeError("Cannot fit as there must be batches: the loader has none");
  const trainer = new Trainer(net, loader, options);
  const { scheduler, onEpoch, signal, test } = options, { line } = trainer;
  let history: FitEpoch[] = [];
  try {
    history = await trainer.start();
    while (history.length < options.epochs && !signal?.aborted) {
      const metrics = await trainer.epoch(history);
      if (metrics === null) break;
      if (test) metrics.testAcc = await evaluateAccuracy(net, test, { compile: options.compile ?? true });
      scheduler?.step(metrics.trainLoss);
      history.push(metrics);
      line.epoch(metrics, onEpoch !== undefined);
      await onEpoch?.(metrics);
      await trainer.save({ history, step: 0, seconds: 0 });
    }
    return history;
  } catch (error) {
    if (!(error instanceof AnomalyError) || typeof options.onNaN !== "function") throw error;
    await options.onNaN(error.anomaly);
    return history;
  } finally {
    trainer.dispose();
  }
}

/** What is measured over the examples of an epoch so far. */
type Means = Pick<FitEpoch, "trainLoss" | "trainAcc">;

class Trainer {
  readonly line: FitLine;
  readonly #net: Module;
  readonly #loader: FitBatches;
  readonly #options: FitOptions;
  readonly #metric = new Accumulator(2);
  readonly #compiled: Compiled<[Tensor, Tensor], void> | null;
  readonly #watch: AnomalyWatch;
  #checkpoints: RunCheckpoints<FitEpoch> | null = null;
  /** What was done already of the epoch that comes next. */
  #before: Partial<RunState<FitEpoch>> = {};
  #classifies = false;
  /** Whether no step was taken yet. */
  #isNew = true;
  /** Steps between two reads. */
  #stepsPerRead = 1;

  constructor(net: Module, loader: FitBatches, options: FitOptions) {
    this.#net = net;
    this.#loader = loader;
    this.#options = options;
    this.line = new FitLine(options.epochs, options.progress ?? (options.onProgress ? false : undefined));
    this.#compiled = options.compile ?? true
      ? compile((x: Tensor, y: Tensor): void => this.#train(x, y))
      : null;
    this.#watch = this.#watchOf(options);
  }

  /** Goes on from a checkpoint, where there is one and it is asked for; the epochs that are finished. */
  async start(): Promise<FitEpoch[]> {
    const parts = { ...this.#options, net: this.#net, loader: this.#loader, metric: this.#metric };
    this.#checkpoints = await openCheckpoints<FitEpoch>(this.#options.checkpoint, parts);
    if (!this.#checkpoints) return [];
    this.#before = this.#checkpoints.start;
    return [...this.#before.history!];
  }

  /** Saves how far the training is, where that is asked for. */
  async save(state: RunState<FitEpoch>): Promise<void> {
    await this.#checkpoints?.save(state);
  }

  /** Goes through the batches; null if the signal ended it. */
  async epoch(history: readonly FitEpoch[]): Promise<FitEpoch | null> {
    const { onProgress, signal, stepScheduler } = this.#options, steps = this.#loader.length;
    const epoch = history.length + 1, before = this.#takeUp();
    const start = performance.now() - 1000 * before.seconds;
    let { step, examples } = before,
      read = { step, time: performance.now() },
      means: Means = { trainLoss: NaN };
    this.#net.train();
    this.#watch.begin(epoch, step);
    if (this.#isNew) this.line.compiling(epoch);
    this.#isNew = false;
    for (const batch of this.#batches(before.skipped)) {
      takesBatch([batch]);
      const [x, y] = batch;
      this.#step(x, y);
      stepScheduler?.step();
      step++;
      examples += x.shape[0];
      if (step - read.step >= this.#stepsPerRead || step === steps) {
        means = await this.#read(batch, examples, step);
        const time = performance.now();
        this.#adapt(step - read.step, time - read.time);
        read = { step, time };
        this.line.progress({ epoch, step, steps, examples, seconds: (time - start) / 1000, ...means });
        await onProgress?.({ epoch, step, steps, examples, ...means });
      }
      if (step === steps) continue;
      const isEnded = signal?.aborted ?? false;
      if (this.#checkpoints && (isEnded || this.#checkpoints.isDue(step))) {
        if (read.step < step) await this.#read(batch, examples, step); // so that nothing is saved that is not finite
        const rest = { examples, classifies: this.#classifies };
        await this.save({ history, step, seconds: (performance.now() - start) / 1000, rest });
      }
      if (!isEnded) continue;
      this.#leave(batch);
      return null;
    }
    if (examples === 0) {
      throw new RangeError(
        `Cannot fit as each pass over the loader must give examples: in epoch ${epoch} there were none`,
      );
    }
    // of a loader that gives fewer batches than it says, perhaps none after those before a checkpoint
    if (read.step < step || step === before.step) means = await this.#means(examples, step, true);
    const seconds = (performance.now() - start) / 1000;
    return { epoch, ...means, examplesPerSec: examples / seconds, seconds };
  }

  /** What was done of this epoch before, if training goes on from within it; else all sums begin anew. */
  #takeUp(): { step: number; examples: number; seconds: number; skipped: number } {
    const { step = 0, seconds = 0, rest } = this.#before;
    this.#before = {};
    if (step === 0) this.#metric.reset();
    if (rest) this.#classifies = rest.classifies === true;
    const skipped = isStateful(this.#loader) ? 0 : step; // a DataLoader goes on by itself
    return { step, seconds, examples: Number(rest?.examples ?? 0), skipped };
  }

  /** The batches of a pass but the first `skipped`. */
  *#batches(skipped: number): Generator<readonly [x: Tensor, y: Tensor]> {
    for (const batch of this.#loader) if (skipped-- <= 0) yield batch;
  }

  dispose(): void {
    this.line.clear();
    this.#compiled?.dispose();
    this.#watch.dispose();
    this.#metric.dispose();
  }

  #step(x: Tensor, y: Tensor): void {
    using _ = scope();
    if (this.#compiled) this.#compiled(x, y);
    else this.#train(x, y);
  }

  #train(x: Tensor, y: Tensor): void {
    const { optimizer, loss } = this.#options;
    optimizer.zeroGrad();
    const output: Tensor = this.#net.forward(x);
    const l: Tensor = loss instanceof Module ? loss.forward(output, y) : loss(output, y);
    if (!(l instanceof Tensor)) {
      throw new TypeError(`Cannot fit as the loss must give a tensor: ${describe(l)}`);
    }
    if (l.size !== 1) {
      throw new RangeError(`Cannot fit as the loss must have one element: its shape is ${show(l.shape)}`);
    }
    l.backward();
    optimizer.step();
    this.#classifies = output.shape.length === 2 && y.shape.length === 1 && y.dtype === "int32";
    const right = this.#classifies ? countCorrect(output, y) : 0;
    noGrad(() => this.#metric.add(mul(l, x.shape[0]), right));
  }

  #watchOf({ onNaN, optimizer, scheduler, stepScheduler }: FitOptions): AnomalyWatch {
    const watched = {
      net: this.#net,
      others: [optimizer, scheduler, stepScheduler],
      loader: this.#loader,
      step: (x: Tensor, y: Tensor) => this.#step(x, y),
      metric: this.#metric,
      afterStep: () => stepScheduler?.step(),
    };
    return new AnomalyWatch(watched, onNaN !== "continue");
  }

  /** Frees a batch at which the loop is left: a `DataLoader` does not. */
  #leave(batch: readonly Tensor[]): void {
    if (this.#loader instanceof DataLoader) batch.forEach((t) => t.dispose());
  }

  /** Reads the means behind a step; where they are not finite its batch is freed, as the loop is left. */
  async #read(batch: readonly Tensor[], examples: number, step: number): Promise<Means> {
    try {
      return await this.#means(examples, step, step === this.#loader.length);
    } catch (error) {
      this.#leave(batch);
      throw error;
    }
  }

  /** Reads the means so far; rejects where they are not finite. */
  async #means(
    examples: number,
    step: number,
    isLast: boolean,
  ): Promise<Means> {
    const read = examples > 0 ? this.#watch.read(step, isLast) : this.#metric.values(); // the mean of nothing is NaN
    const [loss, right] = await read, trainLoss = loss / examples;
    return this.#classifies ? { trainLoss, trainAcc: right / examples } : { trainLoss };
  }

  /**
   * Chooses how many steps to go without a read, from how long the last steps took; at most four times as many as
   * before.
   */
  #adapt(steps: number, milliseconds: number): void {
    const wanted = Math.round(steps * READ_EVERY / Math.max(milliseconds, 1));
    this.#stepsPerRead = Math.max(1, Math.min(wanted, 4 * this.#stepsPerRead));
  }
}
