/**
 * Logic, with broadcasting: all but 0 is true.
 *
 * @module
 */
import { defineBinary, defineUnary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

const and = defineBinary({ name: "logicalAnd", forward: { bool: "a && b" }, promotes: true });
const or = defineBinary({ name: "logicalOr", forward: { bool: "a || b" }, promotes: true });
const xor = defineBinary({ name: "logicalXor", forward: { bool: "a != b" }, promotes: true });
const not = defineUnary({ name: "logicalNot", forward: { bool: "!x" }, promotes: true });

const takesAnd = signature("apply logicalAnd", { a: TENSOR, b: TENSOR });

/**
 * Says element by element whether both operands are not 0. NaN is not 0.
 *
 * @param a A tensor of any type.
 * @param b A tensor of any type whose shape broadcasts with that of `a`.
 * @returns A bool tensor of the broadcast shape.
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example Usage
 * ```ts
 * import { logicalAnd, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await logicalAnd(tensor([true, false]), tensor([true, true])).toArray(), [true, false]);
 * ```
 */
export function logicalAnd(a: Tensor, b: Tensor): Tensor {
  takesAnd(arguments);
  return and(a, b);
}

const takesOr = signature("apply logicalOr", { a: TENSOR, b: TENSOR });

/**
 * Says element by element whether an operand is not 0. NaN is not 0.
 *
 * @param a A tensor of any type.
 * @param b A tensor of any type whose shape broadcasts with that of `a`.
 * @returns A bool tensor of the broadcast shape.
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example Usage
 * ```ts
 * import { logicalOr, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await logicalOr(tensor([true, false]), tensor([true, true])).toArray(), [true, true]);
 * ```
 */
export function logicalOr(a: Tensor, b: Tensor): Tensor {
  takesOr(arguments);
  return or(a, b);
}

const takesXor = signature("apply logicalXor", { a: TENSOR, b: TENSOR });

/**
 * Says element by element whether just one operand is not 0. NaN is not 0.
 *
 * @param a A tensor of any type.
 * @param b A tensor of any type whose shape broadcasts with that of `a`.
 * @returns A bool tensor of the broadcast shape.
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example Usage
 * ```ts
 * import { logicalXor, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await logicalXor(tensor([true, false]), tensor([true, true])).toArray(), [false, true]);
 * ```
 */
export function logicalXor(a: Tensor, b: Tensor): Tensor {
  takesXor(arguments);
  return xor(a, b);
}

const takesNot = signature("apply logicalNot", { x: TENSOR });

/**
 * Says of every element whether it is 0.
 *
 * @param x A tensor of any shape and type.
 * @returns A bool tensor of the same shape.
 *
 * @example Usage
 * ```ts
 * import { logicalNot, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await logicalNot(tensor([0, 3])).toArray(), [true, false]);
 * ```
 */
export function logicalNot(x: Tensor): Tensor {
  takesNot(arguments);
  return not(x);
}
