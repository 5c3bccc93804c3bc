/**
 * Which tile a convolution's weight gradient takes: the cheapest by an estimate, among those whose text is short enough.
 *
 * @module
 */
import { type Conv2dGeometry, forwardAxes, identityAxis, range } from "./conv2d_shape.ts";
import { columnLoader, planWindow } from "./conv2d_window.ts";
import type { Profile } from "./profile.ts";

/** What one invocation keeps sums of, and how much it loads at a time. */
export interface WeightGradientTile {
  /** Channels of `dy` and of `x`, within one group. */
  readonly results: number;
  readonly sources: number;
  /** Rows and columns of `dy` at a time; `rows` divides their number. */
  readonly rows: number;
  readonly cols: number;
  /** Whether the rows of the kernel are shared out among invocations. */
  readonly split: boolean;
}

/** Nanoseconds for eight invocations on a CPU adapter. */
const PRICE = { fma: 0.28, sum: 0.4, turn: 16 };
/** Multiplications that a text may have, or twice as many where an image keeps them busy for long. */
const TEXT_BUDGET = 1300;
const LONG_WORK = 4e6;
/** Sums that may be kept in registers. */
const MOST_SUMS = 256;

/** Chooses the tile. */
export function weightGradientTile(g: Conv2dGeometry, profile: Profile): WeightGradientTile {
  const results = g.oc / g.groups, sources = g.c / g.groups;
  const cols = Math.min(g.outW, 8);
  const best = {
    tile: { results: Math.min(results, 4), sources: Math.min(sources, 2), rows: 1, cols, split: true },
    cost: Infinity,
  };
  if (profile.name === "gpu") return best.tile;
  const budget = g.oc * sources * g.kh * g.kw * g.outH * g.outW > LONG_WORK ? 2 * TEXT_BUDGET : TEXT_BUDGET;
  const channels = (n: number) =>
    [...new Set([1, 2, 3, 4, 6, 8, 10, 12, 16, n])].filter((k) => k <= Math.min(n, 16));
  for (const { rows, cols, split, dy, x } of pieces(g)) {
    for (const o of channels(results)) {
      for (const i of channels(sources)) {
        const sums = o * i * (split ? 1 : g.kh) * g.kw, fmas = sums * rows * cols;
        if (sums > MOST_SUMS || fmas > budget) continue;
        const turn = o * dy + i * x + fmas * PRICE.fma + sums * PRICE.sum + PRICE.turn;
        const tiles = Math.ceil(results / o) * Math.ceil(sources / i) * (split ? g.kh : 1);
        const cost = turn * tiles * Math.ceil(g.outH / rows) * Math.ceil(g.outW / cols);
        if (cost < best.cost) {
          Object.assign(best, { tile: { results: o, sources: i, rows, cols, split }, cost });
        }
      }
    }
  }
  return best.tile;
}

/** The pieces of the planes that may be taken at a time, with the price of loading them for one channel. */
function pieces(g: Conv2dGeometry) {
  const axes = forwardAxes(g);
  const heights = range(g.outH).map((k) => k + 1).filter((r) => g.outH % r === 0 && (r <= 4 || r === g.outH));
  const widths = [2, 4, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28].filter((c) => c < g.outW);
  if (g.outW <= 36) widths.push(g.outW);
  return heights.flatMap((rows) =>
    widths.flatMap((cols) =>
      (g.kh === 1 ? [false] : [false, true]).map((split) => {
        const tile = { rows, cols };
        const dy = planWindow(identityAxis(g.outH), identityAxis(g.outW), tile).cost;
        const x = split
          ? rows * columnLoader(axes.cols, cols).cost
          : planWindow(axes.rows, axes.cols, tile).cost;
        return { rows, cols, split, dy, x };
      })
    )
  );
}
