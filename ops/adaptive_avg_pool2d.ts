/**
 * Average pooling to a given size.
 *
 * Output j of `out` is the mean of the elements from `floor(j in / out)` to `ceil((j + 1) in / out)`, so that windows
 * differ in size and may overlap where `out` does not divide `in`.
 *
 * @module
 */
import { avgPool2d } from "./avg_pool2d.ts";
import { expectDType } from "./core/elementwise.ts";
import { type AxisPlan, resample } from "./core/resample.ts";
import { show } from "./core/shape.ts";
import type { Tensor } from "./core/tensor.ts";
import { mean } from "./mean.ts";

/** Height and width of what adaptive pooling gives; null keeps that of the input. */
export type AdaptiveSize = number | null | readonly [height: number | null, width: number | null];

/**
 * Takes means over windows that are chosen so that the result has a given size.
 *
 * @param x Images `[n, c, h, w]`, float32.
 * @param options Height and width of the result; a number for both, null for that of `x`.
 * @returns `[n, c, h', w']`.
 * @throws {RangeError} If x has another rank or empty images, or the size is not whole.
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
export function adaptiveAvgPool2d(x: Tensor, options: { outputSize: AdaptiveSize }): Tensor {
  expectDType("adaptiveAvgPool2d", x, "float32");
  if (x.shape.length !== 4 || x.shape[2] === 0 || x.shape[3] === 0) {
    throw new RangeError(
      `Cannot apply adaptiveAvgPool2d as x must be images [n, c, h, w] of one element or more: x has shape ${
        show(x.shape)
      }`,
    );
  }
  const [h, w] = x.shape.slice(2), [outH, outW] = outputSizes(options.outputSize, h, w);
  if (outH === 1 && outW === 1) return mean(x, { dim: [2, 3], keepdim: true });
  if (h % outH === 0 && w % outW === 0) return avgPool2d(x, { kernelSize: [h / outH, w / outW] });
  return resample("adaptiveAvgPool2d", x, [plan(h, outH), plan(w, outW)]);
}

function outputSizes(outputSize: AdaptiveSize, h: number, w: number): [number, number] {
  const [outH, outW] = Array.isArray(outputSize) ? outputSize : [outputSize, outputSize];
  const sizes: [number, number] = [outH ?? h, outW ?? w];
  if (sizes.some((size) => !Number.isInteger(size) || size < 0)) {
    throw new RangeError(
      `Cannot apply adaptiveAvgPool2d as outputSize must be a whole number from 0 up or null, or two: ${
        JSON.stringify(outputSize)
      }`,
    );
  }
  return sizes;
}

function plan(from: number, size: number): AxisPlan {
  return {
    key: `mean ${from} ${size}`,
    size,
    axis: () =>
      Array.from({ length: size }, (_, j) => {
        const first = Math.floor(j * from / size), end = Math.ceil((j + 1) * from / size);
        return Array.from(
          { length: end - first },
          (_, k) => ({ place: first + k, weight: 1 / (end - first) }),
        );
      }),
  };
}
