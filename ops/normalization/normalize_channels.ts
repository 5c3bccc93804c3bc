/**
 * Batch normalisation of tensors of any rank.
 *
 * @module
 */
import { normalize, type NormalizedShapes, normalizeNothing } from "../core/families/normalize.ts";
import { inverseOf, statisticsOf } from "../core/families/statistics.ts";
import { sameShape, show } from "../core/shape.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import type { BatchNormOptions } from "./batch_norm.ts";

const RANKS = {
  batchNorm1d: { ranks: [2, 3], shape: "[n, c] or [n, c, l]" },
  batchNorm2d: { ranks: [4], shape: "[n, c, h, w]" },
} as const;

/** Normalises channels; with `count`, an int32 scalar, the running statistics are means over so many batches. */
export function normalizeChannels(
  name: keyof typeof RANKS,
  x: Tensor,
  options: BatchNormOptions,
  count: Tensor | null = null,
): Tensor {
  const { runningMean, runningVar, weight = null, bias = null } = options;
  const { training = false, momentum = 0.1, eps = 1e-5 } = options;
  check(name, x, options);
  if (x.size === 0) return normalizeNothing(name, x, weight, bias);
  const channels = x.shape.map((size, d) => (d === 1 ? size : 1));
  const shapes: NormalizedShapes = { shape: x.shape, stats: channels, affine: channels };
  const running = runningMean && runningVar
    ? { mean: runningMean, variance: runningVar, share: count ?? momentum }
    : null;
  const stats = training
    ? statisticsOf(name, x, shapes.shape, shapes.stats, eps, running)
    : { mean: runningMean!, inverse: inverseOf(name, runningVar!, eps) };
  const y = normalize(name, x, shapes, stats, { weight, bias, own: training });
  if (training) stats.mean.dispose();
  stats.inverse.dispose();
  return y;
}

function check(name: keyof typeof RANKS, x: Tensor, options: BatchNormOptions): void {
  const shapes = `x has shape ${show(x.shape)}`, wanted = RANKS[name];
  if (!wanted.ranks.some((rank) => rank === x.shape.length)) {
    throw new RangeError(`Cannot apply ${name} as x must be ${wanted.shape}: ${shapes}`);
  }
  const c = x.shape[1]!, { runningMean, runningVar, weight, bias } = options;
  for (const [what, t] of Object.entries({ runningMean, runningVar, weight, bias })) {
    if (!t || sameShape(t.shape, [c])) continue;
    throw new RangeError(
      `Cannot apply ${name} as ${what} must have shape [${c}]: it has ${show(t.shape)}, ${shapes}`,
    );
  }
  if (!runningMean !== !runningVar || (!options.training && !runningMean)) {
    throw new RangeError(
      `Cannot apply ${name} as runningMean and runningVar must ${
        options.training ? "come together" : "be given in evaluation"
      }: ${shapes}`,
    );
  }
  if (options.training && x.size === c && c > 0) {
    throw new RangeError(
      `Cannot apply ${name} in training as each channel must have more than one value: ${shapes}`,
    );
  }
}
