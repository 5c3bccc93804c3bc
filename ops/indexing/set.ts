/**
 * Writing into a part of a tensor: `x[where] = value`.
 *
 * The gradient in the value is that of the places it went to, the gradient in `x` as it was is that of all others. Of
 * several items that index tensors send to one place the last is written, and it alone gets the gradient: the items are
 * sorted by their places (see `kernels/indexing/last_of_each.ts`), so that no two ever write to one.
 *
 * @module
 */
import { isGradEnabled, rewritten } from "../core/autograd/autograd.ts";
import { readAt, writeAt } from "../core/families/places.ts";
import { sumTo } from "../core/families/reduce.ts";
import { currentRecorder } from "../core/recorder.ts";
import { Scope } from "../core/scope.ts";
import { show } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { cast } from "../core/tensor/compute.ts";
import { full } from "../core/tensor/create.ts";
import { cloneOf } from "../core/tensor/in_place.ts";
import { OPERAND, TENSOR } from "../core/tensor/kinds.ts";
import { aliasOf, nodeOf, originOf, storageOf } from "../core/tensor/internals.ts";
import { Tensor } from "../core/tensor/tensor.ts";
import { placesFor, selectionOf } from "./_selection.ts";
import { describe, isPlainObject } from "../core/describe.ts";
import type { Kind, Objection } from "../core/kinds.ts";
import { closest } from "../core/option_names.ts";

/** A range along a dimension, as `start:end:step` in Python: what lies beyond the ends is cut off. */
export interface IndexRange {
  /** First index, 0 unless given; negative ones count from the end. */
  start?: number;
  /** Index after the last, the size unless given; negative ones count from the end. */
  end?: number;
  /** Distance of the indices, 1 unless given; at least 1. */
  step?: number;
}

/**
 * What is meant of a dimension: one index, a range, all of it, the indices in an int32 tensor, or the places at which a
 * bool tensor holds, which stands for as many dimensions as it has.
 */
export type DimIndex = number | IndexRange | "all" | Tensor;

/** What is meant of a tensor: an index of the first dimension, or an array of one for each of the first dimensions. */
export type Where = DimIndex | readonly DimIndex[];

const INDEX = 'a whole number, a range such as { start: 1, end: 3 }, "all", or an int32 or bool tensor';
const HINTS: Readonly<Record<string, string>> = {
  null: 'null (a whole dimension is "all")',
  '":"': '":" (write "all")',
};

/** What is wrong with the index of a dimension. */
function objectionTo(index: unknown): Objection | null {
  const wrong = (found: string, isRange = false) => ({
    must: `${INDEX}; or an array of them`,
    found,
    isRange,
  });
  if (index === "all") return null;
  if (typeof index === "number") return Number.isInteger(index) ? null : wrong(describe(index), true);
  if (index instanceof Tensor) return index.dtype === "float32" ? wrong("it is float32") : null;
  if (Array.isArray(index)) return wrong('an array in the array (make it tensor([…], { dtype: "int32" }))');
  if (!isPlainObject(index)) return wrong(HINTS[describe(index)] ?? describe(index));
  for (const name in index) {
    const known = ["start", "end", "step"], value = index[name];
    if (!known.includes(name)) {
      const meant = name === "stop" ? "end" : closest(name, known); // as Python calls it
      return wrong(
        `${name} in a range (${
          meant === undefined ? `it has ${known.join(", ")}` : `did you mean ${meant}`
        })`,
      );
    }
    if (value === undefined || (Number.isInteger(value) && (name !== "step" || (value as number) >= 1))) {
      continue;
    }
    const must = name === "step" ? "a whole number from 1 up" : "a whole number";
    return wrong(`${name} ${describe(value)} (it must be ${must})`, typeof value === "number");
  }
  return null;
}

const WHERE: Kind = {
  example: "0",
  objection: (where) => {
    if (!Array.isArray(where)) return objectionTo(where);
    for (let k = 0; k < where.length; k++) { // by index, as `map` passes over holes
      const objection = objectionTo(where[k]);
      if (objection) return objection;
    }
    return null;
  },
};

const takes = signature("apply set", { x: TENSOR, where: WHERE, value: OPERAND });

/**
 * Writes into a part of `x`, in place, as `x[where] = value` does in Python.
 *
 * `where` is an index of the first dimension, or an array of one for each of the first dimensions: a number; a range
 * `{ start, end, step }`, by Python's rules; `"all"`, or `{}`, for a whole dimension; an int32 tensor of indices; a bool
 * tensor, which stands for as many dimensions as it has. An empty array is all of `x`. Several index tensors broadcast
 * together, as in PyTorch, and the dimensions that they make stand where they stand if no range is between them, and else
 * in front.
 *
 * Indices in a tensor that do not exist, negative ones among them, write nothing: PyTorch throws, which would need their
 * values to be read back. Of items that go to one place the last one wins, in every run. A mask selects as many places as
 * it has true elements: a value with a size of its own there goes to them in order, and what is too much or missing is
 * passed over (PyTorch throws).
 *
 * Gradients flow to the value, and to what stays of `x`.
 *
 * @param x The tensor, of any shape. One that came from `reshape`, `flatten`, `squeeze` or `unsqueeze` writes into the
 *   tensor that it came from, whose memory it shares.
 * @param where What to write to.
 * @param value A number, or a tensor that broadcasts to the selected shape. It is converted to the type of `x`.
 * @returns `x`.
 * @throws {RangeError} If a number is no index of its dimension, `where` has too many dimensions or a mask other sizes than
 *   its dimensions, or the value does not broadcast.
 * @throws {Error} If `x` is a leaf that requires a gradient, outside {@linkcode noGrad}; a copy that came from `select`,
 *   `slice` and so on, where the write would be lost; or, where gradients flow, if it shares the memory of another tensor.
 *
 * @example Numbers and ranges
 * ```ts
 * import { openDevice, set, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = zeros([2, 3]);
 * set(x, [0, 1], 5); // x[0, 1] = 5
 * set(x, ["all", { start: 2 }], 7); // x[:, 2:] = 7
 * assertEquals(await x.toArray(), [[0, 5, 7], [0, 0, 7]]);
 * ```
 *
 * @example Indices and masks
 * ```ts
 * import { openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([[1, -2], [-3, 4]]);
 * x.set(x.lt(0), 0); // x[x < 0] = 0
 * x.set([tensor([0, 1], { dtype: "int32" }), tensor([1, 0], { dtype: "int32" })], tensor([8, 9]));
 * assertEquals(await x.toArray(), [[1, 8], [9, 4]]);
 * ```
 */
export function set(x: Tensor, where: Where, value: Tensor | number): Tensor {
  takes(arguments);
  originOf(x).expectOwn("set", true);
  using _inner = new Scope(); // frees what is made on the way
  const from = typeof value === "number" ? null : value;
  const recorded = from && x.dtype === "float32" ? from : null;
  if (isGradEnabled()) originOf(x).expectHistory("apply set", x);
  if (isGradEnabled() && (x.requiresGrad || recorded?.requiresGrad)) expectHistoryIn(x);
  const selection = selectionOf(x, apartFrom(x, where));
  const { places, by, valueShape } = placesFor(x, selection, from?.shape ?? []);
  writeAt("set", x, places, by, [valueFor(x, value), valueShape]);
  const shape = from?.shape ?? [];
  rewritten<Tensor[]>("set", x, [recorded], {
    saved: by ? [by] : [],
    gradient: (dy, [by = null], [needsX, needsValue]) => [
      needsX ? withZerosAt(dy, (dx, zero) => writeAt("set gradient", dx, places, by, [zero, []])) : null,
      needsValue ? aliasOf(sumTo(readAt("set gradient", dy, places, by), valueShape), shape) : null,
    ],
  });
  return x;
}

/** Refuses to make a write part of the history of a tensor that cannot have it. */
function expectHistoryIn(x: Tensor): void {
  const refuse = (must: string, found: string) => {
    throw new Error(`Cannot apply set in place as x must ${must}: ${found}`);
  };
  if (!nodeOf(x) && x.requiresGrad) {
    refuse("not be a leaf that requires a gradient", "do it inside noGrad(() => …)");
  }
  if (originOf(x).isView) {
    refuse(
      "not share another's memory where gradients flow",
      `write into the tensor that this ${show(x.shape)} was made of, or into a clone()`,
    );
  }
  if (currentRecorder()?.isOutside(x)) {
    refuse("be made inside compile(fn) where gradients flow", `${show(x.shape)} was there before`);
  }
}

/** The same, with copies in the place of tensors that lie in the memory of `x`. */
function apartFrom(x: Tensor, where: Where): Where {
  const apart = (index: DimIndex) =>
    index instanceof Tensor && storageOf(index) === storageOf(x) ? cloneOf(index) : index;
  return Array.isArray(where) ? where.map(apart) : apart(where as DimIndex);
}

/** What is written, as a tensor of the type of `x` that does not lie in its memory. */
function valueFor(x: Tensor, value: Tensor | number): Tensor {
  if (typeof value === "number") return full([], value, { dtype: x.dtype });
  const from = cast(value, x.dtype);
  return storageOf(from) === storageOf(x) ? cloneOf(from) : from;
}

/** A copy of a gradient in which places are overwritten with zeros. */
function withZerosAt(dy: Tensor, write: (dx: Tensor, zero: Tensor) => void): Tensor {
  const dx = cloneOf(dy);
  write(dx, full([], 0));
  return dx;
}
