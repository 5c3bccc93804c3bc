import { assertEquals } from "@std/assert";
import { ADAPTERS } from "../../../../../ops/kernels/adapter.ts";
import { conv2dWeightGradient } from "../../../../../ops/kernels/conv2d/conv2d.ts";
import type { Conv2dGeometry } from "../../../../../ops/kernels/conv2d/geometry.ts";
import { weightGradientWith } from "../../../../../ops/kernels/conv2d/weight_gradient/kernel.ts";
import type { WeightGradientTile } from "../../../../../ops/kernels/conv2d/weight_gradient/tiles.ts";
import { IDENTITY } from "../../../../../ops/kernels/wgsl/epilogue.ts";
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
} from "../_conv2d.ts";

const BOTH = [ADAPTERS.cpu, ADAPTERS.gpu];

const CASES: Record<string, Sizes> = {
  "one point": { hw: [1, 1], k: [1, 1] },
  "LeNet's first layer": { n: 5, hw: [28, 28], oc: 6, k: [5, 5], pad: [2, 2, 2, 2] },
  "LeNet's second layer": { n: 7, c: 6, hw: [14, 14], oc: 16, k: [5, 5] },
  "odd widths, k 3": { n: 3, c: 3, hw: [7, 9], oc: 5, k: [3, 3], pad: [1, 1, 1, 1] },
  "stride 2": { n: 2, c: 3, hw: [16, 16], oc: 8, k: [3, 3], stride: [2, 2], pad: [1, 1, 1, 1] },
  "stride 2 and dilation 2": { n: 2, c: 2, hw: [12, 13], oc: 3, k: [3, 3], stride: [2, 2], dilation: [2, 2] },
  "stride 3 and kernel 2": { n: 2, c: 2, hw: [11, 13], oc: 3, k: [2, 2], stride: [3, 3] },
  "stride 2 and dilation 3": { n: 1, c: 2, hw: [14, 15], oc: 3, k: [3, 3], stride: [2, 2], dilation: [3, 3] },
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
  "points": { n: 2, c: 5, hw: [6, 6], oc: 9, k: [1, 1] },
  "depthwise": { n: 2, c: 6, hw: [10, 10], oc: 6, k: [3, 3], pad: [1, 1, 1, 1], groups: 6 },
  "many channels": { n: 2, c: 19, hw: [6, 5], oc: 23, k: [3, 3], pad: [1, 1, 1, 1] },
};

function reference(g: Conv2dGeometry, x: Float32Array, dy: Float32Array) {
  const dw = new Float64Array(sizesOf(g).w), db = new Float64Array(g.oc);
  eachProduct(g, (i, k, j) => dw[k] += x[i] * dy[j]);
  dy.forEach((v, i) => db[Math.floor(i / (g.outH * g.outW)) % g.oc] += v);
  return { dw, db };
}

for (const [what, sizes] of Object.entries(CASES)) {
  Deno.test(`conv2dWeightGradient() computes ${what}`, async () => {
    const geometry = geometryOf(sizes), size = sizesOf(geometry);
    const x = values(size.x, 1), dy = values(size.y, 2), e = values(size.w, 4);
    const expected = reference(geometry, x, dy);
    for (const adapter of BOTH) {
      const dw = await blank(size.w), db = await blank(geometry.oc);
      const call = {
        x: await upload(x),
        dy: await upload(dy),
        y: dw,
        geometry,
        epilogue: await epilogueOf(e),
      };
      await run(conv2dWeightGradient({ ...call, db }, adapter));
      assertNear(
        await read(dw, size.w),
        expected.dw.map((v, i) => 2 * v + e[i]),
        2e-4,
        `${adapter.kernels} dw`,
      );
      assertNear(await read(db, geometry.oc), expected.db, 2e-4, `${adapter.kernels} db`);
    }
  });
}

const TILES: WeightGradientTile[] = [
  { results: 1, sources: 1, cols: 10, split: false },
  { results: 2, sources: 3, cols: 4, split: true },
  { results: 4, sources: 2, cols: 10, split: true },
  { results: 3, sources: 2, cols: 6, split: false },
];

for (const tile of TILES) {
  const { results, sources, cols, split } = tile;
  Deno.test(`weightGradientWith() sums ${results}x${sources} by ${cols} columns, split ${split}`, async () => {
    // 40 rows are gone through in more than one piece.
    const geometry = geometryOf({ n: 3, c: 3, hw: [40, 10], oc: 5, k: [3, 3], pad: [1, 1, 1, 1] });
    const size = sizesOf(geometry), x = values(size.x, 1), dy = values(size.y, 2);
    const dw = await blank(size.w), call = { x: await upload(x), dy: await upload(dy), y: dw, geometry };
    await run(weightGradientWith({ ...call, db: null, epilogue: IDENTITY }, tile, ADAPTERS.cpu));
    assertNear(await read(dw, size.w), reference(geometry, x, dy).dw, 2e-4, "dw");
  });
}

Deno.test("weightGradientWith() cuts sums that no loop can take, though the tiles alone fill the adapter", async () => {
  const geometry = geometryOf({ n: 2, c: 23, hw: [290, 290], oc: 23, k: [1, 1] }), size = sizesOf(geometry);
  const x = wholes(size.x, 1),
    dy = wholes(size.y, 2),
    { dw: expected, db: biases } = reference(geometry, x, dy);
  const tile = { results: 1, sources: 1, cols: 2, split: false };
  const dw = await blank(size.w), db = await blank(23);
  const call = { x: await upload(x), dy: await upload(dy), y: dw, db, geometry, epilogue: IDENTITY };
  await run(weightGradientWith(call, tile, ADAPTERS.cpu));
  assertNear(await read(dw, size.w), expected, 0, "dw");
  assertNear(await read(db, 23), biases, 0, "db");
});

Deno.test("conv2dWeightGradient() gives the same bits each time, and keeps its text for another batch size", async () => {
  const texts = new Set<string>();
  for (const n of [1, 6]) {
    const geometry = geometryOf({ n, c: 2, hw: [9, 9], oc: 3, k: [3, 3] }), size = sizesOf(geometry);
    const x = await upload(values(size.x, 1)), dy = await upload(values(size.y, 2));
    const runs: Float32Array[] = [];
    for (const _ of [1, 2]) {
      const dw = await blank(size.w);
      const work = conv2dWeightGradient(
        { x, dy, y: dw, db: null, geometry, epilogue: IDENTITY },
        ADAPTERS.cpu,
      );
      work.dispatches.forEach((s) => texts.add(s.kernel.wgsl));
      await run(work);
      runs.push(await read(dw, size.w));
    }
    assertEquals(runs[0], runs[1]);
  }
  assertEquals(texts.size, 2);
});
