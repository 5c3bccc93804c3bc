/**
 * What convolutions compute, element by element in float64 and as plainly as can be: measured kernels are held against it.
 *
 * @module
 */
import type { Storage } from "../../gpu/storage.ts";
import { type Read, Total } from "../matmul/reference_sums.ts";
import type { Sum } from "../tuning.ts";
import { type Conv2dGeometry, type Convolution, forwardAxes, sourceOffset } from "./geometry.ts";

/** Element `i` of a convolution. */
export function convolutionSum(call: Convolution, i: number, read: Read): Sum {
  const { rows, cols, weights } = call, { groups, sources, results, kh, kw, sourceMajor } = weights;
  const column = i % cols.out, row = Math.floor(i / cols.out) % rows.out;
  const plane = Math.floor(i / (cols.out * rows.out));
  const channel = plane % (groups * results), image = Math.floor(plane / (groups * results));
  const part = Math.floor(channel / results), o = channel % results;
  const x = read(call.source), w = read(call.weight), total = new Total();
  if (call.bias) total.add(read(call.bias)[channel]!);
  for (let ky = 0; ky < kh; ky++) {
    const r = sourceOffset(rows, row, ky);
    if (r === null || r < 0 || r >= rows.source) continue;
    for (let kx = 0; kx < kw; kx++) {
      const c = sourceOffset(cols, column, kx);
      if (c === null || c < 0 || c >= cols.source) continue;
      for (let s = 0; s < sources; s++) {
        const from = ((image * groups + part) * sources + s) * rows.source + r;
        const pair = sourceMajor ? (part * sources + s) * results + o : (part * results + o) * sources + s;
        total.add(x[from * cols.source + c]! * w[(pair * kh + ky) * kw + kx]!);
      }
    }
  }
  return total;
}

/** Element `i` of a convolution's weight gradient. */
export function weightGradientSum(
  g: Conv2dGeometry,
  { x, dy }: { x: Storage; dy: Storage },
  i: number,
  read: Read,
): Sum {
  const sources = g.c / g.groups, { rows, cols } = forwardAxes(g);
  const kx = i % g.kw, ky = Math.floor(i / g.kw) % g.kh;
  const s = Math.floor(i / (g.kw * g.kh)) % sources, o = Math.floor(i / (g.kw * g.kh * sources));
  const source = Math.floor(o / (g.oc / g.groups)) * sources + s;
  const from = read(x), gradient = read(dy), total = new Total();
  for (let n = 0; n < g.n; n++) {
    for (let row = 0; row < g.outH; row++) {
      const r = sourceOffset(rows, row, ky)!;
      if (r < 0 || r >= g.h) continue;
      for (let column = 0; column < g.outW; column++) {
        const c = sourceOffset(cols, column, kx)!;
        if (c < 0 || c >= g.w) continue;
        total.add(
          from[((n * g.c + source) * g.h + r) * g.w + c]! *
            gradient[((n * g.oc + o) * g.outH + row) * g.outW + column]!,
        );
      }
    }
  }
  return total;
}

/** Element `o` of a convolution's bias gradient. */
export function biasGradientSum(g: Conv2dGeometry, dy: Storage, o: number, read: Read): Sum {
  const plane = g.outH * g.outW, total = new Total();
  for (let n = 0; n < g.n; n++) {
    for (const v of read(dy).subarray((n * g.oc + o) * plane, (n * g.oc + o + 1) * plane)) total.add(v);
  }
  return total;
}
