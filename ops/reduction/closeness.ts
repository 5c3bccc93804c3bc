/**
 * Whether tensors are equal, or nearly so.
 *
 * @module
 */
import { defineBinary, defineElementwise } from "../core/families/elementwise.ts";
import { signature } from "../core/signature.ts";
import { sameShape } from "../core/shape.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import { Scope } from "../core/scope.ts";
import { cast } from "../core/tensor/compute.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { BOOLEAN, numberFrom } from "../core/kinds.ts";
import { all } from "./any.ts";

/** Options of {@linkcode isclose} and {@linkcode allclose}. */
export interface CloseOptions {
  /** How far numbers may be apart as a share of the second, 1e-5 unless given. */
  rtol?: number;
  /** How far numbers may be apart, 1e-8 unless given. */
  atol?: number;
  /** Whether NaN is close to NaN, false unless given. */
  equalNan?: boolean;
}

const near = defineElementwise({
  name: "isclose",
  inputs: ["a", "b"],
  numbers: ["rtol", "atol", "nans"],
  forward: `if (isnanf(a) || isnanf(b)) { return nans > 0.0 && isnanf(a) && isnanf(b); }
    return a == b || (isfinitef(a) && isfinitef(b) && abs(a - b) <= atol + rtol * abs(b));`,
  result: "bool",
});

const same = defineBinary({
  name: "equal",
  forward: { float32: "equalf(a, b)", int32: "a == b", bool: "a == b" },
  result: "bool",
});

const CLOSE = { rtol: numberFrom(0), atol: numberFrom(0), equalNan: BOOLEAN };
const takesIsclose = signature<CloseOptions>("apply isclose", { a: TENSOR, b: TENSOR }, CLOSE);

/**
 * Says element by element whether two numbers are close: `|a - b| ≤ atol + rtol |b|`. Infinities are
 * close to themselves.
 *
 * @param a A tensor of any type, taken as float32.
 * @param b A tensor whose shape broadcasts with that of `a`.
 * @param options The tolerances, and whether NaN is close to NaN.
 * @returns A bool tensor of the broadcast shape.
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example Usage
 * ```ts
 * import { isclose, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await isclose(tensor([1, 2]), tensor([1.000001, 2.1])).toArray(), [true, false]);
 * ```
 */
export function isclose(a: Tensor, b: Tensor, options: CloseOptions = {}): Tensor {
  takesIsclose(arguments);
  return closeness(a, b, options);
}

function closeness(
  a: Tensor,
  b: Tensor,
  { rtol = 1e-5, atol = 1e-8, equalNan = false }: CloseOptions,
): Tensor {
  return near([cast(a, "float32"), cast(b, "float32")], [rtol, atol, Number(equalNan)]);
}

const takesAllclose = signature<CloseOptions>("apply allclose", { a: TENSOR, b: TENSOR }, CLOSE);

/**
 * Says whether all numbers of two tensors are close. It waits for the GPU: a captured step takes
 * `isclose`.
 *
 * @param a A tensor of any type, taken as float32.
 * @param b A tensor whose shape broadcasts with that of `a`.
 * @param options The tolerances, and whether NaN is close to NaN.
 * @returns Whether they are.
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example Usage
 * ```ts
 * import { allclose, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await allclose(tensor([1, 2]), tensor([1.000001, 2])), true);
 * ```
 */
export async function allclose(a: Tensor, b: Tensor, options: CloseOptions = {}): Promise<boolean> {
  takesAllclose(arguments);
  return await holds(() => closeness(a, b, options));
}

const takesEqual = signature("apply equal", { a: TENSOR, b: TENSOR });

/**
 * Says whether two tensors have one shape and equal elements. NaN equals nothing. It waits for the GPU:
 * a captured step takes `eq`.
 *
 * @param a A tensor of any type.
 * @param b Another one.
 * @returns Whether they are equal.
 *
 * @example Usage
 * ```ts
 * import { equal, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await equal(tensor([1, 2]), tensor([1, 2])), true);
 * ```
 */
export async function equal(a: Tensor, b: Tensor): Promise<boolean> {
  takesEqual(arguments);
  return sameShape(a.shape, b.shape) && await holds(() => same(a, b));
}

/** Whether every element of what `make` makes is true; what is made is freed. */
async function holds(make: () => Tensor): Promise<boolean> {
  const answer = decided(make);
  try {
    return Boolean(await answer.item());
  } finally {
    answer.dispose();
  }
}

function decided(make: () => Tensor): Tensor {
  using inner = new Scope();
  return inner.keep(all(make()));
}
