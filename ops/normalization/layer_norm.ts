/**
 * Layer normalisation (Ba, Kiros and Hinton, 2016): each example is brought to mean 0 and variance 1, then scaled and
 * shifted.
 *
 * `y = (x - mean) / sqrt(var + eps) * weight + bias`, mean and biased variance over the last dimensions.
 *
 * @module
 */
import { normalize, normalizeNothing } from "../core/families/normalize.ts";
import { statisticsOf } from "../core/families/statistics.ts";
import { sameShape, show } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { either, EPS, required, SHAPE, whole } from "../core/kinds.ts";

/** Options of {@linkcode layerNorm}. */
export interface LayerNormOptions {
  /** Sizes of the last dimensions, over which mean and variance are taken; a number for the last one alone. */
  normalizedShape: number | readonly number[];
  /** Factor of each element, of shape `normalizedShape`; 1 unless given. */
  weight?: Tensor | undefined;
  /** What is added to each element, of shape `normalizedShape`; 0 unless given. */
  bias?: Tensor | undefined;
  /** Added to the variance, so that nothing is divided by 0; 1e-5 unless given. */
  eps?: number | undefined;
}

const takes = signature<LayerNormOptions>("apply layerNorm", { x: FLOAT_TENSOR }, {
  normalizedShape: required(either(whole(0), SHAPE)),
  weight: FLOAT_TENSOR,
  bias: FLOAT_TENSOR,
  eps: EPS,
}, "normalizedShape");

/**
 * Normalises over the last dimensions.
 *
 * @param x `[…, ...normalizedShape]`, float32.
 * @param options The sizes of the last dimensions, weight and bias, eps. `normalizedShape` may stand alone.
 * @returns A tensor of the same shape.
 * @throws {RangeError} If shapes do not fit.
 *
 * @example Usage
 * ```ts
 * import { layerNorm, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const y = layerNorm(tensor([[1, 3], [20, 40]]), { normalizedShape: 2, eps: 0 });
 * assertEquals(await y.toArray(), [[-1, 1], [-1, 1]]);
 * ```
 */
export function layerNorm(x: Tensor, options: LayerNormOptions | readonly number[]): Tensor {
  options = takes(arguments);
  const { normalizedShape, weight = null, bias = null, eps = 1e-5 } = options;
  const last = typeof normalizedShape === "number" ? [normalizedShape] : normalizedShape;
  check(x, last, options);
  if (x.size === 0) return normalizeNothing("layerNorm", x, weight, bias);
  const lead = x.shape.length - last.length;
  const shapes = {
    shape: x.shape,
    stats: x.shape.map((size, d) => (d < lead ? size : 1)),
    affine: x.shape.map((size, d) => (d < lead ? 1 : size)),
  };
  const stats = statisticsOf("layerNorm", x, shapes.shape, shapes.stats, eps);
  const y = normalize("layerNorm", x, shapes, stats, { weight, bias, own: true });
  stats.mean.dispose();
  stats.inverse.dispose();
  return y;
}

function check(x: Tensor, last: readonly number[], { weight, bias }: LayerNormOptions): void {
  const shapes = `normalizedShape ${show(last)}, x has shape ${show(x.shape)}`;
  if (last.length === 0 || !sameShape(x.shape.slice(-last.length), last)) {
    throw new RangeError(`Cannot apply layerNorm as normalizedShape must be the last sizes of x: ${shapes}`);
  }
  for (const [what, t] of Object.entries({ weight, bias })) {
    if (!t || sameShape(t.shape, last)) continue;
    throw new RangeError(
      `Cannot apply layerNorm as ${what} must have the normalized shape: it has ${show(t.shape)}, ${shapes}`,
    );
  }
}
