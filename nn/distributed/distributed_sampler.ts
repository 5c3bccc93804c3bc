/**
 * Which examples each rank takes.
 *
 * @module
 */
import { DATASET } from "../../data/_batch_source.ts";
import type { Sampler } from "../../data/dataset.ts";
import { BOOLEAN, required, SEED, whole } from "../../ops/core/kinds.ts";
import { signature } from "../../ops/core/signature.ts";
import { permutation, seedStream } from "../../ops/core/tensor/random.ts";
import { currentGroup } from "./process_group.ts";

/** Options of {@linkcode DistributedSampler}. */
export interface DistributedSamplerOptions {
  /** How many ranks share the examples, those of the group unless given. */
  numReplicas?: number;
  /** Which of them this is, that of the process unless given. */
  rank?: number;
  /** Whether each epoch has an order of its own, true unless given. */
  shuffle?: boolean;
  /** Seed of the orders, the same on all ranks; 0 unless given. */
  seed?: number;
  /** Whether examples that are left over are left out, rather than some taken twice; false unless given. */
  dropLast?: boolean;
  /** Whether some are taken twice so that all ranks have as many, true unless given. For an evaluation: false. */
  pad?: boolean;
}

/** What `stateDict` of a {@linkcode DistributedSampler} gives; it can be written as JSON. */
export interface DistributedSamplerState {
  /** Examples of the data set. */
  examples: number;
  /** Whether each epoch has an order of its own. */
  shuffle: boolean;
  /** Seed of the orders. */
  seed: number;
  /** The epoch. */
  epoch: number;
  /** Examples of the epoch that all ranks together have taken. */
  taken: number;
}

const takes = signature<DistributedSamplerOptions>("make a DistributedSampler", { dataset: DATASET }, {
  numReplicas: whole(1),
  rank: whole(0),
  shuffle: BOOLEAN,
  seed: SEED,
  dropLast: BOOLEAN,
  pad: BOOLEAN,
});
const takesEpoch = signature("set the epoch", { epoch: whole(0) });
const takesState = signature<DistributedSamplerState>("load a DistributedSampler's state", {}, {
  examples: required(whole(0)),
  shuffle: required(BOOLEAN),
  seed: required(SEED),
  epoch: required(whole(0)),
  taken: required(whole(0)),
});

/**
 * Shares the examples of each epoch among the ranks, as PyTorch's `DistributedSampler` does: all have the same order, and
 * rank r of n takes every n-th example from the r-th on. What n does not divide is made up for by the first examples.
 *
 * The order is that of a `DataLoader` with `shuffle` and the same seed in its pass of the epoch's number, so that batches
 * of B / n on n ranks hold what one rank's batches of B hold.
 *
 * @example Usage
 * ```ts
 * import { DataLoader, openDevice, TensorDataset } from "@plunge/plunge";
 * import { DistributedSampler } from "@plunge/plunge/distributed";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const data = new TensorDataset(new Float32Array([0, 1, 2, 3, 4]));
 * const sampler = new DistributedSampler(data, { numReplicas: 2, rank: 1, shuffle: false });
 * assertEquals([...sampler], [1, 3, 0]); // rank 0 takes 0, 2, 4
 * const loader = new DataLoader(data, { batchSize: 2, sampler });
 * for (let epoch = 0; epoch < 3; epoch++) {
 *   sampler.setEpoch(epoch);
 *   for (const [x] of loader) assertEquals(x.shape[0] <= 2, true);
 * }
 * ```
 */
export class DistributedSampler implements Sampler {
  /** How many ranks share the examples. */
  readonly numReplicas: number;
  /** Which of them this is. */
  readonly rank: number;
  readonly #dataset: { readonly length: number };
  readonly #options: DistributedSamplerOptions;
  #epoch = 0;
  /** Examples of all ranks that the next pass leaves out, as they were taken before. */
  #start = 0;
  /** Examples that this rank has taken in the pass. */
  #taken = 0;
  #isUnderWay = false;

  /**
   * Shares examples.
   *
   * @param dataset The examples, the same on all ranks.
   * @param options How many ranks there are, the order, and what becomes of the rest.
   * @throws {RangeError} If there is no such rank.
   */
  constructor(dataset: { readonly length: number }, options: DistributedSamplerOptions = {}) {
    takes(arguments);
    const group = currentGroup();
    this.numReplicas = options.numReplicas ?? group?.worldSize ?? 1;
    this.rank = options.rank ?? group?.rank ?? 0;
    if (this.rank >= this.numReplicas) {
      throw new RangeError(
        `Cannot make a DistributedSampler as rank must be one from 0 to ${
          this.numReplicas - 1
        }: ${this.rank}`,
      );
    }
    this.#dataset = dataset;
    this.#options = options;
  }

  /** The epoch. */
  get epoch(): number {
    return this.#epoch;
  }

  /** The epoch that is to be gone through next: the one of a state that was loaded, unless that was at its end. */
  get nextEpoch(): number {
    return this.#start > 0 && this.#start >= this.#dataset.length ? this.#epoch + 1 : this.#epoch;
  }

  /** How many examples this rank has in the next pass. */
  get length(): number {
    return this.#share(this.#isUnderWay ? 0 : this.#start);
  }

  /**
   * Goes on to an epoch: without it, every pass has the same order. The epoch that a state was loaded of goes on where it
   * was.
   *
   * @param epoch Its number, from 0 up.
   */
  setEpoch(epoch: number): void {
    takesEpoch(arguments);
    if (epoch === this.#epoch) return;
    this.#epoch = epoch;
    [this.#start, this.#taken, this.#isUnderWay] = [0, 0, false];
  }

  /** Starts a pass, or goes on with the one whose state was loaded. */
  *[Symbol.iterator](): Generator<number, void, unknown> {
    if (this.#isUnderWay) this.#start = 0;
    this.#isUnderWay = true;
    this.#taken = 0;
    const { length } = this.#dataset, { shuffle = true, seed = 0 } = this.#options, start = this.#start;
    const order = shuffle
      ? permutation(length, seedStream(seed, this.#epoch))
      : Int32Array.from({ length }, (_, i) => i);
    const count = this.#share(start), { numReplicas: n, rank } = this;
    for (let k = 0; k < count; k++) yield order[(start + k * n + rank) % length];
  }

  /** Hears how many examples a batch took. */
  advance(examples: number): void {
    this.#taken += examples;
  }

  /**
   * Says where it is, the same on all ranks while they take batches of one size.
   *
   * @returns The state.
   */
  stateDict(): DistributedSamplerState {
    const taken = Math.min(this.#start + this.#taken * this.numReplicas, this.#dataset.length);
    return { ...this.#described(), epoch: this.#epoch, taken };
  }

  /**
   * Goes on from a state, of whichever number of ranks: the next pass shares what was left of the epoch.
   *
   * @param state The state.
   * @throws {RangeError} If it is of other examples, or another order. Nothing changes then.
   */
  loadStateDict(state: DistributedSamplerState): void {
    takesState(arguments);
    const own = this.#described(), names = Object.keys(own) as (keyof typeof own)[];
    const other = names.filter((name) => own[name] !== state[name]);
    if (other.length > 0 || state.taken > own.examples) {
      const both = other.map((name) => `${name} ${own[name]} here, ${state[name]} in the state`);
      throw new RangeError(
        `Cannot load a DistributedSampler's state as it must be of the same examples and order: ${
          both.join("; ") || `${state.taken} of ${own.examples} were taken`
        }`,
      );
    }
    this.#epoch = state.epoch;
    [this.#start, this.#taken, this.#isUnderWay] = [state.taken, 0, false];
  }

  /** What a state must have in common with this sampler. */
  #described() {
    const { shuffle = true, seed = 0 } = this.#options;
    return { examples: this.#dataset.length, shuffle, seed };
  }

  /** How many examples this rank has of what is behind the first `start`. */
  #share(start: number): number {
    const { length } = this.#dataset, rest = length - start, { numReplicas: n, rank } = this;
    const { dropLast = false, pad = true } = this.#options;
    if (rest <= 0) return 0;
    if (dropLast) return Math.floor(rest / n);
    return pad ? Math.ceil(rest / n) : Math.max(0, Math.ceil((rest - rank) / n));
  }
}
