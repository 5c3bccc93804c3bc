/**
 * Resampling images: every element of the result is a weighted sum over some rows and some columns of its image.
 *
 * Nearest and bilinear interpolation and padding that repeats or mirrors elements are of this kind, along height and width apart. Which
 * places an element takes, and with which weights, is a table for each axis; the gradient is the same kernel with the
 * tables turned round. One invocation computes one element; no text depends on a size.
 *
 * @module
 */
import type { Storage } from "../gpu/storage.ts";
import type { Work } from "../gpu/work.ts";
import type { Adapter } from "./adapter.ts";
import { dispatch } from "./wgsl/source.ts";
import { read, u32s, write } from "./wgsl/text.ts";

/** One place of the input that an output takes, and with which weight. */
export interface Tap {
  readonly place: number;
  readonly weight: number;
}

/** The taps of every output along an axis. */
export type TapTable = readonly (readonly Tap[])[];

/** The axis of the gradient: for each of `size` inputs the outputs that take it. */
export function turnedRound(axis: TapTable, size: number): TapTable {
  const turned = Array.from({ length: size }, (): Tap[] => []);
  axis.forEach((taps, j) => taps.forEach(({ place, weight }) => turned[place]!.push({ place: j, weight })));
  return turned;
}

/** An axis as words: where the taps of each output begin, and where the last end; then places and weights in turn. */
export function axisTable(axis: TapTable): Uint32Array<ArrayBuffer> {
  const taps = axis.flat(), words = new Uint32Array(axis.length + 1 + 2 * taps.length);
  let at = axis.length + 1;
  axis.forEach(({ length }, j) => {
    words[j] = at;
    at += 2 * length;
  });
  words[axis.length] = at;
  const floats = new Float32Array(words.buffer);
  taps.forEach(({ place, weight }, k) => {
    words[axis.length + 1 + 2 * k] = place;
    floats[axis.length + 2 + 2 * k] = weight;
  });
  return words;
}

/** Images `[planes, h, w]` that become `[planes, outH, outW]`. */
export interface ResampleCall {
  readonly name: string;
  readonly x: Storage;
  readonly y: Storage;
  /** Tables of the vertical and the horizontal axis. */
  readonly rows: Storage;
  readonly columns: Storage;
  readonly planes: number;
  readonly from: readonly [h: number, w: number];
  readonly to: readonly [h: number, w: number];
}

// Sums begin at -0, so that one element taken with weight 1 keeps its bits.
const BODY = /* wgsl */ `
  if (id < u.n) {
    let oy = id / u.outW % u.outH;
    let ox = id % u.outW;
    let plane = id / (u.outW * u.outH) * (u.h * u.w);
    var sum = -0.0;
    for (var a = rows[oy]; a < rows[oy + 1u]; a += 2u) {
      let line = plane + rows[a] * u.w;
      var part = -0.0;
      for (var b = columns[ox]; b < columns[ox + 1u]; b += 2u) {
        part += bitcast<f32>(columns[b + 1u]) * x[line + columns[b]];
      }
      sum += bitcast<f32>(rows[a + 1u]) * part;
    }
    y[id] = sum;
  }`;

/** Makes the dispatch of a resampling. */
export function resample(call: ResampleCall, adapter: Adapter): Work {
  const n = call.planes * call.to[0] * call.to[1];
  const resampled = dispatch(
    {
      name: call.name,
      bindings: [read("x", "f32"), read("rows", "u32"), read("columns", "u32"), write("y", "f32")],
      numberDecls: u32s("n", "h", "w", "outH", "outW"),
      workgroupSize: adapter.workgroupSize,
      body: BODY,
    },
    [call.x, call.rows, call.columns, call.y],
    [n, ...call.from, ...call.to],
    n,
  );
  return { dispatches: [resampled], temporaries: [] };
}
