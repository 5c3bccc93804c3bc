/**
 * Looking rows up in a table of weights.
 *
 * The gradient of a row is the sum over the places that looked it up, in their order, without atomics: where the indices
 * are few (256) or the rows wide, one walk over them for each column; else they are sorted, and each row adds up its
 * own (see `kernels/indexing/scatter.ts`). Its cost grows with the sizes of the table and of the output, not with their
 * product.
 *
 * @module
 */
import type { GatherShape } from "../kernels/indexing/gather.ts";
import { differentiable } from "../core/autograd/autograd.ts";
import { gatherRows, scatterAddRows } from "../core/families/indexing.ts";
import { show, type Sizes2 } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { FLOAT_TENSOR, tensorOf } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { paddingRow } from "./padding_row.ts";
import { whole } from "../core/kinds.ts";

/** Options of {@linkcode embedding}. */
export interface EmbeddingOptions {
  /** Index whose row gets no gradient; negative ones count from the end. */
  paddingIdx?: number | undefined;
}

const takes = signature<EmbeddingOptions>("apply embedding", {
  input: tensorOf("int32"),
  weight: FLOAT_TENSOR,
}, { paddingIdx: whole() });

/**
 * Looks up a row of `weight` for each index.
 *
 * @param input Indices, int32, of any shape. One that does not exist, negative ones among them, gives NaN and no
 *   gradient; PyTorch throws there, which would need their values to be read back.
 * @param weight The table `[numEmbeddings, embeddingDim]`, float32.
 * @param options An index that stands for padding.
 * @returns `[…, embeddingDim]` with the shape of `input` in front.
 * @throws {RangeError} If `weight` is not a matrix, or `paddingIdx` is not one of its rows.
 * @throws {TypeError} If `input` is not int32, or `weight` not float32.
 *
 * @example Usage
 * ```ts
 * import { embedding, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const words = tensor([2, 0], { dtype: "int32" }), table = tensor([[1, 2], [3, 4], [5, 6]]);
 * assertEquals(await embedding(words, table).toArray(), [[5, 6], [1, 2]]);
 * ```
 */
export function embedding(input: Tensor, weight: Tensor, options: EmbeddingOptions = {}): Tensor {
  takes(arguments);
  if (weight.shape.length !== 2) {
    throw new RangeError(
      `Cannot apply embedding as weight must be [numEmbeddings, embeddingDim]: it has shape ${
        show(weight.shape)
      }`,
    );
  }
  const [rows, width] = weight.shape as Sizes2;
  const gathered: GatherShape = {
    items: [input.size],
    base: { strides: [0], offset: 0 },
    dim: 0,
    step: 1,
    limit: rows,
    width,
    tableRows: rows,
    skip: paddingRow("apply embedding", rows, options.paddingIdx) ?? -1,
  };
  const y = gatherRows("embedding", gathered, weight, input, [...input.shape, width]);
  return differentiable("embedding", y, [weight], {
    saved: [input],
    gradient: (dy, [input]) => [scatterAddRows("embedding gradient", gathered, dy, input, weight.shape)],
  });
}
