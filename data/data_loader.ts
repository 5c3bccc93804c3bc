/**
 * Batches of a data set.
 *
 * @module
 */
import { ByteRows } from "../ops/byte_rows.ts";
import { tensor } from "../ops/core/create.ts";
import { currentDevice, type Device } from "../ops/gpu/device.ts";
import { nextStream, permutation, seedStream } from "../ops/core/random.ts";
import { persistent } from "../ops/core/execute.ts";
import type { Tensor } from "../ops/core/tensor.ts";
import type { ImageDataset } from "./image_dataset.ts";

/** Options of {@linkcode DataLoader}. */
export interface DataLoaderOptions {
  /** Examples in a batch, 1 unless given. */
  batchSize?: number;
  /** Whether each pass has an order of its own, false unless given. */
  shuffle?: boolean;
  /** Seed of the orders; without it they follow `manualSeed`. */
  seed?: number;
  /** Whether an incomplete last batch is left out, false unless given. */
  dropLast?: boolean;
}

/** A batch: images `[n, 1, h, w]` from 0 to 1, and labels `[n]`, int32. */
export type Batch = [x: Tensor, y: Tensor];

/**
 * Iterates over a data set in batches. Each iteration is one pass over all of it.
 *
 * The images lie on the GPU as bytes; a batch is gathered there, so that a step uploads only which images it wants. A
 * batch is freed when the next one is asked for: `x.detach()` keeps one for longer. The one at which a loop is left stays.
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
 */
export class DataLoader {
  /** The data set. */
  readonly dataset: ImageDataset;
  /** Examples in a batch. */
  readonly batchSize: number;
  readonly #options: DataLoaderOptions;
  #onDevice: { device: Device; images: ByteRows; labels: ByteRows } | null = null;
  #pass = 0;

  /**
   * Prepares to iterate. Nothing is uploaded before the first batch is asked for.
   *
   * @param dataset Images and labels.
   * @param options Batch size, order, and what becomes of the last batch.
   * @throws {RangeError} If the batch size is no whole number from 1 up, or the seed none from 0 up.
   */
  constructor(dataset: ImageDataset, options: DataLoaderOptions = {}) {
    const { batchSize = 1, seed } = options;
    if (!Number.isInteger(batchSize) || batchSize < 1) {
      throw new RangeError(
        `Cannot make a DataLoader as batchSize must be a whole number from 1 up: ${batchSize}`,
      );
    }
    if (seed !== undefined && (!Number.isSafeInteger(seed) || seed < 0)) {
      throw new RangeError(`Cannot make a DataLoader as seed must be a whole number from 0 up: ${seed}`);
    }
    this.dataset = dataset;
    this.batchSize = batchSize;
    this.#options = options;
  }

  /** Number of batches in a pass. */
  get length(): number {
    const whole = this.dataset.length / this.batchSize;
    return this.#options.dropLast ? Math.floor(whole) : Math.ceil(whole);
  }

  /** Starts a pass. */
  *[Symbol.iterator](): Generator<Batch, void, unknown> {
    const { images, labels } = this.#upload();
    const order = this.#order();
    const stop = this.#options.dropLast ? this.length * this.batchSize : this.dataset.length;
    for (let start = 0; start < stop; start += this.batchSize) {
      const chosen = order.subarray(start, Math.min(start + this.batchSize, stop));
      const batch = persistent(() => {
        using indices = tensor(chosen, { dtype: "int32" });
        return [images.gather(indices), labels.gather(indices)] as Batch;
      });
      yield batch;
      for (const t of batch) t.dispose();
    }
  }

  /** Frees the images on the GPU; the next pass uploads them again. */
  dispose(): void {
    this.#onDevice?.images.dispose();
    this.#onDevice?.labels.dispose();
    this.#onDevice = null;
  }

  #order(): Int32Array {
    const { shuffle = false, seed } = this.#options, n = this.dataset.length;
    if (!shuffle) return Int32Array.from({ length: n }, (_, i) => i);
    return permutation(n, seed === undefined ? nextStream() : seedStream(seed, this.#pass++));
  }

  #upload(): { images: ByteRows; labels: ByteRows } {
    const device = currentDevice("iterate over a data set");
    if (this.#onDevice?.device === device) return this.#onDevice;
    const { images, labels } = this.dataset;
    this.#onDevice = {
      device,
      images: new ByteRows(images.data, [1, ...images.shape.slice(1)], "float32"),
      labels: new ByteRows(labels.data, [], "int32"),
    };
    return this.#onDevice;
  }
}
