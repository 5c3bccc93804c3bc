/**
 * Batches of a data set.
 *
 * @module
 */
import { scope } from "../ops/core/scope.ts";
import { batchSource, DATASET } from "./_batch_source.ts";
import type { Batch, BatchSource, Dataset } from "./dataset.ts";
import { applyTransform, type Transform } from "./transforms/transform.ts";
import { noGrad } from "../ops/core/autograd/autograd.ts";
import { persistent } from "../ops/core/recorder.ts";
import { signature } from "../ops/core/signature.ts";
import { TENSOR } from "../ops/core/tensor/kinds.ts";
import { nextStream, permutation, seedStream } from "../ops/core/tensor/random.ts";
import type { Tensor } from "../ops/core/tensor/tensor.ts";
import { BOOLEAN, FUNCTION, listOf, SEED, whole } from "../ops/core/kinds.ts";

/** Options of {@linkcode DataLoader}. */
export interface DataLoaderOptions {
  /** Examples in a batch, 1 unless given. */
  batchSize?: number;
  /** Whether each pass has an order of its own, false unless given. */
  shuffle?: boolean;
  /** Seed of the orders; unless given, the orders follow `manualSeed`. */
  seed?: number;
  /** Whether an incomplete last batch is left out, false unless given. */
  dropLast?: boolean;
  /**
   * What is done to the first tensor of each batch, without gradients; all tensors made on the way are freed. It returns
   * a tensor of as many examples.
   */
  transform?: Transform;
}

const takesBatch = signature("make a batch", { "what gather() returns": listOf(TENSOR, "tensors") });
const takes = signature<DataLoaderOptions>("make a DataLoader", { dataset: DATASET }, {
  batchSize: whole(1),
  shuffle: BOOLEAN,
  seed: SEED,
  dropLast: BOOLEAN,
  transform: FUNCTION,
});

/**
 * Iterates over a data set in batches. Each iteration is one pass over all of it.
 *
 * A loader takes labelled images (such as `FashionMNIST`), which lie on the GPU as bytes; a `TensorDataset`, a `Subset`
 * or a `ConcatDataset`; and any object with `length` and `get(i)` that returns `[x, y]`. Where examples lie on the GPU,
 * batches are gathered there, and a training step uploads only the indices of its batch; loaders of one data set share
 * the uploaded examples.
 *
 * A batch is freed when the next one is asked for: `x.detach()` keeps one for longer. The batch at which a loop
 * is left stays.
 *
 * @example Usage
 * ```ts
 * import { DataLoader, FashionMNIST, openDevice } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const test = await FashionMNIST.load({ split: "test" });
 * for (const [x, y] of new DataLoader(test, { batchSize: 256 })) {
 *   assertEquals(x.shape, [256, 1, 28, 28]);
 *   assertEquals((await y.data())[0], 9); // an ankle boot
 *   break;
 * }
 * ```
 *
 * @example A data set of one's own, and a transform
 * ```ts
 * import { DataLoader, openDevice } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const squares = { length: 4, get: (i: number) => [[i, i * i], i % 2] };
 * for (const [x, y] of new DataLoader(squares, { batchSize: 4, transform: (x) => x.mul(10) })) {
 *   assertEquals(await x.toArray(), [[0, 0], [10, 10], [20, 40], [30, 90]]);
 *   assertEquals(await y.data(), new Int32Array([0, 1, 0, 1]));
 * }
 * ```
 */
export class DataLoader<B extends readonly Tensor[] = Batch> {
  /** The data set. */
  readonly dataset: Dataset<B>;
  /** Examples in a batch. */
  readonly batchSize: number;
  readonly #options: DataLoaderOptions;
  readonly #source: BatchSource<B>;
  #pass = 0;

  /**
   * Prepares to iterate. Nothing is uploaded before the first batch is asked for.
   *
   * @param dataset The examples.
   * @param options Batch size, order, what becomes of the last batch, and what is done to each.
   * @throws {RangeError} If the batch size is no whole number from 1 up, or the seed is none from 0 up.
   * @throws {TypeError} If the data set is of no kind that is known.
   */
  constructor(dataset: Dataset<B>, options: DataLoaderOptions = {}) {
    takes(arguments);
    const { batchSize = 1 } = options;
    this.dataset = dataset;
    this.batchSize = batchSize;
    this.#options = options;
    this.#source = batchSource(dataset);
  }

  /** Number of batches in a pass. */
  get length(): number {
    const whole = this.dataset.length / this.batchSize;
    return this.#options.dropLast ? Math.floor(whole) : Math.ceil(whole);
  }

  /** Starts a pass. */
  *[Symbol.iterator](): Generator<B, void, unknown> {
    yield* this.#batches(this.#order(), 0);
  }

  /** The number of the next pass, on which its order depends where the loader has a seed. */
  private get nextPass(): number {
    return this.#pass;
  }

  /** The batches of a pass once more, from the one at `first` on; a loader without a seed draws their order here and now. */
  private again(pass: number, first: number): Generator<B, void, unknown> {
    return this.#batches(this.#order(pass), first);
  }

  *#batches(order: Int32Array, first: number): Generator<B, void, unknown> {
    const stop = this.#options.dropLast ? this.length * this.batchSize : order.length;
    for (let start = first * this.batchSize; start < stop; start += this.batchSize) {
      const chosen = order.subarray(start, Math.min(start + this.batchSize, stop));
      const batch = persistent(() => this.#batch(chosen));
      yield batch;
      for (const t of batch) t.dispose();
    }
  }

  /** Frees what the data set put on the GPU, for all who share it; it is put there again when it is next needed. */
  dispose(): void {
    this.#source.dispose();
  }

  #order(pass?: number): Int32Array {
    const { shuffle = false, seed } = this.#options, { length } = this.dataset;
    if (!shuffle) return Int32Array.from({ length }, (_, i) => i);
    const stream = seed === undefined ? nextStream() : seedStream(seed, pass ?? this.#pass++);
    return permutation(length, stream);
  }

  #batch(indices: Int32Array): B {
    using inner = scope();
    const found: B = this.#source.gather(indices), { transform } = this.#options;
    takesBatch([found]);
    const [x, ...rest] = found;
    const batch = [transform && x ? noGrad(() => applyTransform(transform, x)) : x, ...rest];
    for (const t of batch) inner.keep(t);
    return batch as readonly Tensor[] as B;
  }
}
