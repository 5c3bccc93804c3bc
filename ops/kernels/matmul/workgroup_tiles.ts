/**
 * Matrix products in workgroup tiles, for GPUs: see `tile_product.ts`. A workgroup computes a tile over one chunk of k.
 *
 * Operands are loaded as vec4s along the side that is contiguous in memory, where rows are multiples of four; else value by
 * value. Every invocation of a workgroup passes the same barriers: the loop's bounds depend on the workgroup alone.
 *
 * @module
 */
import type { Dispatch } from "../../gpu/kernel.ts";
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
import { loadsOf } from "./register_tiles.ts";
import { type BlockLoader, type TileProduct, tileProduct, type WorkgroupTile } from "./tile_product.ts";

/** The tiles of products, largest first. */
export const WORKGROUP_TILES: readonly WorkgroupTile[] = [
  { rows: 128, columns: 128, depth: 16, own: 8 },
  { rows: 64, columns: 128, depth: 8, own: 8 },
  { rows: 128, columns: 64, depth: 8, own: 8 },
  { rows: 64, columns: 64, depth: 8, own: 8 },
  { rows: 32, columns: 32, depth: 16, own: 4 },
  { rows: 64, columns: 16, depth: 8, own: 4 },
  { rows: 16, columns: 64, depth: 8, own: 4 },
];

/** Products of which the chunks of a long sum are whole multiples: those of a turn of the deepest tile. */
export const DEEPEST = 16;

/** Makes the dispatch that computes `pass` in workgroup tiles. */
export function workgroupPass(pass: MatmulPass, { rows, columns }: MatmulTile, chunks: KChunks): Dispatch {
  const { m, n, k, batches } = pass, { aVec, bVec } = loadsOf(pass);
  const tile = WORKGROUP_TILES.find((t) => t.rows === rows && t.columns === columns)!;
  const rowTiles = Math.ceil(m / rows), columnTiles = Math.ceil(n / columns);
  const batch = batchText(pass), out = matmulStore(pass);
  const product = tileProduct(
    tile,
    operand("a", pass.transA, aVec, "u.m", "row"),
    operand("b", !pass.transB, bVec, "u.n", "column"),
    { first: "chunk * u.length", end: "min(u.k, (chunk + 1u) * u.length)", rowSums: pass.rowSums !== null },
  );
  const body = `
  let columnTile = group % u.columnTiles;
  let rowTile = group / u.columnTiles % u.rowTiles;
  let others = group / u.columnTiles / u.rowTiles;
  let batch = others % u.batches;
  let chunk = others / u.batches;
  ${batch.code}
  let row = rowTile * ${rows}u;
  let column = columnTile * ${columns}u;
  ${product.code}
  if (chunk < u.chunks) {
    ${storesText(product, tile, chunks, out)}
    ${pass.rowSums ? storeRowSums(tile, chunks) : ""}
  }`;
  const workgroups = rowTiles * columnTiles * batches * chunks.chunks;
  return dispatch(
    {
      name: pass.name,
      bindings: [
        read("a", vectorOf("f32", aVec ? 4 : 1)),
        read("b", vectorOf("f32", bVec ? 4 : 1)),
        ...out.bindings,
      ],
      numberDecls: [
        ...u32s("m", "n", "k", "rowTiles", "columnTiles", "batches", "length", "chunks"),
        ...batch.numberDecls,
        ...out.numberDecls,
      ],
      declarations: product.declarations + out.functions,
      workgroupSize: product.threads,
      body,
    },
    [pass.a, pass.b, ...out.storages],
    [m, n, k, rowTiles, columnTiles, batches, chunks.length, chunks.chunks, ...batch.numbers, ...out.numbers],
    workgroups * product.threads,
    2 * batches * m * n * k,
  );
}

/**
 * Loads the blocks of an operand.
 *
 * @param along Whether neighbouring places of the tile, and not neighbouring products, lie side by side in memory.
 * @param size u32 expression: places in all.
 * @param first u32 expression: the tile's first place.
 */
function operand(name: "a" | "b", along: boolean, vec: boolean, size: string, first: string): BlockLoader {
  const by = vec ? 4 : 1, pitch = `${along ? size : "u.k"} / ${by}u`;
  const at = (i: number) => `${name}At + ${i}u * ${name}Pitch`;
  return {
    alongDepth: !along,
    begin: (quad, deep) => {
      const place = along
        ? `${name}Base + ${deep} * ${size} + ${first} + ${quad} * 4u`
        : `${name}Base + (${first} + ${quad} * 4u) * u.k + ${deep}`;
      return `let ${name}At = ${vec ? `(${place}) / 4u` : place}; let ${name}Pitch = ${pitch};`;
    },
    load: (p) => {
      const moved = along ? `${p} * ${name}Pitch` : `${p} / ${by}u`;
      const values = range(4).map((i) =>
        vec
          ? `${name}[${at(i)} + ${name}Move]`
          : vector("f32", range(4).map((l) => `${name}[${at(i)} + ${name}Move + ${l}u]`))
      );
      return { code: `let ${name}Move = ${moved};`, values };
    },
  };
}

/** The longest epilogue that is written out for every row. */
const SHORT_EPILOGUE = 400;

/** Stores the sums of an invocation, row by row: written out, or where the epilogue is long in a loop that moves the rows up. */
function storesText(product: TileProduct, { own }: WorkgroupTile, chunks: KChunks, out: MatmulStore): string {
  if (out.weight <= SHORT_EPILOGUE) {
    return range(own).map((r) => storeRow(product, own, r, `${r}`, chunks, out)).join("\n    ");
  }
  const moves = range(own - 1).flatMap((r) =>
    range(own / 4).map((q) => `${product.sum(r, q)} = ${product.sum(r + 1, q)};`)
  );
  return `for (var r = 0u; r < ${own}u; r++) {
      ${storeRow(product, own, 0, "r", chunks, out)}
      ${moves.join(" ")}
    }`;
}

/** Stores the sums that are in the place of row `from`, as those of row `r`. */
function storeRow(
  { sum, row, column }: TileProduct,
  own: number,
  from: number,
  r: string,
  { isPartial }: KChunks,
  out: MatmulStore,
): string {
  const first = isPartial ? "(chunk * u.batches + batch)" : "batch", at = r === "r" ? "r" : Number(r);
  const store = (v: string, c: string, tag: string) =>
    `if (${c} < u.n) { ${out.store(out.biased(v, c), `y${r} + ${c}`, `${r}_${tag}`)} }`;
  const stores = range(own / 4).flatMap((q) => {
    const c = `column${q}_${r}`, v = sum(from, q), begin = `let ${c} = column + ${column(q)};`;
    if (out.lanes === 4) return [begin, store(v, c, `${q}`)];
    return [begin, ...range(4).map((l) => store(`${v}[${l}]`, `${c} + ${l}u`, `${q}_${l}`))];
  });
  return `let row${r} = row + ${row(at)};
    if (row${r} < u.m) {
      let y${r} = (${first} * u.m + row${r}) * u.n;
      ${stores.join("\n      ")}
    }`;
}

/** Stores the sums of the rows, which the workgroups of every column of tiles have: the first does it. */
function storeRowSums({ rows }: WorkgroupTile, { isPartial }: KChunks): string {
  const stores = range(4).map((l) =>
    `if (row + local * 4u + ${l}u < u.m) { rowSums[${
      isPartial ? "chunk * u.m + " : ""
    }row + local * 4u + ${l}u] = tile[0][local][${l}]; }`
  );
  return `if (${all("columnTile == 0u", `local < ${rows / 4}u`)}) { ${stores.join(" ")} }`;
}
