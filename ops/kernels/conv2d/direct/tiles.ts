/**
 * Which tile a direct convolution takes: the cheapest by an estimate, among those whose text is short enough.
 *
 * The estimate counts what one invocation loads, multiplies and stores, at prices measured on a CPU adapter. The batch
 * size plays no part, so that batches of all sizes share their kernels.
 *
 * @module
 */
import type { Adapter } from "../../adapter.ts";
import { epilogueOperations, LONGEST_TEXT, multiplyCost, PRICE, textPrice } from "../cost.ts";
import { type Convolution, type ConvolutionAxis, presence, sourceOffset, tileStride } from "../geometry.ts";
import { columnLoader, SCALAR_LOAD } from "../load_rows.ts";
import { windowLoader } from "../load_window.ts";
import { storeGroups } from "../store.ts";
import { Memo } from "../../memo.ts";
import { cheapest } from "../../tuning.ts";
import { range } from "../../wgsl/text.ts";
import { type DirectTile, SHORT_SUM } from "./kernel.ts";
import { rowTurns } from "./source_rows.ts";
import { fitsUniform } from "./load_weights.ts";

/** Registers that are still cheap: accumulators, or a window of all source channels. */
const MOST_ACCUMULATORS = 288;
const MOST_WINDOW = 520;

/** Accumulators that a real GPU may keep. */
const MOST_ON_GPU = 64;

const ranked = new Memo<readonly DirectTile[]>();

/** All that the choice of a tile depends on. */
export function directKey({ rows, cols, weights, pooling, epilogue }: Convolution): unknown[] {
  return [rows, cols, weights, pooling !== undefined, epilogueOperations(epilogue)];
}

/** The tile that a call takes where none was measured. */
export function directTile(call: Convolution, adapter: Adapter): DirectTile {
  return adapter.kernels === "gpu" ? smallTile(call) : directTiles(call, adapter)[0]!;
}

/** The tiles that a call may take, by the estimate's order. */
export function directTiles(call: Convolution, adapter: Adapter): readonly DirectTile[] {
  return ranked.get([adapter.kernels, directKey(call)], () => {
    const isSmall = ({ rows, cols, channels, order }: DirectTile) =>
      order !== "window" && rows * cols * channels <= MOST_ON_GPU;
    const tiles = [...candidates(call)].filter((tile) => adapter.kernels === "cpu" || isSmall(tile));
    return [...cheapest(tiles, (tile) => estimate(call, tile)), smallTile(call)];
  });
}

/** For a real GPU, and where nothing else fits: few registers, neighbouring invocations on neighbouring columns. */
function smallTile({ cols, weights, pooling }: Convolution): DirectTile {
  const columns = cols.transposed ? cols.stride * Math.ceil(4 / cols.stride) : 4;
  const channels = weights.results <= 4 ? weights.results : pooling ? 4 : 8;
  return { rows: pooling ? 2 : 1, cols: Math.min(cols.out, columns), channels, order: "rows" };
}

/** Columns of a tile. Most divide 28, 14 or 10, the widths of LeNet's images, so that few tiles are ragged. */
const WIDTHS = [2, 4, 6, 7, 8, 10, 12, 14, 16, 20, 28];

function* candidates({ rows, cols, weights, pooling }: Convolution): Generator<DirectTile> {
  const uniform = fitsUniform(weights);
  const some = [1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 24, 32].filter((o) => o < weights.results);
  const channels = [
    ...some.filter((o) => uniform || o % 4 === 0),
    ...(weights.results <= 32 ? [weights.results] : []),
  ];
  const heights = [1, 2, 4, rows.out].filter((r) => r <= rows.out && (!pooling || r % 2 === 0));
  const widths = [...WIDTHS, cols.out].filter((c) =>
    (c < cols.out ? c <= 28 : c === cols.out && c <= 36) && tileStride(cols, c) !== null &&
    (!pooling || c % 2 === 0 || c === cols.out)
  );
  for (const c of new Set(widths)) {
    for (const r of new Set(heights)) {
      if (r * c > MOST_ACCUMULATORS) continue;
      for (const o of channels) {
        if (r === 1 || !rows.transposed || rows.stride === 1) {
          yield { rows: r, cols: c, channels: o, order: "rows" };
        }
        if (tileStride(rows, r) === null) continue;
        yield { rows: r, cols: c, channels: o, order: "taps" };
        if (uniform) yield { rows: r, cols: c, channels: o, order: "window" };
      }
    }
  }
}

/** Pairs of a result in the tile and a tap that ever meet a source. */
function pairs(axis: ConvolutionAxis, tile: number): number {
  const stride = tileStride(axis, tile)!, tiles = Math.ceil(axis.out / tile);
  return range(tile).flatMap((j) => range(axis.taps).map((t) => sourceOffset(axis, j, t)))
    .filter((o) => o !== null && presence(o, stride, tiles, axis.source) !== "never").length;
}

/** What a tile's turn or, in order "window", an invocation does. */
interface TileWork {
  /** Nanoseconds of eight invocations. */
  readonly cost: number;
  readonly multiplications: number;
  /** Scalars that the text loads. */
  readonly loads: number;
  /** Results that the text stores, and what its loops carry. */
  readonly stored: number;
  readonly carried: readonly number[];
}

/** Nanoseconds for an image, or infinity for what is too long or takes too many registers. */
function estimate(call: Convolution, tile: DirectTile): number {
  const { rows, cols, weights: { results, groups }, pooling } = call;
  const accumulators = tile.rows * tile.cols * (tile.order === "window" ? 1 : tile.channels);
  const work = accumulators > MOST_ACCUMULATORS ? null : workOf(call, tile);
  if (!work) return Infinity;
  const { cost, multiplications, loads, stored, carried } = work;
  const operations = multiplications + stored * (epilogueOperations(call.epilogue) + (pooling ? 8 : 0));
  if (operations > LONGEST_TEXT) return Infinity;
  const tiles = Math.ceil(rows.out / tile.rows) * Math.ceil(cols.out / tile.cols) *
    Math.ceil(results / tile.channels);
  return cost * tiles * groups + textPrice({ operations, loads, stores: stored, carried });
}

/** What a tile does, or null where it takes too many registers. */
function workOf(call: Convolution, tile: DirectTile): TileWork | null {
  const { rows, cols, weights } = call, { sources, kh, kw } = weights;
  const places = tile.rows * tile.cols, inRow = pairs(cols, tile.cols), isUniform = fitsUniform(weights);
  const operations = epilogueOperations(call.epilogue), isLong = operations > 0 || call.pooling !== undefined;
  const weightRow = (o: number) => isUniform ? o * kw * PRICE.uniform : Math.ceil(o / 4) * kw * PRICE.weights;
  const weightLoads = (o: number) => isUniform ? o * kw * UNIFORM_LOAD : Math.ceil(o / 4) * kw * 4;
  const place = { outH: rows.out, outW: cols.out, rows: tile.rows, cols: tile.cols };
  const storing = storeGroups(place).length * PRICE.store + places * operations * PRICE.operation;
  if (tile.order === "window") {
    const window = windowLoader(rows, cols, tile);
    if (sources * window.values > MOST_WINDOW) return null;
    const multiplications = sources * pairs(rows, tile.rows) * inRow;
    const turn = sources * kh * weightRow(1) + multiplyCost(multiplications) + PRICE.turn + storing;
    return {
      cost: sources * window.cost + tile.channels * turn,
      multiplications,
      loads: sources * (window.values + kh * weightLoads(1)),
      stored: places,
      carried: [],
    };
  }
  const isRows = tile.order === "rows", sums = places * tile.channels;
  const window = isRows ? null : windowLoader(rows, cols, tile), row = columnLoader(cols, tile.cols);
  const perRow = isRows ? tile.rows : pairs(rows, tile.rows), kernelRows = isRows ? 1 : kh;
  const multiplications = perRow * inRow * tile.channels;
  const loads = window?.cost ?? tile.rows * row.cost;
  const turn = loads + kernelRows * weightRow(tile.channels) + multiplyCost(multiplications) +
    sums * PRICE.carried + PRICE.turn;
  const turns = sources * (isRows ? rowTurns(rows) : 1);
  const isBlocked = sources * kh * kw > SHORT_SUM, isMoved = isLong && tile.channels > 1;
  return {
    cost: turns * turn + tile.channels * storing,
    multiplications,
    loads: loads / SCALAR_LOAD + kernelRows * weightLoads(tile.channels),
    stored: isMoved ? places : sums,
    carried: [isBlocked ? 2 * sums : sums, isMoved ? sums : 0],
  };
}

/** What a uniform's load adds to the text, in loads. */
const UNIFORM_LOAD = 0.5;
