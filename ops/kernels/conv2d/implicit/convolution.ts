/**
 * Convolutions on a GPU as matrix products: weights times patches, `[results, sources taps] [sources taps, places]`.
 *
 * A workgroup computes a tile of result channels by places of the batch's planes (see `matmul/tile_product.ts`); patches are
 * gathered where a matrix would be loaded. Four neighbouring places are a window of two by two where the result is pooled,
 * so that an invocation has it whole. An input gradient's weights are packed before, as an invocation's loads would lie far
 * apart. Groups are products of their own.
 *
 * @module
 */
import { Storage } from "../../../gpu/storage.ts";
import type { Dispatch } from "../../../gpu/kernel.ts";
import type { Work } from "../../../gpu/work.ts";
import type { Adapter } from "../../adapter.ts";
import { Memo } from "../../memo.ts";
import type { MatmulTile } from "../../matmul/pass.ts";
import {
  type BlocksInMemory,
  tilePlaces,
  tileProduct,
  type WorkgroupTile,
} from "../../matmul/tile_product.ts";
import { matrixBlocks, workgroupTile } from "../../matmul/workgroup_tiles.ts";
import { epilogueKey } from "../../wgsl/epilogue.ts";
import { dispatch, type KernelParts } from "../../wgsl/source.ts";
import { all, range, read, u32s, vector, vectorOf } from "../../wgsl/text.ts";
import type { Convolution, WeightShape } from "../geometry.ts";
import { packWeights } from "../pack_weights.ts";
import { storeGroups, type TilePlace, type TileStore, tileStore } from "../store.ts";
import { areQuads, patchBlocks, type PatchOperand, type QuadLayout, quadLayout } from "./patches.ts";

const texts = new Memo<KernelParts>();
/** Products of a block: as many as the direct kernels sum without blocks. */
const BLOCK = 1024;

/** Makes the dispatches of a convolution with a given tile. */
export function convolveImplicit(call: Convolution, size: MatmulTile, adapter: Adapter): Work {
  const { name, n, rows, cols, weights, bias, pooling, source, y } = call, tile = workgroupTile(size);
  const { groups, results, sources, kh, kw } = weights,
    layout = quadLayout(rows.out, cols.out, pooling !== undefined);
  const place = pooling
    ? { outH: rows.out, outW: cols.out, rows: 2, cols: 2 }
    : { outH: 1, outW: rows.out * cols.out, rows: 1, cols: 4 };
  const store = tileStore(place, y, call.epilogue, pooling), packed = packedWeights(call, adapter);
  const shared = y.device.limits.maxComputeWorkgroupStorageSize;
  const pooled = pooling ? [pooling.kind, pooling.indices !== null, pooling.storeFull] : [];
  const rest = [bias !== null, pooled, epilogueKey(call.epilogue), shared];
  const parts = texts.get([name, size, rows, cols, weights, ...rest], () => {
    const patches = { rows, cols, channels: groups * sources, sources, layout };
    return implicitParts({ call, tile, patches, place, store, shared });
  });
  const columnTiles = Math.ceil(n * layout.quads * 4 / tile.columns);
  const main = dispatch(
    parts,
    [packed?.storage ?? call.weight, source, ...(bias ? [bias] : []), ...store.storages],
    [n, ...store.numbers],
    Math.ceil(results / tile.rows) * groups * columnTiles * parts.workgroupSize,
    2 * n * groups * sources * results * kh * kw * rows.out * cols.out,
  );
  return {
    dispatches: packed ? [packed.dispatch, main] : [main],
    temporaries: packed ? [packed.storage] : [],
  };
}

/** What a text is made of. */
interface ImplicitText {
  readonly call: Convolution;
  readonly tile: WorkgroupTile;
  readonly patches: PatchOperand;
  readonly place: TilePlace;
  readonly store: TileStore;
  readonly shared: number;
}

function implicitParts(text: ImplicitText): KernelParts {
  const { call: { name, weights, bias }, tile, patches, store, shared } = text;
  const { results, sources, kh, kw } = weights, depth = sources * kh * kw;
  const rowTiles = Math.ceil(results / tile.rows), isPacked = weights.sourceMajor;
  const pitch = isPacked ? packedPitch(weights) : depth, vec = pitch % 4 === 0;
  const product = tileProduct(
    tile,
    matrixBlocks({ name: "a", along: isPacked, vec, pitch: `${pitch}u`, first: "row" }),
    patchBlocks(patches),
    {
      first: "0u",
      end: `${depth}u`,
      blocks: depth > BLOCK ? blocksOf(text) : undefined,
      block: BLOCK,
      shared,
    },
  );
  const body = `
  let rowTile = group % ${rowTiles}u;
  let part = group / ${rowTiles}u % ${weights.groups}u;
  let columnTile = group / ${rowTiles * weights.groups}u; // perhaps beyond the batch
  let row = rowTile * ${tile.rows}u;
  let column = columnTile * ${tile.columns}u;
  let aBase = part * ${isPacked ? depth * pitch : results * depth}u;
  ${product.code}
  ${range(tile.own[1] / 4).map((q) => storeQuad(text, q)).join("\n")}`;
  return {
    name,
    bindings: [
      read("a", vectorOf("f32", vec ? 4 : 1)),
      read("b", vectorOf("f32", areQuads(patches) ? 4 : 1)),
      ...(bias ? [read("bias", "f32")] : []),
      ...store.bindings,
    ],
    numberDecls: [...u32s("n"), ...store.numberDecls],
    declarations: product.declarations + store.declarations,
    workgroupSize: product.threads,
    body,
  };
}

/** Where the sums of blocks are added up: in y, unless it takes what is pooled. */
function blocksOf(text: ImplicitText): "registers" | BlocksInMemory {
  const { call, tile, patches: { layout }, place } = text;
  if (call.pooling) return "registers";
  const { sum, row } = tilePlaces(tile), { lanes } = storeGroups(place)[0]!, plane = place.outW;
  const inside = (l: number) => plane % 4 === 0 ? [] : [`col0 + ${l}u < ${plane}u`];
  const each = (statements: (name: string, parts: readonly BlockPart[]) => string) =>
    range(tile.own[1] / 4).map((q) => {
      const rows = range(tile.own[0]).map((r) => {
        const name = sum(r, q), channel = `(row + ${row(r)})`;
        const parts = range(4, lanes).map((l) => ({
          value: vector("f32", range(lanes).map((k) => `${name}[${l + k}]`)),
          at: `y[((first${q} + ${channel}) * ${plane}u + col0 + ${l}u) / ${lanes}u]`,
          inside: all(`image${q} < u.n`, `${channel} < ${call.weights.results}u`, ...inside(l)),
        }));
        return statements(name, parts);
      });
      return `{ ${quadText(call, tile, layout, q)}\n${rows.join("\n")} }`;
    }).join("\n");
  return {
    add: each((_, parts) =>
      parts.map(({ value, at, inside }) =>
        `if (${inside}) { if (isFirst) { ${at} = ${value}; } else { ${at} += ${value}; } }`
      ).join(" ")
    ),
    take: each((name, parts) => `${name} += ${vectorOf("f32", 4)}(${parts.map(({ at }) => at).join(", ")});`),
  };
}

/** Neighbouring sums of a quad that are stored at once: their value, place in y, and the condition under which they are inside. */
interface BlockPart {
  readonly value: string;
  readonly at: string;
  readonly inside: string;
}

/** Declares where an invocation's quad `q` of places lies: its image, whose channels begin with plane `first`, row and column. */
function quadText({ weights }: Convolution, tile: WorkgroupTile, layout: QuadLayout, q: number): string {
  const { groups, results } = weights;
  return `let place${q} = column / 4u + ${tilePlaces(tile).quad(q)};
  let image${q} = place${q} / ${layout.quads}u;
  let quad${q} = place${q} % ${layout.quads}u;
  let first${q} = image${q} * ${groups * results}u + part * ${results}u;
  ${layout.begin(`quad${q}`)}`;
}

/** Stores an invocation's quad `q` of places for all of its rows, which are result channels. */
function storeQuad({ call, tile, patches: { layout }, store }: ImplicitText, q: number): string {
  const { weights: { results }, bias } = call, { sum, row } = tilePlaces(tile);
  const channel = (from: number, r: string) => {
    const o = `o${r}_${q}`, v = `v${r}_${q}`, at = r === "r" ? "r" : Number(r);
    const value = bias
      ? `${sum(from, q)} + bias[part * ${results}u + min(${o}, ${results - 1}u)]`
      : sum(from, q);
    const stored = store.channel(
      (i, j) => `${v}[${layout.inWindows ? 2 * i + j : j}]`,
      `first${q} + ${o}`,
      all(`image${q} < u.n`, `${o} < ${results}u`),
      `${r}_${q}`,
    );
    return `let ${o} = row + ${row(at)};\nlet ${v} = ${value};\n${stored}`;
  };
  const rows = store.isLong
    ? `for (var r = 0u; r < ${tile.own[0]}u; r++) {
    ${channel(0, "r")}
    ${range(tile.own[0] - 1).map((r) => `${sum(r, q)} = ${sum(r + 1, q)};`).join(" ")}
  }`
    : range(tile.own[0]).map((r) => channel(r, `${r}`)).join("\n");
  return `{
  ${quadText(call, tile, layout, q)}
  ${rows}
  }`;
}

/** Elements from product to product of packed weights: whole vec4s. */
function packedPitch({ results }: WeightShape): number {
  return Math.ceil(results / 4) * 4;
}

/** Packs weights that lie source by source to `[group, source, ky, kx, result]`: a vec4 an invocation. */
function packedWeights(
  { weights, weight }: Convolution,
  adapter: Adapter,
): { storage: Storage; dispatch: Dispatch } | null {
  if (!weights.sourceMajor) return null;
  const { groups, sources, kh, kw } = weights, quads = packedPitch(weights) / 4;
  const storage = new Storage(weight.device, 16 * groups * sources * kh * kw * quads);
  return { storage, dispatch: packWeights(weights, weight, storage, quads, adapter) };
}
