/**
 * The generator behind conv2d's forward pass and input gradient: each result gathers its sources.
 *
 * An invocation computes a tile of `rows` by `cols` results of one image, by `channels` result channels of
 * one group, in one of three orders. `"rows"` loops over source channels and kernel rows; each turn loads a
 * piece of row for every row of the tile and multiplies it into all accumulators. `"taps"` loops over source
 * channels alone with the kernel's rows unrolled, so that rows which overlap are loaded once. `"window"`
 * first loads the pieces of all source channels, then loops over its result channels with only one channel's
 * accumulators alive: for few source channels. Accumulators, pieces and weights are registers. Columns are
 * laid out when the text is written, so taps that lie in the padding cost nothing; rows that may lie outside
 * are read at a clamped place and become zeros. No shared memory, and one pass: only where the loop over sources
 * would have more turns than it may are there several, each of which adds to what the one before stored.
 *
 * @module
 */
import { Storage } from "../../../gpu/storage.ts";
import type { Work } from "../../../gpu/work.ts";
import type { Adapter } from "../../adapter.ts";
import { type Convolution, tileStride } from "../geometry.ts";
import { columnLoader, type RowLoader } from "../load_rows.ts";
import { type WindowLoader, windowLoader } from "../load_window.ts";
import { type TileStore, tileStore } from "../store.ts";
import { Memo } from "../../memo.ts";
import { addingTo, epilogueKey, IDENTITY } from "../../wgsl/epilogue.ts";
import { blockedLoop } from "../../wgsl/blocked_loop.ts";
import { MOST_TURNS } from "../../wgsl/loop_limit.ts";
import { dispatch, type KernelParts } from "../../wgsl/source.ts";
import { all, range, read, u32s, vectorOf } from "../../wgsl/text.ts";
import { readWeights, type WeightReader } from "./load_weights.ts";
import { loopedRows, multiplyAdd, rowTurns, type SourceRows, unrolledRows } from "./source_rows.ts";

/** What one invocation computes, and in which order. */
export interface DirectTile {
  readonly rows: number;
  readonly cols: number;
  readonly channels: number;
  readonly order: "rows" | "taps" | "window";
}

/** Turns of a pass's loop: half of what is allowed, as the end of a kernel may have loops too. */
const MOST_IN_PASS = MOST_TURNS / 2;

/** Makes the dispatches of a convolution with a given tile. */
export function convolveDirect(call: Convolution, tile: DirectTile, adapter: Adapter): Work {
  const turns = turnsOf(call, tile), passes = Math.ceil(turns / MOST_IN_PASS);
  if (passes <= 1) return directPass(call, tile, { from: 0, to: turns }, adapter);
  const { n, rows, cols, weights: { groups, results }, y, bias, epilogue, pooling } = call;
  const size = n * groups * results * rows.out * cols.out;
  const sums = range(Math.min(passes - 1, 2)).map(() => new Storage(y.device, 4 * size));
  const work = range(passes).map((p) => {
    const isLast = p === passes - 1, end = isLast ? epilogue : IDENTITY;
    const part: Convolution = {
      ...call,
      bias: p === 0 ? bias : null,
      y: isLast ? y : sums[p % 2]!,
      epilogue: p === 0 ? end : addingTo(sums[(p - 1) % 2]!, end),
      pooling: isLast ? pooling : undefined,
    };
    const its = { from: p * MOST_IN_PASS, to: Math.min(turns, (p + 1) * MOST_IN_PASS) };
    return directPass(part, tile, its, adapter);
  });
  return {
    dispatches: work.flatMap(({ dispatches }) => dispatches),
    temporaries: [...sums, ...work.flatMap(({ temporaries }) => temporaries)],
  };
}

/** Turns of the loop over sources. */
function turnsOf({ rows, weights: { sources } }: Convolution, { order }: DirectTile): number {
  if (order === "window") return 0;
  return order === "rows" ? sources * rowTurns(rows) : sources;
}

/** Which turns a pass takes, `to` excluded. */
interface Turns {
  readonly from: number;
  readonly to: number;
}

const texts = new Memo<KernelParts>();

function directPass(call: Convolution, tile: DirectTile, turns: Turns, adapter: Adapter): Work {
  const { name, rows, cols, weights, bias, pooling } = call;
  const place = { outH: rows.out, outW: cols.out, rows: tile.rows, cols: tile.cols };
  const store = tileStore(place, call.y, call.epilogue, pooling);
  const reader = readWeights(weights, call.weight, tile.channels, adapter);
  const pooled = pooling ? [pooling.kind, pooling.indices !== null, pooling.storeFull] : [];
  const rest = [bias !== null, pooled, epilogueKey(call.epilogue), turns];
  const key = [adapter, name, tile, rows, cols, weights, ...rest];
  const parts = texts.get(key, () => directParts(call, tile, turns, reader, store, adapter));
  const main = dispatch(
    parts,
    [call.source, reader.storage, ...(bias ? [bias] : []), ...store.storages],
    [call.n, ...store.numbers],
    call.n * threadsOfImage(call, tile),
    flops(call) * (turns.to - turns.from || 1) / (turnsOf(call, tile) || 1),
  );
  return { dispatches: [...reader.before, main], temporaries: reader.temporaries };
}

/** Invocations for one image. */
function threadsOfImage({ rows, cols, weights: { groups, results } }: Convolution, tile: DirectTile): number {
  const tiles = Math.ceil(rows.out / tile.rows) * Math.ceil(cols.out / tile.cols);
  return tiles * Math.ceil(results / tile.channels) * groups;
}

/** Writes the kernel. */
function directParts(
  call: Convolution,
  tile: DirectTile,
  turns: Turns,
  reader: WeightReader,
  store: TileStore,
  adapter: Adapter,
): KernelParts {
  const { rows, cols, weights, bias } = call;
  const { groups, results } = weights;
  const loader = tile.order === "rows" ? columnLoader(cols, tile.cols) : windowLoader(rows, cols, tile);
  const rowTiles = Math.ceil(rows.out / tile.rows), colTiles = Math.ceil(cols.out / tile.cols);
  const channelTiles = Math.ceil(results / tile.channels);
  const text = { call, tile, turns, loader, reader, store, isFused: adapter.kernels === "gpu" };
  const body = `
  let col_tile = id % ${colTiles}u;
  let row_tile = id / ${colTiles}u % ${rowTiles}u;
  let channel_tile = id / ${colTiles * rowTiles}u % ${channelTiles * groups}u;
  let image = id / ${threadsOfImage(call, tile)}u;
  let row0 = row_tile * ${tile.rows}u;
  let col0 = col_tile * ${tile.cols}u;
  let column = col_tile * ${tileStride(cols, tile.cols)}u;
  let part = channel_tile / ${channelTiles}u;
  let o0 = channel_tile % ${channelTiles}u * ${tile.channels}u;
  let source0 = image * ${groups * weights.sources}u + part * ${weights.sources}u;
  let result0 = image * ${groups * results}u + part * ${results}u + o0;
  let present = image < u.n;
  ${tile.order === "window" ? windowText(text) : tileText(text)}`;
  return {
    name: call.name,
    bindings: [
      read("x", vectorOf("f32", loader.lanes)),
      reader.binding,
      ...(bias ? [read("b", "f32")] : []),
      ...store.bindings,
    ],
    numberDecls: [...u32s("n"), ...store.numberDecls],
    declarations: reader.declarations + store.declarations,
    workgroupSize: adapter.tileWorkgroup,
    body,
  };
}

/** Counted as the convolution is defined, padding included. */
function flops({ n, rows, cols, weights: w }: Convolution): number {
  const [h, width] = rows.transposed ? [rows.source, cols.source] : [rows.out, cols.out];
  return 2 * n * w.groups * w.sources * w.results * w.kh * w.kw * h * width;
}

export interface DirectText {
  readonly call: Convolution;
  readonly tile: DirectTile;
  readonly turns: Turns;
  readonly loader: RowLoader | WindowLoader;
  readonly reader: WeightReader;
  readonly store: TileStore;
  /** Whether products are added by `fma`. */
  readonly isFused: boolean;
}

/** Orders "rows" and "taps": accumulators of all channels, a loop over source channels. */
function tileText(text: DirectText): string {
  const { call, tile, turns, reader } = text;
  const perChannel = tile.order === "rows" ? rowTurns(call.rows) : 1;
  const rows = tile.order === "rows" ? loopedRows(text) : unrolledRows(text, "s", "x");
  const fanIns = blocksOf(call, perChannel),
    all = range(tile.channels).flatMap((o) => placesOf(tile).map(([r, j]) => accumulator(o, r, j)));
  const turn = [
    perChannel === 1
      ? "let s = turn; let t = 0u;"
      : `let s = turn / ${perChannel}u; let t = turn % ${perChannel}u;`,
    `let base = ${reader.base("part", "s", "o0")};`,
    rows.code,
    ...multiplyChannels(text, rows, fanIns.length > 0 ? "block_" : ""),
  ].join("\n");
  return [
    ...declareSums(text),
    `var turn = ${turns.from}u;`,
    blockedLoop({ at: "turn", end: `${turns.to}u`, by: "1u" }, fanIns, {
      begin: () => all.map((sum) => `var block_${sum} = 0.0;`).join("\n"),
      end: () => all.map((sum) => `${sum} += block_${sum};`).join("\n"),
      turn: () => turn,
    }),
    ...storeChannels(text),
  ].join("\n");
}

/** Products of a block, whose sum is then added to that of the whole, and the longest sum that has no blocks. */
const BLOCK = 256;
export const SHORT_SUM = 1024;

/** Turns of a block of a long sum, if it has any. */
function blocksOf({ weights: { sources, kh, kw } }: Convolution, perChannel: number): number[] {
  return sources * kh * kw <= SHORT_SUM ? [] : [Math.ceil(BLOCK * perChannel / (kh * kw))];
}

/** The accumulator of channel `o` of the tile at row `r` and column `j`. */
function accumulator(o: number, r: number, j: number): string {
  return `a${o}_${r}_${j}`;
}

/** The rows and columns of a tile, in row-major order. */
function placesOf({ rows, cols }: DirectTile): (readonly [r: number, j: number])[] {
  return range(rows).flatMap((r) => range(cols).map((j) => [r, j] as const));
}

/** The bias of the tile's channel `o`, or what accumulators begin with where there is none. */
function startText({ bias, weights: { results } }: Convolution, o: string): string {
  return bias ? `b[part * ${results}u + min(o0 + ${o}, ${results - 1}u)]` : "0.0";
}

/** The condition under which the tile's channel `o` exists. */
function presentText({ weights: { results } }: Convolution, { channels }: DirectTile, o: string): string {
  return results % channels === 0 ? "present" : all("present", `o0 + ${o} < ${results}u`);
}

function declareSums({ call, tile }: DirectText): string[] {
  return range(tile.channels).flatMap((o) => [
    `let b${o} = ${startText(call, `${o}u`)};`,
    ...placesOf(tile).map(([r, j]) => `var ${accumulator(o, r, j)} = b${o};`),
  ]);
}

/** Loads the weights of the tile's channels, as many at a time as is best, and adds the products of each. */
function multiplyChannels(text: DirectText, rows: SourceRows, prefix: string): string[] {
  const { tile: { channels }, reader } = text;
  return range(channels, reader.together).flatMap((first) => {
    const together = range(Math.min(reader.together, channels - first));
    const weights = rows.kernelRows.map(({ ky, expression }) => ({
      ky,
      ...reader.load("base", first, together.length, expression, `${first}_${ky}`),
    }));
    return [
      ...weights.map((w) => w.code),
      ...together.map((k) => {
        const own = weights.map((w) => ({ ky: w.ky, at: (kx: number) => w.at(k, kx) }));
        return multiplyAdd(text, rows.at, own, (r, j) => prefix + accumulator(first + k, r, j));
      }),
    ];
  });
}

/** Stores all channels: each where it stands, or, where the store is long, in a loop that has it once. */
function storeChannels({ call, tile, store }: DirectText): string[] {
  if (!store.isLong || tile.channels === 1) {
    return range(tile.channels).map((o) =>
      store.channel(
        (r, j) => accumulator(o, r, j),
        `result0 + ${o}u`,
        presentText(call, tile, `${o}u`),
        `${o}`,
      )
    );
  }
  // The loop stores the first channel and moves the others up. (A private array that is read by a dynamic index would
  // take seconds to compile.)
  return [
    `for (var o = 0u; o < ${tile.channels}u; o++) {`,
    store.channel((r, j) => accumulator(0, r, j), "result0 + o", presentText(call, tile, "o"), ""),
    ...range(tile.channels - 1).flatMap((o) =>
      placesOf(tile).map(([r, j]) => `${accumulator(o, r, j)} = ${accumulator(o + 1, r, j)};`)
    ),
    "}",
  ];
}

/** Order "window": all sources in registers, a loop over result channels. */
function windowText(text: DirectText): string {
  const { call, tile, reader, store } = text;
  const windows = range(call.weights.sources).map((s) => unrolledRows(text, `${s}u`, `x${s}`));
  const sum = (r: number, j: number) => `a${r}_${j}`;
  const products = windows.flatMap((window, s) => {
    const weights = window.kernelRows.map(({ ky, expression }) => ({
      ky,
      ...reader.load(`base${s}`, 0, 1, expression, `${s}_${ky}`),
    }));
    const own = weights.map((w) => ({ ky: w.ky, at: (kx: number) => w.at(0, kx) }));
    return [
      `let base${s} = ${reader.base("part", `${s}u`, "(o0 + o)")};`,
      ...weights.map((w) => w.code),
      multiplyAdd(text, window.at, own, sum),
    ];
  });
  return [
    ...windows.map((w) => w.code),
    `for (var o = 0u; o < ${tile.channels}u; o++) {`,
    `let start = ${startText(call, "o")};`,
    ...placesOf(tile).map(([r, j]) => `var ${sum(r, j)} = start;`),
    ...products,
    store.channel(sum, "result0 + o", presentText(call, tile, "o"), ""),
    "}",
  ].join("\n");
}
