/**
 * Clamping to an interval; the gradient passes within it and at its bounds, as in PyTorch.
 *
 * @module
 */
import { converted, defineElementwise, promote } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { NUMBER } from "../core/kinds.ts";

/** Options of {@linkcode clamp}: at least one of the two. */
export interface ClampOptions {
  /** The least that a value may be. */
  min?: number;
  /** The greatest that a value may be; where it is less than `min`, it is what every value becomes. */
  max?: number;
}

/** Where there is no bound. */
const NONE = { float32: [-Infinity, Infinity], int32: [-(2 ** 31), 2 ** 31 - 1] } as const;

const op = defineElementwise({
  name: "clamp",
  inputs: ["x"],
  numbers: ["low", "high"],
  forward: {
    float32: "let y = select(x, low, lessf(x, low)); return select(y, high, lessf(high, y));",
    int32: "min(max(x, low), high)",
  },
  gradient: { x: "select(0.0, dy, x >= low && x <= high && !isnanf(x))" },
});

const takes = signature<ClampOptions>("apply clamp", { x: TENSOR }, { min: NUMBER, max: NUMBER });

/**
 * Sets every element of `x` that lies outside an interval to its nearer bound. NaN stays NaN.
 *
 * @param x A tensor of any shape; booleans are taken as int32.
 * @param options The bounds. One that is no whole number makes integers float32.
 * @returns A tensor of the same shape.
 * @throws {RangeError} If a bound is NaN.
 * @throws {TypeError} If neither bound is given.
 *
 * @example Usage
 * ```ts
 * import { clamp, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([-3, 0.5, 4]);
 * assertEquals(await clamp(x, { min: -1, max: 1 }).toArray(), [-1, 0.5, 1]);
 * assertEquals(await clamp(x, { min: 0 }).toArray(), [0, 0.5, 4]);
 * ```
 */
export function clamp(x: Tensor, options: ClampOptions): Tensor {
  takes(arguments);
  return clamped("clamp", x, options);
}

const takesClip = signature<ClampOptions>("apply clip", { x: TENSOR }, { min: NUMBER, max: NUMBER });

/**
 * Does what {@linkcode clamp} does, under its other name.
 *
 * @param x A tensor of any shape; booleans are taken as int32.
 * @param options The bounds. One that is no whole number makes integers float32.
 * @returns A tensor of the same shape.
 * @throws {RangeError} If a bound is NaN.
 * @throws {TypeError} If neither bound is given.
 *
 * @example Usage
 * ```ts
 * import { clip, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await clip(tensor([-3, 0.5]), { min: -1 }).toArray(), [-1, 0.5]);
 * ```
 */
export function clip(x: Tensor, options: ClampOptions): Tensor {
  takesClip(arguments);
  return clamped("clip", x, options);
}

function clamped(name: string, x: Tensor, options: ClampOptions): Tensor {
  const { min, max } = options ?? {}, given = [min, max].filter((v) => v !== undefined);
  if (given.length === 0) {
    throw new TypeError(`Cannot apply ${name} as min or max must be given: neither is`);
  }
  if (given.some(Number.isNaN)) {
    throw new RangeError(`Cannot apply ${name} as bounds must be numbers: ${given.join(" and ")}`);
  }
  const dtype = given.some((v) => promote(name, x, v) === "float32") ? "float32" : "int32";
  const low = min ?? NONE[dtype][0], high = max ?? NONE[dtype][1];
  return converted(dtype, [x], (operands) => op(operands, [low, high], dtype));
}
