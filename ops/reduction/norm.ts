/**
 * Vector norms, `y = (sum_i |x_i|^p)^(1 / p)`; the largest or smallest `|x_i|` for p of ± infinity, and the number of
 * elements that are not 0 for p = 0.
 *
 * Gradient: `dx = dy sign(x) (|x| / y)^(p - 1)`, 0 where y is 0. For infinite p it is divided evenly among the elements
 * whose size is y.
 *
 * @module
 */
import type { Reducer } from "../kernels/reduce.ts";
import { floatFunction, programOf } from "../kernels/wgsl/program.ts";
import { differentiable } from "../core/autograd/autograd.ts";
import { evenGradient, type Extreme, extremeValue } from "../core/families/extremes.ts";
import { type ReduceOptions, reduceTensor, SUM } from "../core/families/reduce.ts";
import { normalDims, reducedShape } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { compute } from "../core/tensor/compute.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import { aliasOf } from "../core/tensor/internals.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { BOOLEAN, DIMS, NUMBER } from "../core/kinds.ts";

/** Options of {@linkcode norm}. */
export interface NormOptions extends ReduceOptions {
  /** Exponent of the norm, 2 unless given; 0 and ± infinity too. */
  p?: number;
}

const SIGN = "select(select(0.0, -1.0, x < 0.0), 1.0, x > 0.0)";

/** How a norm is computed. Of its texts only the last kind's name p, and 1 / p as `q`: they are numbers of the dispatch. */
interface NormKind {
  readonly reducer: Reducer;
  /** WGSL that makes the norm of the sum `x`. */
  readonly finish?: string;
  /** WGSL of the gradient of `dy`, `x` and `y`. */
  readonly gradient?: string;
  /** Whether the texts name p. */
  readonly isGeneral?: boolean;
}

function summing(name: string, term: (x: string) => string): Reducer {
  return { ...SUM, name, add: ([s], x) => `${s} += ${term(x)};` };
}

function largest(which: Extreme): Reducer {
  const base = extremeValue(which, "float32");
  return { ...base, name: `${which} size`, add: (s, x, ...rest) => base.add(s, `abs(${x})`, ...rest) };
}

const COUNT: NormKind = { reducer: summing("count", (x) => `select(1.0, 0.0, ${x} == 0.0)`) };
const SIZES: NormKind = { reducer: summing("sizes", (x) => `abs(${x})`), gradient: `dy * ${SIGN}` };
const SQUARES: NormKind = {
  reducer: summing("squares", (x) => `${x} * ${x}`),
  finish: "sqrt(x)",
  gradient: "select(dy * (x / y), 0.0, y == 0.0)",
};
const LARGEST: NormKind = { reducer: largest("max") }, SMALLEST: NormKind = { reducer: largest("min") };
const POWERS: NormKind = {
  reducer: {
    ...SUM,
    name: "powers",
    sums: "heavy",
    numberNames: ["power"],
    add: ([s], x) => `${s} += powf(abs(${x}), u.power);`,
  },
  finish: "powf(x, q)",
  // below 1 the slope at 0 is infinite: PyTorch takes 0
  gradient: `select(dy * ${SIGN} * powf(abs(x) / y, p - 1.0), 0.0, y == 0.0 || (p < 1.0 && x == 0.0))`,
  isGeneral: true,
};

/** Whether float32 can hold a number, or what it rounds to. */
function isFinite32(v: number): boolean {
  return Number.isFinite(Math.fround(v));
}

function kindOf(p: number): NormKind {
  if (!isFinite32(p)) return p > 0 ? LARGEST : SMALLEST;
  return p === 0 ? COUNT : p === 1 ? SIZES : p === 2 ? SQUARES : POWERS;
}

const takes = signature<NormOptions>("apply norm", { x: FLOAT_TENSOR }, {
  p: NUMBER,
  dim: DIMS,
  keepdim: BOOLEAN,
}, ["p", "dim"]);

/**
 * Computes the norm of `x` over some dimensions, or over all, as of one vector.
 *
 * @param x A tensor of any shape, float32.
 * @param options The exponent, which dimensions, and whether they stay with size 1.
 * @returns The norms; `[]` if everything is reduced. Over nothing it is 0.
 * @throws {RangeError} If a dimension does not exist or repeats, or `p` is NaN.
 *
 * @example Usage
 * ```ts
 * import { norm, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([3, -4]);
 * assertAlmostEquals(await norm(x).item(), 5, 1e-6);
 * assertAlmostEquals(await norm(x, { p: Infinity }).item(), 4, 1e-6);
 * ```
 */
export function norm(x: Tensor, options: NormOptions = {}): Tensor {
  takes(arguments);
  const { p = 2, keepdim = false } = options;
  if (Number.isNaN(p)) throw new RangeError("Cannot apply norm as p must be a number: NaN");
  if (p !== 0 && !isFinite32(1 / p)) {
    throw new RangeError(
      `Cannot apply norm as p must be 0, or a number whose inverse float32 can hold: ${p}`,
    );
  }
  const dims = normalDims("norm", options.dim, x.shape.length), kind = kindOf(p);
  const { reducer, finish, gradient, isGeneral = false } = kind;
  const fn = (name: string, args: readonly string[], body: string, number: string) =>
    programOf(floatFunction(name, isGeneral ? [...args, number] : args, body), isGeneral ? 1 : 0);
  const numbers = isGeneral ? [p] : [];
  const epilogue = finish
    ? { program: fn("root", ["x"], finish, "q"), numbers: isGeneral ? [1 / p] : [] }
    : undefined;
  const y = reduceTensor("norm", reducer, x, dims, { keepdim, epilogue, numbers });
  return differentiable("norm", y, [x], {
    saved: [x, y],
    gradient: (dy, [x, y]) => {
      if (p === 0) return [null]; // a count has no slope
      if (!isFinite32(p)) {
        const match = {
          name: "equal size",
          test: (x: string, y: string) => `(abs(${x}) == ${y} || isnanf(${x}))`,
        };
        return [evenGradient("norm", x, y, dy, dims, match, SIGN)];
      }
      const kept = (t: Tensor) => aliasOf(t, reducedShape(x.shape, dims, true));
      const program = fn("norm_gradient", ["dy", "x", "y"], gradient!, "p");
      return [compute("norm gradient", program, x.shape, [kept(dy), x, kept(y)], numbers, "float32")];
    },
  });
}
