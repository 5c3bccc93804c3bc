/**
 * Parts of data sets.
 *
 * @module
 */
import { batchSource, checkPlaces, DATASET, INDICES } from "./_batch_source.ts";
import type { Batch, BatchSource, Dataset } from "./dataset.ts";
import { signature } from "../ops/core/signature.ts";
import { nextStream, permutation, seedStream } from "../ops/core/tensor/random.ts";
import type { Tensor } from "../ops/core/tensor/tensor.ts";
import { ITERABLE, listOf, NUMBER, SEED } from "../ops/core/kinds.ts";

const takesIndices = signature("gather a batch", { indices: INDICES });
const takes = signature("make a Subset", { dataset: DATASET, indices: ITERABLE });

/**
 * Holds some examples of a data set, in an order of its own, as PyTorch's `Subset` does.
 *
 * Nothing is copied: a subset maps its places to those of the whole on the CPU, and shares what the whole has on the
 * GPU.
 *
 * @example Usage
 * ```ts
 * import { DataLoader, openDevice, Subset, TensorDataset } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const data = new TensorDataset(new Float32Array([10, 11, 12, 13]));
 * for (const [x] of new DataLoader(new Subset(data, [3, 1]), { batchSize: 2 })) {
 *   assertEquals(await x.toArray(), [13, 11]);
 *   break;
 * }
 * ```
 */
export class Subset<B extends readonly Tensor[] = Batch> implements BatchSource<B> {
  /** The data set that this is a part of. */
  readonly dataset: Dataset<B>;
  /** The places of the examples in the whole. */
  readonly indices: Int32Array;
  readonly #source: BatchSource<B>;

  /**
   * Chooses examples.
   *
   * @param dataset The whole.
   * @param indices The places of the examples; a place may come several times. The indices are copied.
   * @throws {RangeError} If there is no example at a place.
   */
  constructor(dataset: Dataset<B>, indices: Iterable<number>) {
    takes(arguments);
    const places = [...indices];
    const wrong = places.find((i) => !Number.isInteger(i) || i < 0 || i >= dataset.length);
    if (wrong !== undefined) {
      throw new RangeError(
        `Cannot make a Subset as its indices must be whole numbers from 0 to ${dataset.length - 1}: ${wrong}`,
      );
    }
    this.dataset = dataset;
    this.indices = Int32Array.from(places);
    this.#source = batchSource(dataset);
  }

  /** The number of examples. */
  get length(): number {
    return this.indices.length;
  }

  /**
   * Gathers a batch.
   *
   * @param indices The places of its examples in this part.
   * @returns The batch as the data set makes it.
   * @throws {RangeError} If there is no example at a place.
   */
  gather(indices: Int32Array): B {
    takesIndices(arguments);
    checkPlaces("gather a batch", indices, this.length);
    return this.#source.gather(indices.map((i) => this.indices[i]!));
  }

  /** Frees what the data set put on the GPU, for all who share it; it is put there again when it is next needed. */
  dispose(): void {
    this.#source.dispose();
  }
}

/** Options of {@linkcode randomSplit}. */
export interface RandomSplitOptions {
  /** Seed of the choice; unless given, the choice follows `manualSeed`. */
  seed?: number;
}

const takesSplit = signature<RandomSplitOptions>("split a data set", {
  dataset: DATASET,
  lengths: listOf(NUMBER, "numbers"),
}, { seed: SEED });

/**
 * Splits a data set at random into parts that share nothing, as PyTorch's `random_split` does.
 *
 * @param dataset The whole.
 * @param lengths The number of examples in each part; or fractions, which add up to 1: each is rounded down, and what is
 *   left goes to the parts from the first on, one each.
 * @param options The seed.
 * @returns The parts.
 * @throws {RangeError} If the lengths do not add up to that of the data set, or the seed is no whole number from 0 up.
 *
 * @example Usage
 * ```ts
 * import { randomSplit, TensorDataset } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * const data = new TensorDataset(new Float32Array(10));
 * const [train, validation] = randomSplit(data, [0.75, 0.25], { seed: 1 });
 * assertEquals([train.length, validation.length], [8, 2]);
 * assertEquals([...train.indices, ...validation.indices].sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
 * ```
 */
export function randomSplit<B extends readonly Tensor[] = Batch>(
  dataset: Dataset<B>,
  lengths: readonly number[],
  options: RandomSplitOptions = {},
): Subset<B>[] {
  takesSplit(arguments);
  const { seed } = options;
  const sizes = wholeLengths(dataset.length, lengths);
  const order = permutation(dataset.length, seed === undefined ? nextStream() : seedStream(seed, 0));
  let start = 0;
  return sizes.map((size) => new Subset(dataset, order.subarray(start, start += size)));
}

function wholeLengths(n: number, lengths: readonly number[]): readonly number[] {
  const sum = lengths.reduce((a, b) => a + b, 0);
  const valid = lengths.every((v) => v >= 0);
  if (valid && Math.abs(sum - 1) < 1e-9) {
    const sizes = lengths.map((fraction) => Math.floor(n * fraction));
    const left = n - sizes.reduce((a, b) => a + b, 0);
    return sizes.map((size, i) => (i < left ? size + 1 : size)); // rounding down leaves less than one to each
  }
  if (valid && sum === n && lengths.every(Number.isInteger)) return lengths;
  throw new RangeError(
    `Cannot split a data set as the lengths must be whole numbers that add up to ${n}, or fractions that add up to 1: [${
      lengths.join(", ")
    }]`,
  );
}
