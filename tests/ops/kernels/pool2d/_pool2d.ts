/**
 * Naive poolings, and what the tests of the pooling kernels share.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { type Device, openDevice } from "../../../../ops/gpu/device.ts";
import { Storage } from "../../../../ops/gpu/storage.ts";
import type { Work } from "../../../../ops/gpu/work.ts";
import { type Adapter, ADAPTERS } from "../../../../ops/kernels/adapter.ts";
import { programEpilogue } from "../../../../ops/kernels/elementwise.ts";
import {
  avgPool2dForward,
  avgPool2dGradient,
  maxPool2dForward,
  maxPool2dGradient,
} from "../../../../ops/kernels/pool2d/pool2d.ts";
import type { Pool2dGeometry } from "../../../../ops/kernels/pool2d/windows.ts";
import { rowMajor } from "../../../../ops/kernels/wgsl/access.ts";
import { type Epilogue, IDENTITY } from "../../../../ops/kernels/wgsl/epilogue.ts";
import { programOf } from "../../../../ops/kernels/wgsl/program.ts";

/** The kernels for CPUs and for GPUs. */
export const BOTH: readonly Adapter[] = [ADAPTERS.cpu, ADAPTERS.gpu];

/** A case; what is left out is PyTorch's default, 2 images or 3 channels. */
export interface Case extends Partial<Pool2dGeometry> {
  readonly h: number;
  readonly w: number;
  readonly kernel: readonly [number, number];
  readonly ceilMode?: boolean;
  readonly countIncludePad?: boolean;
  readonly divisorOverride?: number;
  /** Adds a tensor of the output's shape and doubles. */
  readonly epilogue?: boolean;
  readonly allowsVec4?: boolean;
}

let seed = 1;

/** Values in [-1, 1) with three digits, so that some are equal; the same in every run. */
export function values(n: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: n }, () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
    return Math.round(seed / 2 ** 24) / 128;
  });
}

/** Output size as PyTorch has it: with ceilMode no window begins beyond the image and its left padding. */
function outSize(size: number, k: number, s: number, p: number, d: number, ceilMode: boolean): number {
  const span = size + 2 * p - d * (k - 1) - 1;
  const out = (ceilMode ? Math.ceil(span / s) : Math.floor(span / s)) + 1;
  return ceilMode && (out - 1) * s >= size + p ? out - 1 : out;
}

/** The geometry of a case. */
export function geometryOf(c: Case): Pool2dGeometry & { dilation: readonly [number, number] } {
  const { n = 2, c: channels = 3, h, w, kernel, stride = kernel, padding = [0, 0], dilation = [1, 1] } = c;
  const out = (d: 0 | 1, size: number) =>
    outSize(size, kernel[d], stride[d], padding[d], dilation[d], c.ceilMode ?? false);
  return { n, c: channels, h, w, kernel, stride, padding, dilation, outH: out(0, h), outW: out(1, w) };
}

/** Every window: its plane, and the places inside the image that it covers, with the divisor of its average. */
function* windowsOf(g: ReturnType<typeof geometryOf>, c: Case) {
  for (let plane = 0; plane < g.n * g.c; plane++) {
    for (let oy = 0; oy < g.outH; oy++) {
      for (let ox = 0; ox < g.outW; ox++) {
        const y0 = oy * g.stride[0] - g.padding[0],
          x0 = ox * g.stride[1] - g.padding[1],
          places: number[] = [];
        let padded = 0;
        for (let ky = 0; ky < g.kernel[0]; ky++) {
          for (let kx = 0; kx < g.kernel[1]; kx++) {
            const iy = y0 + ky * g.dilation[0], ix = x0 + kx * g.dilation[1];
            if (iy < g.h + g.padding[0] && ix < g.w + g.padding[1]) padded++;
            if (iy >= 0 && iy < g.h && ix >= 0 && ix < g.w) places.push(iy * g.w + ix);
          }
        }
        const counted = c.countIncludePad ?? true ? padded : places.length;
        yield { plane, places, divisor: c.divisorOverride ?? counted };
      }
    }
  }
}

/** Elements behind every result that nothing may write. */
const MARGIN = 512;

/** Memory for a result, with the margin behind it. */
export function resultOf(device: Device, size: number): Storage {
  return new Storage(device, 4 * (size + MARGIN));
}

/** Puts values on the GPU. */
export function put(device: Device, data: Float32Array<ArrayBuffer>): Storage {
  const storage = new Storage(device, 4 * data.length);
  device.queue.upload(storage, data);
  return storage;
}

/** An epilogue `2 (x + z)` over `shape`, with its z. */
function epilogueOf(
  device: Device,
  c: Case,
  shape: readonly number[],
): { epilogue: Epilogue; z: Float32Array } {
  const z = values(shape.reduce((a, b) => a * b, 1));
  if (!c.epilogue) return { epilogue: IDENTITY, z };
  const program = programOf({
    name: "add_scaled",
    args: [["x", "float32"], ["z", "float32"], ["factor", "float32"]],
    result: "float32",
    body: "(x + z) * factor",
  }, 1);
  const operand = { storage: put(device, z), access: { strides: rowMajor(shape), offset: 0 } };
  return {
    epilogue: { ...programEpilogue(program, shape, [operand], [2]), allowsVec4: c.allowsVec4 ?? true },
    z,
  };
}

/** Runs `work` and compares what `result` then holds. */
export async function expectValues(
  work: Work,
  result: Storage,
  expected: ArrayLike<number>,
  what: string,
  tolerance = 0,
): Promise<void> {
  const { device } = result;
  device.queue.upload(result, new Float32Array(result.bytes / 4).fill(NaN));
  for (const dispatch of work.dispatches) device.queue.run(dispatch);
  for (const storage of work.temporaries) storage.release();
  const bytes = await device.queue.read(result, result.bytes);
  const margin = new Float32Array(bytes, 4 * expected.length);
  assertEquals([...margin].every(Number.isNaN), true, `${what}: stored beyond the end`);
  const actual = expected instanceof Int32Array
    ? new Int32Array(bytes, 0, expected.length)
    : new Float32Array(bytes, 0, expected.length);
  const worst = actual.findIndex((v, i) =>
    !(Math.abs(v - expected[i]) <= tolerance) && !Object.is(v, expected[i])
  );
  assertEquals(worst, -1, `${what}: [${worst}] = ${actual[worst]}, not ${expected[worst]}`);
}

/** Checks max pooling, forward, indices and gradient, against plain loops on both adapters. */
export async function checkMax(c: Case, data?: Float32Array<ArrayBuffer>): Promise<void> {
  const device = await openDevice();
  const geometry = geometryOf(c), { n, c: channels, h, w, outH, outW } = geometry;
  const x = data ?? values(n * channels * h * w), dy = values(n * channels * outH * outW);
  const out = epilogueOf(device, c, [n, channels, outH, outW]),
    back = epilogueOf(device, c, [n, channels, h, w]);
  const y = new Float32Array(dy.length), places = new Int32Array(dy.length), dx = new Float64Array(x.length);
  let i = 0;
  for (const { plane, places: covered } of windowsOf(geometry, c)) {
    const base = plane * h * w;
    let best = -Infinity, at = covered[0];
    for (const p of covered) {
      const v = x[base + p];
      if (v > best || Number.isNaN(v)) [best, at] = [v, p];
    }
    dx[base + at] += dy[i];
    places[i] = at;
    y[i] = c.epilogue ? 2 * (best + out.z[i]) : best;
    i++;
  }
  if (c.epilogue) dx.forEach((v, k) => dx[k] = 2 * (v + back.z[k]));
  const of = (size: number) => resultOf(device, size);
  const s = {
    x: put(device, x),
    dy: put(device, dy),
    y: of(y.length),
    indices: of(y.length),
    dx: of(x.length),
  };
  for (const adapter of BOTH) {
    const what = `${adapter.kernels} max ${JSON.stringify(c)}`;
    const forward = { x: s.x, y: s.y, geometry, epilogue: out.epilogue };
    await expectValues(maxPool2dForward({ ...forward, indices: null }, adapter), s.y, y, `${what} y alone`);
    await expectValues(
      maxPool2dForward({ ...forward, indices: s.indices }, adapter),
      s.indices,
      places,
      `${what} indices`,
    );
    await expectValues(maxPool2dForward({ ...forward, indices: s.indices }, adapter), s.y, y, `${what} y`);
    const gradient = { dy: s.dy, indices: s.indices, y: s.dx, geometry, epilogue: back.epilogue };
    await expectValues(maxPool2dGradient(gradient, adapter), s.dx, dx, `${what} dx`, 1e-5);
  }
  for (const t of [...Object.values(s), ...out.epilogue.reads, ...back.epilogue.reads]) t.release();
}

/** Checks average pooling, forward and gradient, against plain loops on both adapters. */
export async function checkAvg(c: Case): Promise<void> {
  const device = await openDevice();
  const geometry = geometryOf(c), { n, c: channels, h, w, outH, outW } = geometry;
  const x = values(n * channels * h * w), dy = values(n * channels * outH * outW);
  const out = epilogueOf(device, c, [n, channels, outH, outW]),
    back = epilogueOf(device, c, [n, channels, h, w]);
  const y = new Float64Array(dy.length), dx = new Float64Array(x.length);
  let i = 0;
  for (const { plane, places, divisor } of windowsOf(geometry, c)) {
    const base = plane * h * w;
    y[i] = places.reduce((sum, p) => sum + x[base + p], 0) / divisor;
    for (const p of places) dx[base + p] += dy[i] / divisor;
    if (c.epilogue) y[i] = 2 * (y[i] + out.z[i]);
    i++;
  }
  if (c.epilogue) dx.forEach((v, k) => dx[k] = 2 * (v + back.z[k]));
  const of = (size: number) => resultOf(device, size);
  const s = { x: put(device, x), dy: put(device, dy), y: of(y.length), dx: of(x.length) };
  const { countIncludePad, divisorOverride } = c;
  for (const adapter of BOTH) {
    const what = `${adapter.kernels} avg ${JSON.stringify(c)}`,
      options = { geometry, countIncludePad, divisorOverride };
    const forward = { ...options, x: s.x, y: s.y, epilogue: out.epilogue };
    await expectValues(avgPool2dForward(forward, adapter), s.y, y, `${what} y`, 2e-6);
    const gradient = { ...options, dy: s.dy, y: s.dx, epilogue: back.epilogue };
    await expectValues(avgPool2dGradient(gradient, adapter), s.dx, dx, `${what} dx`, 4e-6);
  }
  for (const t of [...Object.values(s), ...out.epilogue.reads, ...back.epilogue.reads]) t.release();
}
