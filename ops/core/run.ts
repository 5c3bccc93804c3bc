/**
 * Calls: what operations ask the GPU to do, run at once or recorded.
 *
 * @module
 */
import { currentDevice, type Device } from "../gpu/device.ts";
import type { Bound, Step } from "../gpu/kernel.ts";
import { Storage } from "../gpu/storage.ts";
import type { FusedPool } from "../kernels/conv2d/store.ts";
import { elementwise, type ElementwiseCall, isPart } from "../kernels/elementwise.ts";
import type { Epilogue } from "../kernels/wgsl/epilogue.ts";
import { type Profile, PROFILES } from "../kernels/adapter.ts";
import type { Work } from "../kernels/reduce.ts";
import { tuningOf } from "../kernels/tuning.ts";
import { unscoped } from "./scope.ts";
import { sizeOf } from "./shape.ts";
import type { Tensor } from "./tensor/tensor.ts";

/** What a recorder lets a call do to its first output before it is stored. */
export interface Fused {
  /** Elementwise work on each value. */
  readonly epilogue: Epilogue;
  /** Where the value goes after that, in place of `writes[0]`. */
  readonly y: Storage;
  /** A pooling of it, given only to a call that absorbs poolings. */
  readonly pool?: FusedPool;
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
  /** What it pools, where it is a pooling in windows of two by two with no more to it: `reads[0]` into `writes`. */
  readonly pooling?: { readonly kind: "max" | "avg"; readonly h: number; readonly w: number };
  /** Whether the family can do such a pooling of its output as well. */
  readonly absorbsPooling?: boolean;
  /**
   * What the steps depend on beside their storages, where it is cheap to say: calls of one key and device differ in
   * storages alone. The steps are then made once, as writing kernels takes longer than running small ones.
   */
  readonly key?: string;
  /** Makes the steps. Fused work is only given to a call that absorbs it. */
  lower(profile: Profile, fused?: Fused): Work;
}

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
  /** Notes memory in which nothing changes any more. */
  addConstant(storage: Storage): void;
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

/** Runs a call, or records it. */
export function run(call: Call): void {
  for (const storage of call.writes) storage.version++;
  if (recorder) return recorder.record(call);
  const device = call.writes[0].device;
  const { steps, temporaries } = call.key === undefined
    ? call.lower(profileOf(device))
    : recall(call, device);
  for (const step of steps) device.queue.run(step);
  for (const storage of temporaries) storage.release();
}

/** The steps of a call with its storages taken out: those that it reads and writes, then its temporaries. */
interface Template {
  readonly steps: readonly { readonly step: Step; readonly bind: readonly number[] }[];
  readonly temporaries: readonly number[];
}

/** Templates of a device by key. */
const templates = new WeakMap<Device, Map<string, Template>>();
/** Templates that are kept; beyond it all are forgotten, as the work has changed. */
const MOST_TEMPLATES = 2048;

/** The steps of a call that has a key. */
function recall(call: Call, device: Device): Work {
  let known = templates.get(device);
  if (!known) templates.set(device, known = new Map());
  const own: Bound[] = [...call.reads, ...call.writes];
  // Which of them are the same matters too, and so do tiles that were measured meanwhile.
  const key = `${call.key}|${own.map((s) => own.indexOf(s)).join()}|${tuningOf(device).generation}`;
  const found = known.get(key);
  if (found) {
    const temporaries = found.temporaries.map((bytes) => new Storage(device, bytes));
    const all: Bound[] = [...own, ...temporaries];
    return {
      steps: found.steps.map(({ step, bind }) => ({ ...step, bind: bind.map((i) => all[i]) })),
      temporaries,
    };
  }
  const work = call.lower(profileOf(device)), all = [...own, ...work.temporaries];
  if (known.size >= MOST_TEMPLATES) known.clear();
  known.set(key, {
    steps: work.steps.map((step) => ({
      step: { ...step, bind: [] },
      bind: step.bind.map((s) => all.indexOf(s)),
    })),
    temporaries: work.temporaries.map((s) => s.bytes),
  });
  return work;
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
  run(elementwiseAsCall(call));
}

/** An elementwise call as a call like any other. */
export function elementwiseAsCall(call: ElementwiseCall): Call {
  return {
    name: call.name,
    reads: call.inputs.map((o) => o.storage),
    writes: call.outputs.map((o) => o.storage),
    key: elementwiseKey(call),
    elementwise: call,
    lower: (profile) => ({ steps: elementwise(call, profile), temporaries: [] }),
  };
}

/** All that an elementwise call's step depends on beside its storages; numbers that change are none of a step's. */
function elementwiseKey(
  { name, shape, program, inputs, outputs, params }: ElementwiseCall,
): string | undefined {
  if (params.some((p) => typeof p !== "number")) return undefined;
  const steps = program.steps.map(({ fn, args }) => `${fn.name} ${fn.args} ${fn.result} ${fn.body} ${args}`);
  const accesses = [...inputs, ...outputs].map(({ access }) => `${access.strides}+${access.offset}`);
  const parts = outputs.map((o) => isPart(o, sizeOf(shape)));
  return [name, shape, program.inputs, program.outputs, params, ...steps, ...accesses, parts].join("|");
}

/** The kernel choices for a device. */
export function profileOf(device: Device): Profile {
  return PROFILES[device.profile];
}

/** The open device, for an operation. */
export function deviceFor(op: string): Device {
  return currentDevice(`apply ${op}`);
}
