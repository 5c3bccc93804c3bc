/**
 * The gradients of a 2-D convolution in its weight and in its bias, `dw[o, i, ky, kx] = sum of dy x` over batch and plane.
 *
 * The sum over batch and rows is cut into chunks. An invocation takes one chunk and a tile of `results` by `sources`
 * channels with their kernels (or one row of them, with `split`), and keeps the tile's sums in registers while it goes through
 * the chunk's rows of `dy`, `rows` by `cols` at a time, with the pieces of `x` that they meet. The sums of `dy` itself, the
 * bias gradient, ride along. All is stored as partial sums; a second pass adds the chunks in order, an invocation for each
 * element, and applies the epilogue. No atomics, so two runs give the same bits.
 *
 * @module
 */
import { Storage } from "../gpu/storage.ts";
import {
  type Conv2dGeometry,
  flattenPoints,
  forwardAxes,
  identityAxis,
  range,
  sourceOffset,
  tileStep,
} from "./conv2d_shape.ts";
import { sumChunks } from "./conv2d_weight_sums.ts";
import { type WeightGradientTile, weightGradientTile } from "./conv2d_weight_tiles.ts";
import { columnLoader, planWindow, type WindowLoader } from "./conv2d_window.ts";
import type { Epilogue } from "./epilogue.ts";
import type { Profile } from "./profile.ts";
import type { Work } from "./reduce.ts";
import { step } from "./source.ts";

/** `dw = epilogue(sum of dy x)` and, where it is wanted, `db = sum of dy`. */
export interface Conv2dWeightGradientCall {
  readonly x: Storage;
  readonly dy: Storage;
  readonly dw: Storage;
  readonly db: Storage | null;
  readonly geometry: Conv2dGeometry;
  /** Its index is the row-major index in `dw`. */
  readonly epilogue: Epilogue;
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

/** Makes the steps of a weight gradient. */
export function conv2dWeightGradient(call: Conv2dWeightGradientCall, profile: Profile): Work {
  const geometry = flattenPoints(call.geometry);
  return weightGradientWith({ ...call, geometry }, weightGradientTile(geometry, profile), profile);
}

/** Makes the steps of a weight gradient with a given tile. */
export function weightGradientWith(
  call: Conv2dWeightGradientCall,
  tile: WeightGradientTile,
  profile: Profile,
): Work {
  const g = call.geometry, layout = layoutOf(g, tile, call.db !== null);
  const turns = g.n * Math.ceil(g.outH / tile.rows) * Math.ceil(g.outW / tile.cols);
  const wanted = Math.ceil((profile.name === "cpu" ? 512 : profile.enoughThreads) / layout.tiles);
  const length = Math.ceil(turns / Math.min(turns, wanted)), chunks = Math.ceil(turns / length);
  const partial = new Storage(call.dw.device, 4 * chunks * layout.tiles * layout.sums);
  return {
    steps: [
      partialSums(call, tile, layout, partial, { turns, length, chunks }, profile),
      sumChunks(call, tile, layout, partial, chunks, profile),
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

/** The first pass. */
function partialSums(
  call: Conv2dWeightGradientCall,
  tile: WeightGradientTile,
  layout: PartialLayout,
  partial: Storage,
  { turns, length, chunks }: { turns: number; length: number; chunks: number },
  profile: Profile,
) {
  const g = call.geometry, { cols } = forwardAxes(g);
  const sources = g.c / g.groups, results = g.oc / g.groups;
  const rowTiles = Math.ceil(g.outH / tile.rows), colTiles = Math.ceil(g.outW / tile.cols);
  const dy = planWindow(identityAxis(g.outH), identityAxis(g.outW), tile);
  const x = sourceRows(g, tile);
  const sum = (o: number, i: number, ky: number, kx: number) => `a${o}_${i}_${ky}_${kx}`;
  const names = range(tile.results).flatMap((o) =>
    range(tile.sources).flatMap((i) =>
      range(layout.kernelRows).flatMap((ky) => range(g.kw).map((kx) => sum(o, i, ky, kx)))
    )
  );
  if (call.db) names.push(...range(tile.results).map((o) => `b${o}`));
  const stored = [...names, ...range(layout.sums - names.length).map(() => "0.0")];
  const body = `
  let tile = id % ${layout.tiles}u;
  let chunk = id / ${layout.tiles}u;
  let split = tile % ${layout.splits}u;
  let i0 = tile / ${layout.splits}u % ${layout.sourceTiles}u * ${tile.sources}u;
  let o0 = tile / ${layout.splits * layout.sourceTiles}u % ${layout.resultTiles}u * ${tile.results}u;
  let part = tile / ${layout.splits * layout.sourceTiles * layout.resultTiles}u;
  ${names.map((name) => `var ${name} = 0.0;`).join("\n")}
  let end = min(u.turns, (chunk + 1u) * u.length);
  for (var turn = chunk * u.length; turn < end; turn++) {
    let col_tile = turn % ${colTiles}u;
    let row_tile = turn / ${colTiles}u % ${rowTiles}u;
    let image = turn / ${colTiles * rowTiles}u;
    let dy_column = col_tile * ${tile.cols}u;
    let column = col_tile * ${tileStep(cols, tile.cols)}u;
    let dy0 = image * ${g.oc}u + part * ${results}u;
    let x0 = image * ${g.c}u + part * ${sources}u;
    ${
    range(tile.results).map((o) =>
      dy.load("dy", `d${o}`, `(dy0 + min(o0 + ${o}u, ${results - 1}u))`, "dy_column")
    ).join("\n")
  }
    ${range(tile.sources).map((i) => x.load(`x${i}`, `(x0 + min(i0 + ${i}u, ${sources - 1}u))`)).join("\n")}
    ${products(call, tile, layout, dy, x, sum)}
  }
  if (chunk < u.chunks) {
    ${
    range(layout.sums / 4).map((k) =>
      `partial[id * ${layout.sums / 4}u + ${k}u] = vec4f(${stored.slice(4 * k, 4 * k + 4).join(", ")});`
    ).join("\n")
  }
  }`;
  const vector = (lanes: number) => (lanes === 4 ? "vec4<f32>" : "f32");
  return step(
    {
      name: `conv2d dw ${g.c}→${g.oc} ${g.kh}x${g.kw}`,
      bindings: [
        { name: "dy", type: vector(dy.lanes), access: "read" },
        { name: "x", type: vector(x.lanes), access: "read" },
        { name: "partial", type: "vec4<f32>", access: "read_write" },
      ],
      uniforms: [{ name: "turns", type: "u32" }, { name: "length", type: "u32" }, {
        name: "chunks",
        type: "u32",
      }],
      workgroupSize: profile.name === "cpu" ? 8 : profile.workgroupSize,
      body,
    },
    [call.dy, call.x, partial],
    [turns, length, chunks],
    chunks * layout.tiles,
    2 * g.n * g.oc * sources * g.kh * g.kw * g.outH * g.outW,
  );
}

/** What the tile's rows of `x` look like in the text. */
interface SourceRows {
  readonly lanes: 1 | 4;
  load(name: string, plane: string): string;
  /** The element that row `r` of the tile meets with kernel row `ky`, at a column offset. */
  at(name: string, r: number, ky: number, column: number): string | null;
}

function sourceRows(g: Conv2dGeometry, tile: WeightGradientTile): SourceRows {
  const { rows, cols } = forwardAxes(g);
  if (!tile.split) {
    const window: WindowLoader = planWindow(rows, cols, tile);
    return {
      lanes: window.lanes,
      load: (name, plane) => window.load("x", name, plane, "column"),
      at: (name, r, ky, column) => window.at(name, sourceOffset(rows, r, ky)!, column),
    };
  }
  const pieces = columnLoader(cols, tile.cols);
  return {
    lanes: pieces.lanes,
    load: (name, plane) =>
      range(tile.rows).map((r) => {
        const own = `${name}_${r}`, row = `${own}_row`;
        return `let ${row} = i32(row_tile * ${tile.rows}u + ${r}u) * ${g.strideH} + i32(split) * ${g.dilationH} - ${g.padTop};
    let ${own}_p = ${row} >= 0 && ${row} < ${g.h};
    let ${own}_start = (${plane} * ${g.h}u + u32(clamp(${row}, 0, ${g.h - 1}))) * ${g.w}u;
    ${pieces.load("x", own, `${own}_start`, "column", `${own}_p`)}`;
      }).join("\n"),
    at: (name, r, _ky, column) => pieces.at(`${name}_${r}`, column),
  };
}

/** Adds what one turn gives to every sum of the tile. */
function products(
  call: Conv2dWeightGradientCall,
  tile: WeightGradientTile,
  layout: PartialLayout,
  dy: WindowLoader,
  x: SourceRows,
  sum: (o: number, i: number, ky: number, kx: number) => string,
): string {
  const g = call.geometry, { cols } = forwardAxes(g), lines: string[] = [];
  const ragged = g.outW % tile.cols === 0 ? tile.cols : g.outW % tile.cols; // columns that every tile has
  for (const j of range(tile.cols).slice(ragged)) lines.push(`let in${j} = dy_column + ${j}u < ${g.outW}u;`);
  for (const o of range(tile.results)) {
    for (const r of range(tile.rows)) {
      for (const i of range(tile.sources)) {
        for (const ky of range(layout.kernelRows)) {
          for (const kx of range(g.kw)) {
            const terms = range(tile.cols).flatMap((j) => {
              const source = x.at(`x${i}`, r, ky, sourceOffset(cols, j, kx)!);
              if (source === null) return [];
              const product = `${dy.at(`d${o}`, r, j)} * ${source}`;
              return [j < ragged ? product : `select(0.0, ${product}, in${j})`];
            });
            if (terms.length > 0) lines.push(`${sum(o, i, ky, kx)} += ${terms.join(" + ")};`);
          }
        }
      }
      if (call.db) lines.push(`b${o} += ${range(tile.cols).map((j) => dy.at(`d${o}`, r, j)).join(" + ")};`);
    }
  }
  return lines.join("\n");
}
