/**
 * The second pass of a convolution's weight gradient: adds the chunks' partial sums in a fixed order.
 *
 * @module
 */
import type { Dispatch } from "../../../gpu/kernel.ts";
import type { Storage } from "../../../gpu/storage.ts";
import type { Adapter } from "../../adapter.ts";
import type { Conv2dGeometry, Conv2dWeightGradientCall } from "../geometry.ts";
import { blockedSum } from "../../wgsl/blocked_loop.ts";
import { dispatch } from "../../wgsl/source.ts";
import { read, u32s, write } from "../../wgsl/text.ts";
import type { PartialLayout, WeightGradientTile } from "./tiles.ts";

/** Chunks are added up in blocks of blocks. */
const BLOCKS_OF_CHUNKS = [8, 8, 8];

/** Makes the dispatch: an invocation adds one element of `dw`, or behind those one of `db`. */
export function sumChunks(
  call: Conv2dWeightGradientCall,
  tile: WeightGradientTile,
  layout: PartialLayout,
  partial: Storage,
  chunks: number,
  adapter: Adapter,
): Dispatch {
  const { c, oc, kh, kw, groups } = call.geometry, { epilogue, db } = call;
  const weights = oc * (c / groups) * kh * kw, biases = db ? oc : 0;
  const text = epilogue.text(1), done = text.apply(["total"], "id", "");
  const addChunk = (sum: string) => `${sum} += partial[at]; at += ${layout.tiles * layout.sums}u;`;
  const total = { name: "total", type: "f32", turn: addChunk } as const;
  const sum = blockedSum({ at: "chunk", end: "u.chunks", by: "1u" }, BLOCKS_OF_CHUNKS, total);
  const body = `
  let is_bias = id >= ${weights}u;
  ${findSum(call.geometry, tile, layout)}
  var total = 0.0;
  var chunk = 0u;
  ${sum}
  if (id < ${weights}u) {
    ${done.code}
    dw[id] = ${done.values[0]};
  }
  ${db ? `if (is_bias && id < ${weights + biases}u) { db[id - ${weights}u] = total; }` : ""}`;
  return dispatch(
    {
      name: "conv2d dw sum",
      bindings: [
        read("partial", "f32"),
        write("dw", "f32"),
        ...(db ? [write("db", "f32")] : []),
        ...text.bindings,
      ],
      numberDecls: [...u32s("chunks"), ...text.numberDecls],
      declarations: text.functions,
      workgroupSize: adapter.workgroupSize,
      body,
    },
    [partial, call.y, ...(db ? [db] : []), ...epilogue.reads, ...epilogue.writes],
    [chunks, ...epilogue.numbers],
    weights + biases,
    chunks * (weights + biases),
  );
}

/** Declares `at`, where the first chunk has the sum of this invocation's weight or bias. */
function findSum(
  { c, oc, kh, kw, groups }: Conv2dGeometry,
  { results: tileResults, sources: tileSources }: WeightGradientTile,
  { sums, kernelRows, splits, sourceTiles, resultTiles }: PartialLayout,
): string {
  const sources = c / groups, results = oc / groups, weights = oc * sources * kh * kw;
  return `let e = select(id, (id - ${weights}u) * ${sources * kh * kw}u, is_bias);
  let kx = e % ${kw}u;
  let ky = e / ${kw}u % ${kh}u;
  let i = e / ${kh * kw}u % ${sources}u;
  let o = e / ${kh * kw * sources}u % ${results}u;
  let part = e / ${kh * kw * sources * results}u;
  let tile = ((part * ${resultTiles}u + o / ${tileResults}u) * ${sourceTiles}u + i / ${tileSources}u) * ${splits}u + ky / ${kernelRows}u;
  let weight_sum = ((o % ${tileResults}u * ${tileSources}u + i % ${tileSources}u) * ${kernelRows}u + ky % ${kernelRows}u) * ${kw}u + kx;
  let bias_sum = ${tileResults * tileSources * kernelRows * kw}u + o % ${tileResults}u;
  var at = tile * ${sums}u + select(weight_sum, bias_sum, is_bias);`;
}
