/**
 * Weights of a convolution in an order of their own, so that what an invocation loads lies together.
 *
 * @module
 */
import type { Dispatch } from "../../gpu/kernel.ts";
import type { Storage } from "../../gpu/storage.ts";
import type { Adapter } from "../adapter.ts";
import { dispatch } from "../wgsl/source.ts";
import { range, read, vector, vectorOf, write } from "../wgsl/text.ts";
import { type WeightShape, weightStrides } from "./geometry.ts";

/** Packs `weight` to `[group, source, ky, kx, result / 4]` of vec4: an invocation gathers one vec4. */
export function packWeights(
  shape: WeightShape,
  weight: Storage,
  packed: Storage,
  quads: number,
  adapter: Adapter,
): Dispatch {
  const { groups, sources, results, kh, kw } = shape, { strideO, strideS } = weightStrides(shape);
  const taps = kh * kw, total = groups * sources * taps * quads;
  const lanes = range(4).map((l) => `w[base + min(o + ${l}u, ${results - 1}u) * ${strideO}u]`);
  return dispatch(
    {
      name: "conv2d pack",
      bindings: [read("w", "f32"), write("packed", vectorOf("f32", 4))],
      numberDecls: [],
      workgroupSize: adapter.workgroupSize,
      body: `
  let o = id % ${quads}u * 4u;
  let tap = id / ${quads}u % ${taps}u;
  let s = id / ${quads * taps}u % ${sources}u;
  let part = id / ${quads * taps * sources}u;
  let base = part * ${sources * results * taps}u + s * ${strideS}u + tap;
  if (id < ${total}u) {
    packed[id] = ${vector("f32", lanes)};
  }`,
    },
    [weight, packed],
    [],
    total,
  );
}
