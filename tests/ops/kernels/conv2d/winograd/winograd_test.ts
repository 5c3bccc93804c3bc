import { assert, assertEquals } from "@std/assert";
import { ADAPTERS } from "../../../../../ops/kernels/adapter.ts";
import {
  type Conv2dGeometry,
  type Convolution,
  forwardAxes,
  gradientAxes,
} from "../../../../../ops/kernels/conv2d/geometry.ts";
import {
  convolveWinograd,
  prefersWinograd,
  prefersWinogradGradient,
  winogradWeightGradient,
} from "../../../../../ops/kernels/conv2d/winograd/winograd.ts";
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
} from "../_conv2d.ts";

const CASES: Record<string, Sizes> = {
  "whole tiles": { n: 2, c: 4, hw: [8, 8], oc: 8, k: [3, 3], pad: [1, 1, 1, 1] },
  "a plane of the study": { n: 3, c: 5, hw: [14, 14], oc: 6, k: [3, 3], pad: [1, 1, 1, 1] },
  "odd sizes and channels": { n: 2, c: 3, hw: [7, 9], oc: 5, k: [3, 3], pad: [1, 1, 1, 1] },
  "no padding": { n: 2, c: 7, hw: [9, 11], oc: 2, k: [3, 3] },
  "full padding": { n: 1, c: 2, hw: [5, 6], oc: 9, k: [3, 3], pad: [2, 2, 2, 2] },
  "uneven padding": { n: 2, c: 2, hw: [6, 5], oc: 3, k: [3, 3], pad: [0, 2, 1, 3] },
  "more padding than filter": { n: 1, c: 2, hw: [4, 5], oc: 3, k: [3, 3], pad: [3, 4, 3, 4] },
  "a single result": { n: 1, c: 1, hw: [3, 3], oc: 1, k: [3, 3] },
  "wide rows": { n: 1, c: 4, hw: [3, 61], oc: 4, k: [3, 3], pad: [1, 1, 1, 1] },
};

/** The convolution of a case as the kernels take it, with results in `y`. */
async function convolutionOf(
  g: Conv2dGeometry,
  what: "y" | "dx",
  source: Float32Array<ArrayBuffer>,
): Promise<Convolution> {
  const isForward = what === "y", [sources, results] = isForward ? [g.c, g.oc] : [g.oc, g.c];
  const size = sizesOf(g);
  return {
    name: "test",
    n: g.n,
    ...(isForward ? forwardAxes(g) : gradientAxes(g)),
    weights: { groups: 1, sources, results, kh: 3, kw: 3, sourceMajor: !isForward },
    source: await upload(source),
    weight: await upload(values(size.w, 2)),
    bias: null,
    y: await blank(isForward ? size.y : size.x),
    epilogue: IDENTITY,
  };
}

for (const [what, sizes] of Object.entries(CASES)) {
  const g = geometryOf(sizes), size = sizesOf(g);
  const x = values(size.x, 1), w = values(size.w, 2), dy = values(size.y, 3);

  Deno.test(`convolveWinograd() computes y of ${what}`, async () => {
    const b = values(g.oc, 5), e = values(size.y, 4), expected = new Float64Array(size.y);
    eachProduct(g, (i, k, j) => expected[j] += x[i] * w[k]);
    expected.forEach((v, j) => expected[j] = 2 * (v + b[Math.floor(j / (g.outH * g.outW)) % g.oc]) + e[j]);
    for (const allowsVec4 of [true, false]) {
      const call = {
        ...await convolutionOf(g, "y", x),
        bias: await upload(b),
        epilogue: await epilogueOf(e, allowsVec4),
      };
      await run(convolveWinograd(call, ADAPTERS.cpu));
      assertNear(await read(call.y, size.y), expected, 2e-5, `vec4 ${allowsVec4}`);
    }
  });

  Deno.test(`convolveWinograd() computes dx of ${what}`, async () => {
    const expected = new Float64Array(size.x);
    eachProduct(g, (i, k, j) => expected[i] += dy[j] * w[k]);
    const call = await convolutionOf(g, "dx", dy);
    await run(convolveWinograd(call, ADAPTERS.cpu));
    assertNear(await read(call.y, size.x), expected, 2e-5, "dx");
  });

  Deno.test(`winogradWeightGradient() computes dw and db of ${what}`, async () => {
    const e = values(size.w, 4), dw = new Float64Array(size.w), db = new Float64Array(g.oc);
    eachProduct(g, (i, k, j) => dw[k] += x[i] * dy[j]);
    dy.forEach((v, j) => db[Math.floor(j / (g.outH * g.outW)) % g.oc] += v);
    for (const allowsVec4 of [true, false]) {
      const call = {
        x: await upload(x),
        dy: await upload(dy),
        y: await blank(size.w),
        db: await blank(g.oc),
        geometry: g,
        epilogue: await epilogueOf(e, allowsVec4),
      };
      await run(winogradWeightGradient(call, ADAPTERS.cpu));
      assertNear(await read(call.y, size.w), dw.map((v, k) => 2 * v + e[k]), 1e-4, `vec4 ${allowsVec4}`);
      assertNear(await read(call.db, g.oc), db, 1e-4, "db");
    }
  });
}

Deno.test("convolveWinograd() pools its results", async () => {
  const g = geometryOf({ n: 2, c: 3, hw: [7, 10], oc: 5, k: [3, 3], pad: [1, 1, 1, 1] }), size = sizesOf(g);
  const call = await convolutionOf(g, "y", values(size.x, 1)), n = 2 * 5 * 3 * 5;
  const pooled = await blank(n), indices = await blank(n);
  const pooling = { kind: "max", y: pooled, indices, storeFull: true } as const;
  await run(convolveWinograd({ ...call, pooling }, ADAPTERS.cpu));
  const y = await read(call.y, size.y), got = await read(pooled, n);
  const at = new Uint32Array((await read(indices, n)).buffer);
  for (let i = 0; i < n; i++) {
    const plane = Math.floor(i / 15), first = 2 * Math.floor(i % 15 / 5) * 10 + 2 * (i % 5);
    const window = [0, 1, 10, 11].map((d) => y[plane * 70 + first + d]);
    assertEquals([got[i], y[plane * 70 + at[i]]], [Math.max(...window), Math.max(...window)]);
  }
});

/** Root mean square of the distance, relative to that of what is expected. */
function relativeError(actual: Float32Array, expected: Float64Array): number {
  const squares = (values: Iterable<number>) => Iterator.from(values).reduce((sum, v) => sum + v * v, 0);
  return Math.sqrt(squares(expected.map((v, i) => actual[i] - v)) / squares(expected));
}

Deno.test("winograd convolutions lie close to float64, if not as close as the direct ones", async () => {
  const g = geometryOf({ n: 4, c: 128, hw: [14, 14], oc: 8, k: [3, 3], pad: [1, 1, 1, 1] });
  const size = sizesOf(g), x = values(size.x, 1), w = values(size.w, 2), dy = values(size.y, 3);
  const y = new Float64Array(size.y), dx = new Float64Array(size.x), dw = new Float64Array(size.w);
  eachProduct(g, (i, k, j) => {
    y[j] += x[i] * w[k];
    dx[i] += dy[j] * w[k];
    dw[k] += x[i] * dy[j];
  });
  const forward = await convolutionOf(g, "y", x), backward = await convolutionOf(g, "dx", dy);
  const [xs, dys, dws] = [forward.source, backward.source, await blank(size.w)];
  const gradient = { x: xs, dy: dys, y: dws, db: null, geometry: g, epilogue: IDENTITY };
  await run(convolveWinograd(forward, ADAPTERS.cpu));
  await run(convolveWinograd(backward, ADAPTERS.cpu));
  await run(winogradWeightGradient(gradient, ADAPTERS.cpu));
  const errors = [
    relativeError(await read(forward.y, size.y), y),
    relativeError(await read(backward.y, size.x), dx),
    relativeError(await read(dws, size.w), dw),
  ];
  // Found: 1.2e-6, 4.7e-7, 8.2e-7; the direct kernels have 3.6e-7, 1.0e-7, 1.2e-7.
  assert(errors[0] < 1.5e-6 && errors[1] < 7e-7 && errors[2] < 1.1e-6, errors.join());
});

Deno.test("winograd convolutions take a large batch in blocks, with the same bits each time", async () => {
  // 91 images of this size are a block.
  const g = geometryOf({ n: 94, c: 2, hw: [64, 64], oc: 2, k: [3, 3], pad: [1, 1, 1, 1] }), size = sizesOf(g);
  const x = values(size.x, 1), w = values(size.w, 2), dy = values(size.y, 3);
  const y = new Float64Array(size.y), dw = new Float64Array(size.w);
  eachProduct(g, (i, k, j) => {
    y[j] += x[i] * w[k];
    dw[k] += x[i] * dy[j];
  });
  const forward = await convolutionOf(g, "y", x);
  const gradient = {
    x: await upload(x),
    dy: await upload(dy),
    y: await blank(size.w),
    db: null,
    geometry: g,
    epilogue: IDENTITY,
  };
  const runs: Float32Array[][] = [];
  for (const _ of [1, 2]) {
    const work = convolveWinograd(forward, ADAPTERS.cpu);
    assertEquals(work.dispatches.filter((s) => s.kernel.name.endsWith("pieces")).length, 2);
    await run(work);
    await run(winogradWeightGradient(gradient, ADAPTERS.cpu));
    runs.push([await read(forward.y, size.y), await read(gradient.y, size.w)]);
  }
  assertEquals(runs[0], runs[1]);
  assertNear(runs[0][0], y, 1e-5, "y");
  assertNear(runs[0][1], dw, 2e-3, "dw");
});

Deno.test("winograd convolutions keep their texts for a smaller batch", async () => {
  const texts = new Set<string>();
  for (const n of [5, 3, 1]) {
    const g = geometryOf({ n, c: 6, hw: [9, 9], oc: 7, k: [3, 3], pad: [1, 1, 1, 1] }), size = sizesOf(g);
    const call = await convolutionOf(g, "y", values(size.x, 1));
    const [x, dy, dw] = [call.source, call.y, await blank(size.w)];
    const forward = convolveWinograd(call, ADAPTERS.cpu);
    const gradient = winogradWeightGradient(
      { x, dy, y: dw, db: null, geometry: g, epilogue: IDENTITY },
      ADAPTERS.cpu,
    );
    for (const work of [forward, gradient]) work.dispatches.forEach((s) => texts.add(s.kernel.wgsl));
  }
  assertEquals(texts.size, 9);
});

Deno.test("winograd convolutions are chosen for many channels on a CPU adapter", async () => {
  const chosen = async (sizes: Sizes, adapter = ADAPTERS.cpu) => {
    const g = geometryOf(sizes), none = await blank(1);
    const call: Convolution = {
      name: "test",
      n: g.n,
      ...forwardAxes(g),
      weights: { groups: g.groups, sources: g.c, results: g.oc, kh: 3, kw: 3, sourceMajor: false },
      source: none,
      weight: none,
      bias: null,
      y: none,
      epilogue: IDENTITY,
    };
    return [prefersWinograd(call, adapter), prefersWinogradGradient(g, adapter)];
  };
  const layer = (c: number, oc: number, size: number): Sizes => ({
    n: 64,
    c,
    oc,
    hw: [size, size],
    k: [3, 3],
    pad: [1, 1, 1, 1],
  });
  assertEquals(await chosen(layer(128, 256, 14)), [true, true]);
  assertEquals(await chosen(layer(64, 128, 14)), [false, true]);
  assertEquals(await chosen(layer(32, 64, 28)), [false, true]);
  assertEquals(await chosen(layer(1, 32, 28)), [false, false]);
  assertEquals(await chosen(layer(16, 32, 7)), [false, false]);
  assertEquals(await chosen(layer(128, 256, 14), ADAPTERS.gpu), [false, false]);
  assertEquals(await chosen({ ...layer(128, 256, 14), stride: [2, 2] }), [false, false]);
  assertEquals(await chosen({ ...layer(128, 256, 14), dilation: [2, 2] }), [false, false]);
  assertEquals(await chosen({ ...layer(128, 256, 14), groups: 2 }), [false, false]);
});
