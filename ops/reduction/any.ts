/**
 * Whether any element is true, or all are.
 *
 * @module
 */
import { Memo } from "../kernels/memo.ts";
import type { Reducer } from "../kernels/reduce.ts";
import type { DType } from "../kernels/wgsl/dtype.ts";
import { type ReduceOptions, reduceTensor } from "../core/families/reduce.ts";
import { normalDims } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { BOOLEAN, DIMS } from "../core/kinds.ts";

/** WGSL for whether a value is true: all but 0 is, NaN (told by its bits) too. */
function isTrue(dtype: DType, x: string): string {
  if (dtype === "bool") return x;
  return dtype === "int32" ? `${x} != 0` : `(bitcast<u32>(${x}) << 1u) != 0u`;
}

function logic(op: "any" | "all", x: Tensor, options: ReduceOptions): Tensor {
  const dims = normalDims(op, options.dim, x.shape.length), { keepdim } = options;
  return reduceTensor(op, reducerOf(op, x.dtype), x, dims, { keepdim, empty: Number(op === "all") });
}

const reducers = new Memo<Reducer>();

function reducerOf(op: "any" | "all", dtype: DType): Reducer {
  const join = op === "any" ? "||" : "&&";
  return reducers.get([op, dtype], () => ({
    name: op,
    state: ["bool"],
    init: [`${op === "all"}`],
    add: ([s], v) => `${s} = ${s} ${join} (${isTrue(dtype, v)});`,
    merge: ([a], [b]) => `${a} = ${a} ${join} ${b};`,
    result: 0,
  }));
}

const takesAny = signature<ReduceOptions>("apply any", { x: TENSOR }, { dim: DIMS, keepdim: BOOLEAN }, "dim");

/**
 * Tells whether any element is true, over some dimensions or over all.
 *
 * @param x A tensor of any shape and type; all but 0 is true.
 * @param options Which dimensions, and whether they stay with size 1. `dim` may stand alone.
 * @returns Bool; `[]` if everything is reduced. Of nothing it is false.
 * @throws {RangeError} If a dimension does not exist or repeats.
 *
 * @example Usage
 * ```ts
 * import { any, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await any(tensor([[true, false], [false, false]]), { dim: 1 }).toArray(), [true, false]);
 * ```
 */
export function any(x: Tensor, options: ReduceOptions | number | readonly number[] = {}): Tensor {
  options = takesAny(arguments);
  return logic("any", x, options);
}

const takesAll = signature<ReduceOptions>("apply all", { x: TENSOR }, { dim: DIMS, keepdim: BOOLEAN }, "dim");

/**
 * Tells whether all elements are true, over some dimensions or over all.
 *
 * @param x A tensor of any shape and type; all but 0 is true.
 * @param options Which dimensions, and whether they stay with size 1. `dim` may stand alone.
 * @returns Bool; `[]` if everything is reduced. Of nothing it is true.
 * @throws {RangeError} If a dimension does not exist or repeats.
 *
 * @example Usage
 * ```ts
 * import { all, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await all(tensor([[true, false], [true, true]]), { dim: 1 }).toArray(), [false, true]);
 * ```
 */
export function all(x: Tensor, options: ReduceOptions | number | readonly number[] = {}): Tensor {
  options = takesAll(arguments);
  return logic("all", x, options);
}
