/**
 * Writing to places that a tensor of numbers names, and reading from there: one invocation an element.
 *
 * @module
 */
import type { Storage } from "../../gpu/storage.ts";
import type { Work } from "../../gpu/work.ts";
import type { Adapter } from "../adapter.ts";
import type { Operand } from "../elementwise.ts";
import { type AffineAccess, collapse, indexExpression } from "../wgsl/access.ts";
import { type DType, STORED_AS } from "../wgsl/dtype.ts";
import { dispatch } from "../wgsl/source.ts";
import { read, u32s, write } from "../wgsl/text.ts";

/** Which elements of a tensor are meant: for each item those of its row, and none where that is -1. */
export interface RowShape {
  /** What is walked: the items, among them or around them the elements of a row. */
  readonly dims: readonly number[];
  /** Walk over the rows of the items. */
  readonly item: AffineAccess;
  /** Walk over the tensor for row 0. */
  readonly base: AffineAccess;
  /** Elements from one row to the next. */
  readonly step: number;
}

/** A writing of values into `y`. No row may be that of two items. */
export interface PutCall {
  readonly name: string;
  readonly at: RowShape;
  readonly rows: Storage;
  readonly value: Operand;
  readonly dtype: DType;
  readonly y: Storage;
}

/** Makes the dispatch that writes `y[row(item)] = value`. */
export function put({ name, at, rows, value, dtype, y }: PutCall, adapter: Adapter): Work {
  const { n, item, place, accesses, dims } = walkOf(at, [value.access]), word = STORED_AS[dtype];
  const body = /* wgsl */ `
  if (id < u.n) {
    let row = rows[${item}];
    if (row >= 0) { y[${place}] = value[${indexExpression(accesses[0]!, dims, "id")}]; }
  }`;
  const written = dispatch(
    {
      name,
      bindings: [read("rows", "i32"), read("value", word), write("y", word)],
      numberDecls: u32s("n", "first", "step"),
      workgroupSize: adapter.workgroupSize,
      body,
    },
    [rows, value.storage, y],
    [n, at.base.offset, at.step],
    n,
  );
  return { dispatches: [written], temporaries: [] };
}

/** A reading of float32 values of `x` into `y`, which has the shape that is walked: 0 for items without a row. */
export interface TakeCall {
  readonly name: string;
  readonly at: RowShape;
  readonly rows: Storage;
  readonly x: Storage;
  readonly y: Storage;
}

/** Makes the dispatch that reads `y = x[row(item)]`. */
export function take({ name, at, rows, x, y }: TakeCall, adapter: Adapter): Work {
  const { n, item, place } = walkOf(at, []);
  const body = /* wgsl */ `
  if (id < u.n) {
    let row = rows[${item}];
    var value = 0.0;
    if (row >= 0) { value = x[${place}]; }
    y[id] = value;
  }`;
  const taken = dispatch(
    {
      name,
      bindings: [read("rows", "i32"), read("x", "f32"), write("y", "f32")],
      numberDecls: u32s("n", "first", "step"),
      workgroupSize: adapter.workgroupSize,
      body,
    },
    [rows, x, y],
    [n, at.base.offset, at.step],
    n,
  );
  return { dispatches: [taken], temporaries: [] };
}

/** What both walk: expressions of the item of invocation `id`, and of the place of its element where the item has a row. */
function walkOf({ dims, item, base }: RowShape, others: readonly AffineAccess[]) {
  const space = collapse({ dims, accesses: [item, { ...base, offset: 0 }, ...others] });
  const [ofItem, ofBase, ...accesses] = space.accesses as [AffineAccess, AffineAccess, ...AffineAccess[]];
  return {
    n: dims.reduce((a, b) => a * b, 1),
    item: indexExpression(ofItem, space.dims, "id"),
    place: `u.first + ${indexExpression(ofBase, space.dims, "id")} + u32(row) * u.step`,
    accesses,
    dims: space.dims,
  };
}
