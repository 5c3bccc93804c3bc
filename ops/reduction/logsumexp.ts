/**
 * Logarithm of a sum of exponentials, `y = log sum_i e^(x_i)`.
 *
 * The largest element is subtracted first and added to the logarithm, so that no exponential overflows; an infinite one
 * is not subtracted, as infinity minus itself is NaN. Gradient: `dx = dy e^(x - y)`.
 *
 * @module
 */
import type { Reducer } from "../kernels/reduce.ts";
import { floatFunction, programOf } from "../kernels/wgsl/program.ts";
import { differentiable } from "../core/autograd/autograd.ts";
import { extremeValue } from "../core/families/extremes.ts";
import { type ReduceOptions, reduceTensor } from "../core/families/reduce.ts";
import { normalDims, reducedShape } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { cast, compute } from "../core/tensor/compute.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import { aliasOf } from "../core/tensor/internals.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { BOOLEAN, DIMS } from "../core/kinds.ts";

const TOP = extremeValue("max", "float32");

const SUM_OF_EXP: Reducer = {
  name: "sum of exp",
  state: ["float32"],
  init: ["0.0"],
  add: ([s], x, _k, _more, [shift]) => `${s} += expf(${x} - ${shift});`,
  merge: ([a], [b]) => `${a} += ${b};`,
  result: 0,
  sums: "heavy",
};

const finiteOrZero = programOf(floatFunction("finite_or_zero", ["x"], "select(0.0, x, isfinitef(x))"));

const logarithm = programOf(floatFunction("logarithm", ["x", "shift"], "logf(x) + shift"));

const gradient = programOf(floatFunction("logsumexp_gradient", ["dy", "x", "y"], "dy * expf(x - y)"));

const takes = signature<ReduceOptions>(
  "apply logsumexp",
  { x: TENSOR },
  { dim: DIMS, keepdim: BOOLEAN },
  "dim",
);

/**
 * Computes the logarithm of the sum of the exponentials of `x` over some dimensions, or over all.
 *
 * @param x A tensor of any shape; integers and booleans are taken as float32.
 * @param options Which dimensions, and whether they stay with size 1. `dim` may stand alone.
 * @returns The logarithms; `[]` if everything is reduced. Over nothing it is minus infinity.
 * @throws {RangeError} If a dimension does not exist or repeats.
 *
 * @example Usage
 * ```ts
 * import { logsumexp, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await logsumexp(tensor([100, 100])).item(), 100 + Math.LN2, 1e-4);
 * ```
 */
export function logsumexp(x: Tensor, options: ReduceOptions | number | readonly number[] = {}): Tensor {
  options = takes(arguments);
  if (x.dtype !== "float32") {
    using floats = cast(x, "float32");
    return logsumexp(floats, options);
  }
  const dims = normalDims("logsumexp", options.dim, x.shape.length);
  const shift = reduceTensor("logsumexp shift", TOP, x, dims, {
    keepdim: options.keepdim,
    epilogue: { program: finiteOrZero },
  });
  const y = reduceTensor("logsumexp", SUM_OF_EXP, x, dims, {
    keepdim: options.keepdim,
    kept: [shift],
    epilogue: { program: logarithm, inputs: [shift] },
    empty: -Infinity,
  });
  shift.dispose();
  return differentiable("logsumexp", y, [x], {
    saved: [x, y],
    gradient: (dy, [x, y]) => {
      const kept = (t: Tensor) => aliasOf(t, reducedShape(x.shape, dims, true));
      return [compute("logsumexp gradient", gradient, x.shape, [kept(dy), x, kept(y)], [], "float32")];
    },
  });
}
