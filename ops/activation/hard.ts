/**
 * Activations of straight pieces: cheap forms of `tanh`, `sigmoid` and `silu`, and the rectifier that
 * ends at 6.
 *
 * @module
 */
import { defineUnary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { NUMBER } from "../core/kinds.ts";

/** Options of {@linkcode hardtanh}. */
export interface HardtanhOptions {
  /** The least value, -1 unless given. */
  minVal?: number;
  /** The greatest value, 1 unless given. */
  maxVal?: number;
}

const between = defineUnary({
  name: "hardtanh",
  forward: "let y = select(x, low, lessf(x, low)); return select(y, high, lessf(high, y));",
  gradient: "select(dy, 0.0, x <= low || x >= high)",
  numbers: ["low", "high"],
});

const hardsigmoidOp = defineUnary({
  name: "hardsigmoid",
  forward: "let y = select(x + 3.0, 0.0, lessf(x, -3.0)); return select(y, 6.0, lessf(3.0, x)) / 6.0;",
  gradient: "select(0.0, dy / 6.0, x > -3.0 && x < 3.0)",
});

const hardswishOp = defineUnary({
  name: "hardswish",
  forward: "let y = select(x + 3.0, 0.0, lessf(x, -3.0)); return x * select(y, 6.0, lessf(3.0, x)) / 6.0;",
  gradient: "select(select(dy * (x / 3.0 + 0.5), dy, x > 3.0), 0.0, x < -3.0)",
});

const takesHardtanh = signature<HardtanhOptions>("apply hardtanh", { x: TENSOR }, {
  minVal: NUMBER,
  maxVal: NUMBER,
});

/**
 * Cuts every element of `x` off at -1 and 1, or at other bounds. No gradient flows from the bounds on.
 *
 * @param x A tensor of any shape, float32.
 * @param options The bounds.
 * @returns A tensor of the same shape.
 * @throws {RangeError} If the bounds are not in order.
 * @throws {TypeError} If `x` is not float32.
 *
 * @example Usage
 * ```ts
 * import { hardtanh, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await hardtanh(tensor([-3, 0.5, 4])).toArray(), [-1, 0.5, 1]);
 * ```
 */
export function hardtanh(x: Tensor, options: HardtanhOptions = {}): Tensor {
  takesHardtanh(arguments);
  return hardtanhOf(x, options);
}

function hardtanhOf(x: Tensor, { minVal = -1, maxVal = 1 }: HardtanhOptions): Tensor {
  if (!(minVal <= maxVal)) {
    throw new RangeError(`Cannot apply hardtanh as minVal must be at most maxVal: ${minVal} and ${maxVal}`);
  }
  return between(x, minVal, maxVal);
}

const takesRelu6 = signature("apply relu6", { x: TENSOR });

/**
 * Sets every negative element of `x` to 0, and what is above 6 to 6.
 *
 * @param x A tensor of any shape, float32.
 * @returns A tensor of the same shape.
 * @throws {TypeError} If `x` is not float32.
 *
 * @example Usage
 * ```ts
 * import { openDevice, relu6, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await relu6(tensor([-3, 0.5, 8])).toArray(), [0, 0.5, 6]);
 * ```
 */
export function relu6(x: Tensor): Tensor {
  takesRelu6(arguments);
  return hardtanh(x, { minVal: 0, maxVal: 6 });
}

const takesHardsigmoid = signature("apply hardsigmoid", { x: TENSOR });

/**
 * Rises from 0 at -3 to 1 at 3: `y = min(max(x + 3, 0), 6) / 6`.
 *
 * @param x A tensor of any shape, float32.
 * @returns A tensor of the same shape.
 * @throws {TypeError} If `x` is not float32.
 *
 * @example Usage
 * ```ts
 * import { hardsigmoid, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await hardsigmoid(tensor([-4, 0, 4])).toArray(), [0, 0.5, 1]);
 * ```
 */
export function hardsigmoid(x: Tensor): Tensor {
  takesHardsigmoid(arguments);
  return hardsigmoidOp(x);
}

const takesHardswish = signature("apply hardswish", { x: TENSOR });

/**
 * Weights every element of `x` with its `hardsigmoid`.
 *
 * @param x A tensor of any shape, float32.
 * @returns A tensor of the same shape.
 * @throws {TypeError} If `x` is not float32.
 *
 * @example Usage
 * ```ts
 * import { hardswish, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await hardswish(tensor([3, 4])).toArray(), [3, 4]);
 * ```
 */
export function hardswish(x: Tensor): Tensor {
  takesHardswish(arguments);
  return hardswishOp(x);
}
