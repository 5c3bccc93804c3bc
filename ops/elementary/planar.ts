/**
 * Angle and length of a vector in the plane, and the sign of one number on another.
 *
 * @module
 */

import { defineBinary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { OPERAND } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

const atan2Op = defineBinary({
  name: "atan2",
  forward: "atan2f(a, b)",
  gradient: { a: "dy * (b / (a * a + b * b))", b: "dy * (-a / (a * a + b * b))" },
  promotes: true,
});

const hypotOp = defineBinary({
  name: "hypot",
  forward: "hypotf(a, b)",
  gradient: { a: "dy * (a / y)", b: "dy * (b / y)" },
  promotes: true,
});

const copysignOp = defineBinary({
  name: "copysign",
  forward: "bitcast<f32>((bitcast<u32>(a) & 0x7fffffffu) | (bitcast<u32>(b) & 0x80000000u))",
  gradient: { a: "select(dy * (y / a), 0.0, a == 0.0)", b: "0.0" },
  promotes: true,
});

const takesAtan2 = signature("apply atan2", { a: OPERAND, b: OPERAND });

/**
 * Takes the angle of the vector `(b, a)`, in radians from -π to π; the first operand is the vertical
 * one.
 *
 * @param a A tensor, or a number if `b` is a tensor.
 * @param b A tensor whose shape broadcasts with that of `a`, or a number.
 * @returns A tensor of the broadcast shape.
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example Usage
 * ```ts
 * import { atan2, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await atan2(tensor(1), tensor(-1)).item(), 0.75 * Math.PI, 1e-6);
 * ```
 */
export function atan2(a: Tensor | number, b: Tensor | number): Tensor {
  takesAtan2(arguments);
  return atan2Op(a, b);
}

const takesHypot = signature("apply hypot", { a: OPERAND, b: OPERAND });

/**
 * Takes the square root of `a² + b²`, also where the squares would be too large for float32.
 *
 * @param a A tensor, or a number if `b` is a tensor.
 * @param b A tensor whose shape broadcasts with that of `a`, or a number.
 * @returns A tensor of the broadcast shape.
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example Usage
 * ```ts
 * import { hypot, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await hypot(tensor([3, 3e30]), tensor([4, 4e30])).toArray(), [5, Math.fround(5e30)]);
 * ```
 */
export function hypot(a: Tensor | number, b: Tensor | number): Tensor {
  takesHypot(arguments);
  return hypotOp(a, b);
}

const takesCopysign = signature("apply copysign", { a: OPERAND, b: OPERAND });

/**
 * Gives every element of `a` the sign of `b`, that of 0 too.
 *
 * @param a A tensor, or a number if `b` is a tensor.
 * @param b A tensor whose shape broadcasts with that of `a`, or a number.
 * @returns A tensor of the broadcast shape.
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example Usage
 * ```ts
 * import { copysign, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await copysign(tensor([1, -2]), tensor([-0, 3])).toArray(), [-1, 2]);
 * ```
 */
export function copysign(a: Tensor | number, b: Tensor | number): Tensor {
  takesCopysign(arguments);
  return copysignOp(a, b);
}
