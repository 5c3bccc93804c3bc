import { assert, assertEquals } from "@std/assert";
import { openDevice } from "../../../../ops/gpu/device.ts";
import { Storage } from "../../../../ops/gpu/storage.ts";
import { ADAPTERS } from "../../../../ops/kernels/adapter.ts";
import { conv2dForward } from "../../../../ops/kernels/conv2d/conv2d.ts";
import { convolveDirect, type DirectTile } from "../../../../ops/kernels/conv2d/direct/kernel.ts";
import { directTile } from "../../../../ops/kernels/conv2d/direct/tiles.ts";
import { type Conv2dGeometry, forwardAxes } from "../../../../ops/kernels/conv2d/geometry.ts";
import { IDENTITY } from "../../../../ops/kernels/wgsl/epilogue.ts";
import {
  assertNear,
  blank,
  eachProduct,
  epilogueOf,
  geometryOf,
  read,
  run,
  type Sizes,
  sizesOf,
  upload,
  values,
  wholes,
} from "./_conv2d.ts";

const BOTH = [ADAPTERS.cpu, ADAPTERS.gpu];

const CASES: Record<string, Sizes> = {
  "one point": { hw: [1, 1], k: [1, 1] },
  "LeNet's first layer": { n: 3, hw: [28, 28], oc: 6, k: [5, 5], pad: [2, 2, 2, 2] },
  "LeNet's second layer": { n: 2, c: 6, hw: [14, 14], oc: 16, k: [5, 5] },
  "odd widths, k 3": { n: 2, c: 3, hw: [7, 9], oc: 5, k: [3, 3], pad: [1, 1, 1, 1] },
  "rows of 7, k 3": { n: 3, c: 4, hw: [7, 7], oc: 7, k: [3, 3], pad: [1, 1, 1, 1] },
  "stride 2": { n: 2, c: 3, hw: [16, 16], oc: 8, k: [3, 3], stride: [2, 2], pad: [1, 1, 1, 1] },
  "k 7 and stride 2": { n: 1, c: 2, hw: [15, 17], oc: 3, k: [7, 7], stride: [2, 2], pad: [3, 3, 3, 3] },
  "stride 3 and dilation 2": { n: 2, c: 2, hw: [13, 19], oc: 3, k: [3, 2], stride: [3, 1], dilation: [1, 2] },
  "uneven everything": {
    n: 2,
    c: 4,
    hw: [11, 6],
    oc: 6,
    k: [4, 2],
    stride: [1, 2],
    pad: [0, 1, 3, 2],
    dilation: [2, 1],
    groups: 2,
  },
  "more padding than kernel": { n: 1, c: 1, hw: [3, 5], oc: 2, k: [2, 2], pad: [4, 3, 2, 6] },
  "long rows": { n: 1, c: 2, hw: [4, 61], oc: 3, k: [3, 3], pad: [1, 1, 1, 1] },
  "long aligned rows": { n: 1, c: 2, hw: [4, 64], oc: 3, k: [3, 3], pad: [1, 1, 1, 1] },
  "points": { n: 2, c: 5, hw: [6, 6], oc: 9, k: [1, 1] },
  "points with stride": { n: 2, c: 4, hw: [9, 8], oc: 6, k: [1, 1], stride: [2, 2] },
  "depthwise": { n: 2, c: 6, hw: [10, 10], oc: 6, k: [3, 3], pad: [1, 1, 1, 1], groups: 6 },
  "grouped with two results each": { n: 2, c: 4, hw: [8, 8], oc: 8, k: [3, 3], groups: 4 },
  "weights beyond a uniform buffer": { n: 1, c: 61, hw: [5, 6], oc: 37, k: [3, 3], pad: [1, 1, 1, 1] },
};

function reference(
  g: Conv2dGeometry,
  x: Float32Array,
  w: Float32Array,
  bias: Float32Array | null,
): Float64Array {
  const y = new Float64Array(sizesOf(g).y);
  if (bias) y.forEach((_, i) => y[i] = bias[Math.floor(i / (g.outH * g.outW)) % g.oc]);
  eachProduct(g, (i, k, j) => y[j] += x[i] * w[k]);
  return y;
}

for (const [what, sizes] of Object.entries(CASES)) {
  Deno.test(`conv2dForward() computes ${what}`, async () => {
    const geometry = geometryOf(sizes), size = sizesOf(geometry);
    const x = values(size.x, 1), w = values(size.w, 2), b = values(geometry.oc, 3), e = values(size.y, 4);
    const expected = reference(geometry, x, w, b);
    for (const adapter of BOTH) {
      const y = await blank(size.y);
      const call = { x: await upload(x), weight: await upload(w), bias: await upload(b), y, geometry };
      await run(conv2dForward({ ...call, epilogue: await epilogueOf(e) }, adapter));
      assertNear(await read(y, size.y), expected.map((v, i) => 2 * v + e[i]), 1e-4, adapter.kernels);
    }
  });
}

/** More turns of the loop over sources than an invocation may take. */
const LONG: Record<string, Sizes> = {
  "70,000 channels": { c: 70_000, hw: [2, 2], oc: 2, k: [1, 1] },
  "70,000 channels of an odd plane": { n: 2, c: 35_000, hw: [1, 3], oc: 3, k: [2, 1], pad: [1, 0, 1, 0] },
};

for (const [what, sizes] of Object.entries(LONG)) {
  Deno.test(`conv2dForward() adds up ${what} exactly, and pools the sums`, async () => {
    const geometry = geometryOf(sizes), size = sizesOf(geometry);
    const x = wholes(size.x, 1), w = wholes(size.w, 2), b = wholes(geometry.oc, 3), e = wholes(size.y, 4);
    const expected = reference(geometry, x, w, b).map((v, i) => 2 * v + e[i]);
    for (const adapter of BOTH) {
      const y = await blank(size.y), epilogue = await epilogueOf(e);
      const call = {
        x: await upload(x),
        weight: await upload(w),
        bias: await upload(b),
        y,
        geometry,
        epilogue,
      };
      await run(conv2dForward(call, adapter));
      assertNear(await read(y, size.y), expected, 0, adapter.kernels);
      const { max } = pooledReference(geometry, Float32Array.from(expected)),
        pooled = await blank(max.length);
      const pooling = { kind: "max", y: pooled, indices: null, storeFull: false } as const;
      await run(conv2dForward({ ...call, pooling }, adapter));
      assertNear(await read(pooled, max.length), max, 0, `${adapter.kernels} pooled`);
    }
  });
}

const TILES: DirectTile[] = [
  { rows: 1, cols: 4, channels: 3, order: "rows" },
  { rows: 3, cols: 5, channels: 2, order: "rows" },
  { rows: 2, cols: 10, channels: 4, order: "taps" },
  { rows: 4, cols: 8, channels: 1, order: "taps" },
  { rows: 5, cols: 10, channels: 2, order: "taps" },
  { rows: 2, cols: 6, channels: 3, order: "window" },
  { rows: 10, cols: 10, channels: 5, order: "window" },
];

for (const tile of TILES) {
  const { rows, cols, channels, order } = tile;
  Deno.test(`gather() computes tiles of ${rows}x${cols}x${channels} in order ${order}`, async () => {
    const geometry = geometryOf({ n: 2, c: 2, hw: [10, 10], oc: 5, k: [3, 3], pad: [1, 1, 1, 1] });
    const size = sizesOf(geometry), x = values(size.x, 1), w = values(size.w, 2), e = values(size.y, 4);
    const expected = reference(geometry, x, w, null);
    for (const allowsVec4 of [true, false]) {
      const y = await blank(size.y);
      const call = {
        name: "test",
        n: 2,
        ...forwardAxes(geometry),
        weights: { groups: 1, sources: 2, results: 5, kh: 3, kw: 3, sourceMajor: false },
        source: await upload(x),
        weight: await upload(w),
        bias: null,
        y,
        epilogue: await epilogueOf(e, allowsVec4),
      };
      await run(convolveDirect(call, tile, ADAPTERS.cpu));
      assertNear(await read(y, size.y), expected.map((v, i) => 2 * v + e[i]), 1e-5, `vec4 ${allowsVec4}`);
    }
  });
}

/** Windows of two by two as PyTorch pools them: the first maximum wins, NaN wins over all. */
function pooledReference(g: Conv2dGeometry, y: Float32Array) {
  const max: number[] = [], avg: number[] = [], indices: number[] = [];
  for (let plane = 0; plane < g.n * g.oc; plane++) {
    for (let r = 0; r + 1 < g.outH; r += 2) {
      for (let c = 0; c + 1 < g.outW; c += 2) {
        const at = [0, 1, g.outW, g.outW + 1].map((d) => r * g.outW + c + d);
        const vs = at.map((i) => y[plane * g.outH * g.outW + i]);
        let best = 0;
        for (let k = 1; k < 4; k++) if (vs[k] > vs[best] || Number.isNaN(vs[k])) best = k;
        max.push(vs[best]);
        indices.push(at[best]);
        avg.push((vs[0] + vs[1] + vs[2] + vs[3]) / 4);
      }
    }
  }
  return { max, avg, indices };
}

for (
  const [what, sizes] of Object.entries<Sizes>({
    "LeNet's first layer": { n: 2, hw: [28, 28], oc: 6, k: [5, 5], pad: [2, 2, 2, 2] },
    "odd planes": { n: 2, c: 2, hw: [7, 9], oc: 5, k: [3, 3], pad: [1, 1, 1, 1] },
    "small planes": { n: 3, c: 3, hw: [6, 12], oc: 4, k: [3, 3] },
    "long rows": { n: 1, c: 1, hw: [5, 78], oc: 3, k: [1, 1] },
  })
) {
  Deno.test(`conv2dForward() pools ${what}`, async () => {
    const g = geometryOf(sizes), size = sizesOf(g);
    const x = values(size.x, 1), w = values(size.w, 2), e = values(size.y, 4);
    x[5] = NaN;
    for (const adapter of BOTH) {
      const full = await blank(size.y), epilogue = await epilogueOf(e);
      const call = {
        x: await upload(x),
        weight: await upload(w),
        bias: null,
        y: full,
        geometry: g,
        epilogue,
      };
      await run(conv2dForward(call, adapter));
      const plain = await read(full, size.y), expected = pooledReference(g, plain), n = expected.max.length;
      for (const kind of ["max", "avg"] as const) {
        const y = await blank(size.y),
          pooled = await blank(n),
          indices = kind === "max" ? await blank(n) : null;
        const pooling = { kind, y: pooled, indices, storeFull: kind === "max" };
        await run(conv2dForward({ ...call, y, pooling }, adapter));
        const got = await read(pooled, n);
        expected[kind].forEach((v, i) =>
          assert(
            Number.isNaN(v) ? Number.isNaN(got[i]) : Math.abs(v - got[i]) <= 1e-4,
            `${kind} ${i}: ${got[i]}, not ${v}`,
          )
        );
        if (indices) {
          assertEquals([...new Uint32Array((await read(indices, n)).buffer)], expected.indices);
          const stored = await read(y, size.y);
          plain.forEach((v, i) =>
            assert(Number.isNaN(v) ? Number.isNaN(stored[i]) : Math.abs(v - stored[i]) <= 1e-4)
          );
        }
      }
    }
  });
}

Deno.test("conv2dForward() stores nothing outside y, and keeps its text for another batch size", async () => {
  const device = await openDevice(), texts = new Set<string>();
  for (const n of [1, 2, 5]) {
    const geometry = geometryOf({ n, c: 2, hw: [5, 5], oc: 3, k: [3, 3] }), size = sizesOf(geometry);
    const y = await upload(new Float32Array(size.y + 50).fill(7));
    const call = {
      x: await blank(size.x),
      weight: await blank(size.w),
      bias: null,
      y,
      geometry,
      epilogue: IDENTITY,
    };
    const work = conv2dForward(call, ADAPTERS.cpu);
    work.dispatches.forEach((s) => texts.add(s.kernel.wgsl));
    await run(work);
    assert((await read(y, size.y + 50)).slice(size.y).every((v) => v === 7));
  }
  assertEquals(texts.size, 1);
  await device.sync();
});

Deno.test("conv2dForward() reaches every image of a batch that needs more than 65,535 workgroups", async () => {
  const n = 65536 * 32 + 77, geometry = geometryOf({ n, hw: [1, 1], k: [1, 1] });
  const x = values(n, 1), y = await blank(n), weight = await upload(Float32Array.of(2));
  const call = { x: await upload(x), weight, bias: null, y, geometry, epilogue: IDENTITY };
  await run(conv2dForward(call, ADAPTERS.cpu));
  const got = await read(y, n);
  assert(x.every((v, i) => got[i] === 2 * v));
  call.x.release();
  y.release();
});

Deno.test("directTile() keeps texts of the study's layers within their budget", async () => {
  const device = await openDevice(), none = new Storage(device, 16);
  for (
    const [c, hw, oc, k, pad] of [
      [1, 28, 6, 5, 2],
      [6, 14, 16, 5, 0],
      [16, 7, 32, 3, 1],
      [32, 28, 64, 3, 1],
      [128, 14, 256, 3, 1],
    ]
  ) {
    const geometry = geometryOf({ n: 4, c, hw: [hw, hw], oc, k: [k, k], pad: [pad, pad, pad, pad] });
    const call = {
      name: "test",
      n: 4,
      ...forwardAxes(geometry),
      weights: { groups: 1, sources: c, results: oc, kh: k, kw: k, sourceMajor: false },
      source: none,
      weight: none,
      bias: null,
      y: none,
      epilogue: IDENTITY,
    };
    const { dispatches, temporaries } = convolveDirect(
      call,
      directTile(call, ADAPTERS.cpu),
      ADAPTERS.cpu,
    );
    const products = dispatches.at(-1)!.kernel.wgsl.split(/[\]\d] \* w/).length;
    assert(products < 2300, `${c} to ${oc}: ${products} products`);
    temporaries.forEach((t) => t.release());
  }
});
