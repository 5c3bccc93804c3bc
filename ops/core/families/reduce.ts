/**
 * What reducing operations share: their options, and the sum that undoes broadcasting.
 *
 * @module
 */
import type { Epilogue } from "../../kernels/wgsl/epilogue.ts";
import { reduce, type ReduceCall, type Reducer, SUM } from "../../kernels/reduce.ts";
import { empty } from "../tensor/create.ts";
import { run } from "../run.ts";
import { reducedShape, sameShape, sizeOf } from "../shape.ts";
import { fillInto } from "../tensor/in_place.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Broadcast } from "../tensor/compute.ts";
import { broadcastAccess } from "../../kernels/wgsl/access.ts";

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
    lower: (adapter, fused) =>
      reduce(
        {
          ...call,
          kept: keptBy,
          allStates: others.length > 0,
          y: [fused?.y ?? first, ...others],
          epilogue: fused?.epilogue ?? epilogue,
        },
        adapter,
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

/** A reduction of x, seen as `shape`, to every part of the reducer's state. Nothing may be empty. */
export interface ViewReduction {
  readonly name: string;
  readonly reducer: Reducer;
  readonly x: Tensor;
  /** Further inputs as large as x. */
  readonly more?: readonly Tensor[];
  /** Inputs that are broadcast to `shape`. */
  readonly broadcast?: readonly Broadcast[];
  readonly shape: readonly number[];
  /** Shape of the results: 1 where `shape` is reduced. */
  readonly target: readonly number[];
  readonly y: readonly Tensor[];
}

/** Runs a reduction of a view. */
export function reduceInto({ name, shape, target, x, ...rest }: ViewReduction): void {
  const { reducer, more = [], broadcast = [], y } = rest;
  const call: ReduceCall = {
    name,
    reducer,
    x: x.storage,
    dtype: x.dtype,
    more: more.map((t) => t.storage),
    broadcast: broadcast.map(([t, own]) => ({ storage: t.storage, access: broadcastAccess(own, shape) })),
    shape,
    dims: shape.map((_, d) => d).filter((d) => target[d] === 1),
    y: y.map((t) => t.storage),
    allStates: true,
  };
  run({
    name,
    key: `${name} ${reducer.name} ${shape};${target};${broadcast.map(([, own]) => own).join(";")}`,
    reads: [x, ...more, ...broadcast.map(([t]) => t)].map((t) => t.storage),
    writes: call.y,
    absorbs: y[0].dtype === "float32" ? y[0].shape : undefined,
    lower: (adapter, fused) => {
      const [first, ...others] = call.y;
      return reduce({ ...call, y: [fused?.y ?? first, ...others], epilogue: fused?.epilogue }, adapter);
    },
  });
}
