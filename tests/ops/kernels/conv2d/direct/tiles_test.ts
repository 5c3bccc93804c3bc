import { assert, assertEquals } from "@std/assert";
import { ADAPTERS } from "../../../../../ops/kernels/adapter.ts";
import { directTile, directTiles } from "../../../../../ops/kernels/conv2d/direct/tiles.ts";
import { type Convolution, forwardAxes, gradientAxes } from "../../../../../ops/kernels/conv2d/geometry.ts";
import { IDENTITY } from "../../../../../ops/kernels/wgsl/epilogue.ts";
import { geometryOf, type Sizes } from "../_conv2d.ts";

/** What the choice of a tile sees of a forward pass, or of an input gradient. */
function convolutionOf(sizes: Sizes, isGradient = false): Convolution {
  const g = geometryOf(sizes), [sources, results] = isGradient ? [g.oc, g.c] : [g.c, g.oc];
  const weights = {
    groups: g.groups,
    sources: sources / g.groups,
    results: results / g.groups,
    kh: g.kh,
    kw: g.kw,
    sourceMajor: isGradient,
  };
  const axes = isGradient ? gradientAxes(g) : forwardAxes(g);
  return { name: "test", n: g.n, ...axes, weights, epilogue: IDENTITY } as Convolution;
}

const LENET: Sizes = { n: 256, c: 6, hw: [14, 14], oc: 16, k: [5, 5] };
const DEEP: Sizes = { n: 64, c: 64, hw: [14, 14], oc: 128, k: [3, 3], pad: [1, 1, 1, 1] };
const STRIDED: Sizes = { n: 64, c: 16, hw: [28, 28], oc: 32, k: [3, 3], stride: [2, 2], pad: [1, 1, 1, 1] };
const ALL = [LENET, DEEP, STRIDED].flatMap((sizes) => [convolutionOf(sizes), convolutionOf(sizes, true)]);

Deno.test("the batch size plays no part in the choice of a tile", () => {
  for (const adapter of [ADAPTERS.cpu, ADAPTERS.gpu]) {
    for (const call of ALL) {
      assertEquals(directTile({ ...call, n: 3 }, adapter), directTile(call, adapter));
    }
  }
});

Deno.test("tiles lie within the results, and keep few enough sums in registers", () => {
  for (const adapter of [ADAPTERS.cpu, ADAPTERS.gpu]) {
    for (const call of ALL) {
      const tiles = directTiles(call, adapter).slice(0, -1); // the last is for what nothing else fits
      assert(adapter.kernels === "gpu" || tiles.length > 0);
      for (const { rows, cols, channels, order } of tiles) {
        assert(rows <= call.rows.out && cols <= call.cols.out && channels <= call.weights.results);
        const sums = rows * cols * (order === "window" ? 1 : channels);
        assert(sums <= (adapter.kernels === "cpu" ? 288 : 64), `${rows} x ${cols} x ${channels}, ${order}`);
      }
    }
  }
});

Deno.test("a GPU takes the small tile, and no window in registers", () => {
  assertEquals(directTile(convolutionOf(DEEP), ADAPTERS.gpu), {
    rows: 1,
    cols: 4,
    channels: 8,
    order: "rows",
  });
  assert(directTiles(convolutionOf(LENET), ADAPTERS.gpu).every(({ order }) => order !== "window"));
});

Deno.test("a tile under a pooling has pairs of rows and columns", () => {
  const pooling = { kind: "max", storeFull: false } as Convolution["pooling"];
  for (const { rows, cols } of directTiles({ ...convolutionOf(LENET), pooling }, ADAPTERS.cpu)) {
    assertEquals([rows % 2, cols % 2], [0, 0]);
  }
});
