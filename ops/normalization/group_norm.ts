/**
 * Group normalisation (Wu and He, 2018): in each example, groups of channels are brought to mean 0 and variance 1; then
 * each channel is scaled and shifted.
 *
 * `y = (x - mean) / sqrt(var + eps) * weight + bias`, mean and biased variance over a group's channels and all that
 * follows them.
 *
 * @module
 */
import { normalize, normalizeNothing } from "../core/families/normalize.ts";
import { statisticsOf } from "../core/families/statistics.ts";
import { sameShape, show, sizeOf, type Sizes2 } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { EPS, whole } from "../core/kinds.ts";

/** Options of {@linkcode groupNorm}. */
export interface GroupNormOptions {
  /** Factor of each channel, `[c]`; 1 unless given. */
  weight?: Tensor | undefined;
  /** What is added to each channel, `[c]`; 0 unless given. */
  bias?: Tensor | undefined;
  /** Added to the variance, so that nothing is divided by 0; 1e-5 unless given. */
  eps?: number | undefined;
}

const takes = signature<GroupNormOptions>("apply groupNorm", { x: FLOAT_TENSOR, numGroups: whole(1) }, {
  weight: FLOAT_TENSOR,
  bias: FLOAT_TENSOR,
  eps: EPS,
});

/**
 * Normalises groups of channels, example by example.
 *
 * @param x `[n, c, …]`, float32.
 * @param numGroups Into how many groups the channels fall.
 * @param options Weight and bias, eps.
 * @returns A tensor of the same shape.
 * @throws {RangeError} If shapes do not fit, the groups do not divide the channels, or a batch of one has but one value
 *   in each group.
 *
 * @example Usage
 * ```ts
 * import { groupNorm, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const y = groupNorm(tensor([[1, 3, 20, 40]]), 2, { eps: 0 });
 * assertEquals(await y.toArray(), [[-1, 1, -1, 1]]);
 * ```
 */
export function groupNorm(x: Tensor, numGroups: number, options: GroupNormOptions = {}): Tensor {
  takes(arguments);
  const { weight = null, bias = null, eps = 1e-5 } = options;
  check(x, numGroups, options);
  if (x.size === 0) return normalizeNothing("groupNorm", x, weight, bias);
  const [n, c, ...rest] = x.shape as Sizes2, inner = sizeOf(rest);
  const shapes = {
    shape: [n, numGroups, c / numGroups, inner],
    stats: [n, numGroups, 1, 1],
    affine: [1, numGroups, c / numGroups, 1],
  };
  const stats = statisticsOf("groupNorm", x, shapes.shape, shapes.stats, eps);
  const y = normalize("groupNorm", x, shapes, stats, { weight, bias, own: true });
  stats.mean.dispose();
  stats.inverse.dispose();
  return y;
}

function check(x: Tensor, groups: number, { weight, bias }: GroupNormOptions): void {
  const shapes = `x has shape ${show(x.shape)}`;
  if (x.shape.length < 2) {
    throw new RangeError(`Cannot apply groupNorm as x must be [n, c, …]: ${shapes}`);
  }
  const [n, c, ...rest] = x.shape as Sizes2;
  if (c % groups !== 0) {
    throw new RangeError(
      `Cannot apply groupNorm as numGroups must divide the ${c} channels: ${groups}, ${shapes}`,
    );
  }
  for (const [what, t] of Object.entries({ weight, bias })) {
    if (!t || sameShape(t.shape, [c])) continue;
    throw new RangeError(
      `Cannot apply groupNorm as ${what} must have shape [${c}]: it has ${show(t.shape)}, ${shapes}`,
    );
  }
  if (n * (c / groups) * sizeOf(rest) === 1) {
    throw new RangeError(
      `Cannot apply groupNorm as there must be more than one value for each group: numGroups ${groups}, ${shapes}`,
    );
  }
}
