/**
 * Running calls: at once, or into the recorder of the step that is being captured.
 *
 * @module
 */
import { currentDevice, type Device } from "../gpu/device.ts";
import type { Bound, Dispatch } from "../gpu/kernel.ts";
import { Storage } from "../gpu/storage.ts";
import { type Adapter, ADAPTERS } from "../kernels/adapter.ts";
import type { Work } from "../gpu/work.ts";
import { Recent } from "../gpu/recent.ts";
import { tuningOf } from "../kernels/tuning.ts";
import { type Call, lowerCall } from "./call.ts";
import { callKey } from "./call_key.ts";
import { currentRecorder } from "./recorder.ts";

/** Runs a call, or records it. */
export function run<Data extends object>(call: Call<Data>): void {
  const { device } = call.writes[0];
  if (device.closed || call.reads.some((s) => s.device !== device)) refuseDevices(call);
  for (const storage of call.writes) storage.version++;
  const recorder = currentRecorder();
  if (recorder) return recorder.record(call);
  const { dispatches, temporaries } = dispatchesOf(call, device);
  for (const dispatch of dispatches) device.queue.run(dispatch);
  for (const storage of temporaries) storage.release();
}

/** The dispatches of a call with its storages taken out: those that it reads and writes, then its temporaries. */
interface Template {
  readonly dispatches: readonly { readonly dispatch: Dispatch; readonly bind: readonly number[] }[];
  readonly temporaries: readonly number[];
}

/** What is remembered for a device. */
interface Templates {
  /** Of the device's measured tiles, when the templates were made: others may be chosen now. */
  generation: number;
  readonly byKey: Recent<Template>;
}

const templates = new WeakMap<Device, Templates>();
/** Templates that are kept for a device; a step of a deep network has some hundred. */
const MOST_TEMPLATES = 2048;

function templatesOf(device: Device): Recent<Template> {
  const { generation } = tuningOf(device);
  let known = templates.get(device);
  if (!known) templates.set(device, known = { generation, byKey: new Recent({ most: MOST_TEMPLATES }) });
  if (known.generation !== generation) known.byKey.clear();
  known.generation = generation;
  return known.byKey;
}

/** The dispatches of a call: made once for each key, as writing kernels takes longer than running small ones. */
function dispatchesOf(call: Call, device: Device): Work {
  const key = callKey(call);
  if (key === null) return lowerCall(call, adapterOf(device));
  const known = templatesOf(device), found = known.get(key);
  if (found) return fill(found, call, device);
  const work = lowerCall(call, adapterOf(device));
  known.set(key, templateOf(work, call));
  return work;
}

function templateOf({ dispatches, temporaries }: Work, { reads, writes }: Call): Template {
  const all: Bound[] = [...reads, ...writes, ...temporaries];
  return {
    dispatches: dispatches.map((dispatch) => ({
      dispatch: { ...dispatch, bind: [] },
      bind: dispatch.bind.map((s) => all.indexOf(s)),
    })),
    temporaries: temporaries.map((s) => s.bytes),
  };
}

/** The dispatches of a template with the storages of a call, and new temporaries. */
function fill(template: Template, { reads, writes }: Call, device: Device): Work {
  const temporaries = template.temporaries.map((bytes) => new Storage(device, bytes));
  const all: Bound[] = [...reads, ...writes, ...temporaries];
  const dispatches = template.dispatches.map((
    { dispatch: { kernel, numbers, workgroups, flops }, bind },
  ) => ({
    kernel,
    bind: bind.map((i) => all[i]),
    numbers,
    workgroups,
    flops,
  }));
  return { dispatches, temporaries };
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
