/**
 * Products.
 *
 * Gradient: `dx_i = dy prod_(j != i) x_j`. With P the product of the elements that are not 0, that is `dy P / x_i` where
 * none is 0, `dy P` at the 0 where there is one, and 0 elsewhere.
 *
 * @module
 */
import type { Reducer } from "../kernels/reduce.ts";
import { programOf } from "../kernels/wgsl/program.ts";
import { differentiable } from "../core/autograd/autograd.ts";
import { type DimOptions, reduceTensor, reduceTensorParts } from "../core/families/reduce.ts";
import { normalDims, reducedShape } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { cast, compute } from "../core/tensor/compute.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import { aliasOf } from "../core/tensor/internals.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { BOOLEAN, DIM } from "../core/kinds.ts";

const PROD: Reducer = {
  name: "prod",
  state: ["float32"],
  init: ["1.0"],
  add: ([p], x) => `${p} *= ${x};`,
  merge: ([a], [b]) => `${a} *= ${b};`,
  result: 0,
};

/** Multiplies int32 values, modulo 2^32. */
const PROD_INT: Reducer = { ...PROD, name: "prod int", state: ["int32"], init: ["1"] };

/** The product of what is not 0, and how many zeros there are. */
const PROD_OF_OTHERS: Reducer = {
  name: "prod of others",
  state: ["float32", "int32"],
  init: ["1.0", "0"],
  add: ([p, zeros], x) => `if (${x} == 0.0) { ${zeros} += 1; } else { ${p} *= ${x}; }`,
  merge: ([a, i], [b, j]) => `${a} *= ${b}; ${i} += ${j};`,
  result: 0,
};

/** Elements beside a 0 get 0, or NaN where 0 is multiplied by infinity. */
const gradient = programOf({
  name: "prod_gradient",
  args: [["dy", "float32"], ["x", "float32"], ["p", "float32"], ["zeros", "int32"]],
  result: "float32",
  body: /* wgsl */ `
    if (zeros == 0) { return dy * (p / x); }
    if (zeros == 1 && x == 0.0) { return dy * p; }
    return select(0.0, nanf(), !isfinitef(p));`,
});

const takes = signature<DimOptions>("apply prod", { x: TENSOR }, { dim: DIM, keepdim: BOOLEAN }, "dim");

/**
 * Multiplies the elements of `x` along a dimension, or all.
 *
 * @param x A tensor of any shape. Integers and booleans give an int32 result.
 * @param options The dimension, and whether it stays with size 1. `dim` may stand alone.
 * @returns The products; `[]` if everything is multiplied. A product of nothing is 1.
 * @throws {RangeError} If the dimension does not exist.
 *
 * @example Usage
 * ```ts
 * import { openDevice, prod, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await prod(tensor([[1, 2], [3, 4]]), { dim: 1 }).toArray(), [2, 12]);
 * ```
 */
export function prod(x: Tensor, options: DimOptions | number = {}): Tensor {
  options = takes(arguments);
  const dims = normalDims("prod", options.dim, x.shape.length);
  const settings = { keepdim: options.keepdim, empty: 1 };
  if (x.dtype !== "float32") return reduceTensor("prod", PROD_INT, cast(x, "int32"), dims, settings);
  return differentiable("prod", reduceTensor("prod", PROD, x, dims, settings), [x], {
    saved: [x],
    gradient: (dy, [x]) => {
      const [product, zeros] = reduceTensorParts<[Tensor, Tensor]>("prod gradient", PROD_OF_OTHERS, x, dims);
      const kept = (t: Tensor) => aliasOf(t, reducedShape(x.shape, dims, true));
      return [
        compute("prod gradient", gradient, x.shape, [kept(dy), x, kept(product), kept(zeros)], [], "float32"),
      ];
    },
  });
}
