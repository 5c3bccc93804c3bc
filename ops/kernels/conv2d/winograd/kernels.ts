/**
 * The kernels around the products of a Winograd convolution: what is multiplied, and what becomes of it.
 *
 * All are passes over tiles of 4 x 4 results. An invocation maps four pieces of source at once, one in each lane of a vec4, so
 * that it stores vec4s: four neighbouring tiles of one channel, or four neighbouring channels at one tile.
 *
 * @module
 */
import type { Dispatch } from "../../../gpu/kernel.ts";
import type { Storage } from "../../../gpu/storage.ts";
import type { Adapter } from "../../adapter.ts";
import { type ConvolutionAxis, type WeightShape, weightStrides } from "../geometry.ts";
import { windowLoader } from "../load_window.ts";
import { type TileStore, tileStore } from "../store.ts";
import type { Epilogue, FirstOutput } from "../../wgsl/epilogue.ts";
import { dispatch } from "../../wgsl/source.ts";
import { inVectors, range, read, u32s, vector, vectorOf, write } from "../../wgsl/text.ts";
import {
  FILTER_GRADIENT_MAP,
  FILTER_MAP,
  mapSquare,
  POINTS,
  RESULT_MAP,
  TILE,
  type WinogradMap,
} from "./maps.ts";

/** Images that are worked on at a time, and the tiles that they are cut into. */
export interface TileBlock {
  readonly firstImage: number;
  readonly tiles: number;
  readonly tileRows: number;
  readonly tileCols: number;
}

const SQUARE = POINTS * POINTS;

/** What is cut into pieces and mapped: planes `[n, channels, rows.source, cols.source]`. */
export interface Pieces {
  readonly name: string;
  readonly map: WinogradMap;
  readonly source: Storage;
  readonly channels: number;
  readonly rows: ConvolutionAxis;
  readonly cols: ConvolutionAxis;
}

/** Where the piece of a tile begins, counted from the tile. */
function pieceStart({ transposed, pad }: ConvolutionAxis): number {
  return transposed ? pad - 2 : -pad;
}

/** Text that loads four pieces: the kernel's binding, functions, statements, and the values by lane, row and column. */
interface FourPieces {
  readonly lanes: 1 | 4;
  readonly declarations: string;
  readonly code: string;
  at(lane: number, r: number, c: number): string;
}

/** Pieces of four tiles side by side, from rows that are loaded once. */
function pieceStrip({ rows, cols }: Pieces, { tileRows, tileCols }: TileBlock): FourPieces {
  const width = 4 * TILE, window = windowLoader(rows, cols, { rows: TILE, cols: Math.min(width, cols.out) });
  const strips = tileCols / 4, rowStart = pieceStart(rows), colStart = pieceStart(cols);
  return {
    lanes: window.lanes,
    declarations: "",
    code: `
  let row_tile = quad / ${strips}u % ${tileRows}u;
  let image = min(u.first + quad / ${strips * tileRows}u, u.last);
  ${window.load("x", "x", "(image * u.channels + channel)", `(quad % ${strips}u * ${width}u)`)}`,
    at: (lane, r, c) => window.at("x", r + rowStart, lane * TILE + c + colStart) ?? "0.0",
  };
}

/** Pieces of four tiles that may lie anywhere, or of four channels. */
function pieceByPiece(
  { map, rows, cols }: Pieces,
  { tileRows, tileCols }: TileBlock,
  isTiles: boolean,
): FourPieces {
  const window = windowLoader(rows, cols, { rows: TILE, cols: TILE }), size = map.from * map.from;
  const values = range(size).map((k) =>
    window.at("x", Math.floor(k / map.from) + pieceStart(rows), k % map.from + pieceStart(cols)) ?? "0.0"
  );
  const lane = (l: number) => `
  let tile${l} = ${isTiles ? `min(quad * 4u + ${l}u, u.tiles - 1u)` : "tile"};
  let channel${l} = ${isTiles ? "channel" : `min(quad * 4u + ${l}u, u.channels - 1u)`};
  let image${l} = u.first + tile${l} / ${tileRows * tileCols}u;
  let piece${l} = piece(image${l} * u.channels + channel${l}, tile${l} / ${tileCols}u % ${tileRows}u, tile${l} % ${tileCols}u * ${TILE}u);`;
  return {
    lanes: window.lanes,
    declarations: `
fn piece(plane: u32, row_tile: u32, column: u32) -> array<f32, ${size}> {
  ${window.load("x", "x", "plane", "column")}
  return array<f32, ${size}>(${values.join(", ")});
}`,
    code: range(4).map(lane).join(""),
    at: (l, r, c) => `piece${l}[${r * map.from + c}]`,
  };
}

/**
 * Maps pieces to points: `[point, channel, tile]` with `along` "tiles", `[point, tile, channel]` with "channels"; the last
 * size is filled up to a multiple of four with copies.
 */
export function mapPieces(
  pieces: Pieces,
  along: "tiles" | "channels",
  block: TileBlock,
  mapped: Storage,
  adapter: Adapter,
): Dispatch {
  const { name, map, channels } = pieces, { firstImage, tiles, tileRows, tileCols } = block;
  const isTiles = along === "tiles", quads = Math.ceil((isTiles ? tiles : channels) / 4);
  const text = isTiles && tileCols % 4 === 0
    ? pieceStrip(pieces, block)
    : pieceByPiece(pieces, block, isTiles);
  const square = mapSquare(map, (r, c) => vector("f32", range(4).map((l) => text.at(l, r, c))));
  const places = isTiles
    ? `
  let quad = id % u.quads;
  let channel = min(id / u.quads, u.channels - 1u);
  let hop = u.quads * u.channels;`
    : `
  let quad = id % u.quads;
  let tile = min(id / u.quads, u.tiles - 1u);
  let hop = u.tiles * u.quads;`;
  const stores = range(POINTS).flatMap((r) =>
    range(POINTS).map((c) => `mapped[id + ${r * POINTS + c}u * hop] = ${square.at(r, c)};`)
  );
  return dispatch(
    {
      name,
      bindings: [read("x", vectorOf("f32", text.lanes)), write("mapped", vectorOf("f32", 4))],
      numberDecls: u32s("first", "last", "tiles", "channels", "quads"),
      declarations: text.declarations,
      workgroupSize: adapter.workgroupSize,
      body: `${places}${text.code}${square.code}
  if (id < hop) {
    ${stores.join("\n    ")}
  }`,
    },
    [pieces.source, mapped],
    [firstImage, firstImage + tiles / (tileRows * tileCols) - 1, tiles, channels, quads],
    quads * (isTiles ? channels : tiles),
  );
}

/** Maps filters to points, `[point, source, result]` with the results filled up to a multiple of four. */
export function mapFilters(
  shape: WeightShape,
  isFlipped: boolean,
  weight: Storage,
  mapped: Storage,
  adapter: Adapter,
): Dispatch {
  const { sources, results } = shape, { strideO, strideS } = weightStrides(shape);
  const quads = Math.ceil(results / 4);
  const starts = range(4).map((l) =>
    `let at${l} = u.start + s * u.strideS + min(o + ${l}u, u.results - 1u) * u.strideO;`
  );
  const square = mapSquare(FILTER_MAP, (r, c) => {
    return vector("f32", range(4).map((l) => `w[at${l} + ${3 * r + c}u * u.step]`));
  });
  const stores = range(SQUARE).map((p) =>
    `mapped[${p}u * u.sources * u.quads + id] = ${square.at(Math.floor(p / POINTS), p % POINTS)};`
  );
  return dispatch(
    {
      name: "conv2d winograd filters",
      bindings: [read("w", "f32"), write("mapped", vectorOf("f32", 4))],
      numberDecls: u32s("sources", "results", "quads", "strideS", "strideO", "start", "step"),
      workgroupSize: adapter.workgroupSize,
      body: `
  let s = id / u.quads;
  let o = id % u.quads * 4u;
  ${starts.join("\n  ")}
  ${square.code}
  if (s < u.sources) {
    ${stores.join("\n    ")}
  }`,
    },
    [weight, mapped],
    // The taps of a flipped filter are counted downwards from its last.
    [sources, results, quads, strideS, strideO, ...(isFlipped ? [8, 2 ** 32 - 1] : [0, 1])],
    sources * quads,
  );
}

/** What becomes of the products. */
export interface Results extends FirstOutput {
  readonly name: string;
  readonly channels: number;
  readonly outH: number;
  readonly outW: number;
  readonly bias: Storage | null;
}

/** Maps products `[point, tile, channel]` to results; an invocation stores four channels of a tile one after the other. */
export function mapResults(
  results: Results,
  block: TileBlock,
  products: Storage,
  adapter: Adapter,
): Dispatch {
  const { name, channels, outH, outW, bias, y, epilogue, pooling } = results;
  const quads = Math.ceil(channels / 4);
  const store = tileStore({ outH, outW, rows: TILE, cols: TILE }, y, epilogue, pooling);
  return dispatch(
    {
      name,
      bindings: [read("m", vectorOf("f32", 4)), ...(bias ? [read("b", "f32")] : []), ...store.bindings],
      numberDecls: [...u32s("first", "tiles", "rows", "channels", "quads"), ...store.numberDecls],
      declarations: store.declarations,
      workgroupSize: adapter.workgroupSize,
      body: `
  let quad = id % u.quads;
  let tile = id / u.quads;
  let image = u.first + tile / ${block.tileRows * block.tileCols}u;
  let row0 = tile / ${block.tileCols}u % ${block.tileRows}u * ${TILE}u;
  let col0 = tile % ${block.tileCols}u * ${TILE}u;
  let hop = u.rows * u.quads;
  let at0 = tile * u.quads + quad;
  ${resultsText(bias !== null, store)}`,
    },
    [products, ...(bias ? [bias] : []), ...store.storages],
    [block.firstImage, block.tiles, Math.ceil(block.tiles / 4) * 4, channels, quads, ...store.numbers],
    block.tiles * quads,
  );
}

/** Maps the products from `at0` on, and stores the four channels of `quad` one after the other. */
function resultsText(hasBias: boolean, store: TileStore): string {
  const square = mapSquare(RESULT_MAP, (r, c) => `m[at0 + ${r * POINTS + c}u * hop]`);
  const values = range(TILE).flatMap((r) =>
    range(TILE).map((j) => `let v${r}_${j} = ${square.at(r, j)}[o]${hasBias ? " + start" : ""};`)
  );
  const present = `tile < u.tiles && channel < u.channels`;
  return `${square.code}
  for (var o = 0u; o < 4u; o++) {
    let channel = quad * 4u + o;
    ${hasBias ? `let start = b[min(channel, u.channels - 1u)];` : ""}
    ${values.join("\n    ")}
    ${store.channel((r, j) => `v${r}_${j}`, "image * u.channels + channel", present, "")}
  }`;
}

/** Maps sums of products `[point, result, source]`, both filled up to multiples of four, to the gradient of filters. */
export function mapFilterGradients(
  results: number,
  sources: number,
  sums: Storage,
  dw: Storage,
  epilogue: Epilogue,
  adapter: Adapter,
): Dispatch {
  const quads = Math.ceil(sources / 4), hop = Math.ceil(results / 4) * 4 * quads;
  const square = mapSquare(FILTER_GRADIENT_MAP, (r, c) => `sums[id + ${r * POINTS + c}u * u.hop]`);
  const lanes = sources % 4 === 0 && epilogue.allowsVec4 ? 4 : 1, text = epilogue.text(lanes);
  // Four sources' filters lie in a row.
  const value = (k: number) => `${square.at(Math.floor(k % 9 / 3), k % 3)}[${Math.floor(k / 9)}]`;
  const stores = range(36 / lanes).map((k) => {
    const parts = range(lanes).map((l) => value(lanes * k + l));
    const index = `at + ${lanes * k}u`, { code, values } = text.apply(parts, `(${index})`, `${k}`);
    const stored = `${code} dw[${inVectors(index, lanes)}] = ${vector("f32", values)};`;
    const isAlways = sources % 4 === 0 || k < 9;
    return isAlways ? stored : `if (i + ${Math.floor(k / 9)}u < u.sources) { ${stored} }`;
  });
  return dispatch(
    {
      name: "conv2d winograd dw",
      bindings: [
        read("sums", vectorOf("f32", 4)),
        write("dw", vectorOf("f32", lanes)),
        ...text.bindings,
      ],
      numberDecls: [...u32s("results", "sources", "quads", "hop"), ...text.numberDecls],
      declarations: text.functions,
      workgroupSize: adapter.workgroupSize,
      body: `
  let i = id % u.quads * 4u;
  let o = id / u.quads;
  let at = (o * u.sources + i) * 9u;
  ${square.code}
  if (o < u.results) {
    ${stores.join("\n    ")}
  }`,
    },
    [sums, dw, ...epilogue.reads, ...epilogue.writes],
    [results, sources, quads, hop, ...epilogue.numbers],
    results * quads,
  );
}
