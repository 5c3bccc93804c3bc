/**
 * Running resampling over tensors, and the tables that it needs.
 *
 * @module
 */
import type { Device } from "../gpu/device.ts";
import { Storage } from "../gpu/storage.ts";
import { type Axis, axisTable, resampleStep, turnedRound } from "../kernels/resample.ts";
import { differentiable } from "./autograd.ts";
import { empty } from "./create.ts";
import { deviceFor, run } from "./execute.ts";
import { sizeOf } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** How an axis is resampled: a key that says it all, the size that it becomes, and the taps that make it. */
export interface AxisPlan {
  readonly key: string;
  readonly size: number;
  axis(): Axis;
}

/** Resamples the last two dimensions of `x`, with a gradient. */
export function resample(op: string, x: Tensor, plans: readonly [AxisPlan, AxisPlan]): Tensor {
  const inner = x.shape.slice(-2), lead = x.shape.slice(0, -2);
  const y = apply(op, x, lead, plans, plans.map(({ key, axis }) => table(op, key, axis)));
  return differentiable(op, y, [x], {
    gradient: (dy) => {
      const back = plans.map(({ key, axis }, d): AxisPlan => ({
        key: `${key} turned`,
        size: inner[d],
        axis: () => turnedRound(axis(), inner[d]),
      }));
      return [apply(`${op} gradient`, dy, lead, back, back.map(({ key, axis }) => table(op, key, axis)))];
    },
  });
}

function apply(
  name: string,
  x: Tensor,
  lead: readonly number[],
  plans: readonly AxisPlan[],
  [rows, columns]: readonly Storage[],
): Tensor {
  const [h, w] = x.shape.slice(-2), [outH, outW] = plans.map(({ size }) => size);
  const y = empty([...lead, outH, outW]), planes = sizeOf(lead);
  if (y.size === 0) return y;
  const call = {
    name,
    x: x.storage,
    y: y.storage,
    rows,
    columns,
    planes,
    from: [h, w],
    to: [outH, outW],
  } as const;
  run({
    name,
    key: `${name} ${planes} ${call.from} ${call.to}`,
    reads: [call.x, rows, columns],
    writes: [call.y],
    lower: (profile) => ({ steps: [resampleStep(call, profile)], temporaries: [] }),
  });
  return y;
}

/** Tables of a device by key. They are a few kilobytes each, and are used again in every step. */
const tables = new WeakMap<Device, Map<string, Storage>>();
/** Tables that are kept; beyond it the oldest is given back. */
const MOST_TABLES = 256;

function table(op: string, key: string, axis: () => Axis): Storage {
  const device = deviceFor(op);
  let known = tables.get(device);
  if (!known) tables.set(device, known = new Map());
  const found = known.get(key);
  if (found) return found;
  const words = axisTable(axis()), storage = new Storage(device, words.byteLength);
  device.queue.upload(storage, words);
  if (known.size >= MOST_TABLES) {
    const [[oldest, old]] = known;
    known.delete(oldest);
    old.release();
  }
  known.set(key, storage);
  return storage;
}
