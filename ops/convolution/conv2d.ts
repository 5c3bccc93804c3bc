/**
 * Two-dimensional convolution of images (cross-correlation, as everywhere in this field).
 *
 * `y[n, o, i, j] = bias[o] + sum over c, p, q of x[n, c, i s + p d - pad, j s + q d - pad] weight[o, c, p, q]`, where c
 * runs over the channels of o's group, s is the stride and d the dilation.
 *
 * @module
 */
import type { Conv2dGeometry } from "../kernels/conv2d/geometry.ts";
import { differentiable } from "../core/autograd/autograd.ts";
import { convolve, inputGradient, weightGradient } from "../core/families/conv2d.ts";
import { expectCountable, outputSize } from "../core/families/pool_window.ts";
import { type Pair, pair, show, type Sizes4 } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { checkKernel, geometryOf } from "./_check_kernel.ts";
import { PADDING } from "./padding.ts";
import { whole, wholeOrTwo } from "../core/kinds.ts";

/** Zeros on each side: a number, one for height and one for width, or a rule. */
export type Padding = number | Pair | "same" | "valid";

/** Options of {@linkcode conv2d}. */
export interface Conv2dOptions {
  /** Added to every channel of the output, `[out]`. */
  bias?: Tensor | undefined;
  /** Step of the window, 1 unless given. */
  stride?: number | Pair | undefined;
  /** Zeros on each side, 0 unless given; "same" keeps the size at stride 1, "valid" adds none. */
  padding?: Padding | undefined;
  /** Distance of the window's elements, 1 unless given. */
  dilation?: number | Pair | undefined;
  /** Into how many groups the channels fall, 1 unless given. */
  groups?: number | undefined;
}

const takes = signature<Conv2dOptions>("apply conv2d", { x: FLOAT_TENSOR, weight: FLOAT_TENSOR }, {
  bias: FLOAT_TENSOR,
  stride: wholeOrTwo(1),
  padding: PADDING,
  dilation: wholeOrTwo(1),
  groups: whole(1),
});

/**
 * Convolves images with kernels.
 *
 * @param x Images `[n, c, h, w]`, float32.
 * @param weight Kernels `[out, c / groups, kh, kw]`, float32.
 * @param options Bias, stride, padding, dilation, groups.
 * @returns `[n, out, h', w']` with `h' = floor((h + padding - dilation (kh - 1) - 1) / stride) + 1`.
 * @throws {RangeError} If ranks, channels or sizes do not fit.
 *
 * @example Usage
 * ```ts
 * import { conv2d, ones, openDevice } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const y = conv2d(ones([1, 1, 3, 3]), ones([1, 1, 2, 2]));
 * assertEquals(await y.toArray(), [[[[4, 4], [4, 4]]]]);
 * ```
 */
export function conv2d(x: Tensor, weight: Tensor, options: Conv2dOptions = {}): Tensor {
  takes(arguments);
  const { bias = null } = options, geometry = check(x, weight, options);
  const y = convolve("conv2d", x, weight, bias, geometry);
  return differentiable("conv2d", y, [x, weight, bias], {
    saved: [x, weight],
    gradient: (dy, [x, weight], needs) => {
      const dx = needs[0] ? inputGradient("conv2d dx", dy, weight, null, geometry) : null;
      const [dw, db] = needs[1] || needs[2]
        ? weightGradient("conv2d dw", x, dy, needs[2]!, geometry)
        : [null, null];
      return [dx, dw, db];
    },
  });
}

function check(x: Tensor, weight: Tensor, options: Conv2dOptions): Conv2dGeometry {
  const kernel = checkKernel("conv2d", x, weight, options), { padding = 0 } = options;
  const { kh, kw, strideH, strideW, dilationH, dilationW } = kernel, [, , h, w] = x.shape as Sizes4;
  const [padTop, padBottom] = sides(padding, 0, kh, dilationH, strideH);
  const [padLeft, padRight] = sides(padding, 1, kw, dilationW, strideW);
  expectCountable("conv2d", h, kh, strideH, padTop + padBottom, dilationH);
  expectCountable("conv2d", w, kw, strideW, padLeft + padRight, dilationW);
  const outH = outputSize(h, kh, strideH, padTop, padBottom, dilationH);
  const outW = outputSize(w, kw, strideW, padLeft, padRight, dilationW);
  if (kh < 1 || kw < 1 || outH < 1 || outW < 1) {
    throw new RangeError(
      `Cannot apply conv2d as the kernel must fit into the padded input: weight ${
        show(weight.shape)
      }, padding ${JSON.stringify(padding)}, dilation ${show([dilationH, dilationW])}, x has shape ${
        show(x.shape)
      }`,
    );
  }
  return geometryOf(kernel, { h, w, padTop, padLeft, outH, outW });
}

/** Zeros before and after along one dimension. What "same" cannot halve goes after, as in PyTorch. */
function sides(
  padding: Padding,
  d: 0 | 1,
  kernel: number,
  dilation: number,
  stride: number,
): [number, number] {
  if (padding === "valid") return [0, 0];
  if (padding === "same") {
    if (stride !== 1) {
      throw new RangeError(`Cannot apply conv2d with padding "same" as the stride must be 1: ${stride}`);
    }
    const total = dilation * (kernel - 1), before = Math.floor(total / 2);
    return [before, total - before];
  }
  const p = pair(padding)[d];
  return [p, p];
}
