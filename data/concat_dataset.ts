/**
 * Data sets one after the other.
 *
 * @module
 */
import { sameShape, show } from "../ops/core/shape.ts";
import { scatterRows } from "./_tensor_rows.ts";
import { batchSource, checkPlaces, DATASET, INDICES } from "./_batch_source.ts";
import type { Batch, BatchSource, Dataset } from "./dataset.ts";
import { signature } from "../ops/core/signature.ts";
import { empty, tensor } from "../ops/core/tensor/create.ts";
import type { Tensor } from "../ops/core/tensor/tensor.ts";
import { listOf } from "../ops/core/kinds.ts";

/** What a batch takes from one of the data sets: rows of the batch, and the places of their examples in the data set. */
interface Share {
  readonly rows: number[];
  readonly places: number[];
}

const takesIndices = signature("gather a batch", { indices: INDICES });
const takes = signature("make a ConcatDataset", { datasets: listOf(DATASET, "data sets") });

/**
 * Puts data sets of one kind in a row, as PyTorch's `ConcatDataset` does. What each has on the GPU stays where it is.
 *
 * @example Usage
 * ```ts
 * import { ConcatDataset, DataLoader, openDevice, TensorDataset } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const parts = [[1, 2], [3, 4, 5]].map((values) => new TensorDataset(new Float32Array(values)));
 * for (const [x] of new DataLoader(new ConcatDataset(parts), { batchSize: 4 })) {
 *   assertEquals(await x.toArray(), [1, 2, 3, 4]);
 *   break;
 * }
 * ```
 */
export class ConcatDataset<B extends readonly Tensor[] = Batch> implements BatchSource<B> {
  /** The data sets, in order. */
  readonly datasets: readonly Dataset<B>[];
  /** The number of examples in all. */
  readonly length: number;
  readonly #sources: readonly BatchSource<B>[];

  /**
   * Puts data sets in a row.
   *
   * @param datasets Data sets whose examples have the same shapes and types.
   */
  constructor(datasets: readonly Dataset<B>[]) {
    takes(arguments);
    if (datasets.length === 0) {
      throw new RangeError("Cannot make a ConcatDataset as there must be data sets: none were given");
    }
    this.datasets = datasets;
    this.length = datasets.reduce((sum, { length }) => sum + length, 0);
    this.#sources = datasets.map((dataset) => batchSource(dataset));
  }

  /**
   * Gathers a batch: each data set gathers its share, whose rows are then put in their places.
   *
   * @param indices The places of its examples.
   * @returns The batch as the data sets make it.
   * @throws {RangeError} If the examples of two data sets differ in shape or type, or there is none at a place.
   */
  gather(indices: Int32Array): B {
    takesIndices(arguments);
    checkPlaces("gather a batch", indices, this.length);
    const parts = [...this.#shares(indices)].map(([source, { rows, places }]) => ({
      rows,
      part: source.gather(Int32Array.from(places)),
    }));
    const [first, another] = parts as [(typeof parts)[0], (typeof parts)[0]?];
    if (!another) return first.part;
    const batch = first.part.map((t) => empty([indices.length, ...t.shape.slice(1)], t.dtype));
    for (const { rows, part } of parts) {
      using at = tensor(rows, { dtype: "int32" });
      batch.forEach((y, column) => put(part[column]!, at, y));
    }
    return batch as readonly Tensor[] as B;
  }

  /** Frees what the data sets put on the GPU; it is put there again when it is next needed. */
  dispose(): void {
    for (const source of this.#sources) source.dispose();
  }

  /** Says which examples come from which data set; a batch of no examples comes from the first. */
  #shares(indices: Int32Array): Map<BatchSource<B>, Share> {
    const shares = new Map<BatchSource<B>, Share>();
    const share = (source: BatchSource<B>) => {
      if (!shares.has(source)) shares.set(source, { rows: [], places: [] });
      return shares.get(source)!;
    };
    if (indices.length === 0) share(this.#sources[0]!);
    indices.forEach((index, row) => {
      for (const source of this.#sources) {
        if (index < source.length) {
          const { rows, places } = share(source);
          rows.push(row);
          places.push(index);
          return;
        }
        index -= source.length;
      }
    });
    return shares;
  }
}

/** Moves a share's tensor into the batch's. */
function put(x: Tensor, rows: Tensor, y: Tensor): void {
  if (!sameShape(x.shape.slice(1), y.shape.slice(1)) || x.dtype !== y.dtype) {
    const describe = (t: Tensor) => `${t.dtype} ${show(t.shape.slice(1))}`;
    throw new RangeError(
      `Cannot gather a batch as the data sets' examples must be alike: ${describe(y)} and ${describe(x)}`,
    );
  }
  scatterRows(x, rows, y);
  x.dispose();
}
