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
  kIsFixed,
  type MatmulPass,
  type MatmulStore,
  matmulStore,
  type MatmulTile,
  type Operands,
} from "./pass.ts";
import { loadsOf } from "./register_tiles.ts";
import {
  BLOCK,
  type BlockLoader,
  type BlocksInMemory,
  threadsOf,
  type TilePlaces,
  tilePlaces,
  tileProduct,
  type WorkgroupTile,
} from "./tile_product.ts";

/** The tiles of products, largest first. */
export const WORKGROUP_TILES: readonly WorkgroupTile[] = [
  { rows: 128, columns: 128, depth: 16, own: [8, 8] },
  { rows: 64, columns: 128, depth: 8, own: [8, 8] },
  { rows: 128, columns: 64, depth: 8, own: [8, 8] },
  { rows: 64, columns: 64, depth: 8, own: [8, 8] },
  { rows: 32, columns: 128, depth: 8, own: [4, 8] },
  { rows: 32, columns: 32, depth: 16, own: [4, 4] },
  { rows: 64, columns: 16, depth: 8, own: [4, 4] },
  { rows: 16, columns: 64, depth: 8, own: [4, 4] },
];

/** Products of which the chunks of a long sum are whole multiples: those of a turn of the deepest tile. */
export const DEEPEST = 16;

/** The workgroup tile of this size. */
export function workgroupTile({ rows, columns }: MatmulTile): WorkgroupTile {
  return WORKGROUP_TILES.find((t) => t.rows === rows && t.columns === columns)!;
}

/** Makes the dispatch that computes `pass` in workgroup tiles. */
export function workgroupPass(pass: MatmulPass, size: MatmulTile, chunks: KChunks): Dispatch {
  const { m, n, k, batches } = pass, tile = workgroupTile(size), operands = pass.operands ?? matrices(pass);
  const rowTiles = Math.ceil(m / tile.rows), columnTiles = Math.ceil(n / tile.columns);
  const batch = batchText(pass), out = matmulStore(pass), store = { tile, chunks, out };
  const product = tileProduct(tile, operands.a, operands.b, {
    first: "chunk * u.length",
    end: "min(u.k, (chunk + 1u) * u.length)",
    rowSums: pass.rowSums !== null,
    blocks: mayHaveBlocks(pass, chunks) ? blocksText(store) : undefined,
    shared: pass.a.device.limits.maxComputeWorkgroupStorageSize,
  });
  const body = `
  let columnTile = group % u.columnTiles;
  let rowTile = group / u.columnTiles % u.rowTiles;
  let others = group / u.columnTiles / u.rowTiles;
  let batch = others % u.batches;
  let chunk = others / u.batches;
  ${batch.code}
  let row = rowTile * ${tile.rows}u;
  let column = columnTile * ${tile.columns}u;
  ${product.code}
  if (chunk < u.chunks) {
    ${storesText(store)}
    ${pass.rowSums ? storeRowSums(tile, chunks) : ""}
  }`;
  const workgroups = rowTiles * columnTiles * batches * chunks.chunks;
  return dispatch(
    {
      name: pass.name,
      bindings: [...operands.bindings, ...out.bindings],
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
    pass.flops ?? 2 * batches * m * n * k,
  );
}

/**
 * Whether a chunk may have more products than a block. Where they are a batch's, the last of which is smaller, a text for blocks serves
 * all; where they are a batch's alone, and not its places, batches are rarely so large.
 */
function mayHaveBlocks(pass: MatmulPass, { length }: KChunks): boolean {
  return pass.operands !== undefined || length > (kIsFixed(pass) ? BLOCK : 2 * BLOCK);
}

/** Operands that are matrices in memory. */
function matrices(pass: MatmulPass): Operands {
  const { transA, transB } = pass, { aVec, bVec } = loadsOf(pass);
  return {
    bindings: [read("a", vectorOf("f32", aVec ? 4 : 1)), read("b", vectorOf("f32", bVec ? 4 : 1))],
    a: matrixBlocks({ name: "a", along: transA, vec: aVec, pitch: transA ? "u.m" : "u.k", first: "row" }),
    b: matrixBlocks({ name: "b", along: !transB, vec: bVec, pitch: transB ? "u.k" : "u.n", first: "column" }),
  };
}

/** A matrix as an operand. `aBase` or `bBase`, its first element, is in scope. */
export interface MatrixOperand {
  readonly name: "a" | "b";
  /** Whether neighbouring places of the tile, and not neighbouring products, lie side by side in memory. */
  readonly along: boolean;
  /** Whether it is bound as vec4s. */
  readonly vec: boolean;
  /** u32 expression: elements from one place of the tile to the next, or where `along` from one product to the next. */
  readonly pitch: string;
  /** u32 expression: the tile's first place. */
  readonly first: string;
}

/** Loads the blocks of a matrix. */
export function matrixBlocks({ name, along, vec, pitch, first }: MatrixOperand): BlockLoader {
  const by = vec ? 4 : 1, at = (i: number) => `${name}At + ${i}u * ${name}Pitch + ${name}Move`;
  return {
    alongDepth: !along,
    begin: (quad, deep) => {
      const place = along
        ? `${name}Base + ${deep} * ${pitch} + ${first} + ${quad} * 4u`
        : `${name}Base + (${first} + ${quad} * 4u) * ${pitch} + ${deep}`;
      return `let ${name}At = ${vec ? `(${place}) / 4u` : place}; let ${name}Pitch = ${pitch} / ${by}u;`;
    },
    load: (p) => ({
      code: `let ${name}Move = ${along ? `${p} * ${name}Pitch` : `${p} / ${by}u`};`,
      values: range(4).map((i) =>
        vec ? `${name}[${at(i)}]` : vector("f32", range(4).map((l) => `${name}[${at(i)} + ${l}u]`))
      ),
    }),
  };
}

/** Where an invocation's sums go. */
interface SumStore {
  readonly tile: WorkgroupTile;
  readonly chunks: KChunks;
  readonly out: MatmulStore;
}

/** Adding up the sums of blocks where the results will be: the first are put there. */
function blocksText(store: SumStore): BlocksInMemory {
  const each = (text: (value: string, at: string) => string) =>
    range(store.tile.own[0]).map((r) =>
      rowText(store, r, `${r}`, (v, index) => text(v, `y[${store.out.at(index)}]`))
    ).join("\n      ");
  return {
    add: each((v, at) => `if (isFirst) { ${at} = ${v}; } else { ${at} += ${v}; }`),
    take: each((v, at) => `${v} = ${at} + ${v};`),
  };
}

/** The longest epilogue that is written out for every row. */
const SHORT_EPILOGUE = 400;

/** Stores the sums of an invocation, row by row: written out, or where the epilogue is long in a loop that moves the rows up. */
function storesText(store: SumStore): string {
  const { tile, out } = store, { sum } = tilePlaces(tile), [rows, columns] = tile.own;
  const row = (from: number, r: string) =>
    rowText(store, from, r, (v, index, column, tag) => out.store(out.biased(v, column), index, tag));
  if (out.weight <= SHORT_EPILOGUE) return range(rows).map((r) => row(r, `${r}`)).join("\n    ");
  return `for (var r = 0u; r < ${rows}u; r++) {
      ${row(0, "r")}
      ${rowsUp(sum, rows, columns)}
    }`;
}

/** Statements that move each row of sums into the place of the one before. */
function rowsUp(sum: TilePlaces["sum"], rows: number, columns: number): string {
  return range(rows - 1).flatMap((r) => range(columns / 4).map((q) => `${sum(r, q)} = ${sum(r + 1, q)};`))
    .join(" ");
}

/**
 * Does something with each value, or each four neighbouring ones, of a row of an invocation's sums that lies inside.
 *
 * @param from The row whose sums they are, and `r` the row that they are taken for.
 * @param text Statements for a value, given where it lies in y, its column, and what makes names unique.
 */
function rowText(
  { tile, chunks, out }: SumStore,
  from: number,
  r: string,
  text: (v: string, index: string, column: string, tag: string) => string,
): string {
  const { sum, row, quad } = tilePlaces(tile), at = r === "r" ? "r" : Number(r);
  const first = chunks.isPartial ? "(chunk * u.batches + batch)" : "batch";
  const store = (v: string, c: string, tag: string) =>
    `if (${c} < u.n) { ${text(v, `y${r} + ${c}`, c, `${r}_${tag}`)} }`;
  const stores = range(tile.own[1] / 4).flatMap((q) => {
    const c = `column${q}_${r}`, v = sum(from, q), begin = `let ${c} = column + (${quad(q)}) * 4u;`;
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
  const at = (l: number) =>
    `${isPartial ? "(chunk * u.batches + batch)" : "batch"} * u.m + row + local * 4u + ${l}u`;
  const stores = range(4).map((l) =>
    `if (row + local * 4u + ${l}u < u.m) { rowSums[${at(l)}] = tile[0][local][${l}]; }`
  );
  return `if (${all("columnTile == 0u", `local < ${rows / 4}u`)}) { ${stores.join(" ")} }`;
}

/** Invocations that keep a large GPU busy: 128 cores with four waves of 32 each. */
const ENOUGH_THREADS = 16384;

/**
 * The tiles, those first that a rough estimate finds quickest. A product, of those at the edges too, takes an instruction, with its
 * share in the reads from workgroup memory and in what a turn costs, or the time of what it reads there, four bytes an
 * instruction; the larger a tile, the less is loaded. What leaves most of a large GPU idle takes longer.
 *
 * @param groups How many workgroups there are with a tile.
 */
export function quickestTiles(groups: (rows: number, columns: number) => number): MatmulTile[] {
  const cost = (tile: WorkgroupTile) => {
    const { rows, columns, depth, own: [down, across] } = tile, count = groups(rows, columns);
    const reads = (1 / down + 1 / across) / 4, issue = 1 + reads + TURN / (depth * down * across);
    const product = Math.max(issue, 16 * reads) + 4 / rows + 4 / columns;
    const idle = Math.max(1, ENOUGH_THREADS / (count * threadsOf(tile)));
    return count * rows * columns * product * Math.sqrt(idle);
  };
  return WORKGROUP_TILES.map((tile) => ({ tile, cost: cost(tile) })).sort((a, b) => a.cost - b.cost)
    .map(({ tile: { rows, columns } }) => ({ rows, columns }));
}
/** Instructions of a turn beside its products and reads. */
const TURN = 60;
