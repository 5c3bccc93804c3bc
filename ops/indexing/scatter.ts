/**
 * Writing, and adding, to the places that indices along a dimension name: what `gather` reads.
 *
 * Of several values for one place the last in order is written, and they are added up in order: every
 * run gives the same bits.
 *
 * @module
 */
import { composed } from "../core/composed.ts";
import { elementsAlong } from "../core/families/indexing.ts";
import { addRows } from "./_add_rows.ts";
import { DIM, required } from "../core/kinds.ts";
import { normalDim, show } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { arange } from "../core/tensor/create_ranges.ts";
import { aliasOf } from "../core/tensor/internals.ts";
import { FLOAT_TENSOR, OPERAND, TENSOR, tensorOf } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { clone } from "../pointwise/clone.ts";
import { slice } from "../shape/slice.ts";
import { set } from "./set.ts";

const INDEX = tensorOf("int32");
const ALONG = { dim: required(DIM) };
const takesScatter = signature<{ dim: number }>(
  "apply scatter",
  { x: TENSOR, index: INDEX, src: OPERAND },
  ALONG,
);

/**
 * Copies `x` and writes to places along a dimension: for three dimensions and `dim` 1, `y[i, index[i, j,
 * k], k] = src[i, j, k]`.
 *
 * @param x A tensor of any shape.
 * @param index Places along the dimension, int32, with as many dimensions as `x` and, but for `dim`,
 *   at most its sizes. Those that do not exist, negative ones among them, are passed over; PyTorch
 *   throws.
 * @param src A number, or values, of which as many are taken as there are places. It is converted to
 *   the type of `x`. Gradients flow to what was written and not overwritten.
 * @param options The dimension; negative ones count from the end.
 * @returns A new tensor of the shape of `x`.
 * @throws {RangeError} If the dimension does not exist, or the shapes do not fit.
 * @throws {TypeError} If `index` is not int32.
 *
 * @example Usage
 * ```ts
 * import { openDevice, scatter, tensor, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const index = tensor([[2, 0]], { dtype: "int32" });
 * assertEquals(await scatter(zeros([1, 3]), index, tensor([[7, 8]]), { dim: 1 }).toArray(), [[8, 0, 7]]);
 * ```
 */
export function scatter(x: Tensor, index: Tensor, src: Tensor | number, options: { dim: number }): Tensor {
  takesScatter(arguments);
  const dim = normalDim("scatter", options.dim, x.shape.length);
  return composed(() => scattered(x, index, src, dim));
}

function scattered(x: Tensor, index: Tensor, src: Tensor | number, dim: number): Tensor {
  const values = valuesFor("scatter", x, index, src, dim), y = clone(x);
  if (x.shape.length === 0) return index.size === 0 ? y : set(y, [], values);
  // the other dimensions are indices too, which broadcast
  const where = index.shape.map((size, d) => {
    if (d === dim) return index;
    const places = arange(size, { dtype: "int32" });
    return aliasOf(places, index.shape.map((_, k) => (k === d ? size : 1)));
  });
  return set(y, where, values);
}

const takesAdd = signature<{ dim: number }>("apply scatterAdd", {
  x: FLOAT_TENSOR,
  index: INDEX,
  src: FLOAT_TENSOR,
}, ALONG);

/**
 * Copies `x` and adds to places along a dimension: for three dimensions and `dim` 1, `y[i, index[i, j,
 * k], k] += src[i, j, k]`.
 *
 * @param x A tensor of any shape, float32.
 * @param index Places along the dimension, int32, with as many dimensions as `x` and, but for `dim`,
 *   at most its sizes. Those that do not exist, negative ones among them, are passed over; PyTorch
 *   throws.
 * @param src Values, float32, of which as many are taken as there are places.
 * @param options The dimension; negative ones count from the end.
 * @returns A new tensor of the shape of `x`.
 * @throws {RangeError} If the dimension does not exist, or the shapes do not fit.
 * @throws {TypeError} If `index` is not int32, or another not float32.
 *
 * @example Usage
 * ```ts
 * import { openDevice, scatterAdd, tensor, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const index = tensor([0, 0, 2], { dtype: "int32" });
 * assertEquals(await scatterAdd(zeros([3]), index, tensor([1, 2, 3]), { dim: 0 }).toArray(), [3, 0, 3]);
 * ```
 */
export function scatterAdd(x: Tensor, index: Tensor, src: Tensor, options: { dim: number }): Tensor {
  takesAdd(arguments);
  const { shape } = x, dim = normalDim("scatterAdd", options.dim, shape.length);
  const places = elementsAlong(shape, index.shape, dim);
  return composed(() => addRows("scatterAdd", x, places, index, valuesFor("scatterAdd", x, index, src, dim)));
}

/** The part of `src` that goes to the places. */
function valuesFor<V extends Tensor | number>(op: string, x: Tensor, index: Tensor, src: V, dim: number): V {
  const { shape } = x, own = index.shape;
  if (own.length !== shape.length || !own.every((size, d) => d === dim || size <= shape[d]!)) {
    throw new RangeError(
      `Cannot apply ${op} as index must have the dimensions of x and, but for dim ${dim}, at most its sizes: index ${
        show(own)
      }, x ${show(shape)}`,
    );
  }
  if (typeof src === "number") return src;
  if (src.shape.length !== own.length || !own.every((size, d) => size <= src.shape[d]!)) {
    throw new RangeError(
      `Cannot apply ${op} as src must have a value for each index: index ${show(own)}, src ${
        show(src.shape)
      }`,
    );
  }
  return own.reduce<Tensor>(
    (t, size, d) => (size === t.shape[d] ? t : slice(t, { dim: d, end: size })),
    src,
  ) as V;
}
