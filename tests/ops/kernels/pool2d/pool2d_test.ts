import { assertEquals } from "@std/assert";
import { openDevice } from "../../../../ops/gpu/device.ts";
import {
  adaptiveAvgPool2dForward,
  adaptiveAvgPool2dGradient,
  avgPool2dForward,
  avgPool2dGradient,
  maxPool2dForward,
  maxPool2dGradient,
} from "../../../../ops/kernels/pool2d/pool2d.ts";
import { IDENTITY } from "../../../../ops/kernels/wgsl/epilogue.ts";
import {
  BOTH,
  type Case,
  checkAvg,
  checkMax,
  expectValues,
  geometryOf,
  put,
  resultOf,
  values,
} from "./_pool2d.ts";

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
      const works = [
        maxPool2dForward(forward, adapter),
        maxPool2dGradient(gradient, adapter),
        avgPool2dForward(forward, adapter),
        avgPool2dGradient(gradient, adapter),
      ];
      for (const dispatch of works.flatMap(({ dispatches }) => dispatches)) device.queue.run(dispatch);
    }
    await device.sync();
    for (const t of [s.x, s.y, s.indices, s.dy, s.dx]) t.release();
  };
  await run(33);
  const compiled = device.pipelines.compiled;
  for (const n of [7, 1]) await run(n);
  assertEquals(device.pipelines.compiled, compiled);
});
