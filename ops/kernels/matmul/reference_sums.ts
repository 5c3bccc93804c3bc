/**
 * What the tuned families compute, element by element in float64 and as plainly as can be: measured kernels are held
 * against it.
 *
 * @module
 */
import type { Storage } from "../../gpu/storage.ts";
import type { Gather } from "../conv2d/direct/kernel.ts";
import { type Conv2dGeometry, forwardAxes, sourceOffset } from "../conv2d/geometry.ts";
import type { MatmulPass } from "./pass.ts";
import type { Sum } from "../tuning.ts";

type Read = (storage: Storage) => Float32Array;

/** Adds products. */
class Total implements Sum {
  value = 0;
  magnitude = 0;

  add(term: number): void {
    this.value += term;
    this.magnitude += Math.abs(term);
  }
}

/** Element `i` of a gathered convolution. */
export function gatherSum(call: Gather, i: number, read: Read): Sum {
  const { rows, cols, weights } = call, { groups, sources, results, kh, kw, sourceMajor } = weights;
  const column = i % cols.out, row = Math.floor(i / cols.out) % rows.out;
  const plane = Math.floor(i / (cols.out * rows.out));
  const channel = plane % (groups * results), image = Math.floor(plane / (groups * results));
  const part = Math.floor(channel / results), o = channel % results;
  const x = read(call.source), w = read(call.weight), total = new Total();
  if (call.bias) total.add(read(call.bias)[channel]);
  for (let ky = 0; ky < kh; ky++) {
    const r = sourceOffset(rows, row, ky);
    if (r === null || r < 0 || r >= rows.source) continue;
    for (let kx = 0; kx < kw; kx++) {
      const c = sourceOffset(cols, column, kx);
      if (c === null || c < 0 || c >= cols.source) continue;
      for (let s = 0; s < sources; s++) {
        const from = ((image * groups + part) * sources + s) * rows.source + r;
        const pair = sourceMajor ? (part * sources + s) * results + o : (part * results + o) * sources + s;
        total.add(x[from * cols.source + c] * w[(pair * kh + ky) * kw + kx]);
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
          from[((n * g.c + source) * g.h + r) * g.w + c] *
            gradient[((n * g.oc + o) * g.outH + row) * g.outW + column],
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

/** Element `i` of a matrix product. */
export function matmulSum(pass: MatmulPass, i: number, read: Read): Sum {
  const { m, n, k, transA, transB } = pass, column = i % n, row = Math.floor(i / n) % m;
  let rest = Math.floor(i / (m * n)), aBase = 0, bBase = 0;
  for (let d = pass.batchDims.length - 1; d >= 0; d--) {
    aBase += rest % pass.batchDims[d] * pass.aStrides[d];
    bBase += rest % pass.batchDims[d] * pass.bStrides[d];
    rest = Math.floor(rest / pass.batchDims[d]);
  }
  const a = read(pass.a), b = read(pass.b), total = new Total();
  if (pass.bias) total.add(read(pass.bias)[column]);
  for (let p = 0; p < k; p++) {
    total.add(
      a[aBase + (transA ? p * m + row : row * k + p)] * b[bBase + (transB ? column * k + p : p * n + column)],
    );
  }
  return total;
}

/** Sum of row `row` of `op(a)`, where `a` is transposed. */
export function rowSum({ m, k, a }: MatmulPass, row: number, read: Read): Sum {
  const total = new Total();
  for (let p = 0; p < k; p++) total.add(read(a)[p * m + row]);
  return total;
}
