/**
 * The three convolutions, for conv2d and, with their roles changed, convTranspose2d: y from x and weight, dx from dy
 * and weight, dw from x and dy.
 *
 * @module
 */
import { conv2dForward, conv2dInputGradient } from "../../kernels/conv2d/conv2d.ts";
import type { Conv2dGeometry } from "../../kernels/conv2d/geometry.ts";
import { conv2dWeightGradient } from "../../kernels/conv2d/conv2d.ts";
import { IDENTITY } from "../../kernels/wgsl/epilogue.ts";
import { empty } from "../tensor/create.ts";
import { run } from "../run.ts";
import { copyInto, fillInto } from "../tensor/in_place.ts";
import { sumTo } from "./reduce.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** `y = conv2d(x, weight) + bias`. */
export function convolve(
  name: string,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  geometry: Conv2dGeometry,
): Tensor {
  const y = empty([geometry.n, geometry.oc, geometry.outH, geometry.outW]);
  if (y.size === 0) return y;
  if (x.size === 0) { // no channels: there is nothing but the bias
    using each = bias?.alias([geometry.oc, 1, 1]);
    if (each) copyInto(y, each);
    else fillInto(y, 0);
    return y;
  }
  const call = { x: x.storage, weight: weight.storage, bias: bias?.storage ?? null, y: y.storage, geometry };
  run({
    name,
    key: `${name} ${Object.values(geometry)}`,
    reads: call.bias ? [call.x, call.weight, call.bias] : [call.x, call.weight],
    writes: [call.y],
    absorbs: y.shape,
    absorbsPooling: true,
    lower: (adapter, fused) => conv2dForward({ epilogue: IDENTITY, ...call, ...fused }, adapter),
  });
  return y;
}

/** The gradient in x, with `bias [c]` added if there is one. */
export function inputGradient(
  name: string,
  dy: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  geometry: Conv2dGeometry,
): Tensor {
  const dx = empty([geometry.n, geometry.c, geometry.h, geometry.w]);
  if (dx.size === 0) return dx;
  if (dy.size === 0) {
    fillInto(dx, 0);
    return dx;
  }
  const call = {
    dy: dy.storage,
    weight: weight.storage,
    bias: bias?.storage ?? null,
    dx: dx.storage,
    geometry,
  };
  run({
    name,
    key: `${name} ${Object.values(geometry)}`,
    reads: call.bias ? [call.dy, call.weight, call.bias] : [call.dy, call.weight],
    writes: [call.dx],
    absorbs: dx.shape,
    lower: (adapter, fused) =>
      conv2dInputGradient(
        { ...call, dx: fused?.y ?? call.dx, epilogue: fused?.epilogue ?? IDENTITY },
        adapter,
      ),
  });
  return dx;
}

/** The gradient in the weight and, where it is wanted, the sum of dy over all but its channels. */
export function weightGradient(
  name: string,
  x: Tensor,
  dy: Tensor,
  withBias: boolean,
  geometry: Conv2dGeometry,
): [Tensor, Tensor | null] {
  const { oc, c, groups, kh, kw } = geometry;
  if (c === 0) return [empty([oc, 0, kh, kw]), withBias ? sumTo(dy, [oc, 1, 1]).alias([oc]) : null];
  const dw = empty([oc, c / groups, kh, kw]), db = withBias ? empty([oc]) : null;
  if (dy.size === 0) {
    fillInto(dw, 0);
    if (db) fillInto(db, 0);
    return [dw, db];
  }
  const call = { x: x.storage, dy: dy.storage, dw: dw.storage, db: db?.storage ?? null, geometry };
  run({
    name,
    key: `${name} ${Object.values(geometry)}`,
    reads: [call.x, call.dy],
    writes: call.db ? [call.dw, call.db] : [call.dw],
    absorbs: dw.shape,
    lower: (adapter, fused) =>
      conv2dWeightGradient(
        { ...call, dw: fused?.y ?? call.dw, epilogue: fused?.epilogue ?? IDENTITY },
        adapter,
      ),
  });
  return [dw, db];
}
