/**
 * When a training over epochs is saved, and what it goes on with.
 *
 * @module
 */
import { signature } from "../../../ops/core/signature.ts";
import {
  ANYTHING,
  BOOLEAN,
  FUNCTION,
  listOf,
  NUMBER,
  numberFrom,
  recordOf,
  required,
  TEXT,
  whole,
} from "../../../ops/core/kinds.ts";
import type { RunParts } from "./checkpoint_file.ts";
import { CheckpointFolder } from "./checkpoint_folder.ts";

/** What a training that goes on from a checkpoint begins with. */
export interface ResumedRun<Epoch> {
  /** The file that it goes on from. */
  file: string;
  /** What was measured in the epochs that were finished. */
  history: Epoch[];
  /** Steps of the next epoch that were done. */
  step: number;
}

/** Where checkpoints are kept, and when. There is one after each epoch. */
export interface CheckpointOptions<Epoch = unknown> {
  /** The folder, for this training alone: it holds the last two checkpoints, and `best.safetensors`. */
  folder: string;
  /** Saves within epochs too, after every so many steps. */
  everySteps?: number | undefined;
  /** Saves within epochs too, whenever so many seconds have gone by. */
  everySeconds?: number | undefined;
  /** Asked after each step within an epoch: saves there too, whenever it returns true. */
  isDue?: (() => boolean) | undefined;
  /** Whether training goes on from the newest checkpoint of the folder, true unless given; if not, all there are removed. */
  resume?: boolean | undefined;
  /** What the training was told. A checkpoint with other settings is refused. */
  settings?: Record<string, unknown> | undefined;
  /** Called before the first step of a training that goes on from a checkpoint. */
  onResume?: ((run: ResumedRun<Epoch>) => void | Promise<void>) | undefined;
  /** Called with the path of each checkpoint when it is on the disk. */
  onSave?: ((file: string) => void | Promise<void>) | undefined;
}

const takes = signature<CheckpointOptions>("keep checkpoints", {}, {
  folder: required(TEXT),
  everySteps: whole(1),
  everySeconds: numberFrom(0),
  isDue: FUNCTION,
  resume: BOOLEAN,
  settings: recordOf(ANYTHING, "settings"),
  onResume: FUNCTION,
  onSave: FUNCTION,
});

/** How far a training is, and what it has measured. */
export interface RunState<Epoch> {
  /** What was measured in the epochs that are finished. */
  readonly history: readonly Epoch[];
  /** Steps of the next epoch that are done. */
  readonly step: number;
  /** How long they took. */
  readonly seconds: number;
  /** What else is to be known within an epoch. */
  readonly rest?: Readonly<Record<string, unknown>>;
}

const takesState = signature<RunState<unknown>>("go on with a training", {}, {
  history: required(listOf(recordOf(ANYTHING, "numbers"), "epochs")),
  step: required(whole(0)),
  seconds: required(NUMBER),
  rest: recordOf(ANYTHING, "values"),
});

/** The checkpoints of a training over epochs. */
export class RunCheckpoints<Epoch extends { testAcc?: number }> {
  /** Where the training goes on: at its beginning, or where a checkpoint was. */
  readonly start: RunState<Epoch>;
  readonly #options: CheckpointOptions<Epoch>;
  readonly #folder: CheckpointFolder;
  readonly #parts: RunParts;
  #savedAt = performance.now();

  private constructor(
    options: CheckpointOptions<Epoch>,
    folder: CheckpointFolder,
    parts: RunParts,
    start: RunState<Epoch>,
  ) {
    this.#options = options;
    this.#folder = folder;
    this.#parts = parts;
    this.start = start;
  }

  /**
   * Gives the parts the states of the newest checkpoint, where there is one and it is wanted.
   *
   * @param options Where checkpoints are kept, and when.
   * @param parts What is saved.
   * @returns The checkpoints. Rejects as `loadCheckpoint` does.
   */
  static async open<Epoch extends { testAcc?: number }>(
    options: CheckpointOptions<Epoch>,
    parts: RunParts,
  ): Promise<RunCheckpoints<Epoch>> {
    takes([options]);
    if (options.folder === "") {
      throw new RangeError('Cannot keep checkpoints as folder must name a folder: ""');
    }
    const folder = new CheckpointFolder(options.folder), all = { ...parts, settings: options.settings };
    await folder.claim();
    try {
      return new RunCheckpoints(options, folder, all, await RunCheckpoints.#begin(options, folder, all));
    } catch (error) {
      folder.release();
      throw error;
    }
  }

  /** Where the training begins. */
  static async #begin<Epoch>(
    options: CheckpointOptions<Epoch>,
    folder: CheckpointFolder,
    all: RunParts,
  ): Promise<RunState<Epoch>> {
    if (options.resume === false) await folder.clear();
    const resumed = await folder.resume(all);
    const start: RunState<Epoch> = resumed ? resumed.extra : { history: [], step: 0, seconds: 0 };
    if (resumed) {
      takesState([start]);
      const { history, step } = start;
      await options.onResume?.({ file: resumed.file, history: [...history], step });
    }
    return start;
  }

  /** Gives the folder up. */
  [Symbol.dispose](): void {
    this.#folder.release();
  }

  /** Whether it is time to save within an epoch, after so many of its steps. */
  isDue(step: number): boolean {
    const { everySteps, everySeconds = Infinity, isDue } = this.#options;
    if (isDue?.()) return true;
    return everySteps !== undefined && step % everySteps === 0 ||
      performance.now() - this.#savedAt >= 1000 * everySeconds;
  }

  /**
   * Saves the training as it is.
   *
   * @param state How far it is.
   * @returns The file's path.
   */
  async save(state: RunState<Epoch>): Promise<string> {
    const { history, step } = state, place = { epochs: history.length, step };
    const file = await this.#folder.save(
      place,
      { ...this.#parts, extra: state },
      step === 0 && isBest(history),
    );
    this.#savedAt = performance.now();
    await this.#options.onSave?.(file);
    return file;
  }
}

/** Whether the last epoch has the best test accuracy so far. */
function isBest(history: readonly { testAcc?: number }[]): boolean {
  const last = history.at(-1)?.testAcc;
  return last !== undefined && history.slice(0, -1).every(({ testAcc = -1 }) => !(testAcc >= last)) &&
    !Number.isNaN(last);
}
