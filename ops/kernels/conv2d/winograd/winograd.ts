/**
 * Convolutions of 3 x 3 filters and stride 1 by Winograd's F(4x4, 3x3), with a quarter of the products.
 *
 * Pieces of the source and filters are mapped to 36 points; at each point the pieces meet the filters in a matrix product
 * over the channels, the register GEMM of the matmul family; the products are mapped back to results with bias, epilogue
 * and pooling. The gradient in the weight sums the products of mapped pieces of x and of dy over tiles. Images are taken
 * in blocks whose mapped pieces fit into memory; blocks' sums are added in order, so two runs give the same bits.
 *
 * Error: root mean square of the distance from float64, relative to that of what is computed, for uniform values, 4 images of
 * 14 x 14, 128 channels to 8. y 1.2e-6, dx 4.7e-7, dw 8.2e-7; the direct kernels have 3.6e-7, 1.0e-7 and 1.2e-7. A value
 * that is not finite makes the results of whole tiles NaN, where the direct kernels' windows reach no further than the filter.
 *
 * @module
 */
import type { Dispatch } from "../../../gpu/kernel.ts";
import { Storage } from "../../../gpu/storage.ts";
import type { Work } from "../../../gpu/work.ts";
import type { Adapter } from "../../adapter.ts";
import {
  type Conv2dGeometry,
  type Conv2dWeightGradientCall,
  type Convolution,
  type ConvolutionAxis,
  forwardAxes,
} from "../geometry.ts";
import { matmul } from "../../matmul/matmul.ts";
import { reduce, SUM } from "../../reduce.ts";
import { addingTo, IDENTITY } from "../../wgsl/epilogue.ts";
import {
  mapFilterGradients,
  mapFilters,
  mapPieces,
  mapResults,
  type Pieces,
  type Results,
  type TileBlock,
} from "./kernels.ts";
import { GRADIENT_MAP, POINTS, SOURCE_MAP, TILE } from "./maps.ts";

const SQUARE = POINTS * POINTS;
/** Most bytes of mapped pieces or products at a time. */
const MOST_BYTES = 16 * 2 ** 20;
/** Multiplications of an image from which on the longer chain of kernels pays. */
const LEAST_WORK = 4e6;

/**
 * Nanoseconds of a CPU adapter for eight invocations, fitted to whole convolutions: a product at a point, a product of the
 * direct kernels, and a tile's channel mapped to the points and back.
 */
const PRICE = { point: 0.83, direct: 0.48, directGradient: 0.7, piece: 900, results: 1300 } as const;
/** What the direct kernels' time must be undercut by: they need less memory and fewer dispatches. */
const MARGIN = 0.85;

/** Sizes that the choice depends on. */
interface Sizes {
  readonly sources: number;
  readonly results: number;
  readonly outH: number;
  readonly outW: number;
}

function is3By3(axis: ConvolutionAxis): boolean {
  return axis.taps === 3 && axis.stride === 1 && axis.dilation === 1;
}

function tilesOf({ outH, outW }: { outH: number; outW: number }): { tileRows: number; tileCols: number } {
  return { tileRows: Math.ceil(outH / TILE), tileCols: Math.ceil(outW / TILE) };
}

/** Bytes of an image at the points, for so many channels. */
function imageBytes(sizes: Sizes): number {
  const { tileRows, tileCols } = tilesOf(sizes);
  return 4 * SQUARE * tileRows * tileCols * (Math.max(sizes.sources, sizes.results) + 3);
}

/**
 * Whether fewer products are worth the maps: never for few channels.
 *
 * @param maps Price of a tile's channels mapped to the points and back.
 * @param direct Price of a product in the direct kernels.
 */
function isCheaper(sizes: Sizes, maps: number, direct: number, adapter: Adapter): boolean {
  const { sources, results, outH, outW } = sizes, { tileRows, tileCols } = tilesOf(sizes);
  const work = 9 * sources * results * outH * outW;
  if (adapter.kernels !== "cpu" || work < LEAST_WORK || imageBytes(sizes) > MOST_BYTES) return false;
  const tile = SQUARE * sources * results * PRICE.point + maps;
  return tileRows * tileCols * tile < MARGIN * work * direct;
}

/** Whether a convolution is quicker this way. */
export function prefersWinograd({ rows, cols, weights }: Convolution, adapter: Adapter): boolean {
  const { sources, results, groups } = weights;
  if (groups > 1 || !is3By3(rows) || !is3By3(cols)) return false;
  const sizes = { sources, results, outH: rows.out, outW: cols.out };
  return isCheaper(sizes, sources * PRICE.piece + results * PRICE.results, PRICE.direct, adapter);
}

/** Whether a weight gradient is quicker this way. */
export function prefersWinogradGradient(g: Conv2dGeometry, adapter: Adapter): boolean {
  const { rows, cols } = forwardAxes(g);
  if (g.groups > 1 || !is3By3(rows) || !is3By3(cols)) return false;
  const sizes = { sources: g.c, results: g.oc, outH: g.outH, outW: g.outW };
  return isCheaper(sizes, (g.c + g.oc) * PRICE.piece, PRICE.directGradient, adapter);
}

/** Cuts a batch into blocks of as many images as fit. */
function blocksOf(n: number, sizes: Sizes): TileBlock[] {
  const { tileRows, tileCols } = tilesOf(sizes);
  const most = Math.max(1, Math.floor(MOST_BYTES / imageBytes(sizes)));
  const images = Math.ceil(n / Math.ceil(n / most)), blocks: TileBlock[] = [];
  for (let firstImage = 0; firstImage < n; firstImage += images) {
    const tiles = Math.min(images, n - firstImage) * tileRows * tileCols;
    blocks.push({ firstImage, tiles, tileRows, tileCols });
  }
  return blocks;
}

const upToMultipleOf4 = (size: number) => Math.ceil(size / 4) * 4;

/** Makes the dispatches of a convolution. */
export function convolveWinograd(call: Convolution, adapter: Adapter): Work {
  const { name, rows, cols, weights } = call;
  const { sources, results } = weights, { device } = call.source;
  const blocks = blocksOf(call.n, { sources, results, outH: rows.out, outW: cols.out });
  const columns = upToMultipleOf4(results), most = upToMultipleOf4(blocks[0]!.tiles);
  const filters = new Storage(device, 4 * SQUARE * sources * columns);
  const mapped = new Storage(device, 4 * SQUARE * sources * most);
  const products = new Storage(device, 4 * SQUARE * columns * most);
  const dispatches = [mapFilters(weights, rows.transposed, call.weight, filters, adapter)];
  const temporaries = [filters, mapped, products];
  for (const block of blocks) {
    const m = upToMultipleOf4(block.tiles);
    const product = matmul({
      name: `${name} winograd`,
      a: mapped,
      b: filters,
      y: products,
      m,
      n: columns,
      k: sources,
      transA: true,
      mVaries: true,
      batch: { dims: [SQUARE], aStrides: [sources * m], bStrides: [sources * columns] },
      epilogue: IDENTITY,
    }, adapter);
    dispatches.push(
      mapPieces(sourcePieces(call), "tiles", block, mapped, adapter),
      ...product.dispatches,
      mapResults(resultsOf(call), block, products, adapter),
    );
    temporaries.push(...product.temporaries);
  }
  return { dispatches, temporaries };
}

/** The source of a convolution as pieces. */
function sourcePieces({ name, source, weights: { sources }, rows, cols }: Convolution): Pieces {
  return { name: `${name} winograd pieces`, map: SOURCE_MAP, source, channels: sources, rows, cols };
}

/** What a convolution does with the products. */
function resultsOf(call: Convolution): Results {
  const { name, weights, rows, cols, bias, y, epilogue, pooling } = call;
  return {
    name: `${name} winograd results`,
    channels: weights.results,
    outH: rows.out,
    outW: cols.out,
    bias,
    y,
    epilogue,
    pooling,
  };
}

/** Makes the dispatches of a weight gradient, and of the bias's. */
export function winogradWeightGradient(call: Conv2dWeightGradientCall, adapter: Adapter): Work {
  const { y: dw, db, geometry: g } = call, { device } = dw;
  const blocks = blocksOf(g.n, { sources: g.c, results: g.oc, outH: g.outH, outW: g.outW });
  const name = `conv2d dw ${g.c}→${g.oc} ${g.kh}x${g.kw} winograd`,
    ofX = xPieces(name, call),
    ofDy = dyPieces(name, call);
  const m = upToMultipleOf4(g.oc), n = upToMultipleOf4(g.c), most = blocks[0]!.tiles;
  const mappedX = new Storage(device, 4 * SQUARE * n * most);
  const mappedDy = new Storage(device, 4 * SQUARE * m * most);
  const temporaries = [mappedX, mappedDy], dispatches: Dispatch[] = [];
  let sums: Storage | null = null;
  for (const block of blocks) {
    const before: Storage | null = sums;
    sums = new Storage(device, 4 * SQUARE * m * n);
    const product = matmul({
      name,
      a: mappedDy,
      b: mappedX,
      y: sums,
      m,
      n,
      k: block.tiles,
      transA: true,
      batch: { dims: [SQUARE], aStrides: [block.tiles * m], bStrides: [block.tiles * n] },
      epilogue: before ? addingTo(before, IDENTITY) : IDENTITY,
    }, adapter);
    dispatches.push(
      mapPieces(ofX, "channels", block, mappedX, adapter),
      mapPieces(ofDy, "channels", block, mappedDy, adapter),
      ...product.dispatches,
    );
    temporaries.push(...product.temporaries, sums);
  }
  dispatches.push(mapFilterGradients(g.oc, g.c, sums!, dw, call.epilogue, adapter));
  const bias = db ? biasGradient(call, db, adapter) : { dispatches: [], temporaries: [] };
  return {
    dispatches: [...dispatches, ...bias.dispatches],
    temporaries: [...temporaries, ...bias.temporaries],
  };
}

/** What a weight gradient takes of x: the pieces that the forward pass takes. */
function xPieces(name: string, { x, geometry: g }: Conv2dWeightGradientCall): Pieces {
  return { name: `${name} x`, map: SOURCE_MAP, source: x, channels: g.c, ...forwardAxes(g) };
}

/** What a weight gradient takes of dy: its tiles. */
function dyPieces(name: string, { dy, geometry: g }: Conv2dWeightGradientCall): Pieces {
  const [rows, cols] = [plainAxis(g.outH), plainAxis(g.outW)];
  return { name: `${name} dy`, map: GRADIENT_MAP, source: dy, channels: g.oc, rows, cols };
}

/** An axis of planes that are cut up as they are. */
function plainAxis(size: number): ConvolutionAxis {
  return { source: size, out: size, taps: 1, stride: 1, dilation: 1, pad: 0, transposed: false };
}

/** Sums dy over batch and plane. */
function biasGradient({ dy, geometry: g }: Conv2dWeightGradientCall, db: Storage, adapter: Adapter): Work {
  const shape = [g.n, g.oc, g.outH * g.outW];
  return reduce(
    {
      name: "conv2d db",
      reducer: SUM,
      x: dy,
      dtype: "float32",
      shape,
      dims: [0, 2],
      y: db,
      epilogue: IDENTITY,
    },
    adapter,
  );
}
