/**
 * Comparisons, with broadcasting. Equality has a file of its own.
 *
 * @module
 */
import { defineBinary, type Forward } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { OPERAND } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

function comparison(name: string, forward: Forward): ReturnType<typeof defineBinary> {
  return defineBinary({ name, forward, result: "bool" });
}

const unequal = comparison("ne", { float32: "!equalf(a, b)", int32: "a != b", bool: "a != b" });
const less = comparison("lt", { float32: "lessf(a, b)", int32: "a < b", bool: "!a && b" });
const lessOrEqual = comparison("le", {
  float32: "lessf(a, b) || equalf(a, b)",
  int32: "a <= b",
  bool: "!a || b",
});
const greater = comparison("gt", { float32: "lessf(b, a)", int32: "a > b", bool: "a && !b" });
const greaterOrEqual = comparison("ge", {
  float32: "lessf(b, a) || equalf(a, b)",
  int32: "a >= b",
  bool: "a || !b",
});

const takesNe = signature("apply ne", { a: OPERAND, b: OPERAND });

/**
 * Compares element by element: true where the first is not equal to the second. NaN equals nothing.
 *
 * @param a A tensor, or a number if `b` is a tensor.
 * @param b A tensor whose shape broadcasts with that of `a`, or a number.
 * @returns A bool tensor of the broadcast shape.
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example Usage
 * ```ts
 * import { ne, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await ne(tensor([1, 2, 3]), 2).toArray(), [true, false, true]);
 * ```
 */
export function ne(a: Tensor | number, b: Tensor | number): Tensor {
  takesNe(arguments);
  return unequal(a, b);
}

const takesLt = signature("apply lt", { a: OPERAND, b: OPERAND });

/**
 * Compares element by element: true where the first is less than the second. NaN is neither less nor greater than anything.
 *
 * @param a A tensor, or a number if `b` is a tensor.
 * @param b A tensor whose shape broadcasts with that of `a`, or a number.
 * @returns A bool tensor of the broadcast shape.
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example Usage
 * ```ts
 * import { lt, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await lt(tensor([1, 2, 3]), 2).toArray(), [true, false, false]);
 * ```
 */
export function lt(a: Tensor | number, b: Tensor | number): Tensor {
  takesLt(arguments);
  return less(a, b);
}

const takesLe = signature("apply le", { a: OPERAND, b: OPERAND });

/**
 * Compares element by element: true where the first is at most the second. NaN is neither less nor greater than anything.
 *
 * @param a A tensor, or a number if `b` is a tensor.
 * @param b A tensor whose shape broadcasts with that of `a`, or a number.
 * @returns A bool tensor of the broadcast shape.
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example Usage
 * ```ts
 * import { le, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await le(tensor([1, 2, 3]), 2).toArray(), [true, true, false]);
 * ```
 */
export function le(a: Tensor | number, b: Tensor | number): Tensor {
  takesLe(arguments);
  return lessOrEqual(a, b);
}

const takesGt = signature("apply gt", { a: OPERAND, b: OPERAND });

/**
 * Compares element by element: true where the first is greater than the second. NaN is neither less nor greater than anything.
 *
 * @param a A tensor, or a number if `b` is a tensor.
 * @param b A tensor whose shape broadcasts with that of `a`, or a number.
 * @returns A bool tensor of the broadcast shape.
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example Usage
 * ```ts
 * import { gt, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await gt(tensor([1, 2, 3]), 2).toArray(), [false, false, true]);
 * ```
 */
export function gt(a: Tensor | number, b: Tensor | number): Tensor {
  takesGt(arguments);
  return greater(a, b);
}

const takesGe = signature("apply ge", { a: OPERAND, b: OPERAND });

/**
 * Compares element by element: true where the first is at least the second. NaN is neither less nor greater than anything.
 *
 * @param a A tensor, or a number if `b` is a tensor.
 * @param b A tensor whose shape broadcasts with that of `a`, or a number.
 * @returns A bool tensor of the broadcast shape.
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example Usage
 * ```ts
 * import { ge, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await ge(tensor([1, 2, 3]), 2).toArray(), [false, true, true]);
 * ```
 */
export function ge(a: Tensor | number, b: Tensor | number): Tensor {
  takesGe(arguments);
  return greaterOrEqual(a, b);
}
