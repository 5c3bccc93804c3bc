/**
 * Indices as rows of zeros with a one.
 *
 * @module
 */
import type { Program } from "../kernels/wgsl/program.ts";
import { signature } from "../core/signature.ts";
import { computeInto } from "../core/tensor/compute.ts";
import { empty } from "../core/tensor/create.ts";
import { tensorOf } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { required, whole } from "../core/kinds.ts";

/** Whether the class that this element stands for is the index. */
const ONE_HOT: Program = {
  inputs: ["int32"],
  numbers: ["int32"],
  steps: [{
    fn: {
      name: "one_hot",
      args: [["x", "int32"], ["n", "int32"], ["classes", "int32"]],
      result: "int32",
      body: "select(0, 1, x == n % classes)",
    },
    args: ["i0", "n", "p0"],
  }],
  outputs: ["s0"],
};

const takes = signature<{ numClasses: number }>("apply oneHot", { x: tensorOf("int32") }, {
  numClasses: required(whole(1)),
}, "numClasses");

/**
 * Makes a row for each index: 1 in its place and 0 elsewhere.
 *
 * @param x Indices, int32, of any shape. One that is not from 0 to `numClasses - 1` makes a row of zeros.
 * @param options How long the rows are. PyTorch's default, one more than the largest index, is not offered, as it would
 *   need the values to be read back. `numClasses` may stand alone.
 * @returns `[…, numClasses]`, int32, with the shape of `x` in front.
 * @throws {RangeError} If `numClasses` is not a whole number from 1 up.
 * @throws {TypeError} If `x` is not int32.
 *
 * @example Usage
 * ```ts
 * import { oneHot, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const labels = tensor([2, 0], { dtype: "int32" });
 * assertEquals(await oneHot(labels, { numClasses: 3 }).toArray(), [[0, 0, 1], [1, 0, 0]]);
 * ```
 */
export function oneHot(x: Tensor, options: { numClasses: number } | number): Tensor {
  options = takes(arguments);
  const { numClasses } = options;
  const shape = [...x.shape, numClasses], y = empty(shape, "int32");
  computeInto("oneHot", ONE_HOT, shape, [[x, [...x.shape, 1]]], [y], [numClasses]);
  return y;
}
