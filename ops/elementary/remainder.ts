/**
 * Remainders of a division, exact for numbers of any size; an integer divided by 0 leaves 0.
 *
 * @module
 */

import { defineBinary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { OPERAND } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

const remainderOp = defineBinary({
  name: "remainder",
  forward: {
    float32: "remainderf(a, b)",
    int32: "let r = select(0, a % b, b != 0); return select(r, r + b, r != 0 && (r < 0) != (b < 0));",
  },
  gradient: { a: "dy", b: "-dy * floor(a / b)" },
});

const fmodOp = defineBinary({
  name: "fmod",
  forward: { float32: "fmodf(a, b)", int32: "select(0, a % b, b != 0)" },
  gradient: { a: "dy", b: "-dy * trunc(a / b)" },
});

const takesRemainder = signature("apply remainder", { a: OPERAND, b: OPERAND });

/**
 * Divides element by element and leaves the remainder, with the sign of the divisor, as `%` does in
 * Python.
 *
 * @param a A tensor, or a number if `b` is a tensor.
 * @param b A tensor whose shape broadcasts with that of `a`, or a number.
 * @returns A tensor of the broadcast shape.
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example Usage
 * ```ts
 * import { openDevice, remainder, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await remainder(tensor([-7, 7]), 3).toArray(), [2, 1]);
 * ```
 */
export function remainder(a: Tensor | number, b: Tensor | number): Tensor {
  takesRemainder(arguments);
  return remainderOp(a, b);
}

const takesFmod = signature("apply fmod", { a: OPERAND, b: OPERAND });

/**
 * Divides element by element and leaves the remainder, with the sign of what is divided, as `%` does in
 * JavaScript.
 *
 * @param a A tensor, or a number if `b` is a tensor.
 * @param b A tensor whose shape broadcasts with that of `a`, or a number.
 * @returns A tensor of the broadcast shape.
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example Usage
 * ```ts
 * import { fmod, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await fmod(tensor([-7, 7]), 3).toArray(), [-1, 1]);
 * ```
 */
export function fmod(a: Tensor | number, b: Tensor | number): Tensor {
  takesFmod(arguments);
  return fmodOp(a, b);
}
