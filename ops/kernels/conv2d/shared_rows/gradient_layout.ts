/**
 * How a workgroup of a weight gradient with few channels shares out channels and rows, and what it keeps in workgroup memory.
 *
 * @module
 */
import { type Conv2dGeometry, forwardAxes } from "../geometry.ts";
import { busyShare, ENOUGH_INVOCATIONS, MOST_INVOCATIONS, SHARED_BYTES } from "./layout.ts";

/** Result channels of an invocation, and how many such there are in a workgroup, beside how many source channels. */
export interface GradientTile {
  readonly results: 1 | 2 | 4;
  readonly resultTiles: number;
  readonly sources: number;
}

/** What a workgroup takes. */
export interface GradientLayout {
  readonly tile: GradientTile;
  /** Rows of dy at a time, and invocations that share them for the same channels. */
  readonly band: number;
  readonly shares: number;
  readonly bands: number;
  /** Rows of x of a band, vec4s of a row of x and of dy. */
  readonly height: number;
  readonly xPitch: number;
  readonly dyPitch: number;
  /** Workgroups of a group's result channels, and of its source channels. */
  readonly resultGroups: number;
  readonly sourceGroups: number;
}

/** Sums of an invocation: registers for as much again hold what it multiplies. */
const MOST_SUMS = 64;
/** Longest row that is written out. */
const LONGEST_ROW = 32;
/** Instructions that bringing a vec4 of x, and of dy, takes. */
const X_VEC4 = 45, DY_VEC4 = 20;

/** Shares out a weight gradient, or says with null that it cannot be done this way. */
export function gradientLayout(g: Conv2dGeometry, tile: GradientTile): GradientLayout | null {
  const { cols } = forwardAxes(g), reach = (g.kw - 1) * g.dilationW;
  const channels = g.oc / g.groups, sources = g.c / g.groups, threads = tile.resultTiles * tile.sources;
  if (tile.results * g.kh * g.kw > MOST_SUMS || threads > MOST_INVOCATIONS || g.outW > LONGEST_ROW) {
    return null;
  }
  const dyPitch = Math.ceil(g.outW / 4),
    xPitch = Math.ceil(((4 * dyPitch - 1) * cols.stride + reach + 1) / 4);
  const heightOf = (band: number) => (band - 1) * g.strideH + (g.kh - 1) * g.dilationH + 1;
  const bytes = (band: number) =>
    16 * (tile.sources * heightOf(band) * xPitch + tile.resultTiles * tile.results * band * dyPitch);
  const bands = Array.from({ length: g.outH }, (_, i) => i + 1)
    .find((bands) => bytes(Math.ceil(g.outH / bands)) <= SHARED_BYTES);
  if (bands === undefined) return null;
  const band = Math.ceil(g.outH / bands);
  const shares = threads >= ENOUGH_INVOCATIONS / 2
    ? 1
    : Math.min(band, Math.floor(ENOUGH_INVOCATIONS / threads));
  return {
    tile,
    band,
    shares,
    bands,
    height: heightOf(band),
    xPitch,
    dyPitch,
    resultGroups: Math.ceil(channels / (tile.results * tile.resultTiles)),
    sourceGroups: Math.ceil(sources / tile.sources),
  };
}

/** Instructions of an invocation for a product that it needs: of its own, of bringing what is multiplied, of idle lanes. */
function costOf(g: Conv2dGeometry, layout: GradientLayout): number {
  const { tile, band, shares, height, xPitch, dyPitch, resultGroups, sourceGroups, bands } = layout;
  const threads = tile.resultTiles * tile.sources * shares, taps = g.kh * g.kw;
  const row = dyPitch * (4 * tile.results * taps + tile.results) + xPitch * g.kh;
  const bringing = tile.sources * height * xPitch * X_VEC4 +
    tile.resultTiles * tile.results * band * dyPitch * DY_VEC4;
  const spent = bands * (Math.ceil(band / shares) * row + bringing / threads + 40);
  const lanes = threads / busyShare(threads) * resultGroups * sourceGroups;
  return spent * lanes / Math.sqrt(Math.min(1, threads / ENOUGH_INVOCATIONS));
}

/** The tiles that a weight gradient may take, by the estimate's order; none where it cannot be done this way. */
export function gradientTiles(g: Conv2dGeometry): GradientTile[] {
  const channels = g.oc / g.groups, sources = g.c / g.groups;
  const parts = (n: number) => [...new Set([1, 2, 4, 8].map((k) => Math.ceil(n / k)))];
  const tiles = ([1, 2, 4] as const).filter((results) => results <= channels).flatMap((results) =>
    parts(Math.ceil(channels / results)).flatMap((resultTiles) =>
      parts(sources).map((sources) => ({ results, resultTiles, sources }))
    )
  );
  return tiles.flatMap((tile) => {
    const layout = gradientLayout(g, tile);
    return layout ? [{ tile, cost: costOf(g, layout) }] : [];
  }).sort((a, b) => a.cost - b.cost).map(({ tile }) => tile);
}
