/**
 * Profiles as traces: the Trace Event Format of Chrome, which Perfetto (https://ui.perfetto.dev) and `chrome://tracing` open.
 *
 * The format: https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU.
 *
 * @module
 */
import type { ProfiledDispatch } from "../gpu/profiler.ts";

/** An event of a trace: something that took time (`X`), or what a process or a thread is called (`M`). */
export interface TraceEvent {
  /** What is shown. */
  name: string;
  /** Kind of the event. */
  ph: "X" | "M";
  /** When it began, in microseconds; 0 for a name. */
  ts: number;
  /** How long it took, in microseconds. */
  dur?: number;
  /** The process: 1 for the GPU, 2 for the program. */
  pid: number;
  /** The thread; each process has one. */
  tid: number;
  /** Categories, with commas between them. */
  cat?: string;
  /** What is shown when the event is chosen. */
  args: Record<string, string | number | string[]>;
}

/** A trace in the Trace Event Format. `JSON.stringify(trace)` is a file that Perfetto opens. */
export interface Trace {
  /** The events. */
  traceEvents: TraceEvent[];
  /** The unit of times that are shown. */
  displayTimeUnit: "ms";
  /** What the trace is of. */
  otherData: Record<string, string>;
}

/** One lane of a trace: when each dispatch began there, and how long it took, in milliseconds. */
interface Lane {
  readonly pid: number;
  readonly process: string;
  readonly thread: string;
  readonly time: (dispatch: ProfiledDispatch) => { start: number; ms: number };
}

const GPU: Lane = { pid: 1, process: "GPU", thread: "kernels", time: ({ start, ms }) => ({ start, ms }) };
const PROGRAM: Lane = {
  pid: 2,
  process: "Program",
  thread: "recording",
  time: ({ recorded, recordingMs }) => ({ start: recorded, ms: recordingMs }),
};

/** A trace of dispatches. Without timestamps of the GPU it has what the program did alone. */
export function traceOf(dispatches: readonly ProfiledDispatch[], otherData: Record<string, string>): Trace {
  const lanes = dispatches.some(({ ms }) => Number.isNaN(ms)) ? [PROGRAM] : [GPU, PROGRAM];
  return {
    traceEvents: lanes.flatMap((lane) => [...namesOf(lane), ...eventsOf(dispatches, lane)]),
    displayTimeUnit: "ms",
    otherData,
  };
}

function namesOf({ pid, process, thread }: Lane): TraceEvent[] {
  const name = (name: string, value: string): TraceEvent => (
    { name, ph: "M", ts: 0, pid, tid: 1, args: { name: value } }
  );
  return [name("process_name", process), name("thread_name", thread)];
}

/** A dispatch on its lane, in whole nanoseconds so that no rounding puts an event outside of what it lies in. */
interface Timed {
  readonly dispatch: ProfiledDispatch;
  readonly from: number;
  readonly to: number;
}

/** The dispatches of a lane one after another; clocks that step back a little do not make them overlap. */
function timed(dispatches: readonly ProfiledDispatch[], { time }: Lane): Timed[] {
  const nanoseconds = (ms: number) => Math.round(1e6 * ms);
  let free = 0;
  return dispatches.map((dispatch) => ({ dispatch, ...time(dispatch) }))
    .sort((a, b) => a.start - b.start)
    .map(({ dispatch, start, ms }) => {
      const from = Math.max(nanoseconds(start), free), to = Math.max(nanoseconds(start + ms), from);
      free = to;
      return { dispatch, from, to };
    });
}

/** Parts of the step, with the layers in them, with the kernels in these. */
function eventsOf(dispatches: readonly ProfiledDispatch[], lane: Lane): TraceEvent[] {
  const all = timed(dispatches, lane);
  return runsOf(all, ({ dispatch }) => phasesOf(dispatch).join(" + ")).flatMap(([phase, part]) => [
    span(phase, "phase", part, lane),
    ...runsOf(part, ({ dispatch }) => layersOfOne(dispatch).join(" + ")).flatMap(([layer, kernels]) => [
      ...layer === "" ? [] : [span(layer, "layer", kernels, lane)],
      ...kernels.map((kernel) => ({
        ...span(kernel.dispatch.kernel, "kernel", [kernel], lane),
        args: factsOf(kernel.dispatch),
      })),
    ]),
  ]);
}

/** An event from the beginning of the first to the end of the last. */
function span(name: string, cat: string, timed: readonly Timed[], { pid }: Lane): TraceEvent {
  const from = timed[0]!.from, to = timed.at(-1)!.to;
  return { name, cat, ph: "X", ts: from / 1000, dur: (to - from) / 1000, pid, tid: 1, args: {} };
}

function factsOf(dispatch: ProfiledDispatch): TraceEvent["args"] {
  const { flops, ms, bytes, workgroups } = dispatch;
  return {
    layers: layersOfOne(dispatch),
    phases: phasesOf(dispatch),
    workgroups,
    bytes,
    ...flops > 0 ? { flops } : {},
    ...flops > 0 && ms > 0 ? { "GFLOP/s": Number((flops / ms / 1e6).toFixed(2)) } : {},
  };
}

/** The parts of the step that a dispatch is for, each once. */
export function phasesOf({ purposes }: ProfiledDispatch): string[] {
  return purposes.length > 0 ? [...new Set(purposes.map(({ phase }) => phase))] : ["other"];
}

/** The layers that a dispatch is for, each once. */
function layersOfOne({ purposes }: ProfiledDispatch): string[] {
  return [...new Set(purposes.map(({ layer }) => layer))].filter((layer) => layer !== "");
}

/** Items that follow one another and have one name, with it. */
function runsOf<T>(items: readonly T[], nameOf: (item: T) => string): [string, T[]][] {
  const runs: [string, T[]][] = [];
  for (const item of items) {
    const name = nameOf(item), last = runs.at(-1);
    if (last?.[0] === name) last[1].push(item);
    else runs.push([name, [item]]);
  }
  return runs;
}
