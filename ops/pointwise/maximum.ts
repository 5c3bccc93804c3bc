/**
 * The larger and the smaller of two, with broadcasting; where both are equal, each gets half of the gradient, as in PyTorch.
 *
 * @module
 */
import { defineBinary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { OPERAND } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

const larger = defineBinary({
  name: "maximum",
  forward: {
    float32: "select(b, a, isnanf(a) || !(isnanf(b) || lessf(a, b)))",
    int32: "max(a, b)",
    bool: "a || b",
  },
  gradient: {
    a: "select(select(dy, 0.5 * dy, equalf(a, b)), 0.0, lessf(a, b))",
    b: "select(select(dy, 0.5 * dy, equalf(a, b)), 0.0, lessf(b, a))",
  },
});

const smaller = defineBinary({
  name: "minimum",
  forward: {
    float32: "select(b, a, isnanf(a) || !(isnanf(b) || lessf(b, a)))",
    int32: "min(a, b)",
    bool: "a && b",
  },
  gradient: {
    a: "select(select(dy, 0.5 * dy, equalf(a, b)), 0.0, lessf(b, a))",
    b: "select(select(dy, 0.5 * dy, equalf(a, b)), 0.0, lessf(a, b))",
  },
});

const takesMaximum = signature("apply maximum", { a: OPERAND, b: OPERAND });

/**
 * Takes the larger of two, element by element. NaN wins over all numbers.
 *
 * @param a A tensor, or a number if `b` is a tensor.
 * @param b A tensor whose shape broadcasts with that of `a`, or a number.
 * @returns A tensor of the broadcast shape.
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example Usage
 * ```ts
 * import { maximum, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await maximum(tensor([1, 5]), tensor([3, 2])).toArray(), [3, 5]);
 * ```
 */
export function maximum(a: Tensor | number, b: Tensor | number): Tensor {
  takesMaximum(arguments);
  return larger(a, b);
}

const takesMinimum = signature("apply minimum", { a: OPERAND, b: OPERAND });

/**
 * Takes the smaller of two, element by element. NaN wins over all numbers.
 *
 * @param a A tensor, or a number if `b` is a tensor.
 * @param b A tensor whose shape broadcasts with that of `a`, or a number.
 * @returns A tensor of the broadcast shape.
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example Usage
 * ```ts
 * import { minimum, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await minimum(tensor([1, 5]), tensor([3, 2])).toArray(), [1, 2]);
 * ```
 */
export function minimum(a: Tensor | number, b: Tensor | number): Tensor {
  takesMinimum(arguments);
  return smaller(a, b);
}
