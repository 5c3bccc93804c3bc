/**
 * Writing, or adding, to the places that a tensor of indices for each of the first dimensions names.
 *
 * @module
 */
import { composed } from "../core/composed.ts";
import { BOOLEAN, listOf } from "../core/kinds.ts";
import { rowNumbers } from "../core/families/places.ts";
import { broadcastShapes, show, sizeOf } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { OPERAND, TENSOR, tensorOf } from "../core/tensor/kinds.ts";
import { full } from "../core/tensor/create.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { clone } from "../pointwise/clone.ts";
import { expand } from "../shape/expand.ts";
import { viewAs } from "../shape/view_as.ts";
import { addRows } from "./_add_rows.ts";
import { set } from "./set.ts";

/** Options of {@linkcode indexPut}. */
export interface IndexPutOptions {
  /** Whether values are added rather than written, false unless given. */
  accumulate?: boolean;
}

const takes = signature<IndexPutOptions>("apply indexPut", {
  x: TENSOR,
  indices: listOf(tensorOf("int32", "bool"), "int32 or bool tensors"),
  values: OPERAND,
}, { accumulate: BOOLEAN });

/**
 * Copies `x` and writes to places, or adds to them, as `x[indices] = values` and `x[indices] += values`
 * would; `set` writes in place, and takes ranges too. What is added to one place several times adds up,
 * in order.
 *
 * @param x A tensor of any shape; float32 where values are added.
 * @param indices A tensor of indices for each of the first dimensions, int32, which broadcast
 *   together; or masks, bool, which stand for as many dimensions as they have. Indices that do not
 *   exist, negative ones among them, are passed over; PyTorch throws.
 * @param values A number, or a tensor that broadcasts to the selected shape.
 * @param options Whether values are added. Masks do not go with that.
 * @returns A new tensor of the shape of `x`.
 * @throws {RangeError} If the shapes do not fit.
 * @throws {TypeError} If the types do not.
 *
 * @example Usage
 * ```ts
 * import { indexPut, openDevice, tensor, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const at = tensor([0, 2, 2], { dtype: "int32" });
 * assertEquals(await indexPut(zeros([3]), [at], 1, { accumulate: true }).toArray(), [1, 0, 2]);
 * ```
 */
export function indexPut(
  x: Tensor,
  indices: readonly Tensor[],
  values: Tensor | number,
  options: IndexPutOptions = {},
): Tensor {
  takes(arguments);
  return composed(() =>
    options.accumulate ? accumulated(x, indices, values) : set(clone(x), indices, values)
  );
}

function accumulated(x: Tensor, indices: readonly Tensor[], values: Tensor | number): Tensor {
  const count = indices.length, { shape } = x;
  if (count === 0 || count > shape.length) {
    throw new RangeError(
      `Cannot apply indexPut as there must be an index for one dimension up to all: ${count} for x of shape ${
        show(shape)
      }`,
    );
  }
  const wrong = [x, ...indices, values].find((t, k) =>
    typeof t !== "number" && t.dtype !== (k > 0 && k <= count ? "int32" : "float32")
  );
  if (wrong !== undefined) {
    throw new TypeError(
      `Cannot apply indexPut as it must add float32 at int32 indices: a tensor is ${(wrong as Tensor).dtype}`,
    );
  }
  const items = broadcastShapes("indexPut", ...indices.map((t) => t.shape)), rest = shape.slice(count);
  const wanted = [...items, ...rest], given = typeof values === "number" ? full([], values) : values;
  const added = viewAs("indexPut", expand(given, wanted), wanted), width = sizeOf(rest), n = sizeOf(items);
  const parts = indices.map((index, d) => ({
    index,
    limit: shape[d]!,
    step: sizeOf(shape.slice(d + 1, count)),
  }));
  const limit = sizeOf(shape.slice(0, count));
  const places = {
    items: [n],
    base: { strides: [0], offset: 0 },
    dim: 0,
    step: 1,
    limit,
    width,
    tableRows: limit,
    skip: -1,
  };
  const rows = n === 0 ? full([0], 0, { dtype: "int32" }) : viewAs("indexPut", rowNumbers(parts, items), [n]);
  return addRows("indexPut", x, places, rows, added);
}
