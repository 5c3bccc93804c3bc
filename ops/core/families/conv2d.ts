/**
 * The three convolutions, for conv2d and, with their roles changed, convTranspose2d: y from x and weight, dx from dy
 * and weight, dw from x and dy.
 *
 * @module
 */
import { conv2dForward, conv2dInputGradient, conv2dWeightGradient } from "../../kernels/conv2d/conv2d.ts";
import type { Conv2dGeometry } from "../../kernels/conv2d/geometry.ts";
import { run } from "../run.ts";
import { empty } from "../tensor/create.ts";
import { copyInto, fillInto } from "../tensor/in_place.ts";
import { aliasOf, storageOf } from "../tensor/internals.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { sumTo } from "./reduce.ts";

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
    using each = bias && aliasOf(bias, [geometry.oc, 1, 1]);
    if (each) copyInto(y, each);
    else fillInto(y, 0);
    return y;
  }
  const data = { x: storageOf(x), weight: storageOf(weight), bias: bias ? storageOf(bias) : null, geometry };
  run({
    name,
    reads: data.bias ? [data.x, data.weight, data.bias] : [data.x, data.weight],
    writes: [storageOf(y)],
    data,
    lower: conv2dForward,
    absorbs: { shape: y.shape, pooling: true },
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
  const data = {
    dy: storageOf(dy),
    weight: storageOf(weight),
    bias: bias ? storageOf(bias) : null,
    geometry,
  };
  run({
    name,
    reads: data.bias ? [data.dy, data.weight, data.bias] : [data.dy, data.weight],
    writes: [storageOf(dx)],
    data,
    lower: conv2dInputGradient,
    absorbs: { shape: dx.shape },
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
  if (c === 0) return [empty([oc, 0, kh, kw]), withBias ? aliasOf(sumTo(dy, [oc, 1, 1]), [oc]) : null];
  const dw = empty([oc, c / groups, kh, kw]), db = withBias ? empty([oc]) : null;
  if (dy.size === 0) {
    fillInto(dw, 0);
    if (db) fillInto(db, 0);
    return [dw, db];
  }
  const data = { x: storageOf(x), dy: storageOf(dy), db: db ? storageOf(db) : null, geometry };
  run({
    name,
    reads: [data.x, data.dy],
    writes: data.db ? [storageOf(dw), data.db] : [storageOf(dw)],
    data,
    lower: conv2dWeightGradient,
    absorbs: { shape: dw.shape },
  });
  return [dw, db];
}
