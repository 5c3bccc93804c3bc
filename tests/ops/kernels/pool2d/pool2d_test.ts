import { assertEquals } from "@std/assert";
import { type Device, openDevice } from "../../../../ops/gpu/device.ts";
import { Storage } from "../../../../ops/gpu/storage.ts";
import { rowMajor } from "../../../../ops/kernels/wgsl/access.ts";
import { programEpilogue } from "../../../../ops/kernels/elementwise.ts";
import { type Epilogue, IDENTITY } from "../../../../ops/kernels/wgsl/epilogue.ts";
import {
  adaptiveAvgPool2dForward,
  adaptiveAvgPool2dGradient,
  avgPool2dForward,
  avgPool2dGradient,
  maxPool2dForward,
  maxPool2dGradient,
} from "../../../../ops/kernels/pool2d/pool2d.ts";
import type { Pool2dGeometry } from "../../../../ops/kernels/pool2d/windows.ts";
import { ADAPTERS } from "../../../../ops/kernels/adapter.ts";
import { programOf } from "../../../../ops/kernels/wgsl/program.ts";
import type { Work } from "../../../../ops/gpu/work.ts";

const BOTH = [ADAPTERS.cpu, ADAPTERS.gpu];

interface Case extends Partial<Pool2dGeometry> {
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
function values(n: number): Float32Array<ArrayBuffer> {
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

function geometryOf(c: Case): Pool2dGeometry & { dilation: readonly [number, number] } {
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

function resultOf(device: Device, size: number): Storage {
  return new Storage(device, 4 * (size + MARGIN));
}

function put(device: Device, data: Float32Array<ArrayBuffer>): Storage {
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
async function expectValues(
  work: Work,
  result: Storage,
  expected: ArrayLike<number>,
  what: string,
  tolerance = 0,
): Promise<void> {
  const { device } = result;
  device.queue.upload(result, new Float32Array(result.bytes / 4).fill(NaN));
  for (const s of work.dispatches) device.queue.run(s);
  for (const t of work.temporaries) t.release();
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
async function checkMax(c: Case, data?: Float32Array<ArrayBuffer>): Promise<void> {
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
async function checkAvg(c: Case): Promise<void> {
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

/** Windows in patches, whole rows: LeNet's, one whose planes of y are no vec4s, one with gaps and leftovers. */
const PATCHES: Case[] = [
  { h: 28, w: 28, kernel: [2, 2], epilogue: true },
  { h: 10, w: 10, kernel: [2, 2] },
  { h: 7, w: 12, kernel: [2, 2], epilogue: true, allowsVec4: false },
  { h: 11, w: 8, kernel: [2, 1], stride: [3, 2] },
  { h: 14, w: 10, kernel: [3, 3], stride: [2, 2] },
  { h: 6, w: 96, kernel: [2, 2] },
  { h: 22, w: 8, kernel: [2, 2] },
  { h: 3, w: 4, kernel: [1, 1], n: 1, c: 1 },
];

/** Windows of other kinds: overlaps, padding, ceil mode, odd planes, one window for all. */
const OTHERS: Case[] = [
  { h: 13, w: 13, kernel: [3, 3], stride: [2, 2], padding: [1, 1], epilogue: true },
  { h: 8, w: 9, kernel: [3, 2], stride: [2, 3], padding: [1, 0], ceilMode: true },
  { h: 7, w: 6, kernel: [4, 4], stride: [3, 3], padding: [2, 2], ceilMode: true },
  { h: 5, w: 7, kernel: [5, 7] },
  { h: 1, w: 1, kernel: [1, 1], n: 1, c: 1 },
];

Deno.test("maxPool2d in patches gives PyTorch's values, indices and gradients", async () => {
  for (const c of PATCHES) await checkMax(c);
});

Deno.test("maxPool2d over other windows gives PyTorch's values, indices and gradients", async () => {
  for (const c of OTHERS) await checkMax(c);
  await checkMax({ h: 9, w: 11, kernel: [3, 2], stride: [1, 2], padding: [1, 1], dilation: [2, 3] });
});

Deno.test("avgPool2d in patches gives PyTorch's values and gradients", async () => {
  for (const c of PATCHES) await checkAvg(c);
  await checkAvg({ h: 10, w: 10, kernel: [2, 2], divisorOverride: 3 });
});

Deno.test("avgPool2d over other windows divides as PyTorch does", async () => {
  for (const c of OTHERS) await checkAvg(c);
  for (const c of OTHERS.slice(0, 3)) await checkAvg({ ...c, countIncludePad: false });
  await checkAvg({ ...OTHERS[1], divisorOverride: 5 });
});

/** Windows that are walked in stages, with lines that are whole and lines in pieces; most places lie in many of them. */
const LARGE: Case[] = [
  { n: 1, c: 2, h: 310, w: 305, kernel: [300, 300], stride: [3, 2], epilogue: true },
  { n: 1, c: 1, h: 250, w: 260, kernel: [301, 200], stride: [20, 31], padding: [150, 50], ceilMode: true },
  { n: 1, c: 2, h: 2, w: 30_700, kernel: [2, 30_200], stride: [1, 250], padding: [1, 13], epilogue: true },
  { n: 1, c: 1, h: 70_000, w: 1, kernel: [70_000, 1], padding: [1000, 0], stride: [1000, 1] },
];

Deno.test("maxPool2d over windows of tens of thousands of places gives PyTorch's values, indices and gradients", async () => {
  for (const c of LARGE) await checkMax(c);
  await checkMax({ n: 1, c: 1, h: 450, w: 650, kernel: [200, 200], stride: [25, 25], dilation: [2, 3] });
});

Deno.test("avgPool2d over windows of tens of thousands of places divides as PyTorch does", async () => {
  for (const c of LARGE) await checkAvg(c);
  await checkAvg({ ...LARGE[1], countIncludePad: false });
});

Deno.test("maxPool2d lets a NaN win and takes the first of equals", async () => {
  for (const w of [8, 9]) {
    const x = new Float32Array(4 * w).fill(1);
    x[1] = NaN;
    x[w + 2] = -Infinity;
    x[w + 3] = Infinity;
    x[2 * w + 4] =
      x[2 * w + 5] =
      x[3 * w + 4] =
      x[3 * w + 5] =
        -Infinity;
    x[2 * w] = NaN;
    x[3 * w + 1] = NaN;
    x[2 * w + 2] = -0;
    await checkMax({ n: 1, c: 1, h: 4, w, kernel: [2, 2] }, x);
  }
  const side = 300, plane = side * side, large = new Float32Array(3 * plane).fill(-Infinity);
  large.set([NaN, NaN], plane + 10 * side + 290);
  large.set([NaN, 3, Infinity], plane + 200 * side + 3);
  large.fill(7, 2 * plane + 5 * side + 250, 3 * plane - 100);
  await checkMax({ n: 1, c: 3, h: side, w: side, kernel: [side, side] }, large);
});

Deno.test("avgPool2d divides as PyTorch does where a ceil-mode window leaves the padded image", async () => {
  const device = await openDevice();
  const x = put(device, Float32Array.from({ length: 9 }, (_, i) => i + 1)), y = resultOf(device, 4);
  const geometry = {
    n: 1,
    c: 1,
    h: 3,
    w: 3,
    outH: 2,
    outW: 2,
    kernel: [2, 2],
    stride: [2, 2],
    padding: [0, 0],
  } as const;
  for (const adapter of BOTH) {
    await expectValues(
      avgPool2dForward({ x, y, epilogue: IDENTITY, geometry }, adapter),
      y,
      [3, 4.5, 7.5, 9],
      adapter.kernels,
    );
    const padded = { ...geometry, padding: [1, 1] } as const;
    await expectValues(
      avgPool2dForward({ x, y, epilogue: IDENTITY, geometry: padded }, adapter),
      y,
      [0.25, 1.25, 2.75, 7],
      adapter.kernels,
    );
    const own = { x, y, epilogue: IDENTITY, geometry: padded, countIncludePad: false };
    await expectValues(avgPool2dForward(own, adapter), y, [1, 2.5, 5.5, 7], adapter.kernels);
  }
  for (const s of [x, y]) s.release();
});

Deno.test("adaptiveAvgPool2d averages parts that overlap where they do not come out even", async () => {
  const device = await openDevice();
  for (
    const [h, w, outH, outW] of [[7, 5, 3, 2], [2, 3, 5, 4], [6, 4, 3, 2], [5, 9, 1, 1], [301, 401, 2, 3]]
  ) {
    const planes = 6, geometry = { n: 2, c: 3, h, w, outH, outW };
    const x = values(planes * h * w), dy = values(planes * outH * outW);
    const y = new Float64Array(dy.length), dx = new Float64Array(x.length);
    y.forEach((_, i) => {
      const plane = Math.floor(i / (outH * outW)), oy = Math.floor(i / outW) % outH, ox = i % outW;
      const [y0, y1] = [Math.floor(oy * h / outH), Math.ceil((oy + 1) * h / outH)];
      const [x0, x1] = [Math.floor(ox * w / outW), Math.ceil((ox + 1) * w / outW)];
      for (let iy = y0; iy < y1; iy++) {
        for (let ix = x0; ix < x1; ix++) {
          const at = (plane * h + iy) * w + ix, size = (y1 - y0) * (x1 - x0);
          y[i] += x[at] / size;
          dx[at] += dy[i] / size;
        }
      }
    });
    const of = (size: number) => resultOf(device, size);
    const s = { x: put(device, x), dy: put(device, dy), y: of(y.length), dx: of(x.length) };
    for (const adapter of BOTH) {
      const what = `${adapter.kernels} ${JSON.stringify(geometry)}`;
      const forward = { x: s.x, y: s.y, epilogue: IDENTITY, geometry };
      await expectValues(adaptiveAvgPool2dForward(forward, adapter), s.y, y, `${what} y`, 2e-6);
      await expectValues(
        adaptiveAvgPool2dGradient({ dy: s.dy, y: s.dx, epilogue: IDENTITY, geometry }, adapter),
        s.dx,
        dx,
        `${what} dx`,
        4e-6,
      );
    }
    for (const t of Object.values(s)) t.release();
  }
});

Deno.test("pooling compiles nothing new for a smaller batch", async () => {
  const device = await openDevice();
  const of = (size: number) => resultOf(device, size);
  const run = async (n: number) => {
    const geometry = geometryOf({ n, c: 2, h: 12, w: 12, kernel: [2, 2] });
    const s = {
      x: of(n * 288),
      y: of(n * 72),
      indices: of(n * 72),
      dy: of(n * 72),
      dx: of(n * 288),
    };
    const forward = { x: s.x, y: s.y, indices: s.indices, epilogue: IDENTITY, geometry };
    const gradient = { dy: s.dy, y: s.dx, indices: s.indices, epilogue: IDENTITY, geometry };
    for (const adapter of BOTH) {
      for (
        const step of [
          ...maxPool2dForward(forward, adapter).dispatches,
          ...maxPool2dGradient(gradient, adapter).dispatches,
        ]
      ) {
        device.queue.run(step);
      }
      for (
        const step of [
          ...avgPool2dForward(forward, adapter).dispatches,
          ...avgPool2dGradient(gradient, adapter).dispatches,
        ]
      ) {
        device.queue.run(step);
      }
    }
    await device.sync();
    for (const t of [s.x, s.y, s.indices, s.dy, s.dx]) t.release();
  };
  await run(33);
  const compiled = device.pipelines.compiled;
  for (const n of [7, 1]) await run(n);
  assertEquals(device.pipelines.compiled, compiled);
});
