/**
 * Working on many tensors at once: updating all of them in place, or reducing all of them to one number.
 *
 * @module
 */
import { pick } from "../../kernels/pick.ts";
import type { Storage } from "../../gpu/storage.ts";
import { foreach, type Part } from "../../kernels/foreach.ts";
import { foreachReduce } from "../../kernels/foreach_reduce.ts";
import type { Reducer } from "../../kernels/reduce.ts";
import type { Program } from "../../kernels/wgsl/program.ts";
import type { DispatchNumber } from "../../kernels/wgsl/source.ts";
import { run } from "../run.ts";
import { empty } from "../tensor/create.ts";
import { fillInto } from "../tensor/in_place.ts";
import { storageOf } from "../tensor/internals.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** The tensors that one run of a program's loop works on. */
export interface Member {
  /** The program's first inputs, all of one size. */
  readonly tensors: readonly Tensor[];
  /** Flat tensors that follow them, in which this member's elements begin at `offset`. */
  readonly flat?: readonly Tensor[];
  /** A multiple of 4, 0 unless given. */
  readonly offset?: number;
}

/** What {@linkcode updateAll} takes beside the program and its tensors. */
export interface UpdateAllOptions {
  /** Tensors of one element that are the program's last inputs, the same for all members. */
  readonly scalars?: readonly Tensor[];
  /** The program's numbers. Functions are asked once a run or replay. */
  readonly numbers?: readonly DispatchNumber[];
}

/**
 * Runs a program over many tensors of different sizes in one dispatch, or in the fewest that bind all of them.
 *
 * @param targets Which inputs the program's outputs overwrite.
 * @param members The tensors, those of each member of one size.
 */
export function updateAll(
  name: string,
  program: Program,
  targets: readonly number[],
  members: readonly Member[],
  options: UpdateAllOptions = {},
): void {
  const { scalars = [], numbers = [] } = options;
  const parts = members.filter(({ tensors }) => tensors[0]!.size > 0).map(
    ({ tensors, flat = [], offset = 0 }): Part => ({
      size: tensors[0]!.size,
      tensors: tensors.map((t) => storageOf(t)),
      flat: flat.map((t) => storageOf(t)),
      offset,
    }),
  );
  if (parts.length === 0) return;
  const all = parts.map(({ tensors, flat }) => [...tensors, ...flat]),
    shared = scalars.map((t) => storageOf(t));
  run({
    name,
    reads: [...new Set([...all.flat(), ...shared])],
    writes: [...new Set(all.flatMap((part) => pick(part, targets)))],
    data: { numbers, program, targets, parts, scalars: shared, most: mostBindings(all[0]![0]!) },
    lower: foreach,
  });
}

/** Storage buffers that a kernel may bind. */
function mostBindings({ device }: Storage): number {
  return device.limits.maxStorageBuffersPerShaderStage;
}

/**
 * Reduces the elements of many float32 tensors to one value.
 *
 * @param reducer How an element enters a state of one part.
 * @param merge How such states become one value.
 * @param numbers What the reducer's numbers are.
 * @returns A scalar; 0 where there are no elements.
 */
export function reduceAll(
  name: string,
  reducer: Reducer,
  merge: Reducer,
  tensors: readonly Tensor[],
  numbers: readonly number[] = [],
): Tensor {
  const y = empty([]), filled = tensors.filter((t) => t.size > 0);
  if (filled.length === 0) {
    fillInto(y, 0);
    return y;
  }
  const parts = filled.map((t) => ({ storage: storageOf(t), size: t.size }));
  run({
    name,
    reads: parts.map((p) => p.storage),
    writes: [storageOf(y)],
    data: { reducer, numbers, merge, parts, most: mostBindings(storageOf(y)) },
    lower: foreachReduce,
  });
  return y;
}
