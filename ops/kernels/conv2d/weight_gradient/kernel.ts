/**
 * The gradients of a 2-D convolution in its weight and in its bias, `dw[o, i, ky, kx] = sum of dy x` over
 * batch and plane.
 *
 * The sum over the batch is cut into chunks, enough to fill the adapter and short enough for a loop. An invocation takes one chunk and a tile of `results` by
 * `sources` channels with their kernels (or one row of them, with `split`), and keeps the tile's sums in
 * registers. It goes down each image of its chunk row by row, or down a strip of `cols` columns: a turn loads
 * a row of `dy` and the rows of `x` that come into reach, and carries the others over from the turn before.
 * The sums of `dy` itself, the bias gradient, ride along. All is stored as partial sums; a second pass adds
 * the chunks in order, an invocation for each element, and applies the epilogue. No atomics, so two runs give
 * the same bits.
 *
 * @module
 */
import type { Dispatch } from "../../../gpu/kernel.ts";
import { Storage } from "../../../gpu/storage.ts";
import { Memo } from "../../memo.ts";
import { columnLoader, plainLoader, type RowLoader } from "../load_rows.ts";
import {
  type Conv2dGeometry,
  type Conv2dWeightGradientCall,
  forwardAxes,
  sourceOffset,
  tileStride,
} from "../geometry.ts";
import { range } from "../../wgsl/text.ts";
import { sumChunks } from "./sum_chunks.ts";
import { carriedRows, type PartialLayout, type WeightGradientTile } from "./tiles.ts";
import { MOST_TURNS } from "../../wgsl/loop_limit.ts";
import type { Adapter } from "../../adapter.ts";
import type { Work } from "../../../gpu/work.ts";
import { dispatch, type KernelParts } from "../../wgsl/source.ts";

/** Rows of `dy` that are gone through before a chunk may end. */
const MOST_ROWS = { cpu: 32, gpu: 8 };
/** Invocations that keep a CPU adapter busy, in workgroups of eight. */
const ENOUGH_ON_CPU = 512;

/** Columns of `dy` that stay in registers while they meet all taps; a quarter of a row of 28. */
const COLUMN_BLOCK = 7;

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
  const longest = Math.floor(MOST_TURNS / (rows + 2)); // each turn has one for each row, and one at both its ends
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
  const text = textOf(call, tile, layout);
  const sums = [...text.sums, ...range(layout.sums - text.sums.length).map(() => "0.0")];
  const stores = range(layout.sums / 4).map((k) =>
    `partial[id * ${layout.sums / 4}u + ${k}u] = vec4f(${sums.slice(4 * k, 4 * k + 4).join(", ")});`
  );
  const body = `
  let tile = id % ${layout.tiles}u;
  let chunk = id / ${layout.tiles}u;
  let split = tile % ${layout.splits}u;
  let i0 = tile / ${layout.splits}u % ${layout.sourceTiles}u * ${tile.sources}u;
  let o0 = tile / ${layout.splits * layout.sourceTiles}u % ${layout.resultTiles}u * ${tile.results}u;
  let part = tile / ${layout.splits * layout.sourceTiles * layout.resultTiles}u;
  ${text.sums.map((name) => `var ${name} = 0.0;`).join("\n")}
  let end = min(u.turns, (chunk + 1u) * u.length);
  for (var turn = chunk * u.length; turn < end; turn++) {
    let strip = turn % ${strips}u;
    let first = turn / ${strips}u % ${segments}u * ${rows}u;
    let image = turn / ${strips * segments}u;
    let dy_column = strip * ${tile.cols}u;
    let column = strip * ${tileStride(cols, tile.cols)}u;
    let dy0 = image * ${g.oc}u + part * ${results}u;
    let x0 = image * ${g.c}u + part * ${sources}u;
    ${text.before}
    for (var oy = first; oy < min(first + ${rows}u, ${g.outH}u); oy++) {
      ${text.turn}
    }
  }
  if (chunk < u.chunks) {
    ${stores.join("\n")}
  }`;
  return {
    name: weightGradientName(g),
    bindings: [
      { name: "dy", type: text.dyType, access: "read" },
      { name: "x", type: text.xType, access: "read" },
      { name: "partial", type: "vec4<f32>", access: "read_write" },
    ],
    numbers: [{ name: "turns", type: "u32" }, { name: "length", type: "u32" }, {
      name: "chunks",
      type: "u32",
    }],
    workgroupSize: adapter.tileWorkgroup,
    body,
  };
}

/** The parts of the first pass's text that depend on the tile. */
function textOf(call: Conv2dWeightGradientCall, tile: WeightGradientTile, layout: PartialLayout) {
  const g = call.geometry, { cols } = forwardAxes(g);
  const dy = plainLoader(g.outW, tile.cols), x = columnLoader(cols, tile.cols);
  const carried = carriedRows(g, tile), { kernelRows } = layout;
  const known = [
    ...new Set(range(tile.cols).flatMap((j) => range(g.kw).map((t) => sourceOffset(cols, j, t)!))),
  ]
    .filter((offset) => x.at("", offset) !== null).sort((a, b) => a - b);
  const sum = (o: number, i: number, ky: number, kx: number) => `a${o}_${i}_${ky}_${kx}`;
  // A row of x that is carried over lives in variables, the others are loaded in the turn.
  const variable = (i: number, ky: number, offset: number) => `c${i}_${ky}_${known.indexOf(offset)}`;
  const at = (i: number, ky: number, offset: number) =>
    !known.includes(offset) ? null : ky < carried ? variable(i, ky, offset) : x.at(`x${i}_${ky}`, offset);
  const before: string[] = [], turn: string[] = [];
  for (const i of range(tile.sources)) {
    for (const ky of range(kernelRows)) {
      const row = loadSource(g, x, i, ky, ky < carried ? "first" : "oy");
      if (ky >= carried) {
        turn.push(row);
        continue;
      }
      before.push(row, ...known.map((k) => `var ${variable(i, ky, k)} = ${x.at(`x${i}_${ky}`, k)};`));
    }
  }
  for (const o of range(tile.results)) turn.push(loadGradient(g, dy, o), ...products(o));
  for (const i of range(tile.sources)) {
    for (const ky of range(carried)) {
      const next = ky + kernelRows - carried;
      turn.push(...known.map((k) => `${variable(i, ky, k)} = ${at(i, next, k)};`));
    }
  }

  function products(o: number): string[] {
    const lines: string[] = [];
    const shared = g.outW % tile.cols === 0 ? tile.cols : g.outW % tile.cols; // columns that every strip has
    const inside = (j: number, v: string) =>
      j < shared ? v : `select(0.0, ${v}, dy_column + ${j}u < ${g.outW}u)`;
    for (const i of range(tile.sources)) {
      for (let block = 0; block < tile.cols; block += COLUMN_BLOCK) {
        const columns = range(Math.min(COLUMN_BLOCK, tile.cols - block)).map((k) => block + k);
        for (const ky of range(kernelRows)) {
          for (const kx of range(g.kw)) {
            const terms = columns.flatMap((j) => {
              const source = at(i, ky, sourceOffset(cols, j, kx)!);
              return source === null ? [] : [inside(j, `${dy.at(`d${o}`, j)} * ${source}`)];
            });
            if (terms.length > 0) lines.push(`${sum(o, i, ky, kx)} += ${terms.join(" + ")};`);
          }
        }
      }
    }
    if (call.db) lines.push(`b${o} += ${range(tile.cols).map((j) => dy.at(`d${o}`, j)).join(" + ")};`);
    return lines;
  }

  const sums = range(tile.results).flatMap((o) =>
    range(tile.sources).flatMap((i) =>
      range(kernelRows).flatMap((ky) => range(g.kw).map((kx) => sum(o, i, ky, kx)))
    )
  );
  const vector = ({ lanes }: RowLoader) => (lanes === 4 ? "vec4<f32>" : "f32");
  return {
    sums: call.db ? [...sums, ...range(tile.results).map((o) => `b${o}`)] : sums,
    before: before.join("\n"),
    turn: turn.join("\n"),
    dyType: vector(dy),
    xType: vector(x),
  };
}

/** Loads the row of one source channel that kernel row `ky` meets at row `oy` of `dy`. */
function loadSource(g: Conv2dGeometry, x: RowLoader, i: number, ky: number, oy: string): string {
  const name = `x${i}_${ky}`, plane = `(x0 + min(i0 + ${i}u, ${g.c / g.groups - 1}u))`;
  return `let ${name}_row = i32(${oy}) * ${g.strideH} + i32(split + ${ky}u) * ${g.dilationH} - ${g.padTop};
    let ${name}_there = ${name}_row >= 0 && ${name}_row < ${g.h};
    let ${name}_start = (${plane} * ${g.h}u + u32(clamp(${name}_row, 0, ${g.h - 1}))) * ${g.w}u;
    ${x.load("x", name, `${name}_start`, "column", `${name}_there`)}`;
}

/** Loads row `oy` of one result channel of `dy`. A gradient that is changed on the way is changed here. */
function loadGradient(g: Conv2dGeometry, dy: RowLoader, o: number): string {
  return `let d${o}_start = ((dy0 + min(o0 + ${o}u, ${g.oc / g.groups - 1}u)) * ${g.outH}u + oy) * ${g.outW}u;
    ${dy.load("dy", `d${o}`, `d${o}_start`, "dy_column", null)}`;
}
