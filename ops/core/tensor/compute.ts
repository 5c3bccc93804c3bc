/**
 * Working on views: tensors that stand for others of as many elements, split or broadcast along some dimensions.
 *
 * @module
 */
import { broadcastAccess } from "../../kernels/wgsl/access.ts";
import type { Program } from "../../kernels/wgsl/program.ts";
import { reduce, type ReduceCall, type Reducer } from "../../kernels/reduce.ts";
import type { Value } from "../../kernels/wgsl/source.ts";
import { run, runElementwise } from "../run.ts";
import { sizeOf } from "../shape.ts";
import type { Tensor } from "./tensor.ts";

/** A tensor and the shape in which it is broadcast. */
export type Broadcast = readonly [tensor: Tensor, shape: readonly number[]];

/** Runs a program over tensors that are broadcast to `shape`, into tensors with as many elements as it. */
export function computeInto(
  name: string,
  program: Program,
  shape: readonly number[],
  inputs: readonly Broadcast[],
  outputs: readonly Tensor[],
  params: readonly Value[],
): void {
  if (sizeOf(shape) === 0) return;
  const operand = ([t, own]: Broadcast) => ({ storage: t.storage, access: broadcastAccess(own, shape) });
  runElementwise({
    name,
    shape,
    program,
    params,
    inputs: inputs.map(operand),
    outputs: outputs.map((t) => operand([t, shape])),
  });
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
    lower: (profile, fused) => {
      const [first, ...others] = call.y;
      return reduce({ ...call, y: [fused?.y ?? first, ...others], epilogue: fused?.epilogue }, profile);
    },
  });
}
