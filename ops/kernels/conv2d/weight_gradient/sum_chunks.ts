/**
 * The second pass of a convolution's weight gradient: adds the chunks' partial sums in order.
 *
 * @module
 */
import type { Dispatch } from "../../../gpu/kernel.ts";
import type { Storage } from "../../../gpu/storage.ts";
import type { PartialLayout, WeightGradientTile } from "./tiles.ts";
import type { Conv2dWeightGradientCall } from "../geometry.ts";
import type { Adapter } from "../../adapter.ts";
import { dispatch } from "../../wgsl/source.ts";

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
  const sources = c / groups, results = oc / groups, weights = oc * sources * kh * kw;
  const { sums, kernelRows, splits, sourceTiles, resultTiles } = layout;
  const text = epilogue.text(1), done = text.apply(["total"], "id", "");
  const biases = db ? oc : 0;
  const body = `
  let is_bias = id >= ${weights}u;
  let e = select(id, (id - ${weights}u) * ${sources * kh * kw}u, is_bias);
  let kx = e % ${kw}u;
  let ky = e / ${kw}u % ${kh}u;
  let i = e / ${kh * kw}u % ${sources}u;
  let o = e / ${kh * kw * sources}u % ${results}u;
  let part = e / ${kh * kw * sources * results}u;
  let tile = ((part * ${resultTiles}u + o / ${tile.results}u) * ${sourceTiles}u + i / ${tile.sources}u) * ${splits}u + ky / ${kernelRows}u;
  let weight_sum = ((o % ${tile.results}u * ${tile.sources}u + i % ${tile.sources}u) * ${kernelRows}u + ky % ${kernelRows}u) * ${kw}u + kx;
  let bias_sum = ${tile.results * tile.sources * kernelRows * kw}u + o % ${tile.results}u;
  var at = tile * ${sums}u + select(weight_sum, bias_sum, is_bias);
  var total = 0.0;
  for (var chunk = 0u; chunk < u.chunks; chunk++) {
    total += partial[at];
    at += ${layout.tiles * sums}u;
  }
  if (id < ${weights}u) {
    ${done.code}
    dw[id] = ${done.values[0]};
  }
  ${db ? `if (is_bias && id < ${weights + biases}u) { db[id - ${weights}u] = total; }` : ""}`;
  return dispatch(
    {
      name: "conv2d dw sum",
      bindings: [
        { name: "partial", type: "f32", access: "read" },
        { name: "dw", type: "f32", access: "read_write" },
        ...(db ? [{ name: "db", type: "f32", access: "read_write" } as const] : []),
        ...text.bindings,
      ],
      numbers: [{ name: "chunks", type: "u32" }, ...text.numbers],
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
