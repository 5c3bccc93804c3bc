/**
 * The different elements of a tensor: it is sorted, and each that differs from the one before it begins
 * a run. How many there are only the GPU knows, so this waits for it.
 *
 * @module
 */
import { programOf } from "../kernels/wgsl/program.ts";
import { placesOfTrue } from "../core/families/places.ts";
import { takeSlice } from "../core/families/movement.ts";
import { BOOLEAN } from "../core/kinds.ts";
import { Scope } from "../core/scope.ts";
import { signature } from "../core/signature.ts";
import { compute } from "../core/tensor/compute.ts";
import { empty, full } from "../core/tensor/create.ts";
import { aliasOf } from "../core/tensor/internals.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { ne } from "../pointwise/compare.ts";
import { cumsum } from "../reduction/cumsum.ts";
import { cat } from "../shape/cat.ts";
import { gather } from "../indexing/gather.ts";
import { cut } from "../indexing/_true_places.ts";
import { set } from "../indexing/set.ts";
import { sort } from "./sort.ts";

/** Options of {@linkcode unique}. */
export interface UniqueOptions {
  /** Whether to say for each element which of the different ones it is, false unless given. */
  returnInverse?: boolean;
  /** Whether to say how often each occurs, false unless given. */
  returnCounts?: boolean;
}

/** What {@linkcode unique} finds. */
export interface Unique {
  /** The different elements, ascending. */
  values: Tensor;
  /** For each element the place of its value, int32, if asked for. */
  inverse?: Tensor;
  /** How often each occurs, int32, if asked for. */
  counts?: Tensor;
}

const takes = signature<UniqueOptions>("apply unique", { x: TENSOR }, {
  returnInverse: BOOLEAN,
  returnCounts: BOOLEAN,
});

const LESS_1 = programOf({ name: "less_1", args: [["x", "int32"]], result: "int32", body: "x - 1" });
const BETWEEN = programOf({
  name: "run_length",
  args: [["next", "int32"], ["start", "int32"]],
  result: "int32",
  body: "next - start",
});

/**
 * Finds the different elements of a tensor, in ascending order. NaN differs from NaN. It waits for the
 * GPU, so it cannot be captured. No gradient flows.
 *
 * @param x A tensor of any shape.
 * @param options What else is wanted.
 * @returns The values, a vector, and what else was asked for.
 *
 * @example Usage
 * ```ts
 * import { openDevice, tensor, unique } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([3, 1, 3]);
 * const { values, counts } = await unique(x, { returnCounts: true });
 * assertEquals([await values.toArray(), await counts!.toArray()], [[1, 3], [1, 2]]);
 * ```
 */
export async function unique(x: Tensor, options: UniqueOptions = {}): Promise<Unique> {
  takes(arguments);
  const runs = runsOf(x);
  if (runs === null) return nothingOf(x, options);
  const last = cut(runs.ids, x.size - 1), n = await last.item();
  using inner = new Scope();
  const starts = placesOfTrue("unique", runs.ids, n, false);
  const found: Unique = { values: inner.keep(gather(runs.sorted, starts, { dim: 0 })) };
  if (options.returnInverse) found.inverse = inner.keep(inverseOf(runs, x));
  if (options.returnCounts) {
    const next = cat([
      takeSlice("unique", starts, { start: [Math.min(1, n - 1)], step: [1], shape: [n - 1] }),
      full([1], x.size, { dtype: "int32" }),
    ]);
    found.counts = inner.keep(compute("unique", BETWEEN, [n], [next, starts], [], "int32"));
  }
  for (const t of [last, runs.sorted, runs.order, runs.ids]) t.dispose();
  return found;
}

/** The elements in order, the places that they came from, and the number of the run of each, from 1 up. */
interface Runs {
  readonly sorted: Tensor;
  readonly order: Tensor;
  readonly ids: Tensor;
}

function runsOf(x: Tensor): Runs | null {
  const n = x.size;
  if (n === 0) return null;
  using inner = new Scope();
  const { values: sorted, indices: order } = sort(aliasOf(x, [n]), { dim: 0 });
  const part = (start: number) => takeSlice("unique", sorted, { start: [start], step: [1], shape: [n - 1] });
  const differs = n === 1 ? empty([0], "bool") : ne(part(1), part(0));
  const ids = cumsum(cat([full([1], 1, { dtype: "bool" }), differs]), { dim: 0 });
  return { sorted: inner.keep(sorted), order: inner.keep(order), ids: inner.keep(ids) };
}

function inverseOf({ order, ids }: Runs, x: Tensor): Tensor {
  const y = full([x.size], 0, { dtype: "int32" });
  set(y, [order], compute("unique", LESS_1, [x.size], [ids], [], "int32"));
  return aliasOf(y, x.shape);
}

function nothingOf(x: Tensor, { returnInverse, returnCounts }: UniqueOptions): Unique {
  const whole = (shape: readonly number[]) => full(shape, 0, { dtype: "int32" });
  return {
    values: full([0], 0, { dtype: x.dtype }),
    ...(returnInverse ? { inverse: whole(x.shape) } : {}),
    ...(returnCounts ? { counts: whole([0]) } : {}),
  };
}
