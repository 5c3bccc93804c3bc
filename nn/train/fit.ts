/**
 * Training over epochs: the loop that every script of image classification writes.
 *
 * Metrics add up on the GPU. The sums are read about three times a second and never each step: a read waits for the GPU
 * and then sleeps for 10 ms. The reads also bound how far the program runs ahead of the GPU.
 *
 * @module
 */
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { signature } from "../../ops/core/signature.ts";
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
import { MODULE, type Module } from "../module.ts";
import { BATCHES } from "./_batch.ts";
import { Trainer } from "./_trainer.ts";
import { type Anomaly, AnomalyError } from "./anomaly.ts";
import type { CheckpointOptions } from "./checkpoints/run_checkpoints.ts";
import { evaluateAccuracy } from "./evaluate.ts";

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
  /** How often the batches are gone through; of a checkpoint that has gone further, all its epochs are returned. */
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
   * layer and operation to blame, leaves network, optimiser and `DataLoader` as they were before that step, and rejects with an
   * {@linkcode AnomalyError}. A function is called with what was found, and training ends with the epochs that were
   * finished. `"continue"` goes on without a word.
   */
  onNaN?: "stop" | "continue" | ((anomaly: Anomaly) => void | Promise<void>);
  /** Ends training after the step under way; an epoch that is not finished is not counted. */
  signal?: AbortSignal;
  /**
   * The folder that keeps where the training is, or more on that: a checkpoint after each epoch, and when `signal` ends it.
   * Training goes on from the newest one that is there, and ends with the bits that it would have had without the
   * interruption; `onEpoch` is not called again for the epochs before. The options of optimiser and schedules are those of
   * the checkpoint. A checkpoint of another training is refused, as is a folder in which a training is going on.
   */
  checkpoint?: string | CheckpointOptions<FitEpoch>;
}

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
    if (history.length < options.epochs) line.compiling(history.length + 1);
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
