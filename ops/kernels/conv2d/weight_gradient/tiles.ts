/**
 * Which tile a convolution's weight gradient takes: the cheapest by an estimate, among those whose text is short enough.
 *
 * @module
 */
import type { Adapter } from "../../adapter.ts";
import { LONGEST_TEXT, PRICE, textPrice } from "../cost.ts";
import { type Conv2dGeometry, forwardAxes } from "../geometry.ts";
import { columnLoader, columnOffsets, plainLoader, SCALAR_LOAD } from "../load_rows.ts";
import { Memo } from "../../memo.ts";
import { cheapest } from "../../tuning.ts";

/** What one invocation keeps sums of, and how much it loads at a time. */
export interface WeightGradientTile {
  /** Channels of `dy` and of `x`, within one group. */
  readonly results: number;
  readonly sources: number;
  /** Columns of `dy` at a time. */
  readonly cols: number;
  /** Whether the rows of the kernel are shared out among invocations. */
  readonly split: boolean;
}

/** Loads are dearer here than PRICE has them, as each lane goes through planes of its own. */
const LOADS = 1.5;
/** Sums that may be kept in registers. */
const MOST_SUMS = 256;

/** How many rows of `x` a turn takes over from the turn before: those that the next row of `dy` meets again. */
export function carriedRows(g: Conv2dGeometry, { split }: { readonly split: boolean }): number {
  if (split || g.strideH % g.dilationH !== 0) return 0;
  return Math.max(0, g.kh - g.strideH / g.dilationH);
}

/** Nanoseconds of so many multiplications and additions for eight invocations. */
function multiplyCost(count: number): number {
  return 0.3 * count + 0.1 * Math.max(0, count - 1000);
}

/** Sums that a real GPU may keep. */
const MOST_ON_GPU = 64;

const ranked = new Memo<readonly WeightGradientTile[]>();

/** The tile that a weight gradient takes where none was measured. */
export function weightGradientTile(g: Conv2dGeometry, adapter: Adapter): WeightGradientTile {
  return adapter.kernels === "gpu" ? smallTile(g) : weightGradientTiles(g, adapter)[0]!;
}

/** The tiles that a weight gradient may take, by the estimate's order. */
export function weightGradientTiles(g: Conv2dGeometry, adapter: Adapter): readonly WeightGradientTile[] {
  return ranked.get([adapter.kernels, { ...g, n: 0 }], () => {
    const estimates = candidates(g, adapter.kernels === "gpu" ? MOST_ON_GPU : MOST_SUMS);
    return [...cheapest(estimates, (e) => e.cost).map((e) => e.tile), smallTile(g)];
  });
}

/** For a real GPU, and where nothing else fits. */
function smallTile(g: Conv2dGeometry): WeightGradientTile {
  return {
    results: Math.min(g.oc / g.groups, 4),
    sources: Math.min(g.c / g.groups, 2),
    cols: Math.min(g.outW, 8),
    split: true,
  };
}

function* candidates(
  g: Conv2dGeometry,
  mostSums: number,
): Generator<{ tile: WeightGradientTile; cost: number }> {
  const results = g.oc / g.groups, sources = g.c / g.groups;
  const channels = (n: number) =>
    [...new Set([1, 2, 3, 4, 6, 8, 10, 12, 16, n])].filter((k) => k <= Math.min(n, 16));
  for (const { cols, split, kernelRows, dy, x, carried } of pieces(g)) {
    for (const o of channels(results)) {
      for (const i of channels(sources)) {
        const sums = o * i * kernelRows * g.kw, count = sums * cols;
        if (sums > mostSums || count > LONGEST_TEXT) continue;
        const turn = LOADS * (o * dy + i * x) + multiplyCost(count) + (sums + i * carried) * PRICE.carried +
          PRICE.turn;
        const tiles = Math.ceil(results / o) * Math.ceil(sources / i) * (split ? g.kh : 1);
        const text = {
          operations: count,
          loads: (o * dy + i * x) / SCALAR_LOAD + i * carried,
          stores: sums,
          carried: [2 * sums + i * carried],
        };
        const run = turn * tiles * g.outH * Math.ceil(g.outW / cols);
        yield { tile: { results: o, sources: i, cols, split }, cost: run + textPrice(text) };
      }
    }
  }
}

/** Columns of a strip. Most divide 28, 14 or 10, the widths of LeNet's images, so that few strips are ragged. */
const WIDTHS = [2, 4, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28];

/** The strips that may be gone down, with the price of loading a channel's row in them and what is carried over. */
function pieces(g: Conv2dGeometry) {
  const axis = forwardAxes(g).cols;
  const widths = WIDTHS.filter((c) => c < g.outW);
  if (g.outW <= 36) widths.push(g.outW);
  return widths.flatMap((cols) =>
    (g.kh === 1 ? [false] : [false, true]).map((split) => {
      const kernelRows = split ? 1 : g.kh, rows = carriedRows(g, { split });
      const row = columnLoader(axis, cols).cost, carried = rows * new Set(columnOffsets(axis, cols)).size;
      const x = (kernelRows - rows) * row + rows * row / g.outH;
      return { cols, split, kernelRows, dy: plainLoader(g.outW, cols).cost, x, carried };
    })
  );
}

/** Where a tile's sums lie among the partial sums. */
export interface PartialLayout {
  /** Sums of a tile, a multiple of four: `[results, sources, kernel rows, kw]`, then those of `dy`. */
  readonly sums: number;
  /** Tiles of a chunk: `[groups, tiles of results, tiles of sources, split kernel rows]`. */
  readonly tiles: number;
  readonly resultTiles: number;
  readonly sourceTiles: number;
  /** Kernel rows in a tile, and how many tiles share a kernel. */
  readonly kernelRows: number;
  readonly splits: number;
}
