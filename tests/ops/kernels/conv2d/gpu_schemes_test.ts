// The schemes for GPUs, each where it is chosen and with every tile that may be taken, on sizes that nothing divides.
import { assert, assertEquals } from "@std/assert";
import { openDevice } from "../../../../ops/gpu/device.ts";
import { Storage } from "../../../../ops/gpu/storage.ts";
import { ADAPTERS } from "../../../../ops/kernels/adapter.ts";
import {
  conv2dForward,
  conv2dInputGradient,
  conv2dWeightGradient,
} from "../../../../ops/kernels/conv2d/conv2d.ts";
import { type Conv2dGeometry, forwardAxes, gradientAxes } from "../../../../ops/kernels/conv2d/geometry.ts";
import { convolveImplicit } from "../../../../ops/kernels/conv2d/implicit/convolution.ts";
import { implicitWeightGradient } from "../../../../ops/kernels/conv2d/implicit/weight_gradient.ts";
import { gradientTiles } from "../../../../ops/kernels/conv2d/shared_rows/gradient_layout.ts";
import { convolveSharedRows } from "../../../../ops/kernels/conv2d/shared_rows/kernel.ts";
import { sharedRowsLayout, sharedRowsTiles } from "../../../../ops/kernels/conv2d/shared_rows/layout.ts";
import { sharedRowsGradient } from "../../../../ops/kernels/conv2d/shared_rows/weight_gradient.ts";
import { WORKGROUP_TILES } from "../../../../ops/kernels/matmul/workgroup_tiles.ts";
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
} from "./_conv2d.ts";

const GPU = ADAPTERS.gpu;

/** What a convolution and its gradients are, in float64. */
function expectedOf(g: Conv2dGeometry) {
  const size = sizesOf(g), x = values(size.x, 1), w = values(size.w, 2), dy = values(size.y, 3);
  const y = new Float64Array(size.y), dx = new Float64Array(size.x), dw = new Float64Array(size.w);
  eachProduct(g, (i, k, j) => {
    y[j] += x[i] * w[k];
    dx[i] += dy[j] * w[k];
    dw[k] += dy[j] * x[i];
  });
  const db = new Float64Array(g.oc);
  dy.forEach((v, i) => db[Math.floor(i / (g.outH * g.outW)) % g.oc] += v);
  return { size, x, w, dy, y, dx, dw, db };
}

/** A convolution with its operands on the GPU, forward or in the input. */
async function convolutionOf(g: Conv2dGeometry, isGradient: boolean) {
  const all = expectedOf(g), { size } = all, results = isGradient ? size.x : size.y;
  const extra = values(results, 4),
    y = await blank(results),
    [sources, outs] = isGradient ? [g.oc, g.c] : [g.c, g.oc];
  const call = {
    name: "test",
    n: g.n,
    ...(isGradient ? gradientAxes(g) : forwardAxes(g)),
    weights: {
      groups: g.groups,
      sources: sources / g.groups,
      results: outs / g.groups,
      kh: g.kh,
      kw: g.kw,
      sourceMajor: isGradient,
    },
    source: await upload(isGradient ? all.dy : all.x),
    weight: await upload(all.w),
    bias: null,
    y,
    epilogue: await epilogueOf(extra),
  };
  return { call, expected: (isGradient ? all.dx : all.y).map((v, i) => 2 * v + extra[i]) };
}

const ROWS: Record<string, Sizes> = {
  "odd planes": { n: 3, c: 5, hw: [7, 9], oc: 7, k: [3, 3], pad: [1, 1, 1, 1] },
  "bands of a large plane": { n: 2, c: 3, hw: [70, 61], oc: 5, k: [5, 3], pad: [2, 0, 1, 1] },
  "groups": { n: 2, c: 6, hw: [10, 12], oc: 9, k: [3, 3], pad: [1, 1, 1, 1], groups: 3 },
  "a stride and a dilation": { n: 2, c: 2, hw: [13, 19], oc: 3, k: [3, 2], stride: [2, 3], dilation: [1, 2] },
};

for (const [what, sizes] of Object.entries(ROWS)) {
  Deno.test(`convolveSharedRows() computes y and dx of ${what} with every tile`, async () => {
    for (const isGradient of [false, true]) {
      const { call, expected } = await convolutionOf(geometryOf(sizes), isGradient);
      const tiles = sharedRowsTiles(call).filter((tile) => sharedRowsLayout(call, tile) !== null);
      assert(tiles.length > 0);
      for (const tile of tiles) {
        await run(convolveSharedRows(call, tile));
        assertNear(await read(call.y, expected.length), expected, 2e-5, JSON.stringify([isGradient, tile]));
      }
    }
  });

  Deno.test(`sharedRowsGradient() computes dw and db of ${what} with its best tiles`, async () => {
    const g = geometryOf(sizes), { size, x, dy, dw, db } = expectedOf(g);
    for (const tile of gradientTiles(g).slice(0, 3)) {
      const y = await blank(size.w), sums = await blank(g.oc);
      const call = { x: await upload(x), dy: await upload(dy), y, db: sums, geometry: g, epilogue: IDENTITY };
      await run(sharedRowsGradient(call, tile, GPU));
      assertNear(await read(y, size.w), dw, 1e-4, JSON.stringify(tile));
      assertNear(await read(sums, g.oc), db, 1e-4, JSON.stringify(tile));
    }
  });
}

/** The largest, and one of each way to share out a tile. */
const TILES = WORKGROUP_TILES.filter(({ rows, columns }) => rows * columns > 8192 || rows * columns <= 1024)
  .map(({ rows, columns }) => ({ rows, columns }));

Deno.test("convolveImplicit() computes y and dx with several tiles", async () => {
  const g = geometryOf({ n: 3, c: 14, hw: [7, 9], oc: 26, k: [3, 2], pad: [1, 1, 1, 0], groups: 2 });
  for (const isGradient of [false, true]) {
    const { call, expected } = await convolutionOf(g, isGradient);
    for (const tile of TILES) {
      await run(convolveImplicit(call, tile, GPU));
      assertNear(await read(call.y, expected.length), expected, 3e-5, JSON.stringify([isGradient, tile]));
    }
  }
});

Deno.test("implicitWeightGradient() computes dw and db with several tiles", async () => {
  const g = geometryOf({ n: 3, c: 14, hw: [7, 9], oc: 26, k: [3, 2], pad: [1, 1, 1, 0], groups: 2 });
  const { size, x, dy, dw, db } = expectedOf(g);
  for (const tile of TILES) {
    const y = await blank(size.w), sums = await blank(g.oc);
    const call = { x: await upload(x), dy: await upload(dy), y, db: sums, geometry: g, epilogue: IDENTITY };
    await run(implicitWeightGradient(call, tile, GPU));
    assertNear(await read(y, size.w), dw, 1e-4, JSON.stringify(tile));
    assertNear(await read(sums, g.oc), db, 1e-4, JSON.stringify(tile));
  }
});

// More products than a block takes, whose sums are added up in y: as vec4s, by twos and one by one; or, pooled, in registers.
for (const hw of [[4, 4], [3, 6], [5, 5]] as const) {
  Deno.test(`convolutions on a GPU add up the blocks of long sums in planes of ${hw.join(" by ")}`, async () => {
    const g = geometryOf({ n: 2, c: 116, hw: [...hw], oc: 45, k: [3, 3], pad: [1, 1, 1, 1] });
    const { call, expected } = await convolutionOf(g, false);
    await run(convolveImplicit(call, { rows: 64, columns: 16 }, GPU));
    assertNear(await read(call.y, expected.length), expected, 1e-4, "y");
    const planes = g.n * g.oc,
      [h, w] = hw.map((size) => Math.floor(size / 2)),
      pooled = await blank(planes * h * w);
    const pooling = { kind: "max", y: pooled, indices: null, storeFull: false } as const;
    await run(convolveImplicit({ ...call, pooling }, { rows: 64, columns: 16 }, GPU));
    const best = Array.from({ length: planes * h * w }, (_, i) => {
      const first = Math.floor(i / (h * w)) * hw[0] * hw[1] + Math.floor(i % (h * w) / w) * 2 * hw[1] +
        i % w * 2;
      return Math.max(...[0, 1, hw[1], hw[1] + 1].map((at) => expected[first + at]));
    });
    assertNear(await read(pooled, best.length), best, 1e-4, "pooled");
  });
}

Deno.test("convolutions on a GPU take the scheme that their channels call for, and one text for all batches", async () => {
  const device = await openDevice(), none = new Storage(device, 16);
  const names = (sizes: Sizes) => {
    const g = geometryOf({ ...sizes, hw: [16, 16], k: [3, 3], pad: [1, 1, 1, 1] });
    const operands = { x: none, dy: none, weight: none, y: none, epilogue: IDENTITY, geometry: g };
    const works = [
      conv2dForward({ ...operands, bias: null }, GPU),
      conv2dInputGradient(operands, GPU),
      conv2dWeightGradient({ ...operands, db: null }, GPU),
    ];
    return works.map(({ dispatches, temporaries }) => {
      temporaries.forEach((t) => t.release());
      return dispatches.map(({ kernel }) => kernel.wgsl);
    });
  };
  const marks = (sizes: Sizes) =>
    names(sizes).map((texts) => texts.map((t) => /var<workgroup> (\w+)/.exec(t)?.[1] ?? "none").join(" "));
  assertEquals(marks({ n: 64, c: 6, oc: 16, hw: [1, 1], k: [1, 1] }), ["planes", "planes", "xRows none"]);
  assertEquals(marks({ n: 64, c: 64, oc: 128, hw: [1, 1], k: [1, 1] }), ["tile", "none tile", "tile none"]);
  for (const [c, oc] of [[6, 16], [64, 128]]) {
    const [large, small] = [64, 7].map((n) => names({ n, c, oc, hw: [1, 1], k: [1, 1] }));
    assertEquals(large, small);
  }
});
