/**
 * Keeping a training run whose loop is its own: checkpoints after epochs and within them, and an end that saves first.
 *
 * @module
 */
import type { CheckpointParts } from "../../nn/train/checkpoints/checkpoint_file.ts";
import type { AnomalyWatch } from "../../nn/train/anomaly_watch.ts";
import { RunCheckpoints, type RunState } from "../../nn/train/checkpoints/run_checkpoints.ts";
import { StopRequest } from "../terminal/stop_request.ts";
import { checkpointOptions, howToGoOn, type KeepOptions, refusingCheckpoints } from "./keep_options.ts";
import type { Metrics } from "./metrics.ts";

/** Milliseconds that a training goes on without a look at the signals. */
const LOOK_EVERY = 1000;

/** Saves a run where it has a folder, and ends it where the process is asked to. */
export class RunKeeper {
  readonly #checkpoints: RunCheckpoints<Metrics> | null;
  readonly #stop = new StopRequest();
  #start: Pick<RunState<Metrics>, "step" | "seconds">;
  #look = { step: 0, time: 0, every: 1 };

  private constructor(checkpoints: RunCheckpoints<Metrics> | null) {
    this.#checkpoints = checkpoints;
    this.#start = checkpoints?.start ?? { step: 0, seconds: 0 };
  }

  /**
   * Begins to keep a run, or goes on with it.
   *
   * @param options Where and when it is saved.
   * @param parts What is saved.
   * @returns The keeper. Rejects as `loadCheckpoint` does.
   */
  static async open(options: KeepOptions, parts: CheckpointParts): Promise<RunKeeper> {
    const where = checkpointOptions(options);
    return new RunKeeper(where ? await refusingCheckpoints(() => RunCheckpoints.open(where, parts)) : null);
  }

  /** The epochs that were finished before. */
  get history(): readonly Metrics[] {
    return this.#checkpoints?.start.history ?? [];
  }

  /** Begins an epoch: how many of its steps were done before, and how long they took. */
  beginEpoch(): Pick<RunState<Metrics>, "step" | "seconds"> {
    const begun = this.#start;
    this.#start = { step: 0, seconds: 0 };
    this.#look = { ...this.#look, step: begun.step, time: performance.now() };
    return begun;
  }

  /** Whether to wait for the GPU and call `afterStep`: it is time to save, or to see whether the run is to end. */
  isDue(step: number): boolean {
    if (!this.#checkpoints) return false;
    this.#stop.listen();
    return step - this.#look.step >= this.#look.every || this.#checkpoints.isDue(step);
  }

  /**
   * Saves the run within an epoch, where it is time to.
   *
   * @param state How far it is.
   * @param watch Sees before it is saved that it is worth it, or rejects.
   * @returns Nothing. Rejects as `watch` does, and with `Stopped`, when it was saved, if the process was asked to end.
   */
  async afterStep(state: RunState<Metrics>, watch?: Pick<AnomalyWatch, "beforeSave">): Promise<void> {
    if (!this.#checkpoints) return;
    this.#stop.listen();
    this.#pace(state.step);
    if (!this.#stop.signal.aborted && !this.#checkpoints.isDue(state.step)) return;
    await watch?.beforeSave(state.step);
    await this.#save(state);
  }

  /** Saves the run after an epoch. Rejects with `Stopped`, when it was saved, if the process was asked to end. */
  async afterEpoch(history: readonly Metrics[]): Promise<void> {
    await this.#save({ history, step: 0, seconds: 0 });
  }

  /** Leaves the signals to the system, and gives the folder up. */
  [Symbol.dispose](): void {
    this.#checkpoints?.[Symbol.dispose]();
    this.#stop[Symbol.dispose]();
  }

  async #save(state: RunState<Metrics>): Promise<void> {
    const checkpoints = this.#checkpoints;
    if (!checkpoints) return;
    const file = await refusingCheckpoints(() => checkpoints.save(state));
    this.#stop.throwIfAsked(() => howToGoOn(file));
    this.#stop.listen();
  }

  /** Chooses after how many steps to look again, from how long the last ones took. */
  #pace(step: number): void {
    const time = performance.now(), { every, ...last } = this.#look;
    const wanted = Math.floor((step - last.step) * LOOK_EVERY / Math.max(time - last.time, 1));
    this.#look = { step, time, every: Math.max(1, Math.min(wanted, 4 * every)) };
  }
}
