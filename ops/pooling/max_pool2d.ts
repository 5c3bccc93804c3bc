/**
 * Max pooling over images.
 *
 * Of equal values in a window the first counts, and a NaN wins, as in PyTorch. The gradient goes to the place of the
 * maximum: `dx_i` is the sum of dy over the windows whose maximum is at i.
 *
 * @module
 */
import { maxPool2dForward, maxPool2dGradient } from "../kernels/pool2d/pool2d.ts";
import type { Pool2dGeometry } from "../kernels/pool2d/windows.ts";
import { differentiable } from "../core/autograd/autograd.ts";
import { poolingByTwos, poolWindow } from "../core/families/pool_window.ts";
import { run } from "../core/run.ts";
import type { Pair } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { empty } from "../core/tensor/create.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import { storageOf } from "../core/tensor/internals.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { BOOLEAN, required, wholeOrTwo } from "../core/kinds.ts";

/** Options of {@linkcode maxPool2d}. */
export interface MaxPool2dOptions {
  /** Height and width of the window; a number for both. */
  kernelSize: number | Pair;
  /** Step of the window; the window's size unless given. */
  stride?: number | Pair;
  /** Places of minus infinity on each side, 0 unless given; at most half the window. */
  padding?: number | Pair;
  /** Distance of the window's elements, 1 unless given. */
  dilation?: number | Pair;
  /** Whether a last, incomplete window counts, false unless given. */
  ceilMode?: boolean;
  /** Whether the places of the maxima are returned too. */
  returnIndices?: boolean;
}

/** Maxima, and where they are. */
export interface MaxPool2dResult {
  /** The maxima, `[n, c, h', w']`. */
  values: Tensor;
  /** Their places in the `h × w` plane, row-major, int32 `[n, c, h', w']`. */
  indices: Tensor;
}

const takes = signature<MaxPool2dOptions>("apply maxPool2d", { x: FLOAT_TENSOR }, {
  kernelSize: required(wholeOrTwo(1)),
  stride: wholeOrTwo(1),
  padding: wholeOrTwo(0),
  dilation: wholeOrTwo(1),
  ceilMode: BOOLEAN,
  returnIndices: BOOLEAN,
}, "kernelSize");

/**
 * Takes the largest value of each window, and its place.
 *
 * @param x Images `[n, c, h, w]`, float32.
 * @param options The window, with `returnIndices: true`.
 * @returns Maxima and places.
 */
export function maxPool2d(x: Tensor, options: MaxPool2dOptions & { returnIndices: true }): MaxPool2dResult;
/**
 * Takes the largest value of each window.
 *
 * @param x Images `[n, c, h, w]`, float32.
 * @param options The window. `kernelSize` may stand alone.
 * @returns `[n, c, h', w']`.
 * @throws {RangeError} If x has another rank, or the window does not fit.
 *
 * @example Usage
 * ```ts
 * import { maxPool2d, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([[[[1, 2], [4, 3]]]]);
 * assertEquals(await maxPool2d(x, { kernelSize: 2 }).toArray(), [[[[4]]]]);
 * ```
 */
export function maxPool2d(x: Tensor, options: MaxPool2dOptions | number | Pair): Tensor;
export function maxPool2d(x: Tensor, options: MaxPool2dOptions | number | Pair): Tensor | MaxPool2dResult {
  options = takes(arguments);
  const window = poolWindow("maxPool2d", x, options);
  const shape = [window.n, window.c, window.outH, window.outW];
  const values = empty(shape);
  // Places are only worth their memory where somebody wants them.
  const indices = options.returnIndices || x.requiresGrad ? empty(shape, "int32") : null;
  if (values.size > 0) forward(x, values, indices, window);
  differentiable<Tensor[]>("maxPool2d", values, [x], {
    saved: indices ? [indices] : [],
    gradient: (dy, [indices]) => [gradient(dy, indices!, x.shape, window)], // it is there where x learns
  });
  if (options.returnIndices) return { values, indices: indices! };
  indices?.dispose(); // autograd holds on to it
  return values;
}

function forward(x: Tensor, y: Tensor, indices: Tensor | null, geometry: Pool2dGeometry): void {
  const data = { x: storageOf(x), indices: indices ? storageOf(indices) : null, geometry };
  run({
    name: "maxPool2d",
    reads: [data.x],
    writes: data.indices ? [storageOf(y), data.indices] : [storageOf(y)],
    data,
    lower: maxPool2dForward,
    absorbs: { shape: y.shape },
    pooling: poolingByTwos("max", x, y, indices, geometry),
  });
}

function gradient(dy: Tensor, indices: Tensor, shape: readonly number[], geometry: Pool2dGeometry): Tensor {
  const dx = empty(shape);
  if (dx.size === 0) return dx;
  const data = { dy: storageOf(dy), indices: storageOf(indices), geometry };
  run({
    name: "maxPool2d gradient",
    reads: [data.dy, data.indices],
    writes: [storageOf(dx)],
    data,
    lower: maxPool2dGradient,
    absorbs: { shape },
  });
  return dx;
}
