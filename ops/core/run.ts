/**
 * Running calls: at once, or into the recorder of the step that is being captured.
 *
 * @module
 */
import { pick } from "../kernels/pick.ts";
import { currentDevice, type Device } from "../gpu/device.ts";
import { DeviceLostError } from "../gpu/device_lost_error.ts";
import type { Bound, Dispatch } from "../gpu/kernel.ts";
import { Storage } from "../gpu/storage.ts";
import type { Work } from "../gpu/work.ts";
import { type Adapter, ADAPTERS } from "../kernels/adapter.ts";
import { Memo, perOwner } from "../kernels/memo.ts";
import { tuningOf } from "../kernels/tuning.ts";
import { type Call, lowerCall } from "./call.ts";
import { callKey } from "./call_key.ts";
import { currentRecorder } from "./recorder.ts";

/** Runs a call, or records it. */
export function run<Data extends object>(call: Call<Data>): void {
  const { device } = call.writes[0]!;
  if (device.end || call.reads.some((s) => s.device !== device)) refuseDevices(call);
  for (const storage of call.writes) storage.version++;
  const recorder = currentRecorder();
  if (recorder) return recorder.record(call);
  const { dispatches, temporaries } = dispatchesOf(call, device);
  try {
    for (const dispatch of dispatches) device.queue.run(dispatch);
  } finally {
    for (const storage of temporaries) storage.release();
  }
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
  byKey: Memo<Template>;
}

const MOST_TEMPLATES = 2048;
const noTemplates = () => new Memo<Template>({ most: MOST_TEMPLATES });
const templates = perOwner<Device, Templates>(() => ({ generation: 0, byKey: noTemplates() }));

function templatesOf(device: Device): Memo<Template> {
  const known = templates(device), { generation } = tuningOf(device);
  if (known.generation !== generation) known.byKey = noTemplates();
  known.generation = generation;
  return known.byKey;
}

/** The dispatches of a call: made once for each key, as writing kernels takes longer than running small ones. */
function dispatchesOf(call: Call, device: Device): Work {
  const key = callKey(call);
  if (key === null) return lowerCall(call, adapterOf(device));
  let made: Work | null = null;
  const template = templatesOf(device).get(key, () => {
    made = lowerCall(call, adapterOf(device));
    return templateOf(made, call);
  });
  return made ?? fill(template, call, device);
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
    bind: pick(all, bind),
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
  const ended = [...reads, ...writes].find((s) => s.device.end);
  const found = ended ? `one was ${ended.device.end}` : "they are on two";
  const message = `Cannot apply ${name} as its tensors must be on one open device: ${found}`;
  throw ended?.device.lost ? new DeviceLostError(message) : new Error(message);
}
