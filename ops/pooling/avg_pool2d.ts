/**
 * Average pooling over images. The gradient of a window is spread evenly over what it covers.
 *
 * @module
 */
import { avgPool2dForward, avgPool2dGradient } from "../kernels/pool2d/pool2d.ts";
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
import { BOOLEAN, type Kind, required, wholeOrTwo } from "../core/kinds.ts";

/** Options of {@linkcode avgPool2d}. */
export interface AvgPool2dOptions {
  /** Height and width of the window; a number for both. */
  kernelSize: number | Pair;
  /** Step of the window; the window's size unless given. */
  stride?: number | Pair;
  /** Zeros on each side, 0 unless given; at most half the window. */
  padding?: number | Pair;
  /** Whether a last, incomplete window counts, false unless given. */
  ceilMode?: boolean;
  /** Whether the zeros of the padding count in the mean, true unless given. */
  countIncludePad?: boolean;
  /** What sums are divided by, rather than by the size of the window. */
  divisorOverride?: number | undefined;
}

/** What sums are divided by. */
interface Divisor {
  countIncludePad: boolean;
  divisorOverride: number | undefined;
}

const DIVISOR: Kind = {
  example: "2",
  objection: (v) =>
    Number.isFinite(v) && v !== 0
      ? null
      : { must: "a finite number other than 0", isRange: typeof v === "number" },
};

const takes = signature<AvgPool2dOptions>("apply avgPool2d", { x: FLOAT_TENSOR }, {
  kernelSize: required(wholeOrTwo(1)),
  stride: wholeOrTwo(1),
  padding: wholeOrTwo(0),
  ceilMode: BOOLEAN,
  countIncludePad: BOOLEAN,
  divisorOverride: DIVISOR,
}, "kernelSize");

/**
 * Takes the mean of each window.
 *
 * @param x Images `[n, c, h, w]`, float32.
 * @param options The window, and whether padding counts. `kernelSize` may stand alone.
 * @returns `[n, c, h', w']`.
 * @throws {RangeError} If x has another rank, or the window does not fit.
 *
 * @example Usage
 * ```ts
 * import { avgPool2d, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([[[[1, 2], [4, 5]]]]);
 * assertEquals(await avgPool2d(x, { kernelSize: 2 }).toArray(), [[[[3]]]]);
 * ```
 */
export function avgPool2d(x: Tensor, options: AvgPool2dOptions | number | Pair): Tensor {
  options = takes(arguments);
  const window = poolWindow("avgPool2d", x, { ...options, dilation: 1 });
  const { countIncludePad = true, divisorOverride } = options, divisor = { countIncludePad, divisorOverride };
  const y = empty([window.n, window.c, window.outH, window.outW]);
  if (y.size > 0) forward(x, y, window, divisor);
  return differentiable("avgPool2d", y, [x], {
    gradient: (dy) => [gradient(dy, x.shape, window, divisor)],
  });
}

function forward(x: Tensor, y: Tensor, geometry: Pool2dGeometry, divisor: Divisor): void {
  run({
    name: "avgPool2d",
    reads: [storageOf(x)],
    writes: [storageOf(y)],
    data: { x: storageOf(x), geometry, ...divisor },
    lower: avgPool2dForward,
    absorbs: { shape: y.shape },
    pooling: divisor.divisorOverride === undefined ? poolingByTwos("avg", x, y, null, geometry) : undefined,
  });
}

function gradient(
  dy: Tensor,
  shape: readonly number[],
  geometry: Pool2dGeometry,
  divisor: Divisor,
): Tensor {
  const dx = empty(shape);
  if (dx.size === 0) return dx;
  run({
    name: "avgPool2d gradient",
    reads: [storageOf(dy)],
    writes: [storageOf(dx)],
    data: { dy: storageOf(dy), geometry, ...divisor },
    lower: avgPool2dGradient,
    absorbs: { shape },
  });
  return dx;
}
