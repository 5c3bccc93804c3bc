/**
 * A value in the place of what does not exceed a threshold.
 *
 * @module
 */
import { defineUnary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { NUMBER, required } from "../core/kinds.ts";

/** Options of {@linkcode threshold}. */
export interface ThresholdOptions {
  /** What an element must exceed to stay. */
  threshold: number;
  /** What others become. */
  value: number;
}

const op = defineUnary({
  name: "threshold",
  forward: "select(x, value, !isnanf(x) && x <= least)",
  gradient: "select(dy, 0.0, !isnanf(x) && x <= least)",
  numbers: ["least", "value"],
});

const takesThreshold = signature<ThresholdOptions>("apply threshold", { x: TENSOR }, {
  threshold: required(NUMBER),
  value: required(NUMBER),
});

/**
 * Keeps every element that exceeds a threshold, and puts a value in the place of the others. NaN stays.
 *
 * @param x A tensor of any shape, float32.
 * @param options The threshold and the value.
 * @returns A tensor of the same shape.
 * @throws {TypeError} If `x` is not float32.
 *
 * @example Usage
 * ```ts
 * import { openDevice, tensor, threshold } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await threshold(tensor([0.1, 0.5]), { threshold: 0.2, value: 9 }).toArray(), [9, 0.5]);
 * ```
 */
export function threshold(x: Tensor, options: ThresholdOptions): Tensor {
  takesThreshold(arguments);
  return op(x, options.threshold, options.value);
}
