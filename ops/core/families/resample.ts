/**
 * Running resampling over tensors, and the tables that it needs.
 *
 * @module
 */
import type { Device } from "../../gpu/device.ts";
import { Storage } from "../../gpu/storage.ts";
import { Memo, perOwner } from "../../kernels/memo.ts";
import {
  axisTable,
  resample as lowerResample,
  type Tap,
  type TapTable,
  turnedRound,
} from "../../kernels/resample.ts";
import { differentiable } from "../autograd/autograd.ts";
import { deviceFor, run } from "../run.ts";
import { sizeOf } from "../shape.ts";
import { empty, expectRoom } from "../tensor/create.ts";
import { storageOf } from "../tensor/internals.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** How an axis is resampled: a key that says it all, the size that it becomes, and the taps that make it. */
export interface ResampledAxis {
  readonly key: string;
  readonly size: number;
  axis(): TapTable;
}

/** Taps of an element above which height and width are resampled one after the other. */
const MANY_TAPS = 256;
/** Taps of an element that one invocation adds up, as its loops must end in time; beyond that its pieces come first. */
const MOST_TAPS = 4096;

/** Resamples the last two dimensions of `x`, with a gradient. */
export function resample(op: string, x: Tensor, plans: readonly [ResampledAxis, ResampledAxis]): Tensor {
  const [h, w] = x.shape.slice(-2) as [number, number], lead = x.shape.slice(0, -2);
  // Before tables as long as the result are made.
  const { pool } = deviceFor(op), sizes = plans.map((plan) => plan.size);
  for (const size of [...sizes, sizeOf([...lead, ...sizes])]) pool.checkSize(4 * size);
  const turned = ({ key, axis }: ResampledAxis, size: number): ResampledAxis => ({
    key: `${key} turned`,
    size,
    axis: () => turnedRound(axis(), size),
  });
  for (const { size } of plans) expectRoom([size]); // as the tables have a row for each element
  expectRoom([...lead, plans[0].size, plans[1].size]);
  return differentiable(op, apply(op, x, lead, plans), [x], {
    gradient: (dy) => [apply(`${op} gradient`, dy, lead, [turned(plans[0], h), turned(plans[1], w)])],
  });
}

function apply(
  name: string,
  x: Tensor,
  lead: readonly number[],
  plans: readonly [ResampledAxis, ResampledAxis],
): Tensor {
  const [rows, columns] = plans, [h, w] = x.shape.slice(-2) as [number, number];
  const tables = [tableOf(name, rows), tableOf(name, columns)] as const;
  if (tables[0].taps * tables[1].taps > MANY_TAPS && tables[0].taps > 1 && tables[1].taps > 1) {
    const half = apply(name, x, lead, [rows, same(w)]);
    const y = apply(name, half, lead, [same(rows.size), columns]);
    half.dispose();
    return y;
  }
  for (const d of [0, 1] as const) {
    if (tables[d].taps <= MOST_TAPS) continue;
    const [first, then] = inPieces(plans[d]); // the other axis has few taps or one
    const half = apply(name, x, lead, d === 0 ? [first, columns] : [rows, first]);
    const y = apply(name, half, lead, d === 0 ? [then, same(columns.size)] : [same(rows.size), then]);
    half.dispose();
    return y;
  }
  const y = empty([...lead, rows.size, columns.size]), planes = sizeOf(lead);
  if (y.size === 0) return y;
  const [{ storage: r }, { storage: c }] = tables;
  const from = [h, w] as const, to = [rows.size, columns.size] as const;
  const data = { x: storageOf(x), rows: r, columns: c, planes, from, to };
  run({ name, reads: [data.x, r, c], writes: [storageOf(y)], data, lower: lowerResample });
  return y;
}

/** An axis whose elements have very many taps, as two: pieces of an element's taps, and its pieces. */
function inPieces({ key, size, axis }: ResampledAxis): [ResampledAxis, ResampledAxis] {
  const pieces: Tap[][] = [];
  const whole = axis().map((taps) => {
    const first = pieces.length;
    for (let at = 0; at < taps.length; at += MOST_TAPS) pieces.push(taps.slice(at, at + MOST_TAPS));
    return pieces.slice(first).map((_, p) => ({ place: first + p, weight: 1 }));
  });
  return [
    { key: `${key} pieces`, size: pieces.length, axis: () => pieces },
    { key: `${key} of pieces`, size, axis: () => whole },
  ];
}

/** An axis that stays as it is. */
function same(size: number): ResampledAxis {
  return {
    key: `same ${size}`,
    size,
    axis: () => Array.from({ length: size }, (_, place) => [{ place, weight: 1 }]),
  };
}

/** A table on the GPU, and the most taps that an element has in it. */
interface Table {
  readonly storage: Storage;
  readonly taps: number;
}

/** Tables of a device by key. They are a few kilobytes each, and are used again in every step. */
const tables = perOwner<Device, Memo<Table>>(() =>
  new Memo({ most: 256, dropped: ({ storage }) => storage.release() })
);

function tableOf(op: string, { key, axis }: ResampledAxis): Table {
  const device = deviceFor(op);
  return tables(device).get(key, () => {
    const all = axis(), words = axisTable(all), storage = new Storage(device, words.byteLength);
    device.queue.upload(storage, words);
    return { storage, taps: all.reduce((most, taps) => Math.max(most, taps.length), 0) };
  });
}
