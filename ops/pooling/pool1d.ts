/**
 * Poolings of sequences: those of images that are one row high, by the same kernels.
 *
 * @module
 */
import { composed } from "../core/composed.ts";
import { BOOLEAN, required, whole } from "../core/kinds.ts";
import { type Pair, show } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { viewAs } from "../shape/view_as.ts";
import { avgPool2d } from "./avg_pool2d.ts";
import { maxPool2d } from "./max_pool2d.ts";

/** Options of {@linkcode maxPool1d}. */
export interface MaxPool1dOptions {
  /** Length of the window. */
  kernelSize: number;
  /** Step of the window; its length unless given. */
  stride?: number;
  /** Places of minus infinity on each side, 0 unless given; at most half the window. */
  padding?: number;
  /** Distance of the window's elements, 1 unless given. */
  dilation?: number;
  /** Whether a last, incomplete window counts, false unless given. */
  ceilMode?: boolean;
}

/** Options of {@linkcode avgPool1d}. */
export interface AvgPool1dOptions {
  /** Length of the window. */
  kernelSize: number;
  /** Step of the window; its length unless given. */
  stride?: number;
  /** Zeros on each side, 0 unless given; at most half the window. */
  padding?: number;
  /** Whether a last, incomplete window counts, false unless given. */
  ceilMode?: boolean;
  /** Whether the zeros of the padding count in the mean, true unless given. */
  countIncludePad?: boolean;
}

const WINDOW = { kernelSize: required(whole(1)), stride: whole(1), padding: whole(0), ceilMode: BOOLEAN };
const takesMax = signature<MaxPool1dOptions>("apply maxPool1d", { x: FLOAT_TENSOR }, {
  ...WINDOW,
  dilation: whole(1),
}, "kernelSize");

/**
 * Takes the largest value of each window of a sequence.
 *
 * @param x Sequences `[n, c, l]`, float32.
 * @param options The window. `kernelSize` may stand alone.
 * @returns `[n, c, l']`.
 * @throws {RangeError} If `x` has another rank, or the window does not fit.
 *
 * @example Usage
 * ```ts
 * import { maxPool1d, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await maxPool1d(tensor([[[1, 3, 2, 0]]]), 2).toArray(), [[[3, 2]]]);
 * ```
 */
export function maxPool1d(x: Tensor, options: MaxPool1dOptions | number): Tensor {
  options = takesMax(arguments);
  const { dilation = 1, ceilMode = false, ...window } = options;
  return ofOneRow(
    "maxPool1d",
    x,
    (x) => maxPool2d(x, { ...inWidth(window), dilation: [1, dilation], ceilMode }),
  );
}

const takesAvg = signature<AvgPool1dOptions>("apply avgPool1d", { x: FLOAT_TENSOR }, {
  ...WINDOW,
  countIncludePad: BOOLEAN,
}, "kernelSize");

/**
 * Takes the mean of each window of a sequence.
 *
 * @param x Sequences `[n, c, l]`, float32.
 * @param options The window. `kernelSize` may stand alone.
 * @returns `[n, c, l']`.
 * @throws {RangeError} If `x` has another rank, or the window does not fit.
 *
 * @example Usage
 * ```ts
 * import { avgPool1d, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await avgPool1d(tensor([[[1, 3, 2, 0]]]), 2).toArray(), [[[2, 1]]]);
 * ```
 */
export function avgPool1d(x: Tensor, options: AvgPool1dOptions | number): Tensor {
  options = takesAvg(arguments);
  const { ceilMode = false, countIncludePad = true, ...window } = options;
  return ofOneRow("avgPool1d", x, (x) => avgPool2d(x, { ...inWidth(window), ceilMode, countIncludePad }));
}

/** The window of a row. */
function inWidth(
  { kernelSize, stride = kernelSize, padding = 0 }: { kernelSize: number; stride?: number; padding?: number },
) {
  const wide = (value: number, height: number): Pair => [height, value];
  return { kernelSize: wide(kernelSize, 1), stride: wide(stride, 1), padding: wide(padding, 0) };
}

function ofOneRow(op: string, x: Tensor, pool: (x: Tensor) => Tensor): Tensor {
  if (x.shape.length !== 3) {
    throw new RangeError(`Cannot apply ${op} as x must be sequences [n, c, l]: x has shape ${show(x.shape)}`);
  }
  return composed(() => {
    const y = pool(viewAs(op, x, [...x.shape.slice(0, 2), 1, x.shape[2]!]));
    return viewAs(op, y, y.shape.toSpliced(2, 1));
  });
}
