/**
 * Two-dimensional transposed convolution: what conv2d's gradient does to dy, as an operation of its own.
 *
 * Each element of x adds its window times the kernel to y:
 * `y[n, o, i s + p d - pad, j s + q d - pad] += x[n, c, i, j] weight[c, o, p, q]` over the channels c of o's group, with
 * stride s and dilation d. Forward is conv2d's input gradient, dx a conv2d of dy, and dw conv2d's weight gradient with x
 * and dy in each other's place.
 *
 * @module
 */
import type { Conv2dGeometry } from "../kernels/conv2d/geometry.ts";
import { differentiable } from "../core/autograd/autograd.ts";
import { convolve, inputGradient, weightGradient } from "../core/families/conv2d.ts";
import { expectCountable } from "../core/families/pool_window.ts";
import { reduceTensor, SUM } from "../core/families/reduce.ts";
import { eachOf, type Pair, pair, show, type Sizes4 } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { checkKernel, geometryOf } from "./_check_kernel.ts";
import { whole, wholeOrTwo } from "../core/kinds.ts";

/** Options of {@linkcode convTranspose2d}. */
export interface ConvTranspose2dOptions {
  /** Added to every channel of the output, `[out]`. */
  bias?: Tensor | undefined;
  /** Distance of neighbouring windows in the output, 1 unless given. */
  stride?: number | Pair | undefined;
  /** What is cut off on each side of the output, 0 unless given. */
  padding?: number | Pair | undefined;
  /** What is added to the output below and on the right, 0 unless given; less than stride or dilation. */
  outputPadding?: number | Pair | undefined;
  /** Distance of the window's elements, 1 unless given. */
  dilation?: number | Pair | undefined;
  /** Into how many groups the channels fall, 1 unless given. */
  groups?: number | undefined;
}

const takes = signature<ConvTranspose2dOptions>("apply convTranspose2d", {
  x: FLOAT_TENSOR,
  weight: FLOAT_TENSOR,
}, {
  bias: FLOAT_TENSOR,
  stride: wholeOrTwo(1),
  padding: wholeOrTwo(0),
  dilation: wholeOrTwo(1),
  groups: whole(1),
  outputPadding: wholeOrTwo(0),
});

/**
 * Spreads images with kernels: the shapes of a conv2d the other way round.
 *
 * @param x Images `[n, c, h, w]`, float32.
 * @param weight Kernels `[c, out / groups, kh, kw]`, float32.
 * @param options Bias, stride, padding, output padding, dilation, groups.
 * @returns `[n, out, h', w']` with `h' = (h - 1) stride - 2 padding + dilation (kh - 1) + outputPadding + 1`.
 * @throws {RangeError} If ranks, channels or sizes do not fit.
 *
 * @example Usage
 * ```ts
 * import { convTranspose2d, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const y = convTranspose2d(tensor([[[[1, 2]]]]), tensor([[[[1, 10]]]]));
 * assertEquals(await y.toArray(), [[[[1, 12, 20]]]]);
 * ```
 */
export function convTranspose2d(x: Tensor, weight: Tensor, options: ConvTranspose2dOptions = {}): Tensor {
  takes(arguments);
  const { bias = null } = options, geometry = check(x, weight, options);
  const y = inputGradient("convTranspose2d", x, weight, bias, geometry);
  return differentiable("convTranspose2d", y, [x, weight, bias], {
    saved: [x, weight],
    gradient: (dy, [x, weight], needs) => [
      needs[0] ? convolve("convTranspose2d dx", dy, weight, null, geometry) : null,
      needs[1] ? weightGradient("convTranspose2d dw", dy, x, false, geometry)[0] : null,
      needs[2] ? reduceTensor("convTranspose2d db", SUM, dy, [0, 2, 3]) : null,
    ],
  });
}

/** The geometry of the conv2d that goes from y to x. */
function check(x: Tensor, weight: Tensor, options: ConvTranspose2dOptions): Conv2dGeometry {
  const op = "convTranspose2d", kernel = checkKernel(op, x, weight, options);
  const { n, c, kh, kw, strideH, strideW, dilationH, dilationW } = kernel,
    [, , outH, outW] = x.shape as Sizes4;
  const padding = pair(options.padding ?? 0);
  const extra = pair(options.outputPadding ?? 0);
  const stride: Pair = [strideH, strideW], dilation: Pair = [dilationH, dilationW];
  if (extra.some((e, d) => e >= Math.max(stride[d]!, dilation[d]!))) {
    throw new RangeError(
      `Cannot apply ${op} as outputPadding must be less than stride or dilation: outputPadding ${
        show(extra)
      }, stride ${show(stride)}, dilation ${show(dilation)}`,
    );
  }
  const [h, w] = eachOf(
    [outH, outW],
    (size, d) =>
      (size - 1) * stride[d] - 2 * padding[d] + dilation[d] * ((d === 0 ? kh : kw) - 1) + extra[d] + 1,
  );
  if ([...x.shape.slice(1), ...weight.shape.slice(1), h, w].some((size) => size < 1)) {
    throw new RangeError(
      `Cannot apply ${op} as there must be something to spread and room for it: the output would be ${
        show([n, c, h, w])
      }, weight ${show(weight.shape)}, x has shape ${show(x.shape)}`,
    );
  }
  expectCountable(op, h, kh, strideH, 2 * padding[0], dilationH);
  expectCountable(op, w, kw, strideW, 2 * padding[1], dilationW);
  return geometryOf(kernel, { h, w, padTop: padding[0], padLeft: padding[1], outH, outW });
}
