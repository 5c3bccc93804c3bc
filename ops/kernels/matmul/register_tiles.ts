/**
 * Matrix products in register tiles, for CPU adapters: few fat invocations, no workgroup memory.
 *
 * An invocation computes `rows x columns` outputs, all held in registers, over one chunk of k. In each turn of the loop it
 * loads a strip of both operands, 1 or 4 deep, and adds their outer product: blocks of 4 x 4 outputs, so that few values are
 * live at a time. Loads are vec4 where an operand's rows are multiples of four; a strip is 4 deep where a vec4 lies along k.
 * Rows and columns beyond the edge read what is there (WebGPU makes any index harmless) and are not stored.
 * Neighbouring invocations take neighbouring row tiles, so a workgroup shares its strip of b in the cache.
 *
 * @module
 */
import type { Dispatch } from "../../gpu/kernel.ts";
import {
  batchText,
  type MatmulPass,
  type MatmulTile,
  type ProductStore,
  productStore,
  type SumChunks,
} from "./pass.ts";
import { dispatch, type NumberDecl } from "../wgsl/source.ts";

/** How the operands are loaded: by vec4 or value by value, and how deep a strip is. */
export interface Loads {
  readonly aVec: boolean;
  readonly bVec: boolean;
  readonly depth: 1 | 4;
}

/** Invocations of a workgroup: one SIMD vector, so that there are many workgroups. */
export const REGISTER_WORKGROUP = 8;

/** Decides how the operands of `pass` can be loaded. */
export function loadsOf({ m, n, k, transA, transB, aStrides, bStrides }: MatmulPass): Loads {
  const aVec = (transA ? m : k) % 4 === 0 && aStrides.every((s) => s % 4 === 0);
  const bVec = (transB ? k : n) % 4 === 0 && bStrides.every((s) => s % 4 === 0);
  return { aVec, bVec, depth: (aVec && !transA) || (bVec && transB) ? 4 : 1 };
}

/** Makes the step that computes `pass` in register tiles. */
export function registerPass(pass: MatmulPass, tile: MatmulTile, chunks: SumChunks): Dispatch {
  const { m, n, k, transA, transB, mVaries, batches } = pass;
  const loads = loadsOf(pass);
  const kIsBaked = !transA || transB || mVaries;
  const mSize = mVaries ? "u.m" : `${m}u`, kSize = kIsBaked ? `${k}u` : "u.k";
  const columnTiles = Math.ceil(n / tile.columns), rowTiles = Math.ceil(m / tile.rows);
  const batch = batchText(pass), out = productStore(pass);
  const type = (vec: boolean) => vec ? "vec4<f32>" : "f32";
  const threads = rowTiles * columnTiles * batches * chunks.chunks;
  const numbers: NumberDecl[] = ["m", "k", "rowTiles", "batches", "threads", "length"]
    .map((name) => ({ name, type: "u32" }));
  const body = `
  let rowTile = id % u.rowTiles;
  let others = id / u.rowTiles;
  let columnTile = others % ${columnTiles}u;
  let batch = others / ${columnTiles}u % u.batches;
  let chunk = others / ${columnTiles}u / u.batches;
  ${batch.code}
  let row = rowTile * ${tile.rows}u;
  let column = columnTile * ${tile.columns}u;
  ${declareSums(tile, loads, transB)}
  ${pass.rowSums ? range(tile.rows).map((r) => `var t${r} = 0.0;`).join(" ") : ""}
  let aStart = ${start("a", transA, loads.aVec, "row", kSize)};
  let bStart = ${start("b", !transB, loads.bVec, "column", kSize)};
  ${chunks.isPartial ? `let end = min(${kSize}, (chunk + 1u) * u.length);` : ""}
  for (var p = ${chunks.isPartial ? "chunk * u.length" : "0u"}; p < ${
    chunks.isPartial ? "end" : kSize
  }; p += ${loads.depth}u) {
    ${turn(pass, tile, loads)}
  }
  let y0 = ((${chunks.isPartial ? "chunk * u.batches + " : ""}batch) * ${mSize} + row) * ${n}u + column;
  let rowEnd = select(0u, ${mSize}, id < u.threads);
  ${pass.rowSums ? storeRowSums(tile, `${chunks.isPartial ? "chunk" : "0u"} * ${mSize}`) : ""}
  ${stores(pass, tile, loads, out)}`;
  return dispatch(
    {
      name: pass.name,
      bindings: [
        { name: "a", type: type(loads.aVec), access: "read" },
        { name: "b", type: type(loads.bVec), access: "read" },
        ...out.bindings,
      ],
      numbers: [...numbers, ...batch.numbers, ...out.numbers],
      declarations: out.functions,
      workgroupSize: REGISTER_WORKGROUP,
      body,
    },
    [pass.a, pass.b, ...out.storages],
    [m, k, rowTiles, batches, threads, chunks.length, ...batch.values, ...out.values],
    threads,
    2 * batches * m * n * k,
  );
}

const range = (n: number, by = 1) => Array.from({ length: Math.ceil(n / by) }, (_, i) => i * by);

/** Sums are vec4s along n where b's vec4s lie along n, else scalars. */
function declareSums(tile: MatmulTile, { bVec }: Loads, transB: boolean): string {
  const vec = bVec && !transB;
  return range(tile.rows).flatMap((r) =>
    range(tile.columns, vec ? 4 : 1).map((c) => `var s${r}_${c}${vec ? " = vec4<f32>()" : " = 0.0"};`)
  ).join(" ");
}

/** Where a tile's strip begins, in loads: at depth 0. `along` says that the tile's own direction is contiguous. */
function start(name: string, along: boolean, vec: boolean, first: string, kSize: string): string {
  const element = along ? `${name}Base + ${first}` : `${name}Base + ${first} * ${kSize}`;
  return vec ? `(${element}) / 4u` : element;
}

/** One turn of the loop: the strip of b, then rows of a by fours, each with its products. */
function turn(
  { m, n, k, transA, transB, mVaries, rowSums }: MatmulPass,
  tile: MatmulTile,
  { aVec, bVec, depth }: Loads,
): string {
  const lines: string[] = [];
  const deep = range(depth);
  // An operand's values by depth d and place i in the tile: as loaded, or as a component of what was loaded.
  const load = (name: "a" | "b", along: boolean, vec: boolean, size: string, places: number[]) => {
    const by = vec ? 4 : 1;
    if (along) {
      for (const d of deep) {
        for (const i of places.filter((i) => i % by === 0)) {
          lines.push(
            `let ${name}${d}_${i} = ${name}[${name}Start + (p + ${d}u) * (${size} / ${by}u) + ${i / by}u];`,
          );
        }
      }
    } else {
      for (const i of places) {
        for (const d of range(depth, by)) {
          const at = vec ? `p / 4u` : `p + ${d}u`;
          lines.push(`let ${name}${d}_${i} = ${name}[${name}Start + ${i * k / by}u + ${at}];`);
        }
      }
    }
  };
  const value = (name: "a" | "b", along: boolean, vec: boolean, d: number, i: number) =>
    !vec ? `${name}${d}_${i}` : along ? `${name}${d}_${i - i % 4}[${i % 4}]` : `${name}0_${i}[${d}]`;
  load("b", !transB, bVec, `${n}u`, range(tile.columns));
  for (const r0 of range(tile.rows, 4)) {
    const rows = range(tile.rows).slice(r0, r0 + 4);
    load("a", transA, aVec, mVaries ? "u.m" : `${m}u`, rows);
    if (rowSums) {
      for (const d of deep) for (const r of rows) lines.push(`t${r} += ${value("a", transA, aVec, d, r)};`);
    }
    if (bVec && !transB) {
      for (const c of range(tile.columns, 4)) {
        for (const d of deep) {
          for (const r of rows) lines.push(`s${r}_${c} += ${value("a", transA, aVec, d, r)} * b${d}_${c};`);
        }
      }
    } else if (aVec && !transA && bVec) {
      for (const c of range(tile.columns)) {
        for (const r of rows) lines.push(`s${r}_${c} += dot(a0_${r}, b0_${c});`);
      }
    } else {
      for (const c of range(tile.columns)) {
        for (const d of deep) {
          for (const r of rows) {
            lines.push(
              `s${r}_${c} += ${value("a", transA, aVec, d, r)} * ${value("b", !transB, bVec, d, c)};`,
            );
          }
        }
      }
    }
  }
  return lines.join("\n    ");
}

/** Stores the sums of the rows, which every column tile has: the first does it. */
function storeRowSums({ rows }: MatmulTile, start: string): string {
  const stores = range(rows).map((r) =>
    `if (row + ${r}u < rowEnd) { rowSums[${start} + row + ${r}u] = t${r}; }`
  );
  return `if (columnTile == 0u) { ${stores.join(" ")} }`;
}

/** The most stores in the text, and the longest text of an epilogue beside them: stores are slow to compile. */
const MOST_STORES = 12, MOST_EPILOGUE_TEXT = 4000;

/**
 * Stores the tile a few rows at a time: the loop always stores the first rows, then moves the others up. (A private array
 * read by a dynamic index would take seconds to compile.) Unless it is short, the epilogue stands in a loop of its
 * own that reads back what was stored.
 */
function stores(
  { n, bias, transB }: MatmulPass,
  tile: MatmulTile,
  { bVec }: Loads,
  out: ProductStore,
): string {
  const { lanes } = out, across = tile.columns / lanes, vec = bVec && !transB;
  const most = Math.max(1, Math.floor(MOST_STORES / across));
  const block = range(tile.rows + 1).slice(1).filter((r) => r <= most && tile.rows % r === 0).at(-1) ?? 1;
  const isShort = out.weight * block * across <= MOST_EPILOGUE_TEXT;
  const sum = (r: number, c: number) => {
    if (vec) return lanes === 4 ? `s${r}_${c}` : `s${r}_${c - c % 4}[${c % 4}]`;
    return lanes === 1 ? `s${r}_${c}` : `vec4<f32>(${[0, 1, 2, 3].map((l) => `s${r}_${c + l}`).join(", ")})`;
  };
  const inside = (c: string) => n % tile.columns === 0 ? "" : ` && column + ${c} < ${n}u`;
  const columns = range(tile.columns, lanes);
  const lines = range(block).flatMap((r) =>
    columns.map((c) => {
      const v = bias ? `${sum(r, c)} + bias${c}` : sum(r, c), index = `y0 + (r + ${r}u) * ${n}u + ${c}u`;
      const store = isShort ? out.store(v, index, `${r}_${c}`) : `y[${out.at(index)}] = ${v};`;
      return `if (row + r + ${r}u < rowEnd${inside(`${c}u`)}) { ${store} }`;
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
  for (var i = 0u; i < ${tile.rows * across}u; i++) {
    let r = i / ${across}u;
    let c = i % ${across}u * ${lanes}u;
    if (row + r < rowEnd${inside("c")}) {
      let at = y0 + r * ${n}u + c;
      ${out.store(`y[${out.at("at")}]`, "at", "0")}
    }
  }`;
}
