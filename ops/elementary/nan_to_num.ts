/**
 * Numbers in the place of NaN and infinities.
 *
 * @module
 */
import { defineUnary } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import { NUMBER } from "../core/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

/** Options of {@linkcode nanToNum}. */
export interface NanToNumOptions {
  /** What NaN becomes, 0 unless given. */
  nan?: number;
  /** What infinity becomes, the greatest number unless given. */
  posinf?: number;
  /** What -infinity becomes, the least number unless given. */
  neginf?: number;
}

const op = defineUnary({
  name: "nanToNum",
  forward: {
    float32: "if (isfinitef(x)) { return x; } return select(select(low, high, x > 0.0), other, isnanf(x));",
  },
  gradient: "select(0.0, dy, isfinitef(x))",
  numbers: ["other", "high", "low"],
  promotes: true,
});

const GREATEST = 3.4028234663852886e38;

const takes = signature<NanToNumOptions>("apply nanToNum", { x: TENSOR }, {
  nan: NUMBER,
  posinf: NUMBER,
  neginf: NUMBER,
}, "nan");

/**
 * Puts numbers in the place of NaN and of infinities; no gradient flows there.
 *
 * @param x A tensor of any shape; integers and booleans are taken as float32.
 * @param options The numbers. `nan` may stand alone.
 * @returns A tensor of the same shape.
 *
 * @example Usage
 * ```ts
 * import { nanToNum, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([NaN, 1, -Infinity]);
 * assertEquals(await nanToNum(x, { nan: 5, neginf: -1 }).toArray(), [5, 1, -1]);
 * ```
 */
export function nanToNum(x: Tensor, options: NanToNumOptions | number = {}): Tensor {
  options = takes(arguments);
  return op(x, options.nan ?? 0, options.posinf ?? GREATEST, options.neginf ?? -GREATEST);
}
