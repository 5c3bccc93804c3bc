/**
 * Where kernels are tried: memory of its own, full of noise.
 *
 * @module
 */
import type { Device } from "../../gpu/device.ts";
import type { Bound, Dispatch } from "../../gpu/kernel.ts";
import { Storage } from "../../gpu/storage.ts";
import type { Work } from "../../gpu/work.ts";

/** Elements behind an output that must stay as they are. */
const MARGIN = 1024;
/** What memory holds before a kernel writes to it: a NaN, whatever its type. */
export const UNWRITTEN = 0x7fc00000;

/** Memory for trials of one problem. */
export class Bench {
  readonly #device: Device;
  readonly #own = new Map<Bound, { storage: Storage; noise: Float32Array<ArrayBuffer> }>();
  readonly #temporaries: Storage[] = [];

  /** Makes an empty bench. */
  constructor(device: Device) {
    this.#device = device;
  }

  /** The dispatches of a work, on the bench's memory. */
  dispatches({ dispatches, temporaries }: Work): Dispatch[] {
    this.#temporaries.push(...temporaries);
    const keep = new Set<Bound>(this.#temporaries);
    return dispatches.map((dispatch) => ({
      ...dispatch,
      bind: dispatch.bind.map((b) => keep.has(b) ? b : this.#place(b).storage),
    }));
  }

  /** What a storage holds until something is written to it. */
  noise(storage: Storage): Float32Array {
    return this.#place(storage).noise;
  }

  /** Marks the first `count` elements of an output, and some behind them, as not written. */
  blank(storage: Storage, count: number): void {
    const size = Math.min(count + MARGIN, storage.bytes >> 2);
    this.#device.queue.upload(this.#place(storage).storage, new Uint32Array(size).fill(UNWRITTEN));
  }

  /** Reads the first `count` elements, and some behind them. */
  async read(storage: Storage, count: number): Promise<ArrayBuffer> {
    const size = Math.min(count + MARGIN, storage.bytes >> 2);
    return await this.#device.queue.read(this.#place(storage).storage, 4 * size);
  }

  /** Frees the memory. */
  dispose(): void {
    for (const { storage } of this.#own.values()) storage.release();
    for (const storage of this.#temporaries) storage.release();
  }

  #place(b: Bound): { storage: Storage; noise: Float32Array } {
    let own = this.#own.get(b);
    if (!own) {
      own = { storage: new Storage(this.#device, b.bytes), noise: noiseOf(b.bytes >> 2, this.#own.size) };
      this.#device.queue.upload(own.storage, own.noise);
      this.#own.set(b, own);
    }
    return own;
  }
}

/** Values in [-1, 1), the same in every run. */
function noiseOf(n: number, seed: number): Float32Array<ArrayBuffer> {
  const values = new Float32Array(n);
  for (let i = 0, state = Math.imul(seed + 1, 2654435761) | 1; i < n; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    values[i] = state / 2 ** 31;
  }
  return values;
}
