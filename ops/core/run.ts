/**
 * Running calls: at once, or into the recorder of the step that is being captured.
 *
 * @module
 */
import { currentDevice, type Device } from "../gpu/device.ts";
import type { Bound, Dispatch } from "../gpu/kernel.ts";
import { Storage } from "../gpu/storage.ts";
import { elementwise, type ElementwiseCall, isPart } from "../kernels/elementwise.ts";
import { type Adapter, ADAPTERS } from "../kernels/adapter.ts";
import type { Work } from "../gpu/work.ts";
import { tuningOf } from "../kernels/tuning.ts";
import { sizeOf } from "./shape.ts";
import type { Call } from "./call.ts";
import { currentRecorder } from "./recorder.ts";

/** Runs a call, or records it. */
export function run(call: Call): void {
  const { device } = call.writes[0];
  if (device.closed || call.reads.some((s) => s.device !== device)) refuseDevices(call);
  for (const storage of call.writes) storage.version++;
  const recorder = currentRecorder();
  if (recorder) return recorder.record(call);
  const { dispatches, temporaries } = call.key === undefined
    ? call.lower(adapterOf(device))
    : recall(call, device);
  for (const dispatch of dispatches) device.queue.run(dispatch);
  for (const storage of temporaries) storage.release();
}

/** The dispatches of a call with its storages taken out: those that it reads and writes, then its temporaries. */
interface Template {
  readonly dispatches: readonly { readonly dispatch: Dispatch; readonly bind: readonly number[] }[];
  readonly temporaries: readonly number[];
}

/** Templates of a device by key. */
const templates = new WeakMap<Device, Map<string, Template>>();
/** Templates that are kept; beyond it all are forgotten, as the work has changed. */
const MOST_TEMPLATES = 2048;

/** The dispatches of a call that has a key. */
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
      dispatches: found.dispatches.map(({ dispatch, bind }) => ({
        ...dispatch,
        bind: bind.map((i) => all[i]),
      })),
      temporaries,
    };
  }
  const work = call.lower(adapterOf(device)), all = [...own, ...work.temporaries];
  if (known.size >= MOST_TEMPLATES) known.clear();
  known.set(key, {
    dispatches: work.dispatches.map((dispatch) => ({
      dispatch: { ...dispatch, bind: [] },
      bind: dispatch.bind.map((s) => all.indexOf(s)),
    })),
    temporaries: work.temporaries.map((s) => s.bytes),
  });
  return work;
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
    lower: (adapter) => ({ dispatches: elementwise(call, adapter), temporaries: [] }),
  };
}

/** All that an elementwise call's dispatch depends on beside its storages; numbers that change are none of a dispatch's. */
function elementwiseKey(
  { name, shape, program, inputs, outputs, numbers: numbers }: ElementwiseCall,
): string | undefined {
  if (numbers.some((p) => typeof p !== "number")) return undefined;
  const steps = program.steps.map(({ fn, args }) => `${fn.name} ${fn.args} ${fn.result} ${fn.body} ${args}`);
  const accesses = [...inputs, ...outputs].map(({ access }) => `${access.strides}+${access.offset}`);
  const parts = outputs.map((o) => isPart(o, sizeOf(shape)));
  return [name, shape, program.inputs, program.outputs, numbers, ...steps, ...accesses, parts].join("|");
}

/** The kernel choices for a device. */
export function adapterOf(device: Device): Adapter {
  return ADAPTERS[device.kernels];
}

/** The open device, for an operation. */
export function deviceFor(op: string): Device {
  return currentDevice(`apply ${op}`);
}

/** Says that the tensors of a call do not lie on one device that is open. */
function refuseDevices({ name, reads, writes }: Call): never {
  const found = [...reads, ...writes].some((s) => s.device.closed) ? "one was closed" : "they are on two";
  throw new Error(`Cannot apply ${name} as its tensors must be on one open device: ${found}`);
}
