/**
 * Keeping a training run whose loop is its own: checkpoints after epochs and within them, and an end that saves first.
 *
 * @module
 */
import type { CheckpointParts } from "../../nn/train/checkpoints/checkpoint_file.ts";
import type { AnomalyWatch } from "../../nn/train/anomaly_watch.ts";
import { RunCheckpoints, type RunState } from "../../nn/train/checkpoints/run_checkpoints.ts";
import { StopRequest } from "../terminal/stop_request.ts";
import { say } from "../words/words.ts";
import { forgetChanges, noteChange } from "./run_changes.ts";
import { control, type Rated } from "./run_control.ts";
import { feed } from "./run_feed.ts";
import {
  checkpointOptions,
  howToGoOn,
  type KeepOptions,
  nothingKept,
  refusingCheckpoints,
} from "./keep_options.ts";
import type { Metrics } from "./metrics.ts";

/** Milliseconds that a training goes on without a look at the signals. */
const LOOK_EVERY = 1000;

/** What a run's steps are watched by. */
type Watch = Pick<AnomalyWatch, "beforeSave"> & Partial<Pick<AnomalyWatch, "begin">>;

/** Saves a run where it has a folder, and ends it where the process is asked to. */
export class RunKeeper {
  readonly #checkpoints: RunCheckpoints<Metrics> | null;
  readonly #stop: StopRequest;
  readonly #attached: Disposable;
  readonly #rated: Rated;
  readonly #out: string | undefined;
  #start: Pick<RunState<Metrics>, "step" | "seconds">;
  #look = { step: 0, time: 0, every: 1 };

  private constructor(checkpoints: RunCheckpoints<Metrics> | null, parts: CheckpointParts, out?: string) {
    this.#checkpoints = checkpoints;
    this.#out = out;
    this.#rated = { optimizer: parts.optimizer ?? {}, schedules: [parts.scheduler].flat() };
    this.#stop = checkpoints ? new StopRequest() : new StopRequest(say("finishing the step"));
    this.#attached = control.attach({ stop: this.#stop, canSave: checkpoints !== null });
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
    const open = () => where ? RunCheckpoints.open(where, parts) : Promise.resolve(null);
    const checkpoints = await refusingCheckpoints(open);
    if (options.resume && checkpoints) await forgetChanges(options.out, checkpoints.start);
    return new RunKeeper(checkpoints, parts, options.out);
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

  /** Whether to wait for the GPU and call `afterStep`: it is time to save, or to see what is asked of the run. */
  isDue(step: number): boolean {
    if (control.isAsked) return true;
    if (!this.#checkpoints) return false;
    this.#stop.listen();
    return step - this.#look.step >= this.#look.every || this.#checkpoints.isDue(step);
  }

  /**
   * Does within an epoch what was asked for, and saves the run where it is time to.
   *
   * @param state How far it is.
   * @param watch Sees before it is saved that it is worth it, or rejects; is told where the way leads on otherwise.
   * @returns Nothing. Rejects as `watch` does, and with `Stopped`, when it was saved, if the process was asked to end.
   */
  async afterStep(state: RunState<Metrics>, watch?: Watch): Promise<void> {
    if (await this.#steer(state)) watch?.begin?.(state.history.length + 1, state.step);
    if (!this.#checkpoints) return this.#end(state);
    this.#stop.listen();
    this.#pace(state.step);
    const isAsked = control.takeSave() || this.#stop.signal.aborted;
    if (!isAsked && !this.#checkpoints.isDue(state.step)) return;
    await watch?.beforeSave(state.step);
    await this.#save(state);
  }

  /** Saves the run after an epoch. Rejects with `Stopped`, when it was saved, if the process was asked to end. */
  async afterEpoch(history: readonly Metrics[]): Promise<void> {
    const state = { history, step: 0, seconds: 0 };
    await this.#steer(state);
    control.takeSave(); // it comes anyway
    await this.#save(state);
    this.#end(state);
  }

  /** Leaves the signals to the system, and gives the folder up. */
  [Symbol.dispose](): void {
    this.#attached[Symbol.dispose]();
    this.#checkpoints?.[Symbol.dispose]();
    this.#stop[Symbol.dispose]();
  }

  async #save(state: RunState<Metrics>): Promise<void> {
    const checkpoints = this.#checkpoints;
    if (!checkpoints) return;
    const file = await refusingCheckpoints(() => checkpoints.save(state));
    feed.tell({ kind: "saved", file });
    this.#stop.throwIfAsked(() => howToGoOn(file));
    this.#stop.listen();
  }

  /** Changes the learning rates, where that was asked for. */
  async #steer({ history, step }: RunState<Metrics>): Promise<boolean> {
    const change = control.takeRates(this.#rated, { epoch: history.length + 1, step });
    if (change) await noteChange(this.#out, change);
    return change !== undefined;
  }

  /** Ends a run that nothing is kept of, where that was asked for. */
  #end({ history, step }: RunState<Metrics>): void {
    this.#stop.throwIfAsked(() => nothingKept(history.length, step));
  }

  /** Chooses after how many steps to look again, from how long the last ones took. */
  #pace(step: number): void {
    const time = performance.now(), { every, ...last } = this.#look;
    const wanted = Math.floor((step - last.step) * LOOK_EVERY / Math.max(time - last.time, 1));
    this.#look = { step, time, every: Math.max(1, Math.min(wanted, 4 * every)) };
  }
}
