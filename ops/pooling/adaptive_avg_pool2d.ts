/**
 * Average pooling to a given size.
 *
 * Output j of `out` is the mean of the elements from `floor(j in / out)` to `ceil((j + 1) in / out)`, so that windows
 * differ in size and may overlap where `out` does not divide `in`.
 *
 * @module
 */
import { adaptiveAvgPool2dForward, adaptiveAvgPool2dGradient } from "../kernels/pool2d/pool2d.ts";
import { differentiable } from "../core/autograd/autograd.ts";
import { run } from "../core/run.ts";
import { show, type Sizes4 } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { empty, full } from "../core/tensor/create.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import { storageOf } from "../core/tensor/internals.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { mean } from "../reduction/mean.ts";
import { avgPool2d } from "./avg_pool2d.ts";
import { ADAPTIVE_SIZE } from "./adaptive_size.ts";
import { required } from "../core/kinds.ts";

/** Height and width of what adaptive pooling gives; null keeps that of the input. */
export type AdaptiveSize = number | null | readonly [height: number | null, width: number | null];

const takes = signature<{ outputSize: AdaptiveSize }>("apply adaptiveAvgPool2d", { x: FLOAT_TENSOR }, {
  outputSize: required(ADAPTIVE_SIZE),
}, "outputSize");

/**
 * Takes means over windows that are chosen so that the result has a given size.
 *
 * @param x Images `[n, c, h, w]`, float32.
 * @param options Height and width of the result; a number for both, null for that of `x`. `outputSize` may stand alone.
 * @returns `[n, c, h', w']`.
 * @throws {RangeError} If x has another rank or empty images, the size is not whole, or too large to
 *   count with.
 *
 * @example Usage
 * ```ts
 * import { adaptiveAvgPool2d, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([[[[1, 2, 3], [4, 5, 6]]]]);
 * assertEquals(await adaptiveAvgPool2d(x, { outputSize: 1 }).toArray(), [[[[3.5]]]]);
 * assertEquals(await adaptiveAvgPool2d(x, { outputSize: [1, 2] }).toArray(), [[[[3, 4]]]]);
 * ```
 */
export function adaptiveAvgPool2d(x: Tensor, options: { outputSize: AdaptiveSize } | AdaptiveSize): Tensor {
  options = takes(arguments);
  if (x.shape.length !== 4 || x.shape[2] === 0 || x.shape[3] === 0) {
    throw new RangeError(
      `Cannot apply adaptiveAvgPool2d as x must be images [n, c, h, w] of one element or more: x has shape ${
        show(x.shape)
      }`,
    );
  }
  const [, , h, w] = x.shape as Sizes4, [outH, outW] = outputSizes(options.outputSize, h, w);
  if (outH === 1 && outW === 1) return mean(x, { dim: [2, 3], keepdim: true });
  if (h % outH === 0 && w % outW === 0) return avgPool2d(x, { kernelSize: [h / outH, w / outW] });
  for (const [size, out] of [[h, outH], [w, outW]] as const) {
    if ((size + 1) * (out + 1) + size < 2 ** 31) continue;
    throw new RangeError(
      `Cannot apply adaptiveAvgPool2d as a size times what it becomes must be less than 2^31: ${size} x ${out}`,
    );
  }
  return differentiable("adaptiveAvgPool2d", forward(x, outH, outW), [x], {
    gradient: (dy) => [gradient(dy, x.shape)],
  });
}

function outputSizes(outputSize: AdaptiveSize, h: number, w: number): [number, number] {
  const [outH, outW] = Array.isArray(outputSize) ? outputSize : [outputSize, outputSize];
  return [outH ?? h, outW ?? w];
}

function forward(x: Tensor, outH: number, outW: number): Tensor {
  const [n, c, h, w] = x.shape as Sizes4, geometry = { n, c, h, w, outH, outW };
  const y = empty([n, c, outH, outW]);
  if (y.size === 0) return y;
  run({
    name: "adaptiveAvgPool2d",
    reads: [storageOf(x)],
    writes: [storageOf(y)],
    data: { x: storageOf(x), geometry },
    lower: adaptiveAvgPool2dForward,
    absorbs: { shape: y.shape },
  });
  return y;
}

function gradient(dy: Tensor, shape: readonly number[]): Tensor {
  if (dy.size === 0) return full(shape, 0);
  const [n, c, h, w] = shape as Sizes4,
    [, , outH, outW] = dy.shape as Sizes4,
    geometry = { n, c, h, w, outH, outW };
  const dx = empty(shape);
  run({
    name: "adaptiveAvgPool2d gradient",
    reads: [storageOf(dy)],
    writes: [storageOf(dx)],
    data: { dy: storageOf(dy), geometry },
    lower: adaptiveAvgPool2dGradient,
    absorbs: { shape },
  });
  return dx;
}
