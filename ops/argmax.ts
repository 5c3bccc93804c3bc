/**
 * Places of the largest elements.
 *
 * @module
 */
import { expectDType } from "./core/elementwise.ts";
import { type DimOptions, reduceTensor } from "./core/reduction.ts";
import { normalDims, show, sizeOf } from "./core/shape.ts";
import type { Tensor } from "./core/tensor.ts";
import type { Reducer } from "./kernels/reduce.ts";

/** Keeps the largest value and its place; of equals the first; NaN counts as largest, as in PyTorch. */
const ARGMAX: Reducer = {
  name: "argmax",
  state: ["float32", "int32"],
  init: ["0.0", "-1"],
  add: ([best, at], x, k) =>
    `if (${at} < 0 || ${x} > ${best} || (isnanf(${x}) && !isnanf(${best}))) { ${best} = ${x}; ${at} = ${k}; }`,
  merge: ([a, i], [b, j]) =>
    `if (${j} >= 0 && (${i} < 0 || ${b} > ${a} || (isnanf(${b}) && !isnanf(${a})) || ` +
    `((${a} == ${b} || (isnanf(${a}) && isnanf(${b}))) && ${j} < ${i}))) { ${a} = ${b}; ${i} = ${j}; }`,
  result: 1,
};

/**
 * Finds the place of the largest element, along a dimension or in all of `x`.
 *
 * @param x A tensor of any shape, float32.
 * @param options The dimension, and whether it stays with size 1. Without a dimension places count through all of `x`.
 * @returns Places, int32; of equal elements the first.
 * @throws {RangeError} If the dimension does not exist, or there is nothing to choose from.
 *
 * @example Usage
 * ```ts
 * import { argmax, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await argmax(tensor([[1, 5, 2], [7, 0, 7]]), { dim: 1 }).toArray(), [1, 0]);
 * ```
 */
export function argmax(x: Tensor, options: DimOptions = {}): Tensor {
  expectDType("argmax", x, "float32");
  const dims = normalDims("argmax", options.dim, x.shape.length);
  if (sizeOf(dims.map((d) => x.shape[d])) === 0) {
    throw new RangeError(
      `Cannot apply argmax as there must be elements to choose from: x has shape ${show(x.shape)}`,
    );
  }
  return reduceTensor("argmax", ARGMAX, x, dims, options);
}
