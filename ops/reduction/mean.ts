/**
 * Means over dimensions.
 *
 * @module
 */
import { pick } from "../kernels/pick.ts";
import { floatFunction, programOf } from "../kernels/wgsl/program.ts";
import { differentiable } from "../core/autograd/autograd.ts";
import { type ReduceOptions, reduceTensor, SUM } from "../core/families/reduce.ts";
import { normalDims, reducedShape, sizeOf } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { compute } from "../core/tensor/compute.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import { aliasOf } from "../core/tensor/internals.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { BOOLEAN, DIMS } from "../core/kinds.ts";

const divide = programOf(floatFunction("divide", ["x", "n"], "x / n"), 1);

const takes = signature<ReduceOptions>(
  "apply mean",
  { x: FLOAT_TENSOR },
  { dim: DIMS, keepdim: BOOLEAN },
  "dim",
);

/**
 * Takes the mean of `x` over some dimensions, or over all.
 *
 * @param x A tensor of any shape, float32.
 * @param options Which dimensions, and whether they stay with size 1. `dim` may stand alone.
 * @returns The means; `[]` if everything is averaged. The mean of nothing is NaN.
 * @throws {RangeError} If a dimension does not exist or repeats.
 *
 * @example Usage
 * ```ts
 * import { mean, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await mean(tensor([[1, 2], [3, 6]]), { dim: 1 }).toArray(), [1.5, 4.5]);
 * ```
 */
export function mean(x: Tensor, options: ReduceOptions | number | readonly number[] = {}): Tensor {
  options = takes(arguments);
  const dims = normalDims("mean", options.dim, x.shape.length);
  const n = sizeOf(pick(x.shape, dims));
  const y = reduceTensor("mean", SUM, x, dims, {
    keepdim: options.keepdim,
    epilogue: { program: divide, numbers: [n] },
    empty: NaN,
  });
  return differentiable("mean", y, [x], {
    gradient: (dy) => {
      const kept = aliasOf(dy, reducedShape(x.shape, dims, true));
      return [compute("mean gradient", divide, x.shape, [kept], [n], "float32")];
    },
  });
}
