/**
 * The heart of every product on a GPU: a workgroup's tile of sums of products, whose operands come through workgroup memory.
 *
 * A workgroup computes `rows x columns` sums, an invocation 8 x 8 of them (or 4 x 4 of a small tile), as vec4s along the
 * columns. In each turn of the loop the workgroup takes `depth` products of every sum. Its operands' part of a turn is cut into
 * blocks of four places of the tile by four products: an invocation brings one block, in four loads, and keeps it in registers
 * while the workgroup multiplies the turn before. Then it puts the block into workgroup memory as four vec4s across the tile,
 * transposed where its loads went along the products. What lies beyond the last product becomes zeros there, in the last turn
 * alone; what lies beyond the edge of the tile is anything, as nobody stores what comes of it.
 *
 * Sums are chains of `fma`, in the order of the products whatever the tile, so that every tile gives the same bits. The turn is
 * written out, for a loop costs an invocation some six instructions a turn, by which a WGSL compiler sees that it ends.
 *
 * @module
 */
import { all, range, vector, vectorOf } from "../wgsl/text.ts";

/** A workgroup's tile, and how it is shared out. */
export interface WorkgroupTile {
  readonly rows: number;
  readonly columns: number;
  /** Products of each sum in a turn: a multiple of four. */
  readonly depth: number;
  /** Sums of an invocation in either direction: 4 or 8. */
  readonly own: 4 | 8;
}

/** How an operand's blocks are brought. */
export interface BlockLoader {
  /** Whether a load goes along the products, not along the tile. */
  readonly alongDepth: boolean;
  /**
   * Statements, run once, that declare what `load` needs.
   *
   * @param quad u32 expression: which four places of the tile an invocation's block has.
   * @param deep u32 expression: its first product, counted from the turn's.
   */
  begin(quad: string, deep: string): string;
  /** Four vec4 expressions: what the block holds in the turn that begins at product `p`; it may lie beyond the end. */
  load(p: string): { code: string; values: readonly string[] };
}

/** The text of a tile's sums. */
export interface TileProduct {
  readonly threads: number;
  /** Module-scope declarations. */
  readonly declarations: string;
  /** Statements that sum the products from `first` to `end`, u32 expressions that are the same for a whole workgroup. */
  readonly code: string;
  /** Name of the vec4 of the sums of the invocation's row `r` and quad of columns `q`. */
  sum(r: number, q: number): string;
  /** u32 expression: where in the tile the invocation's row `r` is; `r` may be a number or a u32 expression. */
  row(r: number | string): string;
  /** u32 expression: the first of the invocation's columns of quad `q`. */
  column(q: number): string;
}

const VEC4 = vectorOf("f32", 4);

/** Invocations of a tile. */
export function threadsOf({ rows, columns, own }: WorkgroupTile): number {
  return rows * columns / own ** 2;
}

/** Bytes of workgroup memory of a tile. */
export function sharedBytes({ rows, columns, depth }: WorkgroupTile): number {
  return depth * (rows + columns) * 4;
}

/** Writes the sums of a tile. */
export function tileProduct(
  tile: WorkgroupTile,
  a: BlockLoader,
  b: BlockLoader,
  { first, end, rowSums = false }: { first: string; end: string; rowSums?: boolean },
): TileProduct {
  const { rows, columns, depth, own } = tile, threads = threadsOf(tile), quads = own / 4;
  const across = columns / own, down = rows / own, aQuads = rows / 4, bQuads = columns / 4;
  const sum = (r: number, q: number) => `s${r}_${q}`,
    sums = range(own).flatMap((r) => range(quads).map((q) => sum(r, q)));
  const blocks = blocksText(tile, a, b, rowSums);
  const code = `
  let down = local / ${across}u;
  let across = local % ${across}u;
  ${blocks.begin}
  ${sums.map((name) => `var ${name} = ${VEC4}();`).join(" ")}
  let end = ${end};
  var p = ${first};
  ${blocks.load("p")}
  for (; p < end; p += ${depth}u) {
    workgroupBarrier();
    ${blocks.store}
    workgroupBarrier();
    ${blocks.load(`(p + ${depth}u)`)}
    ${range(depth).map((d) => productsText(d, own, aQuads, down, across)).join("\n    ")}
  }
  ${rowSums ? rowSumsText(tile) : ""}`;
  return {
    threads,
    declarations: `var<workgroup> tile: array<array<${VEC4}, ${aQuads + bQuads}>, ${depth}>;\n`,
    code,
    sum,
    row: (r) => {
      if (typeof r === "number") return `(down + ${(r >> 2) * down}u) * 4u + ${r & 3}u`;
      return quads === 1 ? `down * 4u + ${r}` : `(down + ${r} / 4u * ${down}u) * 4u + ${r} % 4u`;
    },
    column: (q) => `(across + ${q * across}u) * 4u`,
  };
}

/** The products of depth `d` of an invocation. */
function productsText(d: number, own: number, aQuads: number, down: number, across: number): string {
  const quads = range(own / 4);
  const lines = [
    ...quads.map((i) => `let a${i} = tile[${d}][down + ${i * down}u];`),
    ...quads.map((q) => `let b${q} = tile[${d}][across + ${aQuads + q * across}u];`),
    ...range(own).flatMap((r) =>
      quads.map((q) => `s${r}_${q} = fma(${VEC4}(a${r >> 2}[${r & 3}]), b${q}, s${r}_${q});`)
    ),
  ];
  return `{ ${lines.join(" ")} }`;
}

/** Bringing blocks: what is declared, loaded into registers, and put into workgroup memory. */
function blocksText(
  { rows, columns, depth, own }: WorkgroupTile,
  a: BlockLoader,
  b: BlockLoader,
  rowSums: boolean,
) {
  const aQuads = rows / 4, bQuads = columns / 4, deep = depth / 4;
  const aBlocks = aQuads * deep, bBlocks = bQuads * deep, threads = rows * columns / own ** 2;
  if (aBlocks + bBlocks > threads) {
    throw new RangeError("Cannot write a tile as its blocks must have an invocation each");
  }
  const place = ({ alongDepth }: BlockLoader, block: string, quads: number) =>
    alongDepth
      ? { quad: `${block} / ${deep}u`, deep: `${block} % ${deep}u` }
      : { quad: `${block} % ${quads}u`, deep: `${block} / ${quads}u` };
  const [aAt, bAt] = [place(a, "local", aQuads), place(b, `(local - ${aBlocks}u)`, bQuads)];
  const isSpare = aBlocks + bBlocks < threads;
  const parts = (loader: BlockLoader, p: string) => {
    const { code, values } = loader.load(p);
    return `${code} ${values.map((value, i) => `w${i} = ${value};`).join(" ")}`;
  };
  const put = ({ alongDepth }: BlockLoader) =>
    range(4).map((i) => {
      const value = alongDepth ? vector("f32", range(4).map((j) => `w${j}[${i}]`)) : `w${i}`;
      return `tile[deep + ${i}u][slot] = ${value};`;
    }).join(" ");
  const puts = a.alongDepth === b.alongDepth ? put(a) : `if (isA) { ${put(a)} } else { ${put(b)} }`;
  const clear = ({ alongDepth }: BlockLoader) => clearText(alongDepth);
  const clears = a.alongDepth === b.alongDepth ? clear(a) : `if (isA) { ${clear(a)} } else { ${clear(b)} }`;
  return {
    begin: `let isA = local < ${aBlocks}u;
  let quad = select(${bAt.quad}, ${aAt.quad}, isA);
  let deep = select(${bAt.deep}, ${aAt.deep}, isA) * 4u;
  let slot = select(quad + ${aQuads}u, quad, isA);
  ${range(4).map((i) => `var w${i} = ${VEC4}();`).join(" ")}
  ${rowSums ? `var rowSum = ${VEC4}();` : ""}
  ${a.begin("quad", "deep")}
  ${b.begin("quad", "deep")}`,
    load: (p: string) => `if (isA) { ${parts(a, p)} } else { ${parts(b, p)} }`,
    store: `if (p + ${depth}u > end) { ${clears} }
    ${rowSums ? "rowSum += (w0 + w1) + (w2 + w3);" : ""}
    ${isSpare ? `if (local < ${aBlocks + bBlocks}u) { ${puts} }` : puts}`,
  };
}

/** Statements that make zeros of the products of a block from `end` on. */
function clearText(alongDepth: boolean): string {
  if (!alongDepth) {
    return range(4).map((i) => `w${i} = select(${VEC4}(), w${i}, p + deep + ${i}u < end);`).join(" ");
  }
  const inside = `vec4<u32>(${range(4).map((i) => `p + deep + ${i}u`).join(", ")}) < vec4<u32>(end)`;
  return `let inside = ${inside}; ${
    range(4).map((i) => `w${i} = select(${VEC4}(), w${i}, inside);`).join(" ")
  }`;
}

/** Statements that add up the sums of the rows of `a`, whose blocks lie along the tile: `tile[0]` then holds them. */
function rowSumsText({ rows, depth }: WorkgroupTile): string {
  const quads = rows / 4, parts = range(depth / 4).map((i) => `tile[${4 * i}][local]`);
  return `workgroupBarrier();
  if (isA) { tile[deep][slot] = rowSum; }
  workgroupBarrier();
  if (local < ${quads}u) { tile[0][local] = ${parts.join(" + ")}; }
  workgroupBarrier();`;
}

/** The condition under which a row and a quad of columns lie inside; "" where nothing can lie outside. */
export function insideText(conditions: readonly string[]): string {
  return conditions.length === 0 ? "" : all(...conditions);
}
