/**
 * The checkpoints of one training in a folder: the last two, and beside them the best.
 *
 * They are called `epoch-3.safetensors` after the third epoch, `epoch-3-step-120.safetensors` 120 steps later, and
 * `best.safetensors`.
 *
 * @module
 */
import { lockFile, needDeno, PART, unlockFile } from "../../../ops/core/files.ts";
import {
  applyCheckpoint,
  type Checkpoint,
  checkpointBytes,
  INSTEAD,
  type LoadCheckpointOptions,
  readCheckpoint,
  type SaveCheckpointOptions,
  writeCheckpoint,
} from "./checkpoint_file.ts";

const NAME = /^epoch-(\d+)(?:-step-(\d+))?\.safetensors$/;
/** The names of all files that a training leaves here. */
export const CHECKPOINT_FILES: RegExp = /^(epoch-\d+(-step-\d+)?|best)\.safetensors(\.damaged)?$/;
/** The one with the best test accuracy. */
const BEST = "best.safetensors";
/** The file that is locked while a training has the folder. */
const LOCK = ".checkpoints.lock";
/** How many are kept, beside the best. */
const KEPT = 2;

/** How far a training was when it was saved. */
export interface Place {
  /** Epochs that were finished. */
  readonly epochs: number;
  /** Steps of the next epoch that were done. */
  readonly step: number;
}

/** A checkpoint that was gone on from. */
export interface Resumed extends Checkpoint {
  /** The path of its file. */
  file: string;
}

/** The checkpoints of a training. */
export class CheckpointFolder {
  /** The folder. */
  readonly path: string;
  #lock: Deno.FsFile | null = null;

  /** @param path The folder. */
  constructor(path: string) {
    this.path = path;
  }

  /**
   * Takes the folder, which is made where it is missing, for one training, until {@linkcode release} or the end of the
   * process; and removes what an ended process has left of a file.
   *
   * @returns Nothing. Rejects with an `Error` if another training has it, or it cannot be read and written to.
   */
  async claim(): Promise<void> {
    needDeno("keep checkpoints", INSTEAD);
    await namesIn(this.path);
    let lock: Deno.FsFile | string;
    try {
      await Deno.mkdir(this.path, { recursive: true });
      lock = await lockFile(this.#lockPath);
    } catch (cause) {
      throw refused(this.path, "a folder to write to", cause);
    }
    if (typeof lock === "string") {
      throw refused(this.path, "free of other trainings", `${lock} keeps one there`);
    }
    this.#lock = lock;
    await this.#sweep();
  }

  /** Gives the folder up. */
  release(): void {
    if (this.#lock) unlockFile(this.#lockPath, this.#lock);
    this.#lock = null;
  }

  get #lockPath(): string {
    return `${this.path}/${LOCK}`;
  }

  /**
   * Saves a checkpoint, and removes those that are older than the last two.
   *
   * @param place How far the training is.
   * @param options What is saved, as it is when this function is called.
   * @param isBest Whether it is the best so far.
   * @returns The file's path.
   */
  async save({ epochs, step }: Place, options: SaveCheckpointOptions, isBest = false): Promise<string> {
    const bytes = await checkpointBytes(options);
    const file = `${this.path}/epoch-${epochs}${step > 0 ? `-step-${step}` : ""}.safetensors`;
    // the best first: whoever is ended between the two goes on from an earlier one, and comes to this one again
    if (isBest) await writeCheckpoint(`${this.path}/${BEST}`, bytes);
    await writeCheckpoint(file, bytes);
    for (const name of (await this.#names()).slice(KEPT)) await removeFile(`${this.path}/${name}`);
    return file;
  }

  /**
   * Goes on from the newest checkpoint. One that is damaged is put aside under the name `….damaged`, with a warning, for
   * the one before, and at last for the best.
   *
   * @param options What goes on from it.
   * @returns What it was; null where there is none. Rejects as `loadCheckpoint` does, where none is whole or one does not
   *   fit.
   */
  async resume(options: LoadCheckpointOptions): Promise<Resumed | null> {
    const names = await this.#names(), hasBest = (await namesIn(this.path)).includes(BEST);
    const files = [...names, ...hasBest ? [BEST] : []].map((name) => `${this.path}/${name}`);
    for (const [k, file] of files.entries()) {
      try {
        return { file, ...applyCheckpoint(file, await readCheckpoint(file), options, true) };
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        if (k + 1 === files.length) {
          throw new SyntaxError(
            `${error.message} (no checkpoint of ${this.path} is whole; without resuming, training begins anew)`,
            { cause: error },
          );
        }
        await Deno.rename(file, `${file}.damaged`);
        console.warn(`Warning: ${error.message}; training goes on from ${files[k + 1]}`);
      }
    }
    return null;
  }

  async #sweep(): Promise<void> {
    await this.#remove((name) => PART.test(name) && CHECKPOINT_FILES.test(name.replace(PART, "")));
  }

  /** Removes all checkpoints. */
  async clear(): Promise<void> {
    await this.#remove((name) => CHECKPOINT_FILES.test(name));
  }

  async #remove(isMeant: (name: string) => boolean): Promise<void> {
    for (const name of await namesIn(this.path)) {
      if (isMeant(name)) await removeFile(`${this.path}/${name}`);
    }
  }

  /** The names of the checkpoints, the newest first. */
  async #names(): Promise<string[]> {
    const found = (await namesIn(this.path)).flatMap((name) => {
      const match = NAME.exec(name);
      return match ? [{ name, epochs: Number(match[1]), step: Number(match[2] ?? 0) }] : [];
    });
    return found.sort((a, b) => b.epochs - a.epochs || b.step - a.step).map(({ name }) => name);
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).filter(({ isFile }) => isFile).map(({ name }) =>
      name
    );
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return [];
    throw refused(folder, "a folder to read", cause);
  }
}

/** Removes a file, unless somebody has. */
async function removeFile(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function refused(folder: string, must: string, cause: unknown): Error {
  const found = cause instanceof Error ? cause.message : String(cause);
  return new Error(`Cannot keep checkpoints as "${folder}" must be ${must}: ${found}`, { cause });
}
