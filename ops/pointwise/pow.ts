/**
 * Powers, `y = x^p`, with broadcasting; `dy/dx = p x^(p - 1)`, `dy/dp = y ln x`.
 *
 * @module
 */
import { defineBinary, defineUnary, promote } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { OPERAND } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

const general = defineBinary({
  name: "pow",
  forward: {
    float32: "powf(a, b)",
    int32: /* wgsl */ `
    if (b < 0) { return select(select(0, select(1, -1, (b & 1) == 1), a == -1), 1, a == 1); }
    var y = 1;
    var square = a;
    for (var n = b; n > 0; n >>= 1u) {
      if ((n & 1) == 1) { y *= square; }
      square *= square;
    }
    return y;`,
  },
  gradient: {
    a: "select(dy * (b * powf(a, b - 1.0)), 0.0, b == 0.0)",
    b: "select(dy * (y * logf(a)), 0.0, a == 0.0 && b >= 0.0)",
  },
});

/** WGSL of powers that have a form of their own: the exponents that PyTorch computes without `pow` too. */
const EXACT: Readonly<Record<number, string>> = {
  [-2]: "1.0 / (x * x)",
  [-1]: "1.0 / x",
  [-0.5]: "1.0 / sqrtf(x)",
  0: "1.0",
  0.5: "sqrtf(x)",
  1: "x",
  2: "x * x",
  3: "x * x * x",
};

/** Makes the operation that raises to the number `p`, where `q` is `p - 1`. */
function definePower(p: number): ReturnType<typeof defineUnary> {
  return defineUnary({
    name: "pow",
    forward: EXACT[p] ?? "powf(x, p)",
    gradient: p === 0 ? "0.0" : `dy * (p * (${EXACT[p - 1] ?? "powf(x, q)"}))`,
    numbers: ["p", "q"],
    promotes: true,
  });
}

const anyPower = definePower(NaN);
/** Exponents of which the power or the gradient has a form of its own. */
const exactPowers = new Map(
  Object.keys(EXACT).map(Number).flatMap((p) => [p, p + 1]).map((p) => [p, definePower(p)]),
);

const takes = signature("apply pow", { x: OPERAND, exponent: OPERAND });

/**
 * Raises every element of `x` to a power.
 *
 * @param x A tensor, or a number if `exponent` is a tensor.
 * @param exponent A tensor whose shape broadcasts with that of `x`, or a number. Whole exponents of integers give integers,
 *   where a negative power in a tensor counts as 0 unless the base is 1 or -1.
 * @returns A tensor of the broadcast shape.
 * @throws {RangeError} If the shapes do not broadcast, or the exponent of integers is a negative whole number.
 * @throws {TypeError} If both are bool.
 *
 * @example Usage
 * ```ts
 * import { openDevice, pow, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([1, 2, 3]);
 * assertEquals(await pow(x, 3).toArray(), [1, 8, 27]);
 * assertEquals(await pow(x, tensor([5, 0, 2])).toArray(), [1, 1, 9]);
 * ```
 */
export function pow(x: Tensor | number, exponent: Tensor | number): Tensor {
  takes(arguments);
  if (typeof x === "number" || typeof exponent !== "number") return general(x, exponent);
  if (promote("pow", x, exponent) === "float32") {
    return (exactPowers.get(exponent) ?? anyPower)(x, exponent, exponent - 1);
  }
  if (exponent < 0) {
    throw new RangeError(`Cannot apply pow as integers need an exponent from 0 up: ${exponent}`);
  }
  return general(x, exponent);
}
