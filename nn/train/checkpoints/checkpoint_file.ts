/**
 * The state of a training as one file, and going on from it.
 *
 * @module
 */
import { describe, isPlainObject } from "../../../ops/core/describe.ts";
import { currentRecorder } from "../../../ops/core/recorder.ts";
import { needDeno, parentOf, writeWhole } from "../../../ops/core/files.ts";
import { either, having, type Kind, listOf, recordOf, TEXT } from "../../../ops/core/kinds.ts";
import { ANYTHING, BOOLEAN } from "../../../ops/core/kinds.ts";
import { scope } from "../../../ops/core/scope.ts";
import { signature } from "../../../ops/core/signature.ts";
import { Tensor } from "../../../ops/core/tensor/tensor.ts";
import type { Stateful } from "../../holders.ts";
import { MODULE, type Module } from "../../module.ts";
import { checkBytes, decodeCheckpoint, type Decoded, encodeCheckpoint } from "./_format.ts";
import {
  checkSettings,
  contentOf,
  differentSettings,
  Misfit,
  type Parts,
  restore,
  shortened,
} from "./_parts.ts";

/** What {@linkcode saveCheckpoint} saves, and {@linkcode loadCheckpoint} gives its state back to; all may be left out. */
export interface CheckpointParts {
  /** The network, with parameters and buffers; or several. */
  net?: Module | readonly Module[] | undefined;
  /** The optimiser, or several. */
  optimizer?: Stateful | readonly Stateful[] | undefined;
  /** The schedule of the learning rate, or several. */
  scheduler?: Stateful | readonly Stateful[] | undefined;
  /** The `DataLoader`, or several: what is left of a pass, and the orders to come. */
  loader?: Stateful | readonly Stateful[] | undefined;
  /** Sums that grow, such as an `Accumulator`, or several. */
  metric?: Stateful | readonly Stateful[] | undefined;
  /**
   * What the training was told, such as `{ lr: 0.1 }`: what JSON has. A file that was saved with other settings, or with
   * none, is refused.
   */
  settings?: Record<string, unknown> | undefined;
}

/** The parts of a training over epochs: it tells a schedule of steps from one of epochs, and what it is tested with. */
export interface RunParts extends CheckpointParts {
  /** The schedule that goes on after each step. */
  stepScheduler?: Stateful | undefined;
  /** The batches to test with. */
  test?: Stateful | undefined;
}

/** Options of {@linkcode saveCheckpoint}. */
export interface SaveCheckpointOptions extends CheckpointParts {
  /** What else is to be kept, such as the epoch and the metrics so far: what JSON has, and tensors in it. */
  extra?: unknown;
}

/** Options of {@linkcode loadCheckpoint}. */
export interface LoadCheckpointOptions extends CheckpointParts {
  /**
   * Whether random numbers go on where they were; unless given, they do where an optimiser or a loader is loaded, and not
   * where a network alone is.
   */
  rng?: boolean;
}

/** What {@linkcode loadCheckpoint} gives beside the states. */
export interface Checkpoint {
  /** What was saved as `extra`; its tensors are the caller's. */
  // deno-lint-ignore no-explicit-any
  extra: any;
  /** What the training was told, where that was saved. */
  settings?: Record<string, unknown> | undefined;
  /** The version of the library that wrote the file. */
  version: string;
}

/** What a runtime without files has. */
export const INSTEAD =
  "encodeSafetensors(net.stateDict()) gives bytes to keep, decodeSafetensors(bytes) what loadStateDict takes";
const STATEFUL: Kind = having("something with a state", "optimizer", "stateDict", "loadStateDict");

function some(must: string): Kind {
  const one = having(must, "optimizer", "stateDict", "loadStateDict");
  return either(one, listOf(STATEFUL, "them"));
}

const PARTS = {
  net: either(MODULE, listOf(MODULE, "modules")),
  optimizer: some("an optimiser"),
  scheduler: some("a schedule"),
  loader: some("a DataLoader"),
  metric: some("an Accumulator"),
  settings: recordOf(ANYTHING, "settings"),
};
const takesSave = signature<SaveCheckpointOptions>("save a checkpoint", { file: TEXT }, {
  ...PARTS,
  extra: ANYTHING,
});
const takesLoad = signature<LoadCheckpointOptions>("load a checkpoint", { file: TEXT }, {
  ...PARTS,
  rng: BOOLEAN,
});

/**
 * Saves where a training is, as one safetensors file: the states of what is given and of the random numbers.
 *
 * What is saved is what was there when the function was called: training may go on meanwhile. The file is written under
 * another name, put on the disk and renamed, so that at any moment there is a whole file or none. It has a checksum.
 * PyTorch's safetensors reads it too: the network's tensors are named `net.` and their name in the state dict. It takes
 * `--allow-read` and `--allow-write` for the folder, as renaming takes both.
 *
 * @param file The file's path; its folder is made where it is missing.
 * @param options What is saved.
 *
 * @returns Nothing. Rejects with a `TypeError` if `extra`, or a state, has what is neither JSON nor a tensor, or the
 *   settings what is not JSON; with an `Error` if the file cannot be written.
 *
 * @example Usage
 * ```ts
 * import { loadCheckpoint, nn, openDevice, optim, saveCheckpoint } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const net = new nn.Sequential(new nn.Linear(2, 3)), optimizer = new optim.Adam(net.parameters());
 * const file = await Deno.makeTempFile();
 * await saveCheckpoint(file, { net, optimizer, extra: { epoch: 3 } });
 *
 * const again = new nn.Sequential(new nn.Linear(2, 3)), itsOptimizer = new optim.Adam(again.parameters());
 * const { extra } = await loadCheckpoint(file, { net: again, optimizer: itsOptimizer });
 * assertEquals(extra, { epoch: 3 });
 * assertEquals(await again.parameters()[0].data(), await net.parameters()[0].data());
 * await Deno.remove(file);
 * ```
 */
export async function saveCheckpoint(file: string, options: SaveCheckpointOptions = {}): Promise<void> {
  takesSave(arguments);
  needDeno("save a checkpoint", INSTEAD);
  await writeCheckpoint(file, await checkpointBytes(options));
}

/** The bytes of a checkpoint, of what is there when the function is called. */
export function checkpointBytes(options: SaveCheckpointOptions): Promise<Uint8Array<ArrayBuffer>> {
  const { extra, settings, ...parts } = options;
  if (currentRecorder()) {
    throw new Error(
      "Cannot save a checkpoint inside compile(fn) as values are not known there: save it outside",
    );
  }
  if (settings) checkSettings(settings, "save");
  using _ = scope(); // the copies are read, in the order of the work, before their memory is another's
  return encodeCheckpoint({ ...contentOf(parts), settings, extra });
}

/** Writes a checkpoint whole or not at all. */
export async function writeCheckpoint(file: string, bytes: Uint8Array): Promise<void> {
  const name = file.slice(Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1);
  if (name === "") throw new RangeError(`Cannot save a checkpoint as file must name a file: "${file}"`);
  try {
    await writeWhole(parentOf(file), name, bytes);
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Cannot save a checkpoint as "${file}" must be a file to write: ${found}`, { cause });
  }
}

/**
 * Goes on from a file that {@linkcode saveCheckpoint} wrote: gives each part that is given its state back.
 *
 * The rest of a training gives the very bits that it would have given without the interruption, on the same adapter and
 * with the same version. Where one part does not fit, none is changed.
 *
 * @param file The file's path.
 * @param options What goes on from it; parts of the file that are not asked for are not looked at.
 * @returns What was saved beside the states. Rejects with a `SyntaxError` if the file is damaged, cut short or no
 *   checkpoint; with a `RangeError` if it is of a newer format, or of another network, optimiser, schedule, loader or
 *   setting, with both side by side; with an `Error` if it cannot be read.
 *
 * @example A network alone, to be used
 * ```ts
 * import { loadCheckpoint, nn, openDevice, saveCheckpoint } from "@plunge/plunge";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * await openDevice();
 * const net = new nn.Sequential(new nn.Linear(2, 3)), file = await Deno.makeTempFile();
 * await saveCheckpoint(file, { net, settings: { lr: 0.1 } });
 * const { settings } = await loadCheckpoint(file, { net: new nn.Sequential(new nn.Linear(2, 3)) });
 * assertEquals(settings, { lr: 0.1 });
 * await assertRejects(
 *   () => loadCheckpoint(file, { net: new nn.Sequential(new nn.Linear(2, 4)) }),
 *   RangeError,
 *   "0.weight [4, 2] here, [3, 2] in the file",
 * );
 * await Deno.remove(file);
 * ```
 */
export async function loadCheckpoint(file: string, options: LoadCheckpointOptions = {}): Promise<Checkpoint> {
  takesLoad(arguments);
  needDeno("load a checkpoint", INSTEAD);
  return applyCheckpoint(file, await readCheckpoint(file), options);
}

/** The bytes of a checkpoint that is whole. Rejects with a `SyntaxError` where it is not. */
export async function readCheckpoint(file: string): Promise<Uint8Array<ArrayBuffer>> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await Deno.readFile(file);
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Cannot load a checkpoint as "${file}" must be a file to read: ${found}`, { cause });
  }
  await checkCheckpoint(file, bytes);
  return bytes;
}

/** Rejects with a `SyntaxError` that names the file, where its bytes are not those of a whole checkpoint. */
export async function checkCheckpoint(file: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  try {
    await checkBytes(bytes);
  } catch (error) {
    throw named(file, error);
  }
}

/**
 * Gives the parts their states, and the caller the rest.
 *
 * @param file The file's path.
 * @param bytes What is in it.
 * @param options What goes on from it.
 * @param isWhole Whether a file is refused that has settings or parts which are not given.
 * @returns What was saved beside the states.
 */
export function applyCheckpoint(
  file: string,
  bytes: Uint8Array,
  options: LoadCheckpointOptions,
  isWhole = false,
): Checkpoint {
  const {
    settings = isWhole ? {} : undefined,
    rng = Boolean(options.optimizer ?? options.loader),
    ...parts
  } = options;
  using inner = scope();
  try {
    const { content, version }: Decoded = decodeCheckpoint(bytes);
    const { settings: saved } = content;
    if (saved !== undefined && !isPlainObject(saved)) {
      throw new Misfit(`its settings must have names: they are ${describe(saved)}`);
    }
    const different = settings ? differentSettings(settings, saved ?? {}) : [];
    if (different.length > 0) {
      throw new Misfit(`its settings must be those of here: ${shortened(different)}`);
    }
    restore(content, parts as Parts, rng, isWhole);
    keepTensors(content.extra, (t) => inner.keep(t));
    return { extra: content.extra, settings: saved, version };
  } catch (error) {
    throw named(file, error);
  }
}

/** An error with the file's name, in words of ours. */
function named(file: string, error: unknown): unknown {
  if (!(error instanceof RangeError || error instanceof SyntaxError)) return error;
  const message = `Cannot load a checkpoint from "${file}" as ${error.message}`;
  return error instanceof RangeError
    ? new RangeError(message, { cause: error })
    : new SyntaxError(message, { cause: error });
}

function keepTensors(value: unknown, keep: (t: Tensor) => void): void {
  if (value instanceof Tensor) keep(value);
  else if (typeof value === "object" && value !== null) {
    for (const item of Object.values(value)) keepTensors(item, keep);
  }
}
