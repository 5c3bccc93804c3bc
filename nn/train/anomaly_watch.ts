/**
 * Watching a training loop for what is not finite, without cost for its steps.
 *
 * The losses add up on the GPU and are read now and then anyway. Where a sum is not finite the watch goes back to a copy
 * of the state that it keeps, takes the same steps again with a read after each, and runs the first that goes wrong under
 * `detectAnomaly`. The copy is made at the beginning of each epoch, and behind a read at most once a second, or where 256
 * steps were done since.
 *
 * @module
 */
import { DataLoader } from "../../data/data_loader.ts";
import { reduceAll } from "../../ops/core/families/foreach.ts";
import { persistent } from "../../ops/core/recorder.ts";
import { scope } from "../../ops/core/scope.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { LARGEST } from "../magnitude.ts";
import type { Accumulator } from "./accumulator.ts";
import { Anomaly, AnomalyError } from "./anomaly.ts";
import { detectAnomaly } from "./detect_anomaly.ts";
import { type Trained, TrainingState } from "./_training_state.ts";

/** Milliseconds between two copies of the state at least, unless so many steps lie between them. */
const COPY_EVERY = 1000;
const MOST_STEPS = 256;

/** Batches as a loop goes through them. */
type Batches = Iterable<readonly [x: Tensor, y: Tensor]>;

/** A training loop that is watched. */
export interface Watched extends Trained {
  /** What the loop goes through. To be gone through again it must be a `DataLoader` or an array. */
  readonly loader: Batches;
  /** One step. It adds to the metric. */
  readonly step: (x: Tensor, y: Tensor) => void;
  /** The sums that are read, that of the losses first. */
  readonly metric: Accumulator;
  /** What the loop does behind a step, such as going on with a schedule. */
  readonly afterStep?: () => void;
}

/** A state from which steps can be taken again. */
interface Start {
  readonly state: TrainingState;
  /** Steps of the epoch that were done. */
  readonly step: number;
  readonly time: number;
}

/** Reads a loop's metric, and rejects where something was not finite. */
export class AnomalyWatch {
  readonly #loop: Watched;
  readonly #isOn: boolean;
  #epoch = 0;
  #start: Start | null = null;
  /** Whether parameters are looked at: not where they were not finite and it did not matter. */
  #looksAtParameters = true;

  /** Watches a loop, unless it is not on: then it reads and nothing else. */
  constructor(loop: Watched, isOn = true) {
    this.#loop = loop;
    this.#isOn = isOn;
  }

  /** Says that an epoch begins, or goes on behind so many of its steps: before the loader is asked for a batch. */
  begin(epoch: number, step = 0): void {
    if (!this.#isOn) return;
    this.#epoch = epoch;
    this.#copy(step);
  }

  /**
   * Reads the metric's sums.
   *
   * @param step Steps of the epoch that are done.
   * @param isLast Whether the epoch ends here.
   * @returns The sums. Rejects with an `AnomalyError` if the first is not finite, or a parameter: the network and the
   *   optimisers are then as they were before the step that the error names.
   */
  async read(step: number, isLast: boolean): Promise<number[]> {
    if (!this.#isOn) return await this.#loop.metric.values();
    const { time, step: copied } = this.#start!;
    const isDue = isLast || performance.now() - time >= COPY_EVERY || step - copied >= MOST_STEPS;
    const sums = await this.#sums(step, isDue);
    if (isDue && !isLast) this.#copy(step);
    return sums;
  }

  /**
   * Sees that what is about to be saved is finite: also a gradient that was not has spoilt parameters by now, though no loss
   * has seen them.
   *
   * @param step Steps of the epoch that are done.
   * @returns Nothing. Rejects as {@linkcode read} does.
   */
  async beforeSave(step: number): Promise<void> {
    if (this.#isOn) await this.#sums(step, true);
  }

  /** The metric's sums, if the first is finite and, where they are asked for, the parameters. */
  async #sums(step: number, withParameters: boolean): Promise<number[]> {
    const [sums, largest] = await Promise.all([
      this.#loop.metric.values(),
      withParameters && this.#looksAtParameters ? this.#largest() : 0,
    ]);
    if (!Number.isFinite(sums[0]) || !Number.isFinite(largest)) await this.#find(step, sums);
    return sums;
  }

  /** Frees the copies. */
  dispose(): void {
    this.#start?.state.dispose();
    this.#start = null;
  }

  #copy(step: number): void {
    this.dispose();
    this.#start = { state: new TrainingState(this.#loop), step, time: performance.now() };
  }

  /** The largest magnitude in the parameters; NaN or infinite if one is. */
  async #largest(): Promise<number> {
    const parameters = this.#loop.net.parameters();
    const largest = persistent(() => reduceAll("largest", LARGEST, LARGEST, parameters));
    try {
      return await largest.item();
    } finally {
      largest.dispose();
    }
  }

  /**
   * Finds the step that went wrong, and rejects with it. Where the losses are finite, and parameters are not without a step
   * to blame, all is as it was.
   */
  async #find(done: number, sums: readonly number[]): Promise<void> {
    const { metric } = this.#loop, now = new TrainingState(this.#loop);
    try {
      const batches = this.#again(), anomaly = batches && await this.#walk(batches, done);
      if (anomaly) {
        if (this.#loop.loader instanceof DataLoader) this.#loop.loader["goBack"](anomaly.step! - 1);
        throw new AnomalyError(anomaly);
      }
      if (!Number.isFinite(sums[0])) throw new AnomalyError(this.#unknown(done, batches ? OTHERWISE : ONCE));
      const isNew = !batches && await this.#beganFinite();
      now.restore();
      if (isNew) throw new AnomalyError(this.#unknown(done, ONCE));
      metric.reset();
      metric.add(...sums);
      this.#looksAtParameters = false;
    } finally {
      now.dispose();
    }
  }

  /** Goes back to the copy, and tells whether parameters were finite then. */
  async #beganFinite(): Promise<boolean> {
    this.#start!.state.restore();
    return Number.isFinite(await this.#largest());
  }

  /** Goes back to the copy, and gives the batches from there on; null where the loader gives them but once. */
  #again(): Batches | null {
    const { loader } = this.#loop, { state, step } = this.#start!;
    if (!(loader instanceof DataLoader) && !Array.isArray(loader)) return null;
    state.restore();
    if (!(loader instanceof DataLoader)) return loader.slice(step);
    return loader["again"](step) as Iterable<readonly [Tensor, Tensor]>;
  }

  /** Takes the steps again up to the first that goes wrong. */
  async #walk(batches: Batches, done: number): Promise<Anomaly | null> {
    const { loader, metric, afterStep } = this.#loop;
    let { step } = this.#start!;
    metric.reset();
    for (const batch of batches) {
      const anomaly = await this.#take(batch, ++step);
      if (!anomaly) afterStep?.();
      if (!anomaly && step < done) continue;
      if (loader instanceof DataLoader) batch.forEach((t) => t.dispose()); // a loop that is left frees none
      return anomaly;
    }
    return null;
  }

  /** Takes a step, and if it goes wrong once more under observation. */
  async #take([x, y]: readonly [Tensor, Tensor], step: number): Promise<Anomaly | null> {
    const { metric } = this.#loop, before = new TrainingState(this.#loop);
    const run = () => {
      using _ = scope();
      this.#loop.step(x, y);
    };
    try {
      run();
      const largest = this.#looksAtParameters ? this.#largest() : 0;
      const [[loss], size] = await Promise.all([metric.values(), largest]);
      if (Number.isFinite(loss) && Number.isFinite(size)) return null;
      before.restore();
      const anomaly = await detectAnomaly(run, { epoch: this.#epoch, step });
      if (!anomaly && Number.isFinite(loss)) {
        this.#looksAtParameters = false; // they were not finite before, and it did not matter
        return null;
      }
      before.restore();
      return anomaly ?? this.#unknown(step, OTHERWISE);
    } finally {
      before.dispose();
    }
  }

  #unknown(step: number, note: string): Anomaly {
    const facts = { kind: "unknown", layer: "", operation: "", value: NaN, shape: [], before: [] } as const;
    return new Anomaly({ ...facts, epoch: this.#epoch, step, note });
  }
}

/** Why no operation is to blame. */
const OTHERWISE =
  "a loss was not finite, or their sum overflowed, but when the step ran again operation by operation all " +
  "was finite: it rounds otherwise than the captured step, or depends on what is no state of the network, the optimiser " +
  "or the schedule";
const ONCE =
  "this step is where the losses were read: an earlier one went wrong, which cannot run again as the loader " +
  "gives its batches but once; a DataLoader or an array of batches gives them again";
