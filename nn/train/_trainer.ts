/**
 * One training of `fit`: its steps, its reads and its checkpoints.
 *
 * @module
 */
import { scope } from "../../ops/core/scope.ts";
import { show } from "../../ops/core/shape.ts";
import { DataLoader } from "../../data/data_loader.ts";
import { signature } from "../../ops/core/signature.ts";
import { Module } from "../module.ts";
import { BATCH } from "./_batch.ts";
import { FitLine } from "./_fit_line.ts";
import { Accumulator } from "./accumulator.ts";
import { countCorrect } from "./evaluate.ts";
import { noGrad } from "../../ops/core/autograd/autograd.ts";
import { compile, type Compiled } from "../../ops/core/compile/compile.ts";
import { Tensor } from "../../ops/core/tensor/tensor.ts";
import { mul } from "../../ops/pointwise/mul.ts";
import { describe } from "../../ops/core/describe.ts";
import { AnomalyWatch } from "./anomaly_watch.ts";
import { openCheckpoints } from "./_fit_checkpoints.ts";
import { isStateful } from "../holders.ts";
import type { RunCheckpoints, RunState } from "./checkpoints/run_checkpoints.ts";
import type { FitBatches, FitEpoch, FitOptions } from "./fit.ts";

/** Milliseconds between two reads of the metrics. */
const READ_EVERY = 350;

const takesBatch = signature("fit", { batch: BATCH });

/** What is measured over the examples of an epoch so far. */
type Means = Pick<FitEpoch, "trainLoss" | "trainAcc">;

/** Trains a network over epochs. */
export class Trainer {
  /** The line that says how far it is. */
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
  /** Steps between two reads. */
  #stepsPerRead = 1;

  /** Prepares to train; takes no step. */
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
    for (const batch of this.#batches(before.skipped)) {
      takesBatch([batch]);
      const [x, y] = batch;
      this.#step(x, y);
      stepScheduler?.step();
      step++;
      examples += x.shape[0]!;
      if (step - read.step >= this.#stepsPerRead || step === steps) {
        means = await this.#orLeave(batch, this.#means(examples, step, step === steps));
        const time = performance.now();
        this.#adapt(step - read.step, time - read.time);
        read = { step, time };
        this.line.progress({ epoch, step, steps, examples, seconds: (time - start) / 1000, ...means });
        await this.#watched(epoch, step, () => onProgress?.({ epoch, step, steps, examples, ...means }));
      }
      if (step === steps) continue;
      const isEnded = signal?.aborted ?? false;
      if (this.#checkpoints && (isEnded || this.#checkpoints.isDue(step))) {
        await this.#orLeave(batch, this.#watch.beforeSave(step));
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
    if (read.step < step || step !== steps) means = await this.#means(examples, step, true);
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

  /** Frees what it holds. */
  dispose(): void {
    this.line.clear();
    this.#checkpoints?.[Symbol.dispose]();
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
    noGrad(() => this.#metric.add(mul(l, x.shape[0]!), right));
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

  /** Has the caller look at a step: where he sets other rates, the steps that the watch may take again begin here. */
  async #watched(epoch: number, step: number, look: () => void | Promise<void>): Promise<void> {
    const before = ratesOf(this.#options.optimizer);
    await look();
    if (ratesOf(this.#options.optimizer) !== before) this.#watch.begin(epoch, step);
  }

  /** Frees a batch at which the loop is left: a `DataLoader` does not. */
  #leave(batch: readonly Tensor[]): void {
    if (this.#loader instanceof DataLoader) batch.forEach((t) => t.dispose());
  }

  /** Waits for what looks at numbers behind a step; where they are not finite its batch is freed, as the loop is left. */
  async #orLeave<T>(batch: readonly Tensor[], looking: Promise<T>): Promise<T> {
    try {
      return await looking;
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
    const [loss, right] = await read as [number, number], trainLoss = loss / examples;
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

/** The learning rates of an optimiser's groups, to be compared. */
function ratesOf(optimizer: object): string {
  const { paramGroups } = optimizer as { paramGroups?: unknown };
  return Array.isArray(paramGroups) ? paramGroups.map((group) => Object(group).lr).join() : "";
}
