/**
 * What reducing operations share: their options, and the sum that undoes broadcasting.
 *
 * @module
 */
import { pick } from "../../kernels/pick.ts";
import type { Work } from "../../gpu/work.ts";
import type { Adapter } from "../../kernels/adapter.ts";
import { type ElementwiseCall, programEpilogue } from "../../kernels/elementwise.ts";
import { reduce, type ReduceCall, type Reducer, SUM } from "../../kernels/reduce.ts";
import type { Program } from "../../kernels/wgsl/program.ts";
import { run } from "../run.ts";
import { reducedShape, sameShape, sizeOf } from "../shape.ts";
import { type Broadcast, operandOf } from "../tensor/compute.ts";
import { empty } from "../tensor/create.ts";
import { fillInto } from "../tensor/in_place.ts";
import { aliasOf, storageOf } from "../tensor/internals.ts";
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

/** Elementwise work on a result, float32, before it is stored. */
export interface ResultProgram {
  /** Its input 0 is the result. */
  readonly program: Program;
  /** Its further inputs, of the shape of the result. */
  readonly inputs?: readonly Tensor[];
  readonly numbers?: readonly number[];
}

/** What else a reduction takes. */
export interface ReductionSettings {
  readonly keepdim?: boolean | undefined;
  /** The shape in which `x` is seen, its own unless given. */
  readonly shape?: readonly number[] | undefined;
  /** Further float32 inputs as large as `x`. */
  readonly more?: readonly Tensor[] | undefined;
  /** Further float32 inputs that are broadcast to the shape. */
  readonly broadcast?: readonly Broadcast[] | undefined;
  /** Tensors with one float32 value for each output, which the reducer takes as `kept`. */
  readonly kept?: readonly Tensor[] | undefined;
  /** What the reducer's numbers are. */
  readonly numbers?: readonly number[] | undefined;
  /** Work on the first result. */
  readonly epilogue?: ResultProgram | undefined;
  /** What a reduction over nothing gives, 0 unless given. */
  readonly empty?: number | undefined;
}

export { SUM };

/** Adds int32 values up, modulo 2^32. */
export const SUM_INT: Reducer = { ...SUM, name: "sum", state: ["int32"], init: ["0"], sums: undefined };

/** Reduces dimensions `dims` (ascending) of `x` to a new tensor of the reduced shape. */
export function reduceTensor(
  name: string,
  reducer: Reducer,
  x: Tensor,
  dims: readonly number[],
  settings: ReductionSettings = {},
): Tensor {
  return reduceTo(name, reducer, [reducer.result], x, dims, settings)[0]!;
}

/** Reduces as `reduceTensor` does, and gives every part of the state: as many as the reducer has, which the caller says. */
export function reduceTensorParts<Parts extends readonly Tensor[]>(
  name: string,
  reducer: Reducer,
  x: Tensor,
  dims: readonly number[],
  settings: ReductionSettings = {},
): Parts {
  return reduceTo(
    name,
    reducer,
    reducer.state.map((_, p) => p),
    x,
    dims,
    settings,
  ) as readonly Tensor[] as Parts;
}

function reduceTo(
  name: string,
  reducer: Reducer,
  parts: readonly number[],
  x: Tensor,
  dims: readonly number[],
  settings: ReductionSettings,
): Tensor[] {
  const { keepdim = false, shape = x.shape, more = [], broadcast = [], kept = [], epilogue } = settings;
  const target = reducedShape(shape, dims, keepdim);
  const results = parts.map((p) => empty(target, reducer.state[p])),
    [y, ...others] = results as [Tensor, ...Tensor[]];
  if (y.size === 0) return results;
  if (sizeOf(pick(shape, dims)) === 0) {
    for (const t of results) fillInto(t, settings.empty ?? 0);
    return results;
  }
  const inputs = epilogue?.inputs ?? [];
  run({
    name,
    reads: [x, ...more, ...broadcast.map(([t]) => t), ...kept, ...inputs].map((t) => storageOf(t)),
    writes: results.map((t) => storageOf(t)),
    data: {
      reducer,
      x: storageOf(x),
      dtype: x.dtype,
      shape,
      dims,
      more: more.map((t) => storageOf(t)),
      broadcast: broadcast.map((operand) => operandOf(operand, shape)),
      kept: kept.map((t) => storageOf(t)),
      numbers: settings.numbers,
      others: others.length > 0 ? others.map((t) => storageOf(t)) : undefined,
      own: epilogue && {
        program: epilogue.program,
        shape: target,
        inputs: inputs.map((t) => operandOf(t, target)),
        numbers: epilogue.numbers ?? [],
      },
    },
    lower: lowerReduction,
    absorbs: epilogue || y.dtype !== "float32" ? undefined : { shape: target },
  });
  return results;
}

/** A reduction, perhaps with an epilogue of its own; those that have one absorb no other. */
interface ReductionCall extends ReduceCall {
  readonly own: Pick<ElementwiseCall, "program" | "shape" | "inputs" | "numbers"> | undefined;
}

function lowerReduction({ own, ...call }: ReductionCall, adapter: Adapter): Work {
  const epilogue = own ? programEpilogue(own.program, own.shape, own.inputs, own.numbers) : call.epilogue;
  return reduce({ ...call, epilogue }, adapter);
}

/** The dimensions in which a shape that others are reduced to has size 1. */
export function dimsOfSize1(target: readonly number[]): number[] {
  return target.flatMap((size, d) => (size === 1 ? [d] : []));
}

/** Sums `x` over what broadcasting `shape` to it had added: the gradient of broadcasting. */
export function sumTo(x: Tensor, shape: readonly number[]): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const lead = x.shape.length - shape.length;
  const dims = x.shape.map((_, d) => d).filter((d) =>
    d < lead || (shape[d - lead] === 1 && x.shape[d] !== 1)
  );
  return aliasOf(reduceTensor("sum", SUM, x, dims), shape);
}
