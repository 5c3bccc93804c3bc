/**
 * Batches of a data set.
 *
 * @module
 */
import { scope } from "../ops/core/scope.ts";
import { batchSource, checkPlaces, DATASET } from "./_batch_source.ts";
import type { Batch, BatchSource, Dataset, Sampler } from "./dataset.ts";
import { applyTransform, type Transform } from "./transforms/transform.ts";
import { noGrad } from "../ops/core/autograd/autograd.ts";
import { persistent } from "../ops/core/recorder.ts";
import { signature } from "../ops/core/signature.ts";
import { TENSOR } from "../ops/core/tensor/kinds.ts";
import {
  checkRngState,
  nextStream,
  permutation,
  type RngState,
  seedStream,
  type Stream,
} from "../ops/core/tensor/random.ts";
import type { Tensor } from "../ops/core/tensor/tensor.ts";
import {
  ANYTHING,
  BOOLEAN,
  FUNCTION,
  type Kind,
  kind,
  listOf,
  nullable,
  recordOf,
  required,
  SEED,
  whole,
} from "../ops/core/kinds.ts";

/** Options of {@linkcode DataLoader}. */
export interface DataLoaderOptions {
  /** Examples in a batch, 1 unless given. */
  batchSize?: number | undefined;
  /** Whether each pass has an order of its own, false unless given. */
  shuffle?: boolean | undefined;
  /** Seed of the orders; unless given, the orders follow `manualSeed`. */
  seed?: number | undefined;
  /** What chooses the examples of a pass and their order; then there is no `shuffle`. */
  sampler?: Sampler | undefined;
  /** Whether an incomplete last batch is left out, false unless given. */
  dropLast?: boolean | undefined;
  /**
   * What is done to the first tensor of each batch, without gradients; all tensors made on the way are freed. It returns
   * a tensor of as many examples.
   */
  transform?: Transform | undefined;
}

/** What `stateDict` of a loader gives; it can be written as JSON. */
export interface DataLoaderState {
  /** Examples of the data set. */
  examples: number;
  /** Examples in a batch. */
  batchSize: number;
  /** Whether each pass has an order of its own. */
  shuffle: boolean;
  /** Seed of the orders; null where they follow `manualSeed`. */
  seed: number | null;
  /** Whether an incomplete last batch is left out. */
  dropLast: boolean;
  /** How many orders of the seed were used. */
  passes: number;
  /** The pass that has not come to its end: where its order comes from, and how many batches it gave; else null. */
  current: { stream: RngState | null; batches: number } | null;
  /** Where the sampler is, where there is one; then it says how far a pass is, and `current` is null. */
  sampler?: unknown;
}

/** A sampler. */
const SAMPLER: Kind = kind(
  "a sampler, with a length and places to iterate over",
  "sampler",
  (v) =>
    typeof v === "object" && v !== null && Symbol.iterator in v && "length" in v &&
    typeof v.length === "number",
);

const takesBatch = signature("make a batch", { "what gather() returns": listOf(TENSOR, "tensors") });
const takes = signature<DataLoaderOptions>("make a DataLoader", { dataset: DATASET }, {
  batchSize: whole(1),
  shuffle: BOOLEAN,
  seed: SEED,
  sampler: SAMPLER,
  dropLast: BOOLEAN,
  transform: FUNCTION,
});
const takesState = signature<DataLoaderState>("load a DataLoader's state", {}, {
  examples: required(whole(0)),
  batchSize: required(whole(1)),
  shuffle: required(BOOLEAN),
  seed: required(nullable(SEED)),
  dropLast: required(BOOLEAN),
  passes: required(whole(0)),
  current: required(nullable(recordOf(ANYTHING, "where a pass is"))),
  sampler: ANYTHING,
});
const takesPass = signature<{ stream: RngState | null; batches: number }>("load a DataLoader's state", {}, {
  stream: required(nullable(recordOf(ANYTHING, "a stream"))),
  batches: required(whole(0)),
});

/** A pass over the data: where its order comes from, null for that of the data set, and how many batches it gave. */
interface Pass {
  readonly stream: Stream | null;
  batches: number;
  /** What a sampler has chosen. */
  readonly chosen?: Int32Array;
}

/**
 * Iterates over a data set in batches. Each iteration is one pass over all of it.
 *
 * A loader takes labelled images (such as `FashionMNIST`), which lie on the GPU as bytes; a `TensorDataset`, a `Subset`
 * or a `ConcatDataset`; and any object with `length` and `get(i)` that returns `[x, y]`. Where examples lie on the GPU,
 * batches are gathered there, and a training step uploads only the indices of its batch; loaders of one data set share
 * the uploaded examples.
 *
 * A batch is freed when the next one is asked for: `x.detach()` keeps one for longer. The batch at which a loop
 * is left stays; the next loop begins a pass of its own.
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
  #passes = 0;
  /** The last pass that was begun. */
  #pass: Pass | null = null;
  /** Whether that pass has not come to its end. */
  #isUnderWay = false;
  /** Whether the next pass goes on with the current one, whose state was loaded. */
  #isResumed = false;

  /**
   * Prepares to iterate. Nothing is uploaded before the first batch is asked for.
   *
   * @param dataset The examples.
   * @param options Batch size, order, what becomes of the last batch, and what is done to each.
   * @throws {RangeError} If the batch size is no whole number from 1 up, the seed is none from 0 up, or there is a sampler
   *   and an order beside it.
   * @throws {TypeError} If the data set is of no kind that is known.
   */
  constructor(dataset: Dataset<B>, options: DataLoaderOptions = {}) {
    takes(arguments);
    const { batchSize = 1, sampler, shuffle, seed } = options;
    if (sampler && (shuffle || seed !== undefined)) {
      throw new RangeError(
        `Cannot make a DataLoader as a sampler must be the only one to order examples: ${
          shuffle ? "shuffle" : "seed"
        } was given too`,
      );
    }
    this.dataset = dataset;
    this.batchSize = batchSize;
    this.#options = options;
    this.#source = batchSource(dataset);
  }

  /** Number of batches in a pass. */
  get length(): number {
    const whole = (this.#options.sampler ?? this.dataset).length / this.batchSize;
    return this.#options.dropLast ? Math.floor(whole) : Math.ceil(whole);
  }

  /** Starts a pass, or goes on with the one whose state was loaded. */
  *[Symbol.iterator](): Generator<B, void, unknown> {
    const pass = this.#isResumed ? this.#pass! : this.#begin();
    [this.#isResumed, this.#isUnderWay, this.#pass] = [false, true, pass];
    try {
      yield* this.#batches(pass);
    } finally {
      if (this.#pass === pass) this.#isUnderWay = false; // also where the loop is left: the next begins a pass
    }
  }

  /** Goes back within the last pass, behind so many of its batches: the next loop goes on from there. */
  private goBack(batches: number): void {
    this.#pass = { ...this.#pass!, batches }; // another one, which the loop that is left does not end
    this.#isUnderWay = this.#isResumed = true;
  }

  /**
   * The batches of the last pass once more, from the one at `first` on; random numbers must stand where they stood then.
   */
  private again(first: number): Generator<B, void, unknown> {
    const pass = this.#pass!, { shuffle, seed } = this.#options;
    if (first === 0 && shuffle && seed === undefined) nextStream(); // the pass began with drawing its order
    return this.#batches({ ...pass, batches: first });
  }

  /** A batch of the examples at these places, which must exist; no pass is begun, and the caller owns its tensors. */
  private examples(places: Int32Array): B {
    return persistent(() => this.#batch(places));
  }

  /** The batches that are left of a pass. */
  *#batches(pass: Pass): Generator<B, void, unknown> {
    const order = this.#order(pass), { dropLast, sampler } = this.#options;
    const stop = order.length - (dropLast ? order.length % this.batchSize : 0);
    for (let start = pass.batches * this.batchSize; start < stop; start += this.batchSize) {
      const chosen = order.subarray(start, Math.min(start + this.batchSize, stop));
      const batch = persistent(() => this.#batch(chosen));
      pass.batches++;
      sampler?.advance?.(chosen.length);
      yield batch;
      for (const t of batch) t.dispose();
    }
  }

  /**
   * Says where the loader is, the batch that a loop is at counted as done: how many passes there were, and of one that
   * a loop is going through its order and how many batches it gave. Behind a loop, also one that was left, the next pass
   * comes next.
   *
   * @returns The state, without the examples and the transform.
   *
   * @example Usage
   * ```ts
   * import { arange, DataLoader, openDevice, TensorDataset } from "@plunge/plunge";
   * import { assertEquals } from "@std/assert";
   *
   * await openDevice();
   * const make = () => new DataLoader(new TensorDataset(arange(6)), { batchSize: 2, shuffle: true, seed: 1 });
   * const loader = make(), rest: unknown[] = [];
   * let state;
   * for (const [x] of loader) {
   *   if (state) rest.push(await x.toArray());
   *   state ??= loader.stateDict();
   * }
   * const resumed = make();
   * resumed.loadStateDict(state!);
   * assertEquals(await Promise.all(Array.from(resumed, ([x]) => x.toArray())), rest);
   * ```
   */
  stateDict(): DataLoaderState {
    const { sampler } = this.#options;
    const current = this.#isUnderWay && !sampler ? this.#pass : null;
    return {
      ...this.#described(),
      ...sampler ? { sampler: stateOf(sampler) } : {},
      passes: this.#passes,
      current: current && {
        stream: current.stream && { key: [...current.stream.key], call: current.stream.call },
        batches: current.batches,
      },
    };
  }

  /**
   * Goes on from a state that `stateDict` gave: the next loop goes through what was left of its pass.
   *
   * @param state The state.
   * @throws {RangeError} If it is of another number of examples, or of other options. Nothing changes then.
   */
  loadStateDict(state: DataLoaderState): void {
    takesState(arguments);
    const { passes, current } = state, own = this.#described();
    const names = Object.keys(own) as (keyof typeof own)[];
    const other = names.filter((name) => own[name] !== state[name]);
    if (other.length > 0) {
      const both = other.map((name) => `${name} ${own[name]} here, ${state[name]} in the state`);
      throw new RangeError(
        `Cannot load a DataLoader's state as it must be of the same examples and options: ${both.join("; ")}`,
      );
    }
    if (current) {
      takesPass([current]);
      if (current.stream) checkRngState(current.stream);
      if (current.batches > this.length || (current.stream !== null) !== own.shuffle) {
        throw new RangeError(
          `Cannot load a DataLoader's state as a pass has ${this.length} batches, ${
            own.shuffle ? "shuffled" : "in order"
          }: it is at batch ${current.batches}, ${current.stream ? "shuffled" : "in order"}`,
        );
      }
    }
    const { sampler } = this.#options;
    if (sampler || state.sampler !== undefined) {
      if (!sampler?.loadStateDict || state.sampler === undefined) {
        throw new RangeError(
          `Cannot load a DataLoader's state as both must have a sampler with a state: ${
            state.sampler === undefined ? "the state has none" : "there is none here"
          }`,
        );
      }
      sampler.loadStateDict(state.sampler);
    }
    this.#passes = passes;
    this.#pass = current && { stream: current.stream, batches: current.batches };
    this.#isUnderWay = this.#isResumed = current !== null;
  }

  /** Frees what the data set put on the GPU, for all who share it; it is put there again when it is next needed. */
  dispose(): void {
    this.#source.dispose();
  }

  /** What a state must have in common with this loader. */
  #described() {
    const { shuffle = false, seed = null, dropLast = false } = this.#options;
    return { examples: this.dataset.length, batchSize: this.batchSize, shuffle, seed, dropLast };
  }

  #begin(): Pass {
    const { shuffle = false, seed, sampler } = this.#options;
    if (sampler) return { stream: null, batches: 0, chosen: placesOf(sampler, this.dataset.length) };
    if (!shuffle) return { stream: null, batches: 0 };
    return { stream: seed === undefined ? nextStream() : seedStream(seed, this.#passes++), batches: 0 };
  }

  #order({ stream, chosen }: Pass): Int32Array {
    const { length } = this.dataset;
    if (chosen) return chosen;
    return stream ? permutation(length, stream) : Int32Array.from({ length }, (_, i) => i);
  }

  #batch(indices: Int32Array): B {
    using inner = scope();
    const found: B = this.#source.gather(indices), { transform } = this.#options;
    takesBatch([found]);
    const [x, ...rest] = found;
    const batch = [transform && x ? noGrad(() => applyTransform(transform, x)) : x, ...rest];
    for (const t of batch) if (t) inner.keep(t);
    return batch as readonly Tensor[] as B;
  }
}

/** The places that a sampler chooses. */
function placesOf(sampler: Sampler, length: number): Int32Array {
  const places = Int32Array.from(sampler);
  checkPlaces("go through a DataLoader's sampler", places, length);
  return places;
}

function stateOf(sampler: Sampler): unknown {
  if (sampler.stateDict) return sampler.stateDict();
  throw new TypeError(
    "Cannot tell where a DataLoader is as its sampler must have stateDict(): it has none",
  );
}
