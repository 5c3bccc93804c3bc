/**
 * The gradients of a 2-D convolution in its weight and in its bias, `dw[o, i, ky, kx] = sum of dy x` over
 * batch and plane.
 *
 * The sum over the batch is cut into chunks, enough to fill the adapter and short enough for a loop. An invocation
 * takes one chunk and a tile of `results` by `sources` channels with their kernels (or one row of them, with `split`),
 * and keeps the tile's sums in registers, in blocks (see `wgsl/blocked_loop.ts`). It goes down each image of its chunk row by row, or down a strip of `cols` columns: a turn loads
 * a row of `dy` and the rows of `x` that come into reach, and carries the others over from the turn before.
 * The sums of `dy` itself, the bias gradient, are made in the same pass. All is stored as partial sums; a second pass adds
 * the chunks in order, an invocation for each element, and applies the epilogue. No atomics, so two runs give
 * the same bits.
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
  type ConvolutionAxis,
  forwardAxes,
  sourceOffset,
  tileStride,
} from "../geometry.ts";
import { columnLoader, columnOffsets, plainLoader, type RowLoader } from "../load_rows.ts";
import { Memo } from "../../memo.ts";
import { blockedLoop } from "../../wgsl/blocked_loop.ts";
import { MOST_TURNS } from "../../wgsl/loop_limit.ts";
import { dispatch, type KernelParts } from "../../wgsl/source.ts";
import { all, range, read, u32s, vector, vectorOf, write } from "../../wgsl/text.ts";
import { sumChunks } from "./sum_chunks.ts";
import { carriedRows, type PartialLayout, type WeightGradientTile } from "./tiles.ts";

/** Rows of `dy` that are gone through before a chunk may end. */
const MOST_ROWS = { cpu: 32, gpu: 8 };
/** Invocations that keep a CPU adapter busy, in workgroups of eight. */
const ENOUGH_ON_CPU = 512;

/** Columns of `dy` that stay in registers while they meet all taps; a quarter of a row of 28. */
const COLUMN_BLOCK = 7;

/** What the first pass is called in profiles. */
export function weightGradientName(g: Conv2dGeometry): string {
  return `conv2d dw ${g.c}→${g.oc} ${g.kh}x${g.kw}`;
}

/** Makes the dispatches of a weight gradient with a given tile. */
export function weightGradientWith(
  call: Conv2dWeightGradientCall,
  tile: WeightGradientTile,
  adapter: Adapter,
): Work {
  const g = call.geometry, layout = layoutOf(g, tile, call.db !== null);
  const rows = Math.min(g.outH, MOST_ROWS[adapter.kernels]);
  const turns = g.n * Math.ceil(g.outH / rows) * Math.ceil(g.outW / tile.cols);
  const wanted = Math.ceil(
    (adapter.kernels === "cpu" ? ENOUGH_ON_CPU : adapter.enoughThreads) / layout.tiles,
  );
  const block = turnsOfBlock(rows, tile);
  // Each turn has one for each row, and one at both its ends, as a block has.
  const longest = Math.min(Math.floor(MOST_TURNS / (rows + 4)), MOST_BLOCKS * block);
  const length = Math.min(Math.ceil(turns / Math.min(turns, wanted)), longest);
  const chunks = Math.ceil(turns / length);
  const partial = new Storage(call.y.device, 4 * chunks * layout.tiles * layout.sums);
  return {
    dispatches: [
      partialSums(call, tile, layout, partial, { rows, turns, length, chunks }, adapter),
      sumChunks(call, tile, layout, partial, chunks, adapter),
    ],
    temporaries: [partial],
  };
}

function layoutOf(g: Conv2dGeometry, tile: WeightGradientTile, withBias: boolean): PartialLayout {
  const resultTiles = Math.ceil(g.oc / g.groups / tile.results),
    sourceTiles = Math.ceil(g.c / g.groups / tile.sources);
  const kernelRows = tile.split ? 1 : g.kh, splits = tile.split ? g.kh : 1;
  const sums = tile.results * tile.sources * kernelRows * g.kw + (withBias ? tile.results : 0);
  const tiles = g.groups * resultTiles * sourceTiles * splits;
  return { sums: Math.ceil(sums / 4) * 4, tiles, resultTiles, sourceTiles, kernelRows, splits };
}

/** How the sum over batch and plane is cut: turns of `rows` rows of a strip, `length` of them a chunk. */
interface TurnChunks {
  readonly rows: number;
  readonly turns: number;
  readonly length: number;
  readonly chunks: number;
}

/** Terms that a sum takes in before it is added to that of the whole chunk, and how many such blocks a chunk has at most. */
const BLOCK_TERMS = 128, MOST_BLOCKS = 64;

/** Turns of a block. */
function turnsOfBlock(rows: number, { cols }: WeightGradientTile): number {
  return Math.ceil(BLOCK_TERMS / (rows * cols));
}

const texts = new Memo<KernelParts>();

/** The first pass. */
function partialSums(
  call: Conv2dWeightGradientCall,
  tile: WeightGradientTile,
  layout: PartialLayout,
  partial: Storage,
  { rows, turns, length, chunks }: TurnChunks,
  adapter: Adapter,
): Dispatch {
  const g = call.geometry;
  const key = [adapter, tile, { ...g, n: 0 }, call.db !== null];
  const parts = texts.get(key, () => partialParts(call, tile, layout, rows, adapter));
  const sources = g.c / g.groups, threads = chunks * layout.tiles;
  const flops = 2 * g.n * g.oc * sources * g.kh * g.kw * g.outH * g.outW;
  return dispatch(parts, [call.dy, call.x, partial], [turns, length, chunks], threads, flops);
}

/** Writes the kernel of the first pass. */
function partialParts(
  call: Conv2dWeightGradientCall,
  tile: WeightGradientTile,
  layout: PartialLayout,
  rows: number,
  adapter: Adapter,
): KernelParts {
  const g = call.geometry, { cols } = forwardAxes(g);
  const sources = g.c / g.groups, results = g.oc / g.groups;
  const strips = Math.ceil(g.outW / tile.cols), segments = Math.ceil(g.outH / rows);
  const text = turnText(g, call.db !== null, tile, layout.kernelRows), names = sumNames(text);
  const sums = [...names.map(totalName), ...range(layout.sums - names.length).map(() => "0.0")];
  const stores = range(layout.sums / 4).map((k) =>
    `partial[id * ${layout.sums / 4}u + ${k}u] = ${vector("f32", sums.slice(4 * k, 4 * k + 4))};`
  );
  const turn = `
    let strip = turn % ${strips}u;
    let first = turn / ${strips}u % ${segments}u * ${rows}u;
    let image = turn / ${strips * segments}u;
    let dy_column = strip * ${tile.cols}u;
    let column = strip * ${tileStride(cols, tile.cols)}u;
    let dy0 = image * ${g.oc}u + part * ${results}u;
    let x0 = image * ${g.c}u + part * ${sources}u;
    ${firstRows(text).join("\n")}
    for (var oy = first; oy < min(first + ${rows}u, ${g.outH}u); oy++) {
      ${turnLines(text).join("\n")}
    }`;
  const blocks = blockedLoop({ at: "turn", end: "end", by: "1u" }, [turnsOfBlock(rows, tile)], {
    begin: () => names.map((name) => `var ${name} = 0.0;`).join("\n"),
    end: () => names.map((name) => `${totalName(name)} += ${name};`).join("\n"),
    turn: () => turn,
  });
  const body = `${findTile(tile, layout)}
  ${names.map((name) => `var ${totalName(name)} = 0.0;`).join("\n")}
  let end = min(u.turns, (chunk + 1u) * u.length);
  var turn = chunk * u.length;
  ${blocks}
  if (chunk < u.chunks) {
    ${stores.join("\n")}
  }`;
  return {
    name: weightGradientName(g),
    bindings: [
      read("dy", vectorOf("f32", text.dy.lanes)),
      read("x", vectorOf("f32", text.x.lanes)),
      write("partial", vectorOf("f32", 4)),
    ],
    numberDecls: u32s("turns", "length", "chunks"),
    workgroupSize: adapter.tileWorkgroup,
    body,
  };
}

/** Declares which tile an invocation takes, of which chunk, and where the tile's channels and kernel rows begin. */
function findTile(tile: WeightGradientTile, layout: PartialLayout): string {
  const { splits, sourceTiles, resultTiles } = layout;
  return `
  let tile = id % ${layout.tiles}u;
  let chunk = id / ${layout.tiles}u;
  let split = tile % ${splits}u;
  let i0 = tile / ${splits}u % ${sourceTiles}u * ${tile.sources}u;
  let o0 = tile / ${splits * sourceTiles}u % ${resultTiles}u * ${tile.results}u;
  let part = tile / ${splits * sourceTiles * resultTiles}u;`;
}

/** What the text of a turn is made of. */
interface TurnText {
  readonly geometry: Conv2dGeometry;
  readonly withBias: boolean;
  readonly tile: WeightGradientTile;
  readonly kernelRows: number;
  readonly cols: ConvolutionAxis;
  readonly dy: RowLoader;
  readonly x: RowLoader;
  /** Rows of x that a turn takes over from the turn before: they live in variables, the others are loaded in the turn. */
  readonly carried: number;
  /** Offsets of the columns of x that are ever inside. */
  readonly offsets: readonly number[];
}

function turnText(
  g: Conv2dGeometry,
  withBias: boolean,
  tile: WeightGradientTile,
  kernelRows: number,
): TurnText {
  const { cols } = forwardAxes(g), x = columnLoader(cols, tile.cols);
  const offsets = [...new Set(columnOffsets(cols, tile.cols))].filter((offset) => x.at("", offset) !== null);
  return {
    geometry: g,
    withBias,
    tile,
    kernelRows,
    cols,
    dy: plainLoader(g.outW, tile.cols),
    x,
    carried: carriedRows(g, tile),
    offsets: offsets.sort((a, b) => a - b),
  };
}

/** The sum of the weight of channels `o` and `i` at a tap. */
function sumName(o: number, i: number, ky: number, kx: number): string {
  return `a${o}_${i}_${ky}_${kx}`;
}

/** The sum of a whole chunk, to that of a block. */
function totalName(name: string): string {
  return `t${name}`;
}

/** The sums of a tile: those of the weights, then those of `dy`. */
function sumNames({ geometry: { kw }, tile, kernelRows, withBias }: TurnText): string[] {
  const weights = range(tile.results).flatMap((o) =>
    range(tile.sources).flatMap((i) =>
      range(kernelRows).flatMap((ky) => range(kw).map((kx) => sumName(o, i, ky, kx)))
    )
  );
  return withBias ? [...weights, ...range(tile.results).map((o) => `b${o}`)] : weights;
}

/** The variable of a row of x that is carried over. */
function carriedName({ offsets }: TurnText, i: number, ky: number, offset: number): string {
  return `c${i}_${ky}_${offsets.indexOf(offset)}`;
}

/** The source of channel `i` that kernel row `ky` meets at an offset; null where it always lies outside. */
function sourceAt(text: TurnText, i: number, ky: number, offset: number): string | null {
  if (!text.offsets.includes(offset)) return null;
  return ky < text.carried ? carriedName(text, i, ky, offset) : text.x.at(`x${i}_${ky}`, offset);
}

/** Before the first turn of a strip: the rows that it would have taken over. */
function firstRows(text: TurnText): string[] {
  const { geometry, x, tile, carried, offsets } = text;
  return range(tile.sources).flatMap((i) =>
    range(carried).flatMap((ky) => [
      loadSource(geometry, x, i, ky, "first"),
      ...offsets.map((k) => `var ${carriedName(text, i, ky, k)} = ${x.at(`x${i}_${ky}`, k)};`),
    ])
  );
}

/** A turn: loads rows of x and of dy, adds their products, and hands the rows of x on that the next turn meets again. */
function turnLines(text: TurnText): string[] {
  const { geometry, x, dy, tile, carried, kernelRows, offsets } = text;
  const rows = range(tile.sources).flatMap((i) =>
    range(kernelRows).filter((ky) => ky >= carried).map((ky) => loadSource(geometry, x, i, ky, "oy"))
  );
  const sums = range(tile.results).flatMap((o) => [loadGradient(geometry, dy, o), ...products(text, o)]);
  const handed = range(tile.sources).flatMap((i) =>
    range(carried).flatMap((ky) =>
      offsets.map((k) =>
        `${carriedName(text, i, ky, k)} = ${sourceAt(text, i, ky + kernelRows - carried, k)};`
      )
    )
  );
  return [...rows, ...sums, ...handed];
}

/** Adds the products of result channel `o` with all sources and taps, a block of columns after the other. */
function products(text: TurnText, o: number): string[] {
  const { geometry: { outW, kw }, tile, kernelRows, cols, dy } = text, lines: string[] = [];
  const shared = outW % tile.cols === 0 ? tile.cols : outW % tile.cols; // columns that every strip has
  const inside = (j: number, v: string) => j < shared ? v : `select(0.0, ${v}, dy_column + ${j}u < ${outW}u)`;
  for (const i of range(tile.sources)) {
    for (const block of range(tile.cols, COLUMN_BLOCK)) {
      const columns = range(Math.min(COLUMN_BLOCK, tile.cols - block)).map((k) => block + k);
      for (const ky of range(kernelRows)) {
        for (const kx of range(kw)) {
          const terms = columns.flatMap((j) => {
            const source = sourceAt(text, i, ky, sourceOffset(cols, j, kx)!);
            return source === null ? [] : [inside(j, `${dy.at(`d${o}`, j)} * ${source}`)];
          });
          if (terms.length > 0) lines.push(`${sumName(o, i, ky, kx)} += ${terms.join(" + ")};`);
        }
      }
    }
  }
  const row = range(tile.cols).map((j) => dy.at(`d${o}`, j)).join(" + ");
  return text.withBias ? [...lines, `b${o} += ${row};`] : lines;
}

/** Loads the row of one source channel that kernel row `ky` meets at row `oy` of `dy`. */
function loadSource(g: Conv2dGeometry, x: RowLoader, i: number, ky: number, oy: string): string {
  const name = `x${i}_${ky}`, plane = `(x0 + min(i0 + ${i}u, ${g.c / g.groups - 1}u))`;
  return `let ${name}_row = i32(${oy}) * ${g.strideH} + i32(split + ${ky}u) * ${g.dilationH} - ${g.padTop};
    let ${name}_there = ${all(`${name}_row >= 0`, `${name}_row < ${g.h}`)};
    let ${name}_start = (${plane} * ${g.h}u + u32(clamp(${name}_row, 0, ${g.h - 1}))) * ${g.w}u;
    ${x.load("x", name, `${name}_start`, "column", `${name}_there`)}`;
}

/** Loads row `oy` of one result channel of `dy`. */
function loadGradient(g: Conv2dGeometry, dy: RowLoader, o: number): string {
  return `let d${o}_start = ((dy0 + min(o0 + ${o}u, ${g.oc / g.groups - 1}u)) * ${g.outH}u + oy) * ${g.outW}u;
    ${dy.load("dy", `d${o}`, `d${o}_start`, "dy_column", null)}`;
}
