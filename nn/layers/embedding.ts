/**
 * A table of learnt vectors.
 *
 * @module
 */
import { signature } from "../../ops/core/signature.ts";
import { Module, type Parameter, parameter } from "../module.ts";
import { expectRoom, tensor } from "../../ops/core/tensor/create.ts";
import { nextStream, normals } from "../../ops/core/tensor/random.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { embedding, type EmbeddingOptions } from "../../ops/indexing/embedding.ts";
import { paddingRow } from "../../ops/indexing/padding_row.ts";
import { whole } from "../../ops/core/kinds.ts";

const takes = signature<EmbeddingOptions>("make Embedding", {
  numEmbeddings: whole(0),
  embeddingDim: whole(0),
}, { paddingIdx: whole() });

/**
 * Looks up a vector for each index: `y = W[x]`.
 *
 * `weight` is `[numEmbeddings, embeddingDim]` and begins normal with mean 0 and standard deviation 1, and the row of
 * `paddingIdx` with zeros, which stay zeros, as that row gets no gradient.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const words = tensor([[1, 2, 4, 5], [4, 3, 2, 9]], { dtype: "int32" });
 * assertEquals(new nn.Embedding(10, 3).forward(words).shape, [2, 4, 3]);
 * ```
 */
export class Embedding extends Module {
  /** How many vectors there are. */
  readonly numEmbeddings: number;
  /** Length of each vector. */
  readonly embeddingDim: number;
  /** Index that stands for padding, counted from 0, or null. */
  readonly paddingIdx: number | null;
  /** The vectors, `[numEmbeddings, embeddingDim]`. */
  weight: Parameter;

  /**
   * Makes a layer with new vectors.
   *
   * @param numEmbeddings How many vectors there are.
   * @param embeddingDim Length of each vector.
   * @param options An index that stands for padding.
   * @throws {RangeError} If `paddingIdx` is not one of the vectors.
   */
  constructor(numEmbeddings: number, embeddingDim: number, options: EmbeddingOptions = {}) {
    super();
    takes(arguments);
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    const row = paddingRow("make Embedding", numEmbeddings, options.paddingIdx);
    this.paddingIdx = row;
    expectRoom([numEmbeddings, embeddingDim]);
    const values = normals(numEmbeddings * embeddingDim, nextStream());
    if (row !== null) values.fill(0, row * embeddingDim, (row + 1) * embeddingDim);
    this.weight = parameter(() => tensor(values, { shape: [numEmbeddings, embeddingDim] }));
  }

  /**
   * Applies the layer.
   *
   * @param x Indices, int32, of any shape.
   * @returns `[…, embeddingDim]` with the shape of `x` in front.
   */
  override forward(x: Tensor): Tensor {
    return embedding(x, this.weight, { paddingIdx: this.paddingIdx ?? undefined });
  }

  /** How many vectors of which length, and the padding, as PyTorch prints it. */
  override extraRepr(): string {
    const padding = this.paddingIdx === null ? "" : `, padding_idx=${this.paddingIdx}`;
    return `${this.numEmbeddings}, ${this.embeddingDim}${padding}`;
  }
}
