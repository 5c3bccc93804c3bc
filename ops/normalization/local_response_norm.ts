/**
 * Normalisations that are made of other operations: over neighbouring channels, over the plane of each
 * channel, by the root of the mean square, and to length 1.
 *
 * @module
 */
import { composed } from "../core/composed.ts";
import type { ReduceOptions } from "../core/families/reduce.ts";
import { DIMS, either, EPS, NUMBER, required, SHAPE, whole } from "../core/kinds.ts";
import { sameShape, show, sizeOf } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { add } from "../pointwise/add.ts";
import { clamp } from "../pointwise/clamp.ts";
import { div } from "../pointwise/div.ts";
import { mul } from "../pointwise/mul.ts";
import { pow } from "../pointwise/pow.ts";
import { rsqrt } from "../pointwise/rsqrt.ts";
import { square } from "../pointwise/square.ts";
import { avgPool2d } from "../pooling/avg_pool2d.ts";
import { mean } from "../reduction/mean.ts";
import { norm } from "../reduction/norm.ts";
import { pad } from "../shape/pad.ts";
import { viewAs } from "../shape/view_as.ts";
import { groupNorm, type GroupNormOptions } from "./group_norm.ts";

/** Options of {@linkcode localResponseNorm}. */
export interface LocalResponseNormOptions {
  /** Factor of the mean square, 1e-4 unless given. */
  alpha?: number;
  /** Power of the divisor, 0.75 unless given. */
  beta?: number;
  /** What is added to the mean square, 1 unless given. */
  k?: number;
}

const takesLocal = signature<LocalResponseNormOptions>("apply localResponseNorm", {
  x: FLOAT_TENSOR,
  size: whole(1),
}, {
  alpha: NUMBER,
  beta: NUMBER,
  k: NUMBER,
});

/**
 * Divides by the squares of neighbouring channels: `x / (k + alpha m)^beta` with the mean square m of
 * `size` channels around, zeros beyond the ends. Krizhevsky et al. (2012), as AlexNet has it.
 *
 * @param x `[n, c, …]`, float32.
 * @param size How many channels.
 * @param options The numbers of the formula.
 * @returns A tensor of the same shape.
 * @throws {RangeError} If `x` has fewer than two dimensions.
 *
 * @example Usage
 * ```ts
 * import { localResponseNorm, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const y = localResponseNorm(tensor([[[2]]]), 1, { alpha: 1, beta: 1, k: 0 });
 * assertEquals(await y.toArray(), [[[0.5]]]);
 * ```
 */
export function localResponseNorm(x: Tensor, size: number, options: LocalResponseNormOptions = {}): Tensor {
  takesLocal(arguments);
  const { alpha = 1e-4, beta = 0.75, k = 1 } = options, [n = 0, c = 0, ...rest] = x.shape;
  if (x.shape.length < 2) {
    throw new RangeError(
      `Cannot apply localResponseNorm as x must be [n, c, …]: x has shape ${show(x.shape)}`,
    );
  }
  if (x.size === 0) return mul(x, 1);
  return composed(() => {
    const planes = viewAs("localResponseNorm", square(x), [n, 1, c, sizeOf(rest)]);
    const around = pad(planes, [0, 0, Math.floor(size / 2), Math.floor((size - 1) / 2)]);
    const means = viewAs(
      "localResponseNorm",
      avgPool2d(around, { kernelSize: [size, 1], stride: 1 }),
      x.shape,
    );
    return div(x, pow(add(mul(means, alpha), k), beta));
  });
}

const takesInstance = signature<GroupNormOptions>("apply instanceNorm", { x: FLOAT_TENSOR }, {
  weight: FLOAT_TENSOR,
  bias: FLOAT_TENSOR,
  eps: EPS,
});

/**
 * Normalises the plane of each channel of each example to mean 0 and variance 1. Ulyanov et al. (arXiv
 * 1607.08022).
 *
 * @param x `[n, c, …]` of three dimensions or more, float32.
 * @param options Factor and summand of each channel, `[c]`, and what is added to the variance.
 * @returns A tensor of the same shape.
 * @throws {RangeError} If a shape does not fit, or a plane has no more than one element.
 *
 * @example Usage
 * ```ts
 * import { instanceNorm, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const y = instanceNorm(tensor([[[1, 3], [10, 30]]]), { eps: 0 });
 * assertEquals(await y.toArray(), [[[-1, 1], [-1, 1]]]);
 * ```
 */
export function instanceNorm(x: Tensor, options: GroupNormOptions = {}): Tensor {
  takesInstance(arguments);
  if (x.shape.length < 3 || (x.size > 0 && sizeOf(x.shape.slice(2)) < 2)) {
    throw new RangeError(
      `Cannot apply instanceNorm as x must be [n, c, …] with planes of several elements: x has shape ${
        show(x.shape)
      }`,
    );
  }
  return groupNorm(x, Math.max(1, x.shape[1]!), options);
}

/** Options of {@linkcode rmsNorm}. */
export interface RmsNormOptions {
  /** Sizes of the last dimensions, over which the mean is taken; a number for the last one alone. */
  normalizedShape: number | readonly number[];
  /** Factor of each element, of shape `normalizedShape`; 1 unless given. */
  weight?: Tensor | undefined;
  /** Added to the mean square; the distance from 1 to the next float32 unless given. */
  eps?: number | undefined;
}

const takesRms = signature<RmsNormOptions>("apply rmsNorm", { x: FLOAT_TENSOR }, {
  normalizedShape: required(either(whole(0), SHAPE)),
  weight: FLOAT_TENSOR,
  eps: EPS,
}, "normalizedShape");

/**
 * Divides by the root of the mean square over the last dimensions. Zhang, Sennrich (arXiv 1910.07467).
 *
 * @param x A tensor of any shape, float32.
 * @param options The last dimensions, and factors. `normalizedShape` may stand alone, as an array.
 * @returns A tensor of the same shape.
 * @throws {RangeError} If `normalizedShape` are not the last sizes of `x`, or `weight` has another
 *   shape.
 *
 * @example Usage
 * ```ts
 * import { openDevice, rmsNorm, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await rmsNorm(tensor([3, 3]), { normalizedShape: 2, eps: 0 }).toArray(), [1, 1]);
 * ```
 */
export function rmsNorm(x: Tensor, options: RmsNormOptions | readonly number[]): Tensor {
  options = takesRms(arguments);
  const { normalizedShape, weight, eps = 2 ** -23 } = options;
  const last = typeof normalizedShape === "number" ? [normalizedShape] : normalizedShape;
  const fits = last.length > 0 && sameShape(x.shape.slice(-last.length), last);
  if (!fits || (weight && !sameShape(weight.shape, last))) {
    throw new RangeError(
      `Cannot apply rmsNorm as normalizedShape must be the last sizes of x, and weight have it: normalizedShape ${
        show(last)
      }, x has shape ${show(x.shape)}${weight ? `, weight ${show(weight.shape)}` : ""}`,
    );
  }
  if (x.size === 0) return mul(x, 1);
  return composed(() => {
    const y = mul(x, rsqrt(add(mean(square(x), { dim: last.map((_, k) => -1 - k), keepdim: true }), eps)));
    return weight ? mul(y, weight) : y;
  });
}

/** Options of {@linkcode normalize}. */
export interface NormalizeOptions {
  /** Exponent of the norm, 2 unless given. */
  p?: number;
  /** Dimension or dimensions of the norm, 1 unless given. */
  dim?: ReduceOptions["dim"];
  /** The least divisor, 1e-12 unless given. */
  eps?: number;
}

const takesNormalize = signature<NormalizeOptions>("apply normalize", { x: FLOAT_TENSOR }, {
  p: NUMBER,
  dim: DIMS,
  eps: EPS,
});

/**
 * Divides by the norm along a dimension, so that it becomes 1: `x / max(norm(x), eps)`.
 *
 * @param x A tensor, float32.
 * @param options Which norm, along which dimension, and the least divisor.
 * @returns A tensor of the same shape.
 * @throws {RangeError} If a dimension does not exist.
 *
 * @example Usage
 * ```ts
 * import { normalize, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await normalize(tensor([[0, 4]])).toArray(), [[0, 1]]);
 * ```
 */
export function normalize(x: Tensor, options: NormalizeOptions = {}): Tensor {
  takesNormalize(arguments);
  const { p = 2, dim = 1, eps = 1e-12 } = options;
  return composed(() => div(x, clamp(norm(x, { p, dim, keepdim: true }), { min: eps })));
}
