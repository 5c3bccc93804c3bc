/**
 * Running products, `y_k = x_0 x_1 … x_k` along a dimension.
 *
 * Gradient: element j is in all products from j on, so it gets the sum of `dy_k y_k / x_j` over them.
 * Where a row has a zero, what comes behind has no gradient but through the zero itself: with the zero
 * left out the products go on up to the next one.
 *
 * @module
 */
import { rowsOf } from "../kernels/rows.ts";
import { differentiable } from "../core/autograd/autograd.ts";
import { type Scan, scan, SUMS } from "../core/families/scan.ts";
import { programOf } from "../kernels/wgsl/program.ts";
import { DIM, required } from "../core/kinds.ts";
import { normalDim } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { cast, compute } from "../core/tensor/compute.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

const PRODUCTS: Scan = { first: { float32: "1.0", int32: "1" }, join: (a, b) => `(${a} * ${b})` };

/** 1 at a zero, to be counted. */
const IS_ZERO = programOf({
  name: "is_zero",
  args: [["x", "float32"]],
  result: "int32",
  body: "select(0, 1, x == 0.0)",
});
/** The element, or 1 in the place of the first zero. */
const OTHER = programOf({
  name: "other",
  args: [["x", "float32"], ["zeros", "int32"]],
  result: "float32",
  body: "select(x, 1.0, x == 0.0 && zeros == 1)",
});
/** What a product passes on while `zeros` zeros came: those before the first, or from the first to the second. */
const SHARE = programOf({
  name: "share",
  args: [["dy", "float32"], ["y", "float32"], ["zeros", "int32"], ["wanted", "int32"]],
  result: "float32",
  body: "select(0.0, dy * y, zeros == wanted)",
}, 1);
const TOGETHER = programOf({
  name: "cumprod_gradient",
  args: [["x", "float32"], ["before", "float32"], ["at", "float32"], ["zeros", "int32"]],
  result: "float32",
  body: "if (zeros == 0) { return before / x; } return select(0.0, at, zeros == 1 && x == 0.0);",
});

function gradient(dy: Tensor, x: Tensor, dim: number): Tensor {
  const rows = rowsOf(x.shape, dim), name = "cumprod gradient", { shape } = x;
  const zeros = scan(name, compute(name, IS_ZERO, shape, [x], [], "int32"), rows, SUMS);
  const products = scan(name, compute(name, OTHER, shape, [x, zeros], [], "float32"), rows, PRODUCTS);
  const sums = (wanted: number) => {
    const shares = compute(name, SHARE, shape, [dy, products, zeros], [wanted], "float32");
    return scan(name, shares, rows, { ...SUMS, reversed: true });
  };
  return compute(name, TOGETHER, shape, [x, sums(0), sums(1), zeros], [], "float32");
}

const takes = signature<{ dim: number }>("apply cumprod", { x: TENSOR }, { dim: required(DIM) }, "dim");

/**
 * Multiplies the elements along a dimension up to each of them.
 *
 * @param x A tensor of any shape; booleans are taken as int32.
 * @param options The dimension; negative ones count from the end. `dim` may stand alone.
 * @returns A tensor of the same shape: float32, or int32.
 * @throws {RangeError} If the dimension does not exist.
 *
 * @example Usage
 * ```ts
 * import { cumprod, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await cumprod(tensor([2, 3, 4]), 0).toArray(), [2, 6, 24]);
 * ```
 */
export function cumprod(x: Tensor, options: { dim: number } | number): Tensor {
  options = takes(arguments);
  const dim = normalDim("cumprod", options.dim, x.shape.length), rows = rowsOf(x.shape, dim);
  if (x.dtype !== "float32") return scan("cumprod", cast(x, "int32"), rows, PRODUCTS);
  return differentiable("cumprod", scan("cumprod", x, rows, PRODUCTS), [x], {
    saved: [x],
    gradient: (dy, [x]) => [gradient(dy, x, dim)],
  });
}
