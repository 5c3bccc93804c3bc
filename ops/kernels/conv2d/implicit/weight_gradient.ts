/**
 * A convolution's weight gradient on a GPU as a matrix product: `dy [results, places]` times the patches of x,
 * `[places, sources taps]`, over the places of all planes of the batch.
 *
 * It is a product of the matmul family (chunks of places, whose sums are added up in order) with operands of its own: planes
 * are taken in quads of places, with zeros behind a ragged end. The sums of the rows of dy are the bias's gradient. A group
 * is a product of the batch.
 *
 * @module
 */
import type { Work } from "../../../gpu/work.ts";
import type { Adapter } from "../../adapter.ts";
import { matmulWith } from "../../matmul/matmul.ts";
import type { MatmulPass, MatmulTile } from "../../matmul/pass.ts";
import { read, vectorOf } from "../../wgsl/text.ts";
import type { Conv2dGeometry, Conv2dWeightGradientCall } from "../geometry.ts";
import { weightGradientName } from "../weight_gradient/kernel.ts";
import { gradientBlocks, tapBlocks } from "./patches.ts";

/** Makes the dispatches of a weight gradient with a given tile. */
export function implicitWeightGradient(
  call: Conv2dWeightGradientCall,
  tile: MatmulTile,
  adapter: Adapter,
): Work {
  return matmulWith(gradientPass(call), tile, adapter);
}

/** The gradient as a product whose number of products is the batch's. */
export function gradientPass({ x, dy, y, db, epilogue, geometry: g }: Conv2dWeightGradientCall): MatmulPass {
  const { rows: m, columns: n } = gradientSize(g), vec = g.outH * g.outW % 4 === 0;
  return {
    name: weightGradientName(g),
    a: dy,
    b: x,
    y,
    m,
    n,
    k: g.n * Math.ceil(g.outH * g.outW / 4) * 4,
    transA: true,
    transB: false,
    mVaries: false,
    batches: g.groups,
    batchDims: g.groups > 1 ? [g.groups] : [],
    aStrides: g.groups > 1 ? [0] : [],
    bStrides: g.groups > 1 ? [0] : [],
    bias: null,
    rowSums: db,
    epilogue,
    operands: {
      bindings: [read("a", vectorOf("f32", vec ? 4 : 1)), read("b", "f32")],
      a: gradientBlocks(g, vec),
      b: tapBlocks(g),
    },
    flops: 2 * g.n * g.oc * n * g.outH * g.outW,
  };
}

/** Result channels of a group, and its source channels with their taps. */
export function gradientSize(g: Conv2dGeometry): MatmulTile {
  return { rows: g.oc / g.groups, columns: g.c / g.groups * g.kh * g.kw };
}
