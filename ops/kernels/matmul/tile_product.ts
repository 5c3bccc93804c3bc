/**
 * The heart of every product on a GPU: a workgroup's tile of sums of products, whose operands come through workgroup memory.
 *
 * A workgroup computes `rows x columns` sums, an invocation 8 x 8 of them or fewer, as vec4s along the columns. In each turn of
 * the loop the workgroup takes `depth` products of every sum. Its operands' part of a turn is cut into blocks of four places of
 * the tile by four products: an invocation brings one block, in four loads where memory allows, and keeps it in registers while
 * the workgroup multiplies the turn before. Then it puts the block into workgroup memory as four vec4s across the tile,
 * transposed where its loads went along the products. What lies beyond the last product becomes zeros there, in the last turn
 * alone; what lies beyond the edge of the tile is anything, as nobody stores what comes of it.
 *
 * Sums are chains of `fma`, in the order of the products whatever the tile, so that every tile gives the same bits. A longer
 * chain than a block's is cut. The sums of the blocks are added up where the results will be stored, as a tile's registers are
 * scarce; or in registers, where results are stored otherwise. The turn is written out: a loop costs an invocation some six
 * instructions a turn, by which a WGSL compiler sees that it ends.
 *
 * @module
 */
import { range, vector, vectorOf } from "../wgsl/text.ts";

/** A workgroup's tile, and how it is shared out. */
export interface WorkgroupTile {
  readonly rows: number;
  readonly columns: number;
  /** Products of each sum in a turn: a multiple of four. */
  readonly depth: number;
  /** Rows and columns of an invocation's sums, multiples of four. */
  readonly own: readonly [rows: number, columns: number];
}

/** How an operand's blocks are brought. */
export interface BlockLoader {
  /** Whether the vec4s of a block go along the products, not along the tile. */
  readonly alongDepth: boolean;
  /**
   * Statements, run once, that declare what `load` needs.
   *
   * @param quad u32 expression: which four places of the tile an invocation's block has.
   * @param deep u32 expression: its first product, counted from the turn's.
   */
  begin(quad: string, deep: string): string;
  /** Statements, and four vec4 expressions: what the block holds in the turn that begins at product `p`, perhaps beyond the end. */
  load(p: string): { readonly code: string; readonly values: readonly string[] };
}

/** What is summed. */
export interface ProductRange {
  /** The first product and the end, u32 expressions that are the same for a whole workgroup; the first begins a turn. */
  readonly first: string;
  readonly end: string;
  /** Whether the sums of the rows of `a` are wanted. */
  readonly rowSums?: boolean;
  /** Where there may be more products than a block's: what becomes of its sums. */
  readonly blocks?: "registers" | BlocksInMemory | undefined;
  /** Products of a block, a multiple of a turn's; {@linkcode BLOCK} unless given. */
  readonly block?: number;
  /** Bytes of workgroup memory that there are. */
  readonly shared: number;
}

/** Adding up the sums of blocks in memory. */
export interface BlocksInMemory {
  /** Statements that add the sums to what is stored in their place, or store them where `isFirst`, a bool. */
  readonly add: string;
  /** Statements that add what is stored to the sums. */
  readonly take: string;
}

/** Products of a block. */
export const BLOCK = 512;

/** Where an invocation's sums lie, and what they are called. */
export interface TilePlaces {
  /** Name of the vec4 of the sums of the invocation's row `r` and quad of columns `q`. */
  sum(r: number, q: number): string;
  /** u32 expression: where in the tile the invocation's row `r` is; `r` may be a number or a u32 expression. */
  row(r: number | string): string;
  /** u32 expression: the quad of columns of the tile that is the invocation's `q`. */
  quad(q: number): string;
}

/** The text of a tile's sums. */
export interface TileProduct extends TilePlaces {
  readonly threads: number;
  /** Module-scope declarations. */
  readonly declarations: string;
  /** Statements that make the sums. */
  readonly code: string;
}

const VEC4 = vectorOf("f32", 4);

/** Invocations of a tile. */
export function threadsOf({ rows, columns, own }: WorkgroupTile): number {
  return rows * columns / own[0] / own[1];
}

/** Shares out a tile: an invocation's quads of rows, and of columns, lie as far apart as there are invocations that way. */
export function tilePlaces({ rows, columns, own }: WorkgroupTile): TilePlaces {
  const across = columns / own[1], down = rows / own[0];
  return {
    sum: (r, q) => `s${r}_${q}`,
    row: (r) => {
      if (typeof r === "number") return `(down + ${(r >> 2) * down}u) * 4u + ${r & 3}u`;
      return own[0] === 4 ? `down * 4u + ${r}` : `(down + ${r} / 4u * ${down}u) * 4u + ${r} % 4u`;
    },
    quad: (q) => `across + ${q * across}u`,
  };
}

/** The names of all sums of an invocation. */
function sumNames(tile: WorkgroupTile): string[] {
  const { sum } = tilePlaces(tile), [rows, columns] = tile.own;
  return range(rows).flatMap((r) => range(columns / 4).map((q) => sum(r, q)));
}

/** Writes the sums of a tile. */
export function tileProduct(
  tile: WorkgroupTile,
  a: BlockLoader,
  b: BlockLoader,
  { first, end, rowSums = false, blocks = undefined, block = BLOCK, shared }: ProductRange,
): TileProduct {
  const { rows, columns, depth, own } = tile, quads = (rows + columns) / 4, across = columns / own[1];
  const bringing = blocksText(tile, a, b, rowSums);
  const turns = (end: string) =>
    `for (; p < ${end}; p += ${depth}u) {
    workgroupBarrier();
    ${bringing.store}
    workgroupBarrier();
    ${bringing.load(`(p + ${depth}u)`)}
    ${range(depth).map((d) => productsText(tile, d)).join("\n    ")}
  }`;
  const code = `
  let down = local / ${across}u;
  let across = local % ${across}u;
  ${bringing.begin}
  ${sumNames(tile).map((name) => `var ${name} = ${VEC4}();`).join(" ")}
  let end = ${end};
  var p = ${first};
  ${bringing.load("p")}
  ${blocks === undefined ? turns("end") : inBlocks(turns, tile, blocks, block)}
  ${rowSums ? rowSumsText(tile) : ""}`;
  const pitch = 16 * depth * (quads + 1) <= shared ? quads + 1 : quads; // an odd one spreads a column over the banks
  return {
    ...tilePlaces(tile),
    threads: threadsOf(tile),
    declarations: `var<workgroup> tile: array<array<${VEC4}, ${pitch}>, ${depth}>;\n`,
    code,
  };
}

/** The loop over the products in blocks, whose sums are added up elsewhere. */
function inBlocks(
  turns: (end: string) => string,
  tile: WorkgroupTile,
  blocks: "registers" | BlocksInMemory,
  block: number,
): string {
  const sums = sumNames(tile), zeros = sums.map((name) => `${name} = ${VEC4}();`).join(" ");
  const isInRegisters = blocks === "registers";
  const totals = sums.map((name) => `var t${name} = ${VEC4}();`).join(" ");
  const add = isInRegisters ? sums.map((name) => `t${name} += ${name};`).join(" ") : blocks.add;
  const take = isInRegisters
    ? sums.map((name) => `${name} = t${name};`).join(" ")
    : `if (end > start + ${block}u) { ${blocks.take} }`;
  return `let start = p;
  ${isInRegisters ? totals : ""}
  for (; p < end;) {
    let isFirst = p == start;
    let blockEnd = min(p + ${block}u, end);
    ${turns("blockEnd")}
    ${isInRegisters ? `${add} ${zeros}` : `if (p < end) { ${add} ${zeros} }`}
  }
  ${take}`;
}

/** The products of depth `d` of an invocation. */
function productsText({ rows, columns, own }: WorkgroupTile, d: number): string {
  const down = rows / own[0], across = columns / own[1], quads = range(own[1] / 4);
  const lines = [
    ...range(own[0] / 4).map((i) => `let a${i} = tile[${d}][down + ${i * down}u];`),
    ...quads.map((q) => `let b${q} = tile[${d}][across + ${rows / 4 + q * across}u];`),
    ...range(own[0]).flatMap((r) =>
      quads.map((q) => `s${r}_${q} = fma(${VEC4}(a${r >> 2}[${r & 3}]), b${q}, s${r}_${q});`)
    ),
  ];
  return `{ ${lines.join(" ")} }`;
}

/** Whether each block of a tile has an invocation that brings it. */
export function hasInvocations(tile: WorkgroupTile): boolean {
  return (tile.rows + tile.columns) / 4 * tile.depth / 4 <= threadsOf(tile);
}

/** Bringing blocks: what is declared, loaded into registers, and put into workgroup memory. */
function blocksText(tile: WorkgroupTile, a: BlockLoader, b: BlockLoader, rowSums: boolean) {
  const { rows, columns, depth } = tile, aQuads = rows / 4, deep = depth / 4;
  const aBlocks = aQuads * deep, blocks = aBlocks + columns / 4 * deep;
  const place = ({ alongDepth }: BlockLoader, block: string, quads: number) =>
    alongDepth
      ? { quad: `${block} / ${deep}u`, deep: `${block} % ${deep}u` }
      : { quad: `${block} % ${quads}u`, deep: `${block} / ${quads}u` };
  const [aAt, bAt] = [place(a, "local", aQuads), place(b, `(local - ${aBlocks}u)`, columns / 4)];
  const load = (loader: BlockLoader, p: string) => {
    const { code, values } = loader.load(p);
    return `${code} ${values.map((value, i) => `w${i} = ${value};`).join(" ")}`;
  };
  const ofBoth = (text: (loader: BlockLoader) => string) =>
    a.alongDepth === b.alongDepth ? text(a) : `if (isA) { ${text(a)} } else { ${text(b)} }`;
  const puts = ofBoth(({ alongDepth }) =>
    acrossTile(alongDepth).map((value, i) => `tile[deep + ${i}u][slot] = ${value};`).join(" ")
  );
  const ofRow = acrossTile(a.alongDepth);
  return {
    begin: `let isA = local < ${aBlocks}u;
  let quad = select(${bAt.quad}, ${aAt.quad}, isA);
  let deep = select(${bAt.deep}, ${aAt.deep}, isA) * 4u;
  let slot = select(quad + ${aQuads}u, quad, isA);
  ${range(4).map((i) => `var w${i} = ${VEC4}();`).join(" ")}
  ${rowSums ? `var rowSum = ${VEC4}();` : ""}
  ${a.begin("quad", "deep")}
  ${b.begin("quad", "deep")}`,
    load: (p: string) => `if (isA) { ${load(a, p)} } else { ${load(b, p)} }`,
    store: `if (p + ${depth}u > end) { ${ofBoth(({ alongDepth }) => clearText(alongDepth))} }
    ${rowSums ? `rowSum += (${ofRow[0]} + ${ofRow[1]}) + (${ofRow[2]} + ${ofRow[3]});` : ""}
    ${blocks < threadsOf(tile) ? `if (local < ${blocks}u) { ${puts} }` : puts}`,
  };
}

/** A block's four vec4s across the tile, one for each product. */
function acrossTile(alongDepth: boolean): string[] {
  return range(4).map((i) => alongDepth ? vector("f32", range(4).map((j) => `w${j}[${i}]`)) : `w${i}`);
}

/** Statements that make zeros of the products of a block from `end` on. */
function clearText(alongDepth: boolean): string {
  if (!alongDepth) {
    return range(4).map((i) => `w${i} = select(${VEC4}(), w${i}, p + deep + ${i}u < end);`).join(" ");
  }
  const places = vector("u32", range(4).map((i) => `p + deep + ${i}u`));
  return `let inside = ${places} < ${vectorOf("u32", 4)}(end); ${
    range(4).map((i) => `w${i} = select(${VEC4}(), w${i}, inside);`).join(" ")
  }`;
}

/** Statements that add up the sums of the rows of `a`: `tile[0]` then holds them. */
function rowSumsText({ rows, depth }: WorkgroupTile): string {
  const parts = range(depth, 4).map((d) => `tile[${d}][local]`);
  return `workgroupBarrier();
  if (isA) { tile[deep][slot] = rowSum; }
  workgroupBarrier();
  if (local < ${rows / 4}u) { tile[0][local] = ${parts.join(" + ")}; }
  workgroupBarrier();`;
}
