/**
 * Matrix products in workgroup tiles, for GPUs.
 *
 * A workgroup computes `rows x columns` outputs (32 x 32 with 64 invocations, 64 x 64 with 256), an invocation 4 x 4 of
 * them, over one chunk of k. In each turn the workgroup brings 16 products deep of both operands into shared memory,
 * zeros beyond the edges, as vec4s across the tile; neighbouring invocations read neighbouring addresses. Every
 * invocation of a workgroup passes the same barriers: the loop's bounds depend on the workgroup alone.
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
  type MatmulPass,
  type MatmulStore,
  matmulStore,
  type MatmulTile,
} from "./pass.ts";

const VEC4 = vectorOf("f32", 4);

/** Products brought into shared memory at a time. */
const DEPTH = 16;

/** Makes the dispatch that computes `pass` in workgroup tiles. */
export function workgroupPass(pass: MatmulPass, tile: MatmulTile, chunks: KChunks): Dispatch {
  const { m, n, k, batches } = pass;
  const rowTiles = Math.ceil(m / tile.rows), columnTiles = Math.ceil(n / tile.columns);
  const across = tile.columns / 4, down = tile.rows / 4, threads = across * down;
  const batch = batchText(pass), out = matmulStore(pass);
  const body = `
  let columnTile = group % u.columnTiles;
  let rowTile = group / u.columnTiles % u.rowTiles;
  let others = group / u.columnTiles / u.rowTiles;
  let batch = others % u.batches;
  let chunk = others / u.batches;
  ${batch.code}
  let row = rowTile * ${tile.rows}u;
  let column = columnTile * ${tile.columns}u;
  let down = local / ${across}u;
  let across = local % ${across}u;
  ${sumText(pass, across, down)}
  if (chunk < u.chunks) {
    let c = column + across * 4u;
    ${range(4).map((r) => storeRow(r, chunks, out)).join("\n    ")}
    ${pass.rowSums ? storeRowSums(chunks) : ""}
  }`;
  const workgroups = rowTiles * columnTiles * batches * chunks.chunks;
  return dispatch(
    {
      name: pass.name,
      bindings: [read("a", "f32"), read("b", "f32"), ...out.bindings],
      numberDecls: [
        ...u32s("m", "n", "k", "rowTiles", "columnTiles", "batches", "length", "chunks"),
        ...batch.numberDecls,
        ...out.numberDecls,
      ],
      declarations: `var<workgroup> aTile: array<${VEC4}, ${DEPTH * down}>;
var<workgroup> bTile: array<${VEC4}, ${DEPTH * across}>;
${out.functions}`,
      workgroupSize: threads,
      body,
    },
    [pass.a, pass.b, ...out.storages],
    [m, n, k, rowTiles, columnTiles, batches, chunks.length, chunks.chunks, ...batch.numbers, ...out.numbers],
    workgroups * threads,
    2 * batches * m * n * k,
  );
}

/** Products of a block, whose sum is then added to that of the whole. */
const BLOCK = 128;

/** Sums the products of a chunk in `s0` to `s3`, and the rows of `a` in `t`: all that lies between the barriers. */
function sumText({ transA, transB, rowSums }: MatmulPass, across: number, down: number): string {
  const threads = across * down, sums = [...range(4).map((r) => `s${r}`), ...(rowSums ? ["t"] : [])];
  const turn = `
    for (var i = local; i < ${DEPTH * down}u; i += ${threads}u) {
      ${loadIntoWorkgroup("a", transA, "u.m", "row", down)}
    }
    for (var i = local; i < ${DEPTH * across}u; i += ${threads}u) {
      ${loadIntoWorkgroup("b", !transB, "u.n", "column", across)}
    }
    workgroupBarrier();
    for (var d = 0u; d < ${DEPTH}u; d++) {
      let av = aTile[d * ${down}u + down];
      let bv = bTile[d * ${across}u + across];
      ${range(4).map((r) => `block_s${r} += av[${r}] * bv;`).join(" ")}
      ${rowSums ? "block_t += av;" : ""}
    }
    workgroupBarrier();`;
  return `${sums.map((sum) => `var ${sum} = ${VEC4}();`).join(" ")}
  let end = min(u.k, (chunk + 1u) * u.length);
  var p = chunk * u.length;
  ${
    blockedLoop({ at: "p", end: "end", by: `${DEPTH}u` }, [BLOCK / DEPTH], {
      begin: () => sums.map((sum) => `var block_${sum} = ${VEC4}();`).join(" "),
      end: () => sums.map((sum) => `${sum} += block_${sum};`).join(" "),
      turn: () => turn,
    })
  }`;
}

/** Brings one vec4, four places of the tile at one depth. The direction that is contiguous in memory runs fastest. */
function loadIntoWorkgroup(
  name: "a" | "b",
  along: boolean,
  size: string,
  first: string,
  quads: number,
): string {
  const [d, q] = along ? [`i / ${quads}u`, `i % ${quads}u`] : [`i % ${DEPTH}u`, `i / ${DEPTH}u`];
  const value = (l: number) => {
    const at = along ? `(p + d) * ${size} + t + ${l}u` : `(t + ${l}u) * u.k + p + d`;
    return `select(0.0, ${name}[${name}Base + ${at}], ${all("p + d < end", `t + ${l}u < ${size}`)})`;
  };
  return `let d = ${d};
      let q = ${q};
      let t = ${first} + q * 4u;
      ${name}Tile[d * ${quads}u + q] = ${vector("f32", range(4).map(value))};`;
}

/** Stores the sums of the rows, which every column of invocations has: the first does it. */
function storeRowSums({ isPartial }: KChunks): string {
  const stores = range(4).map((r) =>
    `if (row + down * 4u + ${r}u < u.m) { rowSums[${
      isPartial ? "chunk * u.m + " : ""
    }row + down * 4u + ${r}u] = t[${r}]; }`
  );
  return `if (c == 0u) { ${stores.join(" ")} }`;
}

function storeRow(r: number, { isPartial }: KChunks, out: MatmulStore): string {
  const first = isPartial ? "chunk * u.batches + batch" : "batch";
  const store = (v: string, l: number, tag: string) =>
    `if (c + ${l}u < u.n) { ${out.store(out.biased(v, `c + ${l}u`), `y${r} + c + ${l}u`, tag)} }`;
  const stores = out.lanes === 4
    ? store(`s${r}`, 0, `${r}`)
    : range(4).map((l) => store(`s${r}[${l}]`, l, `${r}_${l}`)).join("\n      ");
  return `if (row + down * 4u + ${r}u < u.m) {
      let y${r} = ((${first}) * u.m + row + down * 4u + ${r}u) * u.n;
      ${stores}
    }`;
}
