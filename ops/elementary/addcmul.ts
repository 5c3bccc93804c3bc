/**
 * A product, or a quotient, that is added to something: the steps of optimisers.
 *
 * @module
 */
import { defineElementwise } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import { NUMBER } from "../core/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

/** Options of {@linkcode addcmul} and {@linkcode addcdiv}. */
export interface AddcOptions {
  /** What the product or quotient is multiplied with, 1 unless given. */
  value?: number;
}

const INPUTS = { x: FLOAT_TENSOR, a: FLOAT_TENSOR, b: FLOAT_TENSOR };

const addcmulOp = defineElementwise({
  name: "addcmul",
  inputs: ["x", "a", "b"],
  numbers: ["value"],
  forward: "x + value * (a * b)",
  gradient: { x: "dy", a: "dy * value * b", b: "dy * value * a" },
});

const addcdivOp = defineElementwise({
  name: "addcdiv",
  inputs: ["x", "a", "b"],
  numbers: ["value"],
  forward: "x + value * (a / b)",
  gradient: { x: "dy", a: "dy * value / b", b: "-dy * value * (a / (b * b))" },
});

const takesAddcmul = signature<AddcOptions>("apply addcmul", INPUTS, { value: NUMBER });

/**
 * Adds a product of two tensors, times a number: `x + value a b`.
 *
 * @param x A tensor, float32.
 * @param a A tensor, float32, that broadcasts with it.
 * @param b A tensor, float32, that broadcasts with both.
 * @param options The factor.
 * @returns A tensor of the broadcast shape.
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example Usage
 * ```ts
 * import { addcmul, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([1, 2]);
 * assertEquals(await addcmul(x, tensor([8, 4]), tensor([2, 2]), { value: 0.5 }).toArray(), [9, 6]);
 * ```
 */
export function addcmul(x: Tensor, a: Tensor, b: Tensor, options: AddcOptions = {}): Tensor {
  takesAddcmul(arguments);
  return addcmulOp([x, a, b], [options.value ?? 1]);
}

const takesAddcdiv = signature<AddcOptions>("apply addcdiv", INPUTS, { value: NUMBER });

/**
 * Adds a quotient of two tensors, times a number: `x + value a / b`.
 *
 * @param x A tensor, float32.
 * @param a A tensor, float32, that broadcasts with it.
 * @param b A tensor, float32, that broadcasts with both.
 * @param options The factor.
 * @returns A tensor of the broadcast shape.
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example Usage
 * ```ts
 * import { addcdiv, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([1, 2]);
 * assertEquals(await addcdiv(x, tensor([8, 4]), tensor([2, 2]), { value: 0.5 }).toArray(), [3, 3]);
 * ```
 */
export function addcdiv(x: Tensor, a: Tensor, b: Tensor, options: AddcOptions = {}): Tensor {
  takesAddcdiv(arguments);
  return addcdivOp([x, a, b], [options.value ?? 1]);
}
