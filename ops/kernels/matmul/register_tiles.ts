/**
 * Matrix products in register tiles, for CPU adapters: few fat invocations, no workgroup memory.
 *
 * An invocation computes `rows x columns` outputs, all held in registers, over one chunk of k. In each turn of the loop it
 * loads a strip of both operands, 1 or 4 deep, and adds their outer product: blocks of 4 x 4 outputs, so that few values are
 * live at a time. A long sum is made in blocks. Loads are vec4 where an operand's rows are multiples of four; a strip is 4 deep where a vec4 lies along k.
 * Rows and columns beyond the edge read what is there (WebGPU makes any index harmless) and are not stored.
 * Neighbouring invocations take neighbouring row tiles, so a workgroup shares its strip of b in the cache.
 *
 * @module
 */
import type { Dispatch } from "../../gpu/kernel.ts";
import { blockedLoop } from "../wgsl/blocked_loop.ts";
import { dispatch } from "../wgsl/source.ts";
import { all, range, read, u32s, vector, vectorOf } from "../wgsl/text.ts";
import {
  batchText,
  type KChunks,
  kIsFixed,
  type MatmulPass,
  type MatmulStore,
  matmulStore,
  type MatmulTile,
} from "./pass.ts";

/** How the operands are loaded: by vec4 or value by value, and how deep a strip is. */
export interface Loads {
  readonly aVec: boolean;
  readonly bVec: boolean;
  readonly depth: 1 | 4;
  /** Whether four products are added up at a time, by `dot`. */
  readonly dots: boolean;
}

/** Invocations of a workgroup: one SIMD vector, so that there are many workgroups. */
export const REGISTER_WORKGROUP = 8;

/** Decides how the operands of `pass` can be loaded. */
export function loadsOf({ m, n, k, transA, transB, aStrides, bStrides }: MatmulPass): Loads {
  const aVec = (transA ? m : k) % 4 === 0 && aStrides.every((s) => s % 4 === 0);
  const bVec = (transB ? k : n) % 4 === 0 && bStrides.every((s) => s % 4 === 0);
  const aLies = aVec && !transA, bLies = bVec && transB; // along k
  return { aVec, bVec, depth: aLies || bLies ? 4 : 1, dots: aLies && bLies };
}

/** Makes the dispatch that computes `pass` in register tiles. */
export function registerPass(pass: MatmulPass, tile: MatmulTile, chunks: KChunks): Dispatch {
  const { m, n, k, batches } = pass, { aVec, bVec } = loadsOf(pass);
  const columnTiles = Math.ceil(n / tile.columns), rowTiles = Math.ceil(m / tile.rows);
  const batch = batchText(pass), out = matmulStore(pass);
  const threads = rowTiles * columnTiles * batches * chunks.chunks;
  const body = `
  let rowTile = id % u.rowTiles;
  let others = id / u.rowTiles;
  let columnTile = others % u.columnTiles;
  let batch = others / u.columnTiles % u.batches;
  let chunk = others / u.columnTiles / u.batches;
  ${batch.code}
  let row = rowTile * ${tile.rows}u;
  let column = columnTile * ${tile.columns}u;
  ${tileText(pass, tile, chunks, out)}`;
  return dispatch(
    {
      name: pass.name,
      bindings: [
        read("a", vectorOf("f32", aVec ? 4 : 1)),
        read("b", vectorOf("f32", bVec ? 4 : 1)),
        ...out.bindings,
      ],
      numberDecls: [
        ...u32s("m", "n", "k", "rowTiles", "columnTiles", "batches", "threads", "length"),
        ...batch.numberDecls,
        ...out.numberDecls,
      ],
      declarations: out.functions,
      workgroupSize: REGISTER_WORKGROUP,
      body,
    },
    [pass.a, pass.b, ...out.storages],
    [m, n, k, rowTiles, columnTiles, batches, threads, chunks.length, ...batch.numbers, ...out.numbers],
    threads,
    2 * batches * m * n * k,
  );
}

/** Computes and stores the tile at `row`, `column` of `batch`, over all of k or a chunk. */
function tileText(pass: MatmulPass, tile: MatmulTile, chunks: KChunks, out: MatmulStore): string {
  const { isPartial = false } = chunks;
  const { transA, transB, rowSums } = pass, loads = loadsOf(pass);
  // Beyond the last tile there is nothing to add up. An end that depends on the invocation also keeps llvmpipe from
  // compiling the kernel for each value of k anew, which Mesa 22.3 does at every dispatch where k is small.
  const [first, end] = isPartial
    ? ["chunk * u.length", "min(u.k, (chunk + 1u) * u.length)"]
    : ["0u", "select(0u, u.k, id < u.threads)"];
  const sums = sumNames(pass, tile, loads), zero = loads.bVec && !transB ? `${vectorOf("f32", 4)}()` : "0.0";
  const declare = (prefix: string) =>
    sums.map((name) => `var ${prefix}${name} = ${name[0] === "t" ? "0.0" : zero};`).join(" ");
  const inBlocks = isLong(pass, chunks.length), by = `${loads.depth}u`;
  const loop = blockedLoop({ at: "p", end: "end", by }, inBlocks ? [BLOCK / loads.depth] : [], {
    begin: () => declare(""),
    end: () => sums.map((name) => `w${name} += ${name};`).join(" "),
    turn: () => turn(pass, tile, loads),
  });
  return `${declare(inBlocks ? "w" : "")}
  let aStart = ${start("a", transA, loads.aVec, "row")};
  let bStart = ${start("b", !transB, loads.bVec, "column")};
  let end = ${end};
  var p = ${first};
  ${loop}
  ${inBlocks ? sums.map((name) => `var ${name} = w${name};`).join(" ") : ""}
  let y0 = ((${isPartial ? "chunk * u.batches + " : ""}batch) * u.m + row) * u.n + column;
  let rowEnd = select(0u, u.m, id < u.threads);
  ${rowSums ? storeRowSums(tile, `${isPartial ? "chunk" : "0u"} * u.m`) : ""}
  ${stores(pass, tile, loads, out)}`;
}

/**
 * Additions in a row that a block makes, whose sum is then added to that of the whole, and the most that are made without
 * blocks. Where k is a batch's, the last of which is smaller, more are: it should not take another text.
 */
const BLOCK = 256, SHORT_SUM = 512, SHORT_VARYING = 1024;

/** Whether a sum of so many products is made in blocks. */
export function isLong(pass: MatmulPass, products: number): boolean {
  return products > shortSum(pass);
}

/** The most products that are added up without blocks. */
export function shortSum(pass: MatmulPass): number {
  return (loadsOf(pass).dots ? 4 : 1) * (kIsFixed(pass) ? SHORT_SUM : SHORT_VARYING);
}

/** The sums of a tile, vec4s along n where b's vec4s lie along n, else scalars; then those of the rows of a. */
function sumNames({ transB, rowSums }: MatmulPass, tile: MatmulTile, { bVec }: Loads): string[] {
  const sums = range(tile.rows).flatMap((r) =>
    range(tile.columns, bVec && !transB ? 4 : 1).map((c) => `s${r}_${c}`)
  );
  return rowSums ? [...sums, ...range(tile.rows).map((r) => `t${r}`)] : sums;
}

/** Where a tile's strip begins, in loads: at depth 0. `along` says that the tile's own direction is contiguous. */
function start(name: string, along: boolean, vec: boolean, first: string): string {
  const element = along ? `${name}Base + ${first}` : `${name}Base + ${first} * u.k`;
  return vec ? `(${element}) / 4u` : element;
}

/** An operand in a turn of the loop. */
interface StripOperand {
  readonly name: "a" | "b";
  /** Whether neighbouring places of the tile, and not neighbouring depths, lie side by side in memory. */
  readonly along: boolean;
  readonly vec: boolean;
  /** u32 expression: places from one depth to the next, where `along`. */
  readonly size: string;
}

/** One turn of the loop: the strip of b, then rows of a by fours, each with its products. */
function turn(pass: MatmulPass, tile: MatmulTile, loads: Loads): string {
  const { aVec, bVec, depth } = loads;
  const { transA, transB, rowSums } = pass;
  const a: StripOperand = { name: "a", along: transA, vec: aVec, size: "u.m" };
  const b: StripOperand = { name: "b", along: !transB, vec: bVec, size: "u.n" };
  const lines = loadStrip(b, range(tile.columns), depth);
  for (const r0 of range(tile.rows, 4)) {
    const rows = range(tile.rows).slice(r0, r0 + 4);
    lines.push(...loadStrip(a, rows, depth));
    if (rowSums) {
      lines.push(...range(depth).flatMap((d) => rows.map((r) => `t${r} += ${value(a, d, r)};`)));
    }
    lines.push(...products(a, b, rows, tile.columns, loads));
  }
  return lines.join("\n    ");
}

/** Loads the places of an operand's strip, `depth` deep, each once. */
function loadStrip(
  { name, along, vec, size }: StripOperand,
  places: number[],
  depth: number,
): string[] {
  const by = vec ? 4 : 1;
  if (along) {
    return range(depth).flatMap((d) =>
      places.filter((i) => i % by === 0).map((i) =>
        `let ${name}${d}_${i} = ${name}[${name}Start + (p + ${d}u) * (${size} / ${by}u) + ${i / by}u];`
      )
    );
  }
  return places.flatMap((i) =>
    range(depth, by).map((d) => {
      const at = vec ? `p / 4u` : `p + ${d}u`;
      return `let ${name}${d}_${i} = ${name}[${name}Start + ${i}u * (u.k / ${by}u) + ${at}];`;
    })
  );
}

/** An operand's value at a depth and a place of the tile: as it was loaded, or a component of what was. */
function value({ name, along, vec }: StripOperand, d: number, i: number): string {
  if (!vec) return `${name}${d}_${i}`;
  return along ? `${name}${d}_${i - i % 4}[${i % 4}]` : `${name}0_${i}[${d}]`;
}

/** Adds the products of a few rows with all columns: vec4s along n, dot products along k, or value by value. */
function products(
  a: StripOperand,
  b: StripOperand,
  rows: number[],
  columns: number,
  { depth, dots }: Loads,
): string[] {
  if (b.vec && b.along) {
    return range(columns, 4).flatMap((c) =>
      range(depth).flatMap((d) => rows.map((r) => `s${r}_${c} += ${value(a, d, r)} * b${d}_${c};`))
    );
  }
  if (dots) {
    return range(columns).flatMap((c) => rows.map((r) => `s${r}_${c} += dot(a0_${r}, b0_${c});`));
  }
  return range(columns).flatMap((c) =>
    range(depth).flatMap((d) => rows.map((r) => `s${r}_${c} += ${value(a, d, r)} * ${value(b, d, c)};`))
  );
}

/** Stores the sums of the rows, which every column tile has: the first does it. */
function storeRowSums({ rows }: MatmulTile, start: string): string {
  const stores = range(rows).map((r) =>
    `if (row + ${r}u < rowEnd) { rowSums[${start} + row + ${r}u] = t${r}; }`
  );
  return `if (columnTile == 0u) { ${stores.join(" ")} }`;
}

/** The most stores in the text, which are slow to compile. */
export const MOST_STORES = 12;
/** The longest text of an epilogue beside them. */
const MOST_EPILOGUE_TEXT = 4000;

/**
 * Stores the tile a few rows at a time: the loop always stores the first rows, then moves the others up. (A private array
 * read by a dynamic index would take seconds to compile.) Unless it is short, the epilogue stands in a loop of its
 * own that reads back what was stored; the number of its turns is no constant, as a compiler would unroll it.
 */
function stores(
  { n, bias, transB }: MatmulPass,
  tile: MatmulTile,
  { bVec }: Loads,
  out: MatmulStore,
): string {
  const { lanes } = out, across = tile.columns / lanes, vec = bVec && !transB;
  const most = Math.max(1, Math.floor(MOST_STORES / across));
  const block = range(tile.rows + 1).slice(1).filter((r) => r <= most && tile.rows % r === 0).at(-1) ?? 1;
  const isShort = out.weight * block * across <= MOST_EPILOGUE_TEXT;
  const sum = (r: number, c: number) => {
    if (vec) return lanes === 4 ? `s${r}_${c}` : `s${r}_${c - c % 4}[${c % 4}]`;
    return vector("f32", range(lanes).map((l) => `s${r}_${c + l}`));
  };
  const inside = (c: string) => n % tile.columns === 0 ? [] : [`column + ${c} < u.n`];
  const columns = range(tile.columns, lanes);
  const lines = range(block).flatMap((r) =>
    columns.map((c) => {
      const v = bias ? `${sum(r, c)} + bias${c}` : sum(r, c), index = `y0 + (r + ${r}u) * u.n + ${c}u`;
      const store = isShort ? out.store(v, index, `${r}_${c}`) : `y[${out.at(index)}] = ${v};`;
      return `if (${all(`row + r + ${r}u < rowEnd`, ...inside(`${c}u`))}) { ${store} }`;
    })
  );
  for (const r of range(tile.rows - block)) {
    for (const c of range(tile.columns, vec ? 4 : 1)) lines.push(`s${r}_${c} = s${r + block}_${c};`);
  }
  const biases = bias ? columns.map((c) => `let bias${c} = bias[${out.at(`column + ${c}u`)}];`) : [];
  const loop = `${biases.join(" ")}
  for (var r = 0u; r < ${tile.rows}u; r += ${block}u) {
    ${lines.join("\n    ")}
  }`;
  return isShort ? loop : `${loop}
  let rows = min(${tile.rows}u, max(rowEnd, row) - row);
  for (var i = 0u; i < rows * ${across}u; i++) {
    let c = i % ${across}u * ${lanes}u;
    let at = y0 + i / ${across}u * u.n + c;
    ${n % tile.columns === 0 ? "" : "if (column + c < u.n)"} { ${out.store(`y[${out.at("at")}]`, "at", "0")} }
  }`;
}
