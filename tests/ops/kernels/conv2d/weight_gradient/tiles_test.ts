import { assert, assertEquals } from "@std/assert";
import { ADAPTERS } from "../../../../../ops/kernels/adapter.ts";
import {
  carriedRows,
  weightGradientTile,
  weightGradientTiles,
} from "../../../../../ops/kernels/conv2d/weight_gradient/tiles.ts";
import { geometryOf } from "../_conv2d.ts";

const LENET = geometryOf({ n: 256, c: 6, hw: [14, 14], oc: 16, k: [5, 5] });
const GROUPED = geometryOf({ n: 64, c: 8, hw: [9, 9], oc: 12, k: [3, 3], groups: 4 });

Deno.test("the batch size plays no part in the choice of a weight gradient's tile", () => {
  for (const adapter of [ADAPTERS.cpu, ADAPTERS.gpu]) {
    for (const g of [LENET, GROUPED]) {
      assertEquals(weightGradientTile({ ...g, n: 3 }, adapter), weightGradientTile(g, adapter));
    }
  }
});

Deno.test("a tile's channels lie within a group, and its sums in registers", () => {
  for (const adapter of [ADAPTERS.cpu, ADAPTERS.gpu]) {
    for (const g of [LENET, GROUPED]) {
      const tiles = weightGradientTiles(g, adapter);
      assert(tiles.length > 1);
      for (const { results, sources, cols, split } of tiles) {
        assert(results <= g.oc / g.groups && sources <= g.c / g.groups && cols <= g.outW);
        const sums = results * sources * g.kw * (split ? 1 : g.kh);
        assert(sums <= (adapter.kernels === "cpu" ? 256 : 64), `${sums} sums`);
      }
    }
  }
});

Deno.test("rows of x are carried over where the next row of dy meets them again", () => {
  const rows = (stride: number, dilation: number, split = false) =>
    carriedRows(
      geometryOf({ hw: [20, 20], k: [5, 5], stride: [stride, stride], dilation: [dilation, dilation] }),
      { split },
    );
  assertEquals([rows(1, 1), rows(2, 1), rows(7, 1), rows(2, 2)], [4, 3, 0, 4]);
  assertEquals([rows(1, 2), rows(1, 1, true)], [0, 0]); // between rows of the filter; one row of it
});
