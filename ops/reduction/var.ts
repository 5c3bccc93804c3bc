/**
 * Variance and standard deviation, `var = sum_i (x_i - mean)² / (n - 1)`, or `/ n` where it is not unbiased.
 *
 * One pass keeps the mean and the sum of squared deviations so far (Welford), and merges those of parts (Chan, Golub
 * and LeVeque, "Algorithms for computing the sample variance", 1983). The mean is kept as its distance from an element,
 * so that one that is large against the deviation costs no digits. Gradients: `dx = dy 2 (x - mean) / (n - 1)`, and `dx = dy (x - mean) / (y (n - 1))` for
 * the standard deviation y, 0 where y is 0.
 *
 * @module
 */
import { pick } from "../kernels/pick.ts";
import type { Reducer } from "../kernels/reduce.ts";
import { floatFunction, programOf } from "../kernels/wgsl/program.ts";
import { differentiable } from "../core/autograd/autograd.ts";
import { reduceTensorParts } from "../core/families/reduce.ts";
import { normalDims, reducedShape, sizeOf } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { compute } from "../core/tensor/compute.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import { aliasOf } from "../core/tensor/internals.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { BOOLEAN, DIMS } from "../core/kinds.ts";

/** Options of {@linkcode var} and {@linkcode std}. */
export interface VarOptions {
  /** Dimension or dimensions to reduce; all of them if absent. Negative ones count from the end. */
  dim?: number | readonly number[];
  /** Whether to divide by n - 1 rather than n, true unless given. */
  unbiased?: boolean;
  /** Whether reduced dimensions stay, with size 1. */
  keepdim?: boolean;
}

/** The sum of squared deviations, an element of the data, the mean less that element, and the number of elements. */
const MOMENTS: Reducer = {
  name: "moments",
  state: ["float32", "float32", "float32", "float32"],
  init: ["0.0", "0.0", "0.0", "0.0"],
  add: ([squares, shift, mean, n], x) =>
    `if (${n} == 0.0) { ${shift} = ${x}; }
    ${n} += 1.0;
    {
      let v = ${x} - ${shift};
      let d = v - ${mean};
      ${mean} += d / ${n};
      ${squares} += d * (v - ${mean});
    }`,
  merge: ([squares, shift, mean, n], [squares2, shift2, mean2, n2]) =>
    `if (${n} == 0.0) {
      ${squares} = ${squares2}; ${shift} = ${shift2}; ${mean} = ${mean2}; ${n} = ${n2};
    } else if (${n2} > 0.0) {
      let d = (${shift2} - ${shift}) + (${mean2} - ${mean});
      let share = ${n2} / (${n} + ${n2});
      ${squares} += ${squares2} + d * d * ${n} * share;
      ${mean} += d * share;
      ${n} += ${n2};
    }`,
  result: 0,
  sums: "heavy",
};

/** The last argument is what is divided by. */
function program(name: string, tensors: readonly string[], body: string) {
  return programOf(floatFunction(name, [...tensors, "n"], body), 1);
}

const VAR = {
  finish: program("var", ["x"], "x / n"),
  gradient: program(
    "var_gradient",
    ["dy", "x", "shift", "mean", "y"],
    "dy * (2.0 / n) * ((x - shift) - mean)",
  ),
};

const STD = {
  finish: program("std", ["x"], "sqrt(x / n)"),
  gradient: program(
    "std_gradient",
    ["dy", "x", "shift", "mean", "y"],
    "select(dy / y, 0.0, y == 0.0) / n * ((x - shift) - mean)",
  ),
};

function spread(op: "var" | "std", x: Tensor, options: VarOptions): Tensor {
  const { keepdim = false, unbiased = true } = options, { finish, gradient } = op === "var" ? VAR : STD;
  const dims = normalDims(op, options.dim, x.shape.length);
  const divisor = Math.max(sizeOf(pick(x.shape, dims)) - Number(unbiased), 0);
  const [y, shift, mean, n] = reduceTensorParts<[Tensor, Tensor, Tensor, Tensor]>(op, MOMENTS, x, dims, {
    keepdim,
    epilogue: { program: finish, numbers: [divisor] },
    empty: NaN,
  });
  differentiable(op, y, [x], {
    saved: [x, shift, mean, y],
    gradient: (dy, [x, ...small]) => {
      const kept = (t: Tensor) => aliasOf(t, reducedShape(x.shape, dims, true));
      const inputs = [kept(dy), x, ...small.map(kept)];
      return [compute(`${op} gradient`, gradient, x.shape, inputs, [divisor], "float32")];
    },
  });
  for (const t of [shift, mean, n]) t.dispose(); // autograd holds on to what it needs
  return y;
}

const takesVar = signature<VarOptions>("apply var", { x: FLOAT_TENSOR }, {
  dim: DIMS,
  unbiased: BOOLEAN,
  keepdim: BOOLEAN,
}, "dim");

/**
 * Computes the variance of `x` over some dimensions, or over all.
 *
 * @param x A tensor of any shape, float32.
 * @param options Which dimensions, whether to divide by n - 1, and whether they stay with size 1. `dim` may stand
 *   alone.
 * @returns The variances; `[]` if everything is reduced. Of too few elements it is NaN.
 * @throws {RangeError} If a dimension does not exist or repeats.
 *
 * @example Usage
 * ```ts
 * import { openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([[1, 3], [2, 6]]);
 * assertEquals(await x.var({ dim: 1 }).toArray(), [2, 8]);
 * assertEquals(await x.var({ dim: 1, unbiased: false }).toArray(), [1, 4]);
 * ```
 */
function variance(x: Tensor, options: VarOptions | number | readonly number[] = {}): Tensor {
  options = takesVar(arguments);
  return spread("var", x, options);
}

// Editors take the method's documentation from here.
export {
  /**
   * Computes the variance of `x` over some dimensions, or over all.
   *
   * @param options Which dimensions, whether to divide by n - 1, and whether they stay with size 1. `dim` may stand
   *   alone.
   * @returns The variances; `[]` if everything is reduced. Of too few elements it is NaN.
   */
  variance as var,
};

const takesStd = signature<VarOptions>("apply std", { x: FLOAT_TENSOR }, {
  dim: DIMS,
  unbiased: BOOLEAN,
  keepdim: BOOLEAN,
}, "dim");

/**
 * Computes the standard deviation of `x` over some dimensions, or over all.
 *
 * @param x A tensor of any shape, float32.
 * @param options Which dimensions, whether to divide by n - 1, and whether they stay with size 1. `dim` may stand
 *   alone.
 * @returns The standard deviations; `[]` if everything is reduced. Of too few elements it is NaN.
 * @throws {RangeError} If a dimension does not exist or repeats.
 *
 * @example Usage
 * ```ts
 * import { openDevice, std, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await std(tensor([1, 3])).item(), Math.SQRT2, 1e-6);
 * ```
 */
export function std(x: Tensor, options: VarOptions | number | readonly number[] = {}): Tensor {
  options = takesStd(arguments);
  return spread("std", x, options);
}
