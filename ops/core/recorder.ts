/**
 * The recorder: what takes calls in place of the queue while a step is captured.
 *
 * @module
 */
import type { Storage } from "../gpu/storage.ts";
import type { Call } from "./call.ts";
import { unscoped } from "./scope.ts";
import type { Tensor } from "./tensor/tensor.ts";

/** Takes calls instead of the queue, while a step is captured. */
export interface Recorder {
  record(call: Call): void;
  /** Notes something outside the GPU that the step depends on, such as a module's mode; once for each `about`. */
  guard(read: () => unknown, about?: object): void;
  /** Notes that it matters whether a leaf requires a gradient. */
  readLeaf(leaf: Tensor): void;
  /** Notes that a leaf's gradient is looked at, or about to be replaced. */
  readGrad(leaf: Tensor): void;
  writeGrad(leaf: Tensor): void;
  /** Whether a tensor was there before the step. */
  isOutside(t: Tensor): boolean;
  /** Notes memory in which nothing changes any more. */
  addConstant(storage: Storage): void;
  /** Has `prepare` run at the beginning of each replay, in the order in which such was asked for. */
  beforeReplay(prepare: () => void): void;
}

let recorder: Recorder | null = null;

/** Runs `fn` with its calls going to `to`. */
export function recordInto<T>(to: Recorder, fn: () => T): T {
  const outer = recorder;
  recorder = to;
  try {
    return fn();
  } finally {
    recorder = outer;
  }
}

/** What takes the calls at present; null where they run at once. */
export function currentRecorder(): Recorder | null {
  return recorder;
}

/** Refuses what cannot be part of a captured step. */
export function refuseInCapture(action: string, reason: string): void {
  if (recorder) throw new Error(`Cannot ${action} inside compile(fn) as ${reason}`);
}

/**
 * Says that what is being done depends on a value: a captured step is recorded anew when it has changed.
 *
 * @param about What has the value, if the step may change it itself: only the value that it finds counts.
 */
export function dependOn(read: () => unknown, about?: object): void {
  recorder?.guard(read, about);
}

/**
 * Has `prepare` run at the beginning of each replay of the step that is being recorded, in the order of asking: the order
 * of the kernels is another, and what nobody reads has none.
 *
 * @returns Whether a step is being recorded.
 */
export function beforeReplay(prepare: () => void): boolean {
  recorder?.beforeReplay(prepare);
  return recorder !== null;
}

/**
 * Runs `fn` at once and for good, even while a step is captured: no scope frees what it makes, and a replay does not
 * repeat it. For state that lives on between steps.
 */
export function persistent<T>(fn: () => T): T {
  const outer = recorder;
  recorder = null;
  try {
    return unscoped(fn);
  } finally {
    recorder = outer;
  }
}
