/**
 * Places of a tensor: writing to all of them, and reading from there.
 *
 * @module
 */
import { lastOfEach } from "../../kernels/indexing/last_of_each.ts";
import { put, type RowShape, take } from "../../kernels/indexing/put.ts";
import { truePlaces } from "../../kernels/indexing/true_places.ts";
import type { AffineAccess } from "../../kernels/wgsl/access.ts";
import type { DType } from "../../kernels/wgsl/dtype.ts";
import { programOf } from "../../kernels/wgsl/program.ts";
import { run } from "../run.ts";
import { sizeOf } from "../shape.ts";
import { type Broadcast, computeInto, operandOf } from "../tensor/compute.ts";
import { empty, full } from "../tensor/create.ts";
import { storageOf } from "../tensor/internals.ts";
import type { Tensor } from "../tensor/tensor.ts";

/**
 * Places in a tensor.
 *
 * They are all that `access` finds; or those of them at which a mask holds; or the rows that a tensor names for items. The
 * mask, or the rows, is what functions here call `by`.
 */
export type Places =
  | { readonly kind: "box"; readonly shape: readonly number[]; readonly access: AffineAccess }
  | {
    readonly kind: "mask";
    readonly shape: readonly number[];
    readonly access: AffineAccess;
    /** The shape in which the mask broadcasts to `shape`. */
    readonly mask: readonly number[];
  }
  | { readonly kind: "rows"; readonly shape: readonly number[]; readonly at: RowShape };

/** Writes `value`, of the type of `y` and broadcast to the shape of the places, there. */
export function writeAt(name: string, y: Tensor, places: Places, by: Tensor | null, value: Broadcast): void {
  const { shape } = places, { dtype } = y;
  if (sizeOf(shape) === 0 || y.size === 0) return;
  if (places.kind === "box") {
    const same = programOf({ name: "same", args: [["x", dtype]], result: dtype, body: "x" });
    return computeInto(name, same, shape, [value], [[y, places.access]]);
  }
  if (places.kind === "mask") {
    const own = [y, places.access] as const;
    return computeInto(name, choiceOf(dtype), shape, [own, value, [by!, places.mask]], [own]);
  }
  const data = { at: places.at, rows: storageOf(by!), value: operandOf(value, shape), dtype };
  run({
    name,
    reads: [storageOf(y), data.rows, data.value.storage],
    writes: [storageOf(y)],
    data,
    lower: put,
  });
}

/** The values of `x`, float32, at its places: a tensor of their shape, 0 where a mask does not hold or there is no row. */
export function readAt(name: string, x: Tensor, places: Places, by: Tensor | null): Tensor {
  const { shape } = places;
  if (x.size === 0) return full(shape, 0);
  const y = empty(shape);
  if (y.size === 0) return y;
  if (places.kind === "rows") {
    const data = { at: places.at, rows: storageOf(by!), x: storageOf(x) };
    run({ name, reads: [data.rows, data.x], writes: [storageOf(y)], data, lower: take });
    return y;
  }
  const inputs = [[x, places.access] as const];
  if (places.kind === "box") {
    const same = programOf({ name: "same", args: [["x", "float32"]], result: "float32", body: "x" });
    computeInto(name, same, shape, inputs, [y]);
  } else computeInto(name, KEPT, shape, [...inputs, [by!, places.mask]], [y]);
  return y;
}

function choiceOf(dtype: DType) {
  const args = [["old", dtype], ["value", dtype], ["mask", "bool"]] as const;
  return programOf({ name: "overwrite", args, result: dtype, body: "select(old, value, mask)" });
}

const KEPT = programOf({
  name: "kept",
  args: [["x", "float32"], ["mask", "bool"]],
  result: "float32",
  body: "select(0.0, x, mask)",
});

/** One of the tensors that name rows: int32, broadcast over the items. */
export interface RowPart {
  readonly index: Tensor;
  /** How many there are to choose from: indices from 0 to `limit - 1` exist. */
  readonly limit: number;
  /** Rows from one index to the next. */
  readonly step: number;
}

const FIRST_PART = programOf({
  name: "row",
  args: [["k", "int32"], ["size", "int32"], ["step", "int32"]],
  result: "int32",
  body: "select(-1, k * step, k >= 0 && k < size)",
}, 2);

const NEXT_PART = programOf({
  name: "row_and",
  args: [["row", "int32"], ["k", "int32"], ["size", "int32"], ["step", "int32"]],
  result: "int32",
  body: "select(-1, row + k * step, row >= 0 && k >= 0 && k < size)",
}, 2);

/** The rows of items of `shape`: -1 where an index does not exist. */
export function rowNumbers(parts: readonly RowPart[], shape: readonly number[], name = "rows"): Tensor {
  const [first, ...others] = parts as [RowPart, ...RowPart[]];
  let rows = empty(shape, "int32");
  computeInto(name, FIRST_PART, shape, [first.index], [rows], [first.limit, first.step]);
  for (const { index, limit, step } of others) {
    const both = empty(shape, "int32");
    computeInto(name, NEXT_PART, shape, [rows, index], [both], [limit, step]);
    rows = both;
  }
  return rows;
}

/** The rows of items of `shape`: -1 where an index does not exist, and where a later item has the same row. */
export function rowsOfItems(name: string, parts: readonly RowPart[], shape: readonly number[]): Tensor {
  const rows = rowNumbers(parts, shape, name), n = sizeOf(shape);
  if (n <= 1) return rows;
  const y = empty(shape, "int32"), end = parts.reduce((sum, p) => sum + Math.max(0, p.limit - 1) * p.step, 1);
  const data = { keys: storageOf(rows), n, end };
  run({ name, reads: [data.keys], writes: [storageOf(y)], data, lower: lastOfEach });
  return y;
}

/**
 * The first `n` places at which a mask holds, -1 behind the last.
 *
 * @param counts How many of the mask's elements hold, up to each of them.
 * @param repeats Whether a place that is the only one stands in all `n`.
 */
export function placesOfTrue(name: string, counts: Tensor, n: number, repeats: boolean): Tensor {
  if (counts.size === 0) return full([n], -1, { dtype: "int32" });
  const y = empty([n], "int32");
  if (n === 0) return y;
  const data = { counts: storageOf(counts), size: counts.size, n, repeats };
  run({ name, reads: [data.counts], writes: [storageOf(y)], data, lower: truePlaces });
  return y;
}
