/**
 * Naive float64 convolutions, and what the tests of the convolution kernels share.
 *
 * @module
 */
import { openDevice } from "../../../../ops/gpu/device.ts";
import { Storage } from "../../../../ops/gpu/storage.ts";
import type { Work } from "../../../../ops/gpu/work.ts";
import type { Conv2dGeometry } from "../../../../ops/kernels/conv2d/geometry.ts";
import { programEpilogue } from "../../../../ops/kernels/elementwise.ts";
import { broadcastAccess } from "../../../../ops/kernels/wgsl/access.ts";
import type { Epilogue } from "../../../../ops/kernels/wgsl/epilogue.ts";
import { programOf } from "../../../../ops/kernels/wgsl/program.ts";

/** Sizes of a case; what is left out is 1, or 0 for padding. */
export interface Sizes {
  n?: number;
  c?: number;
  hw: [number, number];
  oc?: number;
  k: [number, number];
  stride?: [number, number];
  /** Top, left, bottom, right. */
  pad?: [number, number, number, number];
  dilation?: [number, number];
  groups?: number;
}

/** The geometry of a case. */
export function geometryOf(
  {
    n = 1,
    c = 1,
    hw: [h, w],
    oc = 1,
    k: [kh, kw],
    stride = [1, 1],
    pad = [0, 0, 0, 0],
    dilation = [1, 1],
    groups = 1,
  }: Sizes,
): Conv2dGeometry {
  const [padTop, padLeft, bottom, right] = pad;
  return {
    n,
    c,
    h,
    w,
    oc,
    kh,
    kw,
    strideH: stride[0],
    strideW: stride[1],
    padTop,
    padLeft,
    dilationH: dilation[0],
    dilationW: dilation[1],
    groups,
    outH: Math.floor((h + padTop + bottom - dilation[0] * (kh - 1) - 1) / stride[0]) + 1,
    outW: Math.floor((w + padLeft + right - dilation[1] * (kw - 1) - 1) / stride[1]) + 1,
  };
}

/** Numbers of elements of x, weight and y. */
export function sizesOf(g: Conv2dGeometry): { x: number; w: number; y: number } {
  return {
    x: g.n * g.c * g.h * g.w,
    w: g.oc * (g.c / g.groups) * g.kh * g.kw,
    y: g.n * g.oc * g.outH * g.outW,
  };
}

/** Calls `visit` with the places in x, weight and y of every product of the convolution. */
export function eachProduct(g: Conv2dGeometry, visit: (x: number, w: number, y: number) => void): void {
  const cg = g.c / g.groups, og = g.oc / g.groups;
  for (let y = 0; y < sizesOf(g).y; y++) {
    const ox = y % g.outW, oy = Math.floor(y / g.outW) % g.outH;
    const o = Math.floor(y / (g.outW * g.outH)) % g.oc, n = Math.floor(y / (g.outW * g.outH * g.oc));
    for (let i = 0; i < cg; i++) {
      for (let ky = 0; ky < g.kh; ky++) {
        const iy = oy * g.strideH + ky * g.dilationH - g.padTop;
        if (iy < 0 || iy >= g.h) continue;
        for (let kx = 0; kx < g.kw; kx++) {
          const ix = ox * g.strideW + kx * g.dilationW - g.padLeft;
          if (ix < 0 || ix >= g.w) continue;
          const plane = n * g.c + Math.floor(o / og) * cg + i;
          visit((plane * g.h + iy) * g.w + ix, ((o * cg + i) * g.kh + ky) * g.kw + kx, y);
        }
      }
    }
  }
}

/** Values in [-1, 1), the same for a seed in every run. */
export function values(n: number, seed: number): Float32Array<ArrayBuffer> {
  let state = Math.imul(seed, 2654435761) | 1;
  return Float32Array.from({ length: n }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  });
}

/** Whole numbers from -4 to 4, whose products add up exactly however many there are. */
export function wholes(n: number, seed: number): Float32Array<ArrayBuffer> {
  return values(n, seed).map((v) => Math.round(4 * v));
}

/** Puts values on the GPU. */
export async function upload(data: Float32Array<ArrayBuffer>): Promise<Storage> {
  const device = await openDevice();
  const storage = new Storage(device, data.byteLength);
  device.queue.upload(storage, data);
  return storage;
}

/** Storage that is full of NaN, so that an element which nobody writes is seen. */
export function blank(n: number): Promise<Storage> {
  return upload(new Float32Array(n).fill(NaN));
}

/** Runs the dispatches and gives their temporaries back. */
export async function run(work: Work): Promise<void> {
  const { queue } = await openDevice();
  for (const dispatch of work.dispatches) queue.run(dispatch);
  for (const storage of work.temporaries) storage.release();
}

/** Reads the first `n` elements. */
export async function read(from: Storage, n: number): Promise<Float32Array> {
  const { queue } = await openDevice();
  return new Float32Array(await queue.read(from, 4 * n));
}

/** Fails where an element lies further than `tolerance` from what is expected, and tells where. */
export function assertNear(
  actual: Float32Array,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  for (let i = 0; i < expected.length; i++) {
    if (!(Math.abs(actual[i] - expected[i]) <= tolerance)) {
      throw new Error(`${what}: element ${i} is ${actual[i]} instead of ${expected[i]}`);
    }
  }
}

/** An epilogue `2 v + e` with an extra input of the result's shape; `vec4` false forbids four lanes. */
export async function epilogueOf(extra: Float32Array<ArrayBuffer>, vec4 = true): Promise<Epilogue> {
  const fn = {
    name: "twice_plus",
    args: [["x", "float32"], ["e", "float32"]] as const,
    result: "float32" as const,
    body: "2.0 * x + e",
  };
  const shape = [extra.length];
  const operand = { storage: await upload(extra), access: broadcastAccess(shape, shape) };
  return { ...programEpilogue(programOf(fn), shape, [operand], []), allowsVec4: vec4 };
}
