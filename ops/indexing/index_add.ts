/**
 * Adding to, and overwriting, what stands at some indices of a dimension.
 *
 * @module
 */
import { composed } from "../core/composed.ts";
import { addRows } from "./_add_rows.ts";
import { indexRows, rowsAlong } from "./_rows_along.ts";
import { DIM, NUMBER, required } from "../core/kinds.ts";
import { normalDim, sameShape, show } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { FLOAT_TENSOR, TENSOR, tensorOf } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { clone } from "../pointwise/clone.ts";
import { mul } from "../pointwise/mul.ts";
import { type DimIndex, set } from "./set.ts";

/** Options of {@linkcode indexAdd}. */
export interface IndexAddOptions {
  /** The dimension; negative ones count from the end. */
  dim: number;
  /** What `source` is multiplied with, 1 unless given. */
  alpha?: number;
}

const INDEX = tensorOf("int32");
const takesAdd = signature<IndexAddOptions>("apply indexAdd", {
  x: FLOAT_TENSOR,
  index: INDEX,
  source: FLOAT_TENSOR,
}, {
  dim: required(DIM),
  alpha: NUMBER,
});

/**
 * Copies `x` and adds to what stands at some indices of a dimension, in their order.
 *
 * @param x A tensor of one dimension or more, float32.
 * @param index Indices, int32, of one dimension or none. Those that do not exist, negative ones among
 *   them, are passed over; PyTorch throws.
 * @param source What is added: of the shape of `x` but for the dimension, where it has a place for
 *   each index.
 * @param options The dimension, and a factor.
 * @returns A new tensor of the shape of `x`.
 * @throws {RangeError} If the dimension does not exist, or the shapes do not fit.
 * @throws {TypeError} If `index` is not int32, or another not float32.
 *
 * @example Usage
 * ```ts
 * import { indexAdd, openDevice, tensor, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const index = tensor([0, 0], { dtype: "int32" }), source = tensor([[1, 2], [3, 4]]);
 * assertEquals(await indexAdd(zeros([2, 2]), index, source, { dim: 0 }).toArray(), [[4, 6], [0, 0]]);
 * ```
 */
export function indexAdd(x: Tensor, index: Tensor, source: Tensor, options: IndexAddOptions): Tensor {
  takesAdd(arguments);
  const { alpha = 1 } = options, places = rowsAlong("indexAdd", x.shape, index, options.dim);
  expectSource("indexAdd", x, index, source, options.dim);
  return composed(() =>
    addRows("indexAdd", x, places, indexRows(places, index), alpha === 1 ? source : mul(source, alpha))
  );
}

const takesCopy = signature<{ dim: number }>("apply indexCopy", { x: TENSOR, index: INDEX, source: TENSOR }, {
  dim: required(DIM),
});

/**
 * Copies `x` and overwrites what stands at some indices of a dimension; where an index comes twice, the
 * last counts.
 *
 * @param x A tensor of one dimension or more.
 * @param index Indices, int32, of one dimension or none. Those that do not exist, negative ones among
 *   them, are passed over; PyTorch throws.
 * @param source What is written: of the shape of `x` but for the dimension, where it has a place for
 *   each index.
 * @param options The dimension; negative ones count from the end.
 * @returns A new tensor of the shape of `x`.
 * @throws {RangeError} If the dimension does not exist, or the shapes do not fit.
 * @throws {TypeError} If `index` is not int32.
 *
 * @example Usage
 * ```ts
 * import { indexCopy, openDevice, tensor, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const index = tensor([1], { dtype: "int32" });
 * assertEquals(await indexCopy(zeros([2, 2]), index, tensor([[5, 6]]), { dim: 0 }).toArray(), [[0, 0], [5, 6]]);
 * ```
 */
export function indexCopy(x: Tensor, index: Tensor, source: Tensor, options: { dim: number }): Tensor {
  takesCopy(arguments);
  rowsAlong("indexCopy", x.shape, index, options.dim); // refuses what does not fit
  expectSource("indexCopy", x, index, source, options.dim);
  const dim = normalDim("indexCopy", options.dim, x.shape.length);
  const where: DimIndex[] = new Array<DimIndex>(dim).fill("all");
  return set(clone(x), [...where, index], source);
}

function expectSource(op: string, x: Tensor, index: Tensor, source: Tensor, dim: number): void {
  const wanted = x.shape.with(normalDim(op, dim, x.shape.length), index.size);
  if (sameShape(source.shape, wanted)) return;
  throw new RangeError(
    `Cannot apply ${op} as source must have a place for each index: it has shape ${show(source.shape)}, not ${
      show(wanted)
    }`,
  );
}
