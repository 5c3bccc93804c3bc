/**
 * Calls: what operations ask the GPU to do, run at once or recorded.
 *
 * @module
 */
import { currentDevice, type Device } from "../gpu/device.ts";
import type { Storage } from "../gpu/storage.ts";
import { elementwise, type ElementwiseCall } from "../kernels/elementwise.ts";
import type { Epilogue } from "../kernels/epilogue.ts";
import { type Profile, PROFILES } from "../kernels/profile.ts";
import type { Work } from "../kernels/reduce.ts";
import { unscoped } from "./scope.ts";

/** What a recorder lets a call do to its first output before it is stored. */
export interface Fused {
  /** Elementwise work on each value. */
  readonly epilogue: Epilogue;
  /** Where the value goes after that, in place of `writes[0]`. */
  readonly y: Storage;
}

/** One call of a family. It says what it touches, so that a recorder can plan, and makes its own steps. */
export interface Call {
  readonly name: string;
  readonly reads: readonly Storage[];
  readonly writes: readonly Storage[];
  /** The whole call as data, where it is elementwise: such calls merge with one another. */
  readonly elementwise?: ElementwiseCall;
  /** Shape of `writes[0]`, where the family can apply an epilogue to it before it is stored. */
  readonly absorbs?: readonly number[];
  /** Makes the steps. Fused work is only given to a call that absorbs it. */
  lower(profile: Profile, fused?: Fused): Work;
}

/** Takes calls instead of the queue, while a step is captured. */
export interface Recorder {
  record(call: Call): void;
  /** Notes something outside the GPU that the step depends on, such as a module's mode. */
  guard(read: () => unknown): void;
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

/** Whether calls are being recorded. */
export function isRecording(): boolean {
  return recorder !== null;
}

/** Runs a call, or records it. */
export function run(call: Call): void {
  for (const storage of call.writes) storage.version++;
  if (recorder) return recorder.record(call);
  const device = call.writes[0].device;
  const { steps, temporaries } = call.lower(profileOf(device));
  for (const step of steps) device.queue.run(step);
  for (const storage of temporaries) storage.release();
}

/** Says that what is being done depends on a value: a captured step is recorded anew when it has changed. */
export function dependOn(read: () => unknown): void {
  recorder?.guard(read);
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

/** Runs an elementwise call, or records it. */
export function runElementwise(call: ElementwiseCall): void {
  run({
    name: call.name,
    reads: call.inputs.map((o) => o.storage),
    writes: call.outputs.map((o) => o.storage),
    elementwise: call,
    lower: (profile) => ({ steps: elementwise(call, profile), temporaries: [] }),
  });
}

/** The kernel choices for a device. */
export function profileOf(device: Device): Profile {
  return PROFILES[device.profile];
}

/** The open device, for an operation. */
export function deviceFor(op: string): Device {
  return currentDevice(`apply ${op}`);
}
