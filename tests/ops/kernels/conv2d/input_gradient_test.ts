import { ADAPTERS } from "../../../../ops/kernels/adapter.ts";
import { conv2dInputGradient } from "../../../../ops/kernels/conv2d/conv2d.ts";
import { convolveDirect, type DirectTile } from "../../../../ops/kernels/conv2d/direct/kernel.ts";
import { type Conv2dGeometry, gradientAxes } from "../../../../ops/kernels/conv2d/geometry.ts";
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
  "LeNet's second layer": { n: 2, c: 6, hw: [14, 14], oc: 16, k: [5, 5] },
  "odd widths, k 3": { n: 2, c: 3, hw: [7, 9], oc: 5, k: [3, 3], pad: [1, 1, 1, 1] },
  "stride 2": { n: 2, c: 3, hw: [16, 16], oc: 8, k: [3, 3], stride: [2, 2], pad: [1, 1, 1, 1] },
  "stride 2 that leaves a row out": { n: 2, c: 3, hw: [8, 10], oc: 4, k: [3, 3], stride: [2, 2] },
  "stride 3 and kernel 2": { n: 1, c: 2, hw: [11, 13], oc: 3, k: [2, 2], stride: [3, 3] },
  "stride 2 and dilation 2": { n: 1, c: 2, hw: [12, 13], oc: 3, k: [3, 3], stride: [2, 2], dilation: [2, 2] },
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
  "points with stride": { n: 2, c: 4, hw: [9, 8], oc: 6, k: [1, 1], stride: [2, 2] },
  "depthwise": { n: 2, c: 6, hw: [10, 10], oc: 6, k: [3, 3], pad: [1, 1, 1, 1], groups: 6 },
  "weights beyond a uniform buffer": { n: 1, c: 37, hw: [5, 6], oc: 61, k: [3, 3], pad: [1, 1, 1, 1] },
};

function reference(g: Conv2dGeometry, dy: Float32Array, w: Float32Array): Float64Array {
  const dx = new Float64Array(sizesOf(g).x);
  eachProduct(g, (i, k, j) => dx[i] += dy[j] * w[k]);
  return dx;
}

for (const [what, sizes] of Object.entries(CASES)) {
  Deno.test(`conv2dInputGradient() computes ${what}`, async () => {
    const geometry = geometryOf(sizes), size = sizesOf(geometry);
    const dy = values(size.y, 1), w = values(size.w, 2), e = values(size.x, 4);
    const expected = reference(geometry, dy, w).map((v, i) => 2 * v + e[i]);
    for (const adapter of BOTH) {
      const dx = await blank(size.x);
      const call = { dy: await upload(dy), weight: await upload(w), y: dx, geometry };
      await run(conv2dInputGradient({ ...call, epilogue: await epilogueOf(e) }, adapter));
      assertNear(await read(dx, size.x), expected, 1e-4, adapter.kernels);
    }
  });
}

Deno.test("conv2dInputGradient() adds up 70,000 channels exactly", async () => {
  const geometry = geometryOf({ c: 3, hw: [2, 3], oc: 70_000, k: [2, 1] }), size = sizesOf(geometry);
  const dy = wholes(size.y, 1), w = wholes(size.w, 2), e = wholes(size.x, 4);
  const expected = reference(geometry, dy, w).map((v, i) => 2 * v + e[i]);
  for (const adapter of BOTH) {
    const dx = await blank(size.x), epilogue = await epilogueOf(e);
    const call = { dy: await upload(dy), weight: await upload(w), y: dx, geometry, epilogue };
    await run(conv2dInputGradient(call, adapter));
    assertNear(await read(dx, size.x), expected, 0, adapter.kernels);
  }
});

const TILES: DirectTile[] = [
  { rows: 1, cols: 4, channels: 2, order: "rows" },
  { rows: 2, cols: 6, channels: 1, order: "taps" },
  { rows: 4, cols: 10, channels: 3, order: "taps" },
  { rows: 10, cols: 10, channels: 1, order: "taps" },
  { rows: 2, cols: 10, channels: 3, order: "window" },
];

for (const stride of [1, 2]) {
  for (const tile of TILES) {
    const { rows, cols, channels, order } = tile;
    Deno.test(`gather() transposes stride ${stride} by tiles of ${rows}x${cols}x${channels} in order ${order}`, async () => {
      const g = geometryOf({
        n: 2,
        c: 3,
        hw: [10, 10],
        oc: 2,
        k: [3, 3],
        stride: [stride, stride],
        pad: [1, 1, 1, 1],
      });
      const size = sizesOf(g), dy = values(size.y, 1), w = values(size.w, 2), e = values(size.x, 4);
      const dx = await blank(size.x);
      const call = {
        name: "test",
        n: 2,
        ...gradientAxes(g),
        weights: { groups: 1, sources: 2, results: 3, kh: 3, kw: 3, sourceMajor: true },
        source: await upload(dy),
        weight: await upload(w),
        bias: null,
        y: dx,
        epilogue: await epilogueOf(e),
      };
      await run(convolveDirect(call, tile, ADAPTERS.cpu));
      assertNear(await read(dx, size.x), reference(g, dy, w).map((v, i) => 2 * v + e[i]), 1e-5, order);
    });
  }
}
