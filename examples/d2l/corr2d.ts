/**
 * The book's cross-correlation.
 *
 * @module
 */
import { conv2d, type Tensor } from "../../mod.ts";

/**
 * Slides a kernel over a matrix: `y[i, j]` is the sum of the products of `K` and the part of `X` that begins at `[i, j]`.
 *
 * @param X `[h, w]`.
 * @param K `[kh, kw]`.
 * @returns `[h - kh + 1, w - kw + 1]`, with gradients to both.
 */
export function corr2d(X: Tensor, K: Tensor): Tensor {
  const [h, w] = X.shape as [number, number], [kh, kw] = K.shape as [number, number];
  if (X.shape.length !== 2 || K.shape.length !== 2) {
    throw new RangeError(`Cannot apply corr2d as X and K must be matrices: [${X.shape}] and [${K.shape}]`);
  }
  return conv2d(X.reshape([1, 1, h, w]), K.reshape([1, 1, kh, kw])).reshape([h - kh + 1, w - kw + 1]);
}
