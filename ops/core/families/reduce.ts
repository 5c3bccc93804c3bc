/**
 * What reducing operations share: their options, and the sum that undoes broadcasting.
 *
 * @module
 */
import type { Epilogue } from "../../kernels/wgsl/epilogue.ts";
import { reduce, type Reducer, SUM } from "../../kernels/reduce.ts";
import { empty } from "../tensor/create.ts";
import { run } from "../run.ts";
import { reducedShape, sameShape, sizeOf } from "../shape.ts";
import { fillInto } from "../tensor/in_place.ts";
import type { Tensor } from "../tensor/tensor.ts";

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

/** Extremes along a dimension, and where they are. */
export interface ValuesAndIndices {
  /** The values, of the type of the input. */
  values: Tensor;
  /** Their places along the dimension, int32. */
  indices: Tensor;
}

/** What else a reduction takes. */
export interface ReductionSettings {
  readonly keepdim?: boolean;
  /** Elementwise work on the result, float32, before it is stored. */
  readonly epilogue?: Epilogue;
  /** What the epilogue depends on beside the call's name, shape and dimensions, so that the steps can be remembered. */
  readonly epilogueKey?: string;
  /** What a reduction over nothing gives, 0 unless given. */
  readonly empty?: number;
  /** Tensors with one float32 value for each output, which the reducer takes as `kept`. */
  readonly kept?: readonly Tensor[];
}

export { SUM };

/** Adds int32 values up, modulo 2^32. */
export const SUM_INT: Reducer = { ...SUM, name: "sum", state: ["int32"], init: ["0"] };

/** Reduces dimensions `dims` (ascending) of `x` to a new tensor of the reduced shape. */
export function reduceTensor(
  name: string,
  reducer: Reducer,
  x: Tensor,
  dims: readonly number[],
  settings: ReductionSettings = {},
): Tensor {
  return reduceTo(name, reducer, [reducer.result], x, dims, settings)[0];
}

/** Reduces as `reduceTensor` does, and gives every part of the state; an epilogue works on the first. */
export function reduceTensorParts(
  name: string,
  reducer: Reducer,
  x: Tensor,
  dims: readonly number[],
  settings: ReductionSettings = {},
): Tensor[] {
  return reduceTo(name, reducer, reducer.state.map((_, p) => p), x, dims, settings);
}

function reduceTo(
  name: string,
  reducer: Reducer,
  parts: readonly number[],
  x: Tensor,
  dims: readonly number[],
  { keepdim = false, epilogue, epilogueKey, empty: nothing = 0, kept = [] }: ReductionSettings,
): Tensor[] {
  const shape = reducedShape(x.shape, dims, keepdim);
  const results = parts.map((p) => empty(shape, reducer.state[p])), [y] = results;
  if (y.size === 0) return results;
  if (sizeOf(dims.map((d) => x.shape[d])) === 0) {
    for (const t of results) fillInto(t, nothing);
    return results;
  }
  const call = { name, reducer, x: x.storage, dtype: x.dtype, shape: x.shape, dims };
  const remembered = epilogue === undefined || epilogueKey !== undefined;
  // storages, not tensors: a captured step is lowered when those are gone
  const [first, ...others] = results.map((t) => t.storage), keptBy = kept.map((t) => t.storage);
  const key = `${name} ${reducer.name} ${parts} ${x.dtype} ${x.shape};${dims};${epilogueKey}`;
  run({
    name,
    key: remembered ? key : undefined,
    reads: [call.x, ...keptBy, ...epilogue?.reads ?? []],
    writes: [first, ...others],
    absorbs: epilogue || y.dtype !== "float32" ? undefined : shape,
    lower: (profile, fused) =>
      reduce(
        {
          ...call,
          kept: keptBy,
          allStates: others.length > 0,
          y: [fused?.y ?? first, ...others],
          epilogue: fused?.epilogue ?? epilogue,
        },
        profile,
      ),
  });
  return results;
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
