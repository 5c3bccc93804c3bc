/**
 * The convolution family: forward pass, gradient in the input, gradient in the weight.
 *
 * The first two are one computation, each result gathering its sources; a gradient gathers along transposed axes. Here the
 * scheme and the tile are chosen: Winograd's where that is quicker, else the direct kernels with a tile that was measured,
 * or the best by the estimate.
 *
 * @module
 */
import type { Storage } from "../../gpu/storage.ts";
import type { Work } from "../../gpu/work.ts";
import type { Adapter } from "../adapter.ts";
import { type Choice, choose, type Problem, sameTile, SMALL_BATCH, withConstantNumbers } from "../tuning.ts";
import type { FirstOutput } from "../wgsl/epilogue.ts";
import { convolveDirect } from "./direct/kernel.ts";
import { directKey, directTile, directTiles } from "./direct/tiles.ts";
import {
  type Conv2dGeometry,
  type Conv2dWeightGradientCall,
  type Convolution,
  flattenPoints,
  forwardAxes,
  gradientAxes,
  type WeightShape,
} from "./geometry.ts";
import { convolveImplicit } from "./implicit/convolution.ts";
import {
  implicitGradientTiles,
  implicitTiles,
  LEAST_RESULTS,
  prefersImplicit,
  prefersImplicitGradient,
} from "./implicit/tiles.ts";
import { implicitWeightGradient } from "./implicit/weight_gradient.ts";
import { type GradientTile, gradientTiles } from "./shared_rows/gradient_layout.ts";
import { sharedRowsGradient } from "./shared_rows/weight_gradient.ts";
import { convolveSharedRows } from "./shared_rows/kernel.ts";
import { sharedRowsLayout, type SharedRowsTile, sharedRowsTiles } from "./shared_rows/layout.ts";
import { biasGradientSum, convolutionSum, weightGradientSum } from "./reference_sums.ts";
import { weightGradientName, weightGradientWith } from "./weight_gradient/kernel.ts";
import { weightGradientTile, weightGradientTiles } from "./weight_gradient/tiles.ts";
import {
  convolveWinograd,
  prefersWinograd,
  prefersWinogradGradient,
  winogradWeightGradient,
} from "./winograd/winograd.ts";

/** Makes the dispatches of a convolution. */
export function convolve(call: Convolution, adapter: Adapter): Work {
  if (prefersWinograd(call, adapter)) return convolveWinograd(call, adapter);
  const shared = adapter.kernels === "gpu" ? sharedRowsTilesFor(call) : [];
  if (shared[0]) return tiled(call, adapter, shared[0], () => shared, convolveSharedRows);
  const products = prefersImplicit(call, adapter) ? implicitTiles(call) : [];
  if (products[0]) return tiled(call, adapter, products[0], () => products, convolveImplicit);
  return tiled(call, adapter, directTile(call, adapter), () => directTiles(call, adapter), convolveDirect);
}

/** The tiles of a convolution of few result channels, for a GPU; none where it is better done otherwise. */
function sharedRowsTilesFor(call: Convolution): SharedRowsTile[] {
  const { weights: { results, kh, kw }, rows, cols } = call;
  const skips = rows.transposed && rows.stride * cols.stride > 1; // a product would multiply zeros
  if (!skips && (results > MOST_SHARED_RESULTS || (kh * kw === 1 && results >= LEAST_RESULTS))) return [];
  return sharedRowsTiles(call).filter((tile) => sharedRowsLayout(call, tile) !== null);
}
/** Result channels above which a product's tiles are filled, and are quicker. */
const MOST_SHARED_RESULTS = 40;

/** Makes the dispatches with the tile that is chosen. */
function tiled<Tile extends object>(
  call: Convolution,
  adapter: Adapter,
  estimate: Tile,
  offers: () => readonly Tile[],
  work: (call: Convolution, tile: Tile, adapter: Adapter) => Work,
): Work {
  const { rows, cols, weights, pooling, y } = call;
  const tile = chooseOffered({
    name: call.name,
    device: y.device,
    family: "convolution",
    key: JSON.stringify([adapter.kernels, directKey(call)]),
    estimate,
    offers,
    problem: (batch) => {
      const n = trialSize(call.n, batch);
      const trial = { ...call, n, epilogue: withConstantNumbers(call.epilogue) };
      return {
        work: (tile) => work(trial, tile, adapter),
        outputs: [{
          storage: y,
          count: n * weights.groups * weights.results * rows.out * cols.out,
          terms: weights.sources * weights.kh * weights.kw,
          sum: (i, read) => convolutionSum(trial, i, read),
          epilogue: trial.epilogue,
          pooling: pooling && { ...pooling, height: rows.out, width: cols.out },
        }],
      };
    },
  });
  return work(call, tile, adapter);
}

/** Chooses one of the tiles that are offered. A tile serves batches of all sizes. */
function chooseOffered<Tile extends object>(choice: Omit<Choice<Tile>, "size" | "allows">): Tile {
  const allows = (tile: Tile) => choice.offers().some((t) => sameTile(t, tile));
  return choose({ ...choice, size: 0, allows });
}

/** Images of a trial, of `n` in the work itself. */
function trialSize(n: number, batch: "whole" | "small"): number {
  return batch === "small" ? Math.min(n, SMALL_BATCH) : n;
}

/** The weights of a convolution from `sources` to `results` channels. */
function weightShape(
  { groups, kh, kw }: Conv2dGeometry,
  sources: number,
  results: number,
  sourceMajor: boolean,
): WeightShape {
  return { groups, sources: sources / groups, results: results / groups, kh, kw, sourceMajor };
}

/** `y = epilogue(conv2d(x, weight) + bias)`, perhaps pooled. */
export interface Conv2dForwardCall extends FirstOutput {
  readonly x: Storage;
  readonly weight: Storage;
  readonly bias: Storage | null;
  readonly geometry: Conv2dGeometry;
}

/** Makes the dispatches of a forward convolution. */
export function conv2dForward(call: Conv2dForwardCall, adapter: Adapter): Work {
  const g = call.pooling ? call.geometry : flattenPoints(call.geometry);
  return convolve({
    name: `conv2d ${g.c}→${g.oc} ${g.kh}x${g.kw}`,
    n: g.n,
    ...forwardAxes(g),
    weights: weightShape(g, g.c, g.oc, false),
    source: call.x,
    weight: call.weight,
    bias: call.bias,
    y: call.y,
    epilogue: call.epilogue,
    pooling: call.pooling,
  }, adapter);
}

/** `y = dx = epilogue(sum over oc, ky, kx of dy weight + bias)`. */
export interface Conv2dInputGradientCall extends FirstOutput {
  readonly dy: Storage;
  readonly weight: Storage;
  /** `[c]`: none of a gradient, but of a transposed convolution. */
  readonly bias?: Storage | null;
  readonly geometry: Conv2dGeometry;
}

/** Makes the dispatches of an input gradient. */
export function conv2dInputGradient(call: Conv2dInputGradientCall, adapter: Adapter): Work {
  const g = flattenPoints(call.geometry);
  return convolve({
    name: `conv2d dx ${g.oc}→${g.c} ${g.kh}x${g.kw}`,
    n: g.n,
    ...gradientAxes(g),
    weights: weightShape(g, g.oc, g.c, true),
    source: call.dy,
    weight: call.weight,
    bias: call.bias ?? null,
    y: call.y,
    epilogue: call.epilogue,
  }, adapter);
}

/** Makes the dispatches of a weight gradient. */
export function conv2dWeightGradient(call: Conv2dWeightGradientCall, adapter: Adapter): Work {
  const geometry = flattenPoints(call.geometry);
  if (prefersWinogradGradient(geometry, adapter)) return winogradWeightGradient(call, adapter);
  const shared = adapter.kernels === "gpu" ? sharedRowsGradientTiles(geometry) : [];
  if (shared[0]) {
    return tiledGradient({ ...call, geometry }, adapter, shared[0], () => shared, sharedRowsGradient);
  }
  const products = prefersImplicitGradient(geometry, adapter) ? implicitGradientTiles(geometry) : [];
  if (products[0]) {
    return tiledGradient({ ...call, geometry }, adapter, products[0], () => products, implicitWeightGradient);
  }
  const offers = () => weightGradientTiles(geometry, adapter);
  const estimate = weightGradientTile(geometry, adapter);
  return tiledGradient({ ...call, geometry }, adapter, estimate, offers, weightGradientWith);
}

/** The tiles of a weight gradient of few result channels, for a GPU; none where it is better done otherwise. */
function sharedRowsGradientTiles(g: Conv2dGeometry): GradientTile[] {
  const results = g.oc / g.groups;
  return results > MOST_SHARED_RESULTS || (g.kh * g.kw === 1 && results >= LEAST_RESULTS)
    ? []
    : gradientTiles(g);
}

/** Makes the dispatches with the tile that is chosen. */
function tiledGradient<Tile extends object>(
  call: Conv2dWeightGradientCall,
  adapter: Adapter,
  estimate: Tile,
  offers: () => readonly Tile[],
  work: (call: Conv2dWeightGradientCall, tile: Tile, adapter: Adapter) => Work,
): Work {
  const { geometry } = call;
  const tile = chooseOffered({
    name: weightGradientName(geometry),
    device: call.y.device,
    family: "weight gradient",
    key: JSON.stringify([adapter.kernels, { ...geometry, n: 0 }]),
    estimate,
    offers,
    problem: (batch) => {
      const trial = {
        ...call,
        geometry: { ...geometry, n: trialSize(geometry.n, batch) },
        epilogue: withConstantNumbers(call.epilogue),
      };
      return problemOf(trial, (tile) => work(trial, tile, adapter));
    },
  });
  return work(call, tile, adapter);
}

/** The weight gradient as a problem for the tuner. */
function problemOf<Tile extends object>(
  call: Conv2dWeightGradientCall,
  work: (tile: Tile) => Work,
): Problem<Tile> {
  const g = call.geometry, { db, epilogue } = call;
  const terms = g.n * g.outH * g.outW;
  return {
    work,
    outputs: [
      {
        storage: call.y,
        count: g.oc * (g.c / g.groups) * g.kh * g.kw,
        terms,
        sum: (i, read) => weightGradientSum(g, call, i, read),
        epilogue,
      },
      ...(db ? [{ storage: db, count: g.oc, terms, sum: biasSum }] : []),
    ],
  };

  function biasSum(o: number, read: (s: Storage) => Float32Array) {
    return biasGradientSum(g, call.dy, o, read);
  }
}
