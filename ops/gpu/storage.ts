/**
 * A piece of GPU memory that is counted: it goes back to the pool when nobody holds it.
 *
 * @module
 */
import type { Device } from "./device.ts";
import { type Doubts, NO_DOUBTS } from "./validation.ts";

/** Reference-counted GPU memory. The buffer behind it is taken from the pool at its first use. */
export class Storage {
  /** Size that was asked for, in bytes; the buffer may be larger. */
  readonly bytes: number;
  /** The device whose pool it belongs to. */
  readonly device: Device;
  /** Grows with every write in place, so that autograd can tell that a saved tensor was changed. */
  version = 0;
  /** Grows with those writes that became part of the history of the tensor which was written. */
  rewrites = 0;
  /** What its value depends on that is not known to be valid. */
  doubts: Doubts = NO_DOUBTS;
  #buffer: GPUBuffer | null = null;
  #holders = 1;
  #sealed = false;

  /** Makes storage of `bytes` bytes, held once. */
  constructor(device: Device, bytes: number) {
    device.pool.checkSize(bytes);
    this.device = device;
    this.bytes = bytes;
    device.pool.allocations?.made(this);
  }

  /** The GPU buffer, taken from the pool when it is first asked for. */
  get buffer(): GPUBuffer {
    if (this.#sealed) {
      throw new Error(
        "Cannot use a tensor that was made inside compile(fn) as its memory is shared by others: return it from fn",
      );
    }
    if (this.#holders === 0) throw new Error("Cannot use GPU memory as it was already released: holders 0");
    return this.#buffer ??= this.device.pool.acquire(this.bytes);
  }

  /** Says that no buffer will ever stand behind it: a captured step keeps such values where it likes. */
  seal(): void {
    this.#sealed = true;
  }

  /** Whether a buffer stands behind it already. */
  get allocated(): boolean {
    return this.#buffer !== null;
  }

  /** Whether somebody still holds it. */
  get alive(): boolean {
    return this.#holders > 0;
  }

  /** Whether more than one holds it. */
  get shared(): boolean {
    return this.#holders > 1;
  }

  /** Adds a holder. */
  retain(): this {
    this.#holders++;
    return this;
  }

  /** Gives up one hold; the last one returns the buffer to the pool. */
  release(): void {
    if (--this.#holders > 0) return;
    this.device.pool.allocations?.freed(this);
    if (this.#buffer === null) return;
    this.device.pool.release(this.#buffer);
    this.#buffer = null;
  }
}
