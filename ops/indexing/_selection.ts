/**
 * What `x[where]` names: which dimensions of `x` are walked, and which are indexed by tensors.
 *
 * The rules are PyTorch's. Numbers, and int32 tensors without a dimension, take theirs away; slices keep them. A mask
 * counts as the indices of its true elements, one tensor for each of its dimensions. Index tensors broadcast together, and
 * what they become stands where they stand, if no slice is between them, and else in front.
 *
 * @module
 */
import { rowMajor } from "../kernels/wgsl/access.ts";
import { broadcastShapes, sameShape, show, sizeOf } from "../core/shape.ts";
import { type Places, placesOfTrue, rowsOfItems } from "../core/families/places.ts";
import { aliasOf } from "../core/tensor/internals.ts";
import { Tensor } from "../core/tensor/tensor.ts";
import { cumsum } from "../reduction/cumsum.ts";
import type { DimIndex, IndexRange, Where } from "./set.ts";

/** A dimension that is walked. */
interface Axis {
  readonly size: number;
  readonly stride: number;
}

/** A tensor of indices, or a mask, and the dimensions that it stands for: `limit` places, `stride` elements apart. */
interface Indexed {
  readonly tensor: Tensor;
  readonly limit: number;
  readonly stride: number;
}

/** What is selected of a tensor. */
export interface Selection {
  /** Dimensions that are walked. */
  readonly axes: readonly Axis[];
  /** Before which of them the indexed ones stand. */
  readonly at: number;
  /** Where the first element lies. */
  readonly offset: number;
  readonly indexed: readonly Indexed[];
  readonly masks: readonly Indexed[];
}

/** The places that are selected, the mask or the rows that say which, and the shape in which a value broadcasts to them. */
export interface Selected {
  readonly places: Places;
  readonly by: Tensor | null;
  readonly valueShape: readonly number[];
}

/** Finds out what is selected of `x`. */
export function selectionOf(x: Tensor, where: Where): Selection {
  const { shape } = x, strides = rowMajor(shape), axes: Axis[] = [];
  const indexed: Indexed[] = [], masks: Indexed[] = [];
  let dim = 0, offset = 0, at: number | null = null, isApart = false;
  const place = () => {
    isApart ||= at !== null && at !== axes.length;
    at ??= axes.length;
  };
  for (const index of isList(where) ? where : [where]) {
    const isMask = index instanceof Tensor && index.dtype === "bool";
    const end = dim + (isMask ? index.shape.length : 1);
    if (end > shape.length) {
      throw new RangeError(
        `Cannot apply set as where must not have more dimensions than x: x has shape ${show(shape)}`,
      );
    }
    const size = shape[dim]!, stride = strides[dim]!;
    if (isMask) {
      if (!sameShape(index.shape, shape.slice(dim, end))) {
        throw new RangeError(
          `Cannot apply set as a mask must have the sizes of its dimensions: it has shape ${
            show(index.shape)
          }, x ${show(shape)} from dim ${dim} on`,
        );
      }
      place();
      masks.push({ tensor: index, limit: index.size, stride: end > dim ? strides[end - 1]! : 0 });
    } else if (index instanceof Tensor) {
      if (index.shape.length > 0) place();
      indexed.push({ tensor: index, limit: size, stride });
    } else if (typeof index === "number") {
      if (index < -size || index >= size) {
        throw new RangeError(
          `Cannot apply set as an index must exist along dim ${dim}: ${index} for x of shape ${show(shape)}`,
        );
      }
      offset += (index < 0 ? index + size : index) * stride;
    } else {
      const { start, count, step } = rangeIn(size, index === "all" ? {} : index);
      offset += start * stride;
      axes.push({ size: count, stride: stride * step });
    }
    dim = end;
  }
  for (; dim < shape.length; dim++) axes.push({ size: shape[dim]!, stride: strides[dim]! });
  return { axes, at: isApart ? 0 : at ?? 0, offset, indexed, masks };
}

/** Whether there is an index for each of some dimensions. */
function isList(where: Where): where is readonly DimIndex[] {
  return Array.isArray(where);
}

function rangeIn(size: number, { start = 0, end = size, step = 1 }: IndexRange) {
  const bound = (value: number) => Math.min(Math.max(value < 0 ? value + size : value, 0), size);
  const from = bound(start), count = Math.max(0, Math.ceil((bound(end) - from) / step));
  return { start: count > 0 ? from : 0, count, step };
}

/** Settles which places a value of `shape` goes to: how many a mask selects, only the value may tell. */
export function placesFor(x: Tensor, selection: Selection, shape: readonly number[]): Selected {
  const { indexed, masks } = selection;
  if (indexed.length + masks.length === 0) return selectBox(selection, x, shape);
  const own = broadcastShapes("set", ...indexed.map(({ tensor }) => tensor.shape));
  if (masks.length === 0) return selectRows(selection, x, shape, indexed, own);
  const rank = Math.max(own.length, 1), last = own.at(-1) ?? 1; // of several, a mask's places are the last dimension
  const count = last !== 1 ? last : sizeBefore(selection, selection.at + rank - 1, rank, shape);
  if (count === 1 && masks.length === 1 && indexed.length === 0) return selectMask(selection, x, shape);
  const most = count === 1 ? Math.max(...masks.map(({ tensor }) => tensor.size)) : count;
  const found = masks.map(({ tensor, limit, stride }) => {
    const counts = cumsum(aliasOf(tensor, [tensor.size]), { dim: 0 });
    return { tensor: placesOfTrue("set", counts, most, indexed.length + masks.length > 1), limit, stride };
  });
  return selectRows(selection, x, shape, [...indexed, ...found], broadcastShapes("set", own, [most]));
}

/** The size of a value of `shape` along dimension `dim` of the selected shape, in which indices make `rank` dimensions. */
function sizeBefore({ axes }: Selection, dim: number, rank: number, shape: readonly number[]): number {
  return shape.at(dim - (axes.length + rank)) ?? 1;
}

function selectBox({ axes, offset }: Selection, x: Tensor, shape: readonly number[]): Selected {
  const selected = sizesOf(axes);
  return {
    places: { kind: "box", shape: selected, access: { strides: stridesOf(axes), offset } },
    by: null,
    valueShape: fitted(x, shape, selected),
  };
}

/** All that is walked, the mask's dimensions too: the value's one element there is for all of them. */
function selectMask({ axes, at, offset, masks }: Selection, x: Tensor, shape: readonly number[]): Selected {
  const { tensor: mask, stride } = masks[0]!, own = rowMajor(mask.shape).map((s) => s * stride);
  const strides = stridesOf(axes).toSpliced(at, 0, ...own), sizes = sizesOf(axes);
  const value = fitted(x, shape, sizes.toSpliced(at, 0, 1), at), behind = sizes.length - at;
  return {
    places: {
      kind: "mask",
      shape: sizes.toSpliced(at, 0, ...mask.shape),
      access: { strides, offset },
      mask: [...mask.shape, ...new Array<number>(behind).fill(1)],
    },
    by: mask,
    valueShape: value.toSpliced(at, 1, ...mask.shape.map(() => 1)),
  };
}

/** The rows that index tensors, which broadcast to `items`, name. */
function selectRows(
  { axes, at, offset }: Selection,
  x: Tensor,
  shape: readonly number[],
  parts: readonly Indexed[],
  items: readonly number[],
): Selected {
  const none = items.map(() => 0), still = axes.map(() => 0);
  const selected = sizesOf(axes).toSpliced(at, 0, ...items);
  const valueShape = fitted(x, shape, selected);
  const step = Math.min(...parts.map(({ stride }) => stride).filter((s) => s > 0));
  const rows = sizeOf(selected) === 0 || x.size === 0 ? null : rowsOfItems(
    "set",
    parts.map(({ tensor, limit, stride }) => ({
      index: tensor,
      limit,
      step: stride / (step < Infinity ? step : 1),
    })),
    items,
  );
  return {
    places: {
      kind: "rows",
      shape: selected,
      at: {
        dims: selected,
        item: { strides: still.toSpliced(at, 0, ...rowMajor(items)), offset: 0 },
        base: { strides: stridesOf(axes).toSpliced(at, 0, ...none), offset },
        step: step < Infinity ? step : 1,
      },
    },
    by: rows,
    valueShape,
  };
}

/** The value's shape with as many dimensions as the selected shape, to which it broadcasts; those in front are 1. */
function fitted(x: Tensor, shape: readonly number[], selected: readonly number[], mask = -1): number[] {
  const lead = selected.length - shape.length;
  const own = lead >= 0 ? [...new Array<number>(lead).fill(1), ...shape] : shape.slice(-lead);
  const fits = own.every((size, d) => size === 1 || size === selected[d]) &&
    shape.slice(0, Math.max(0, -lead)).every((size) => size === 1); // as in PyTorch, which drops those
  if (fits) return [...own];
  const shown = selected.map((size, d) => (d === mask ? "what the mask selects" : size)).join(", ");
  throw new RangeError(
    `Cannot apply set as value must broadcast to the selected shape [${shown}]: it has shape ${
      show(shape)
    }, x ${show(x.shape)}`,
  );
}

function sizesOf(axes: readonly Axis[]): number[] {
  return axes.map(({ size }) => size);
}

function stridesOf(axes: readonly Axis[]): number[] {
  return axes.map(({ stride }) => stride);
}
