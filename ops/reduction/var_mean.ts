/**
 * Spread and mean at once.
 *
 * @module
 */
import { BOOLEAN, DIMS } from "../core/kinds.ts";
import { signature } from "../core/signature.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { mean } from "./mean.ts";
import { std, var as variance, type VarOptions } from "./var.ts";

const KINDS = { dim: DIMS, unbiased: BOOLEAN, keepdim: BOOLEAN };
const takesVarMean = signature<VarOptions>("apply varMean", { x: FLOAT_TENSOR }, KINDS, "dim");

/**
 * Computes variance and mean of `x` over some dimensions, or over all.
 *
 * @param x A tensor of any shape, float32.
 * @param options Which dimensions, whether to divide by n - 1, and whether they stay with size 1.
 *   `dim` may stand alone.
 * @returns The variances and the means.
 * @throws {RangeError} If a dimension does not exist or is named twice.
 *
 * @example Usage
 * ```ts
 * import { openDevice, tensor, varMean } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const [v, m] = varMean(tensor([1, 3]));
 * assertEquals([await v.item(), await m.item()], [2, 2]);
 * ```
 */
export function varMean(
  x: Tensor,
  options: VarOptions | number | readonly number[] = {},
): [variance: Tensor, mean: Tensor] {
  options = takesVarMean(arguments);
  const { dim, keepdim = false } = options, over = { keepdim, ...dim === undefined ? {} : { dim } };
  return [variance(x, options), mean(x, over)];
}

const takesStdMean = signature<VarOptions>("apply stdMean", { x: FLOAT_TENSOR }, KINDS, "dim");

/**
 * Computes standard deviation and mean of `x` over some dimensions, or over all.
 *
 * @param x A tensor of any shape, float32.
 * @param options Which dimensions, whether to divide by n - 1, and whether they stay with size 1.
 *   `dim` may stand alone.
 * @returns The deviations and the means.
 * @throws {RangeError} If a dimension does not exist or is named twice.
 *
 * @example Usage
 * ```ts
 * import { openDevice, stdMean, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const [s, m] = stdMean(tensor([1, 3]), { unbiased: false });
 * assertEquals([await s.item(), await m.item()], [1, 2]);
 * ```
 */
export function stdMean(
  x: Tensor,
  options: VarOptions | number | readonly number[] = {},
): [std: Tensor, mean: Tensor] {
  options = takesStdMean(arguments);
  const { dim, keepdim = false } = options, over = { keepdim, ...dim === undefined ? {} : { dim } };
  return [std(x, options), mean(x, over)];
}
