/**
 * Pooling over windows of any size.
 *
 * A window that one invocation can walk is left to `by_element.ts`. A larger one is pooled in stages, each along one
 * axis: first along the rows, then along the columns of what that gave, and where even a line is long, its pieces come
 * first and then what the pieces gave. Sums do not mind, and maxima are met in the order of the plane, so that of equal ones
 * the first is still taken; their places are handed from stage to stage. The average's gradient goes back in
 * the same way. That of maxima adds each gradient to the place that it belongs to (`scatter.ts`).
 *
 * @module
 */
import { Storage } from "../../gpu/storage.ts";
import type { Work } from "../../gpu/work.ts";
import type { Adapter } from "../adapter.ts";
import { scatter } from "../indexing/scatter.ts";
import { IDENTITY } from "../wgsl/epilogue.ts";
import { MOST_TURNS } from "../wgsl/loop_limit.ts";
import { forwardByElement, type ForwardJob, gradientByElement, type GradientJob } from "./by_element.ts";
import { axisNames, type PoolWindows } from "./windows.ts";

/** Places of a window, or windows around a place, that one invocation walks: some turns are left for an epilogue. */
const MOST_PLACES = MOST_TURNS / 2;
/** Places of a piece of a line that is longer than that. */
const PIECE = 4096;

/** Makes the dispatches of a pooling. */
export function forwardInStages(job: ForwardJob, windows: PoolWindows, adapter: Adapter): Work {
  if (isWalkable(windows.most)) return forwardByElement(job, windows, adapter);
  const { planes } = windows, { device } = job.x, work: Work = { dispatches: [], temporaries: [] };
  const stages = stagesOf(windows, ["first", "end"], windows.most, windows.dilation);
  let from = { x: job.x, places: job.places };
  stages.forEach(({ from: [h, w], to: [outH, outW], ...stage }, k) => {
    const isLast = k === stages.length - 1;
    const make = () => {
      const storage = new Storage(device, 4 * planes * outH * outW);
      work.temporaries.push(storage);
      return storage;
    };
    const part = isLast
      ? { ...job, ...from }
      : { ...job, ...from, y: make(), indices: job.indices && make(), epilogue: IDENTITY };
    const text = () => ({ axes: stage.axes, divisor: isLast ? stage.divisor : "1.0" });
    const its = { ...windows, ...stage, h, w, outH, outW, text, areInside: false };
    work.dispatches.push(...forwardByElement(part, its, adapter).dispatches);
    from = { x: part.y, places: part.indices };
  });
  return work;
}

/** Makes the dispatches of a pooling's gradient. */
export function gradientInStages(job: GradientJob, windows: PoolWindows, adapter: Adapter): Work {
  if (isWalkable(windows.mostAround)) return gradientByElement(job, windows, adapter);
  if (job.indices) return scattered(job, job.indices, windows, adapter);
  const { planes } = windows, work: Work = { dispatches: [], temporaries: [] };
  const stages = stagesOf(windows, ["from", "to"], windows.mostAround, [1, 1]);
  let dy = job.dy;
  stages.forEach(({ from: [outH, outW], to: [h, w], ...stage }, k) => {
    const isLast = k === stages.length - 1;
    const dx = isLast ? job.y : new Storage(dy.device, 4 * planes * h * w);
    if (!isLast) work.temporaries.push(dx);
    const text = () => ({ axes: stage.axes, divisor: k === 0 ? stage.divisor : "1.0" });
    const its = { ...windows, ...stage, mostAround: stage.most, h, w, outH, outW, text };
    const part = { ...job, dy, y: dx, epilogue: isLast ? job.epilogue : IDENTITY };
    work.dispatches.push(...gradientByElement(part, its, adapter).dispatches);
    dy = dx;
  });
  return work;
}

/** Adds the gradients of maxima to their places; what else is to be done follows as a pooling of single places. */
function scattered(job: GradientJob, index: Storage, windows: PoolWindows, adapter: Adapter): Work {
  const { planes, h, w, outH, outW } = windows, { y: dx, epilogue } = job;
  const sums = epilogue === IDENTITY ? dx : new Storage(dx.device, 4 * planes * h * w);
  const shape = {
    items: [planes, outH * outW],
    base: { strides: [h * w, 0], offset: 0 },
    dim: 1,
    step: 1,
    limit: h * w,
    width: 1,
    tableRows: planes * h * w,
    skip: -1,
  };
  const work = scatter({ name: "max_pool2d_gradient", shape, dy: job.dy, index, y: sums }, adapter);
  if (sums === dx) return work;
  const axes = [single(0, ["first", "end"]), single(1, ["first", "end"])] as const;
  const places = {
    ...windows,
    outH: h,
    outW: w,
    text: () => ({ axes, divisor: "1.0" }),
    dilation: [1, 1],
    most: [1, 1],
    areInside: true,
    areNumbers: false,
    numbers: [],
  } as const;
  const end = { kind: "avg", x: sums, y: dx, indices: null, epilogue } as const;
  return {
    dispatches: [...work.dispatches, ...forwardByElement(end, places, adapter).dispatches],
    temporaries: [...work.temporaries, sums],
  };
}

function isWalkable([down, across]: readonly [number, number]): boolean {
  return down * (across + 1) <= MOST_PLACES;
}

/** A pooling along one axis. */
interface Stage {
  readonly from: readonly [h: number, w: number];
  readonly to: readonly [h: number, w: number];
  readonly axes: readonly [string, string];
  readonly dilation: readonly [number, number];
  readonly most: readonly [number, number];
  /** The divisor of the whole window, which is that of its coordinates in the whole pooling. */
  readonly divisor: string;
}

/** The two functions of an axis that a pooling, or its gradient, asks for where a window begins and ends. */
type Ends = readonly ["first", "end"] | readonly ["from", "to"];

/** What the functions of the whole pooling are called in its stages. */
const WHOLE = "whole_";

/** The stages of a pooling whose windows are said by the functions `ends`, or of its gradient. */
function stagesOf(
  windows: PoolWindows,
  ends: Ends,
  most: readonly [number, number],
  dilation: readonly [number, number],
): Stage[] {
  const { h, w, outH, outW } = windows, { axes: own } = windows.text(""), whole = windows.text(WHOLE);
  const wholes = whole.axes.join(""), { divisor } = whole;
  const stages: Stage[] = [];
  let from: [number, number] = ends[0] === "first" ? [h, w] : [outH, outW];
  const to = ends[0] === "first" ? [outH, outW] as const : [h, w] as const;
  const add = (d: 0 | 1, size: number, functions: string, turns: number, by: number) => {
    const on = <T>(own: T, other: T): [T, T] => (d === 0 ? [own, other] : [other, own]);
    const next = on(size, from[d === 0 ? 1 : 0]), axes = on(functions, single(d === 0 ? 1 : 0, ends));
    axes[0] += wholes;
    stages.push({ from, to: next, axes, dilation: on(by, 1), most: on(turns, 1), divisor });
    from = next;
  };
  for (const d of [1, 0] as const) {
    const by = dilation[d], pieces = most[d] > MOST_PLACES ? Math.ceil(most[d] / PIECE) : 1;
    if (pieces === 1) {
      add(d, to[d], own[d], most[d], by);
      continue;
    }
    const [first, end] = ends.map((name) => `${axisNames(WHOLE, d)[name]}(o / ${pieces})`);
    const begin = (piece: string) => `min(${end}, ${first} + ${piece} * ${PIECE * by})`;
    add(
      d,
      to[d] * pieces,
      line(d, ends, begin(`(o % ${pieces})`), begin(`(o % ${pieces} + 1)`)),
      PIECE,
      by,
    );
    add(d, to[d], line(d, ends, `o * ${pieces}`, `(o + 1) * ${pieces}`), pieces, 1);
  }
  return stages;
}

/** Windows of single places along an axis. */
function single(d: 0 | 1, ends: Ends): string {
  return line(d, ends, "o", "o + 1");
}

/** Windows along an axis, window `o` from `begin` up to `behind`. */
function line(d: 0 | 1, [first, end]: Ends, begin: string, behind: string): string {
  const names = axisNames("", d);
  return `
fn ${names[first]}(o: i32) -> i32 { return ${begin}; }
fn ${names[end]}(o: i32) -> i32 { return ${behind}; }`;
}
