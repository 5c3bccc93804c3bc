/**
 * What reducing operations share: their options, and the sum that undoes broadcasting.
 *
 * @module
 */
import type { Epilogue } from "../kernels/epilogue.ts";
import { reduce, type Reducer } from "../kernels/reduce.ts";
import { empty } from "./create.ts";
import { run } from "./execute.ts";
import { reducedShape, sameShape, sizeOf } from "./shape.ts";
import { fillInto } from "./in_place.ts";
import type { Tensor } from "./tensor.ts";

/** Options of reductions over any dimensions. */
export interface ReduceOptions {
  /** Dimension or dimensions to reduce; all of them if absent. Negative ones count from the end. */
  dim?: number | readonly number[];
  /** Whether reduced dimensions stay, with size 1. */
  keepdim?: boolean;
}

/** Options of reductions over one dimension or everything. */
export interface DimOptions {
  /** Dimension to reduce; everything if absent. Negative ones count from the end. */
  dim?: number;
  /** Whether the reduced dimension stays, with size 1. */
  keepdim?: boolean;
}

/** Adds float32 values up. */
export const SUM: Reducer = {
  name: "sum",
  state: ["float32"],
  init: ["0.0"],
  add: ([s], x) => `${s} += ${x};`,
  merge: ([a], [b]) => `${a} += ${b};`,
  result: 0,
};

/** Adds int32 values up, modulo 2^32. */
export const SUM_INT: Reducer = { ...SUM, name: "sum", state: ["int32"], init: ["0"] };

/** Reduces dimensions `dims` (ascending) of `x` to a new tensor of the reduced shape. */
export function reduceTensor(
  name: string,
  reducer: Reducer,
  x: Tensor,
  dims: readonly number[],
  options: { keepdim?: boolean; epilogue?: Epilogue; empty?: number } = {},
): Tensor {
  const shape = reducedShape(x.shape, dims, options.keepdim ?? false);
  const y = empty(shape, reducer.state[reducer.result]);
  if (y.size === 0) return y;
  if (sizeOf(dims.map((d) => x.shape[d])) === 0) {
    fillInto(y, options.empty ?? 0);
    return y;
  }
  const call = { name, reducer, x: x.storage, dtype: x.dtype, shape: x.shape, dims, y: [y.storage] };
  run({
    name,
    key: options.epilogue ? undefined : `${name} ${reducer.name} ${x.dtype} ${x.shape};${dims}`,
    reads: [call.x, ...options.epilogue?.reads ?? []],
    writes: call.y,
    absorbs: options.epilogue ? undefined : shape,
    lower: (profile, fused) =>
      reduce(
        { ...call, y: fused ? [fused.y] : call.y, epilogue: fused?.epilogue ?? options.epilogue },
        profile,
      ),
  });
  return y;
}

/** Sums `x` over what broadcasting `shape` to it had added: the gradient of broadcasting. */
export function sumTo(x: Tensor, shape: readonly number[]): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const lead = x.shape.length - shape.length;
  const dims = x.shape.map((_, d) => d).filter((d) =>
    d < lead || (shape[d - lead] === 1 && x.shape[d] !== 1)
  );
  return reduceTensor("sum", SUM, x, dims).alias(shape);
}
