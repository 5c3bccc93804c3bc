/**
 * Buffers that wait for their next use, by size.
 *
 * @module
 */

/** Buffers of one size, the one that came last at the end, and when each came. */
interface Waiting {
  readonly buffers: GPUBuffer[];
  readonly times: number[];
}

/** The buffers that nobody uses. */
export class FreeBuffers {
  /** Bytes of all of them. */
  bytes = 0;
  readonly #bySize = new Map<number, Waiting>();
  /** Counts what was put here: a time that cannot stand still. */
  #time = 0;

  /** Puts a buffer here. */
  put(buffer: GPUBuffer): void {
    const { size } = buffer, waiting = this.#bySize.get(size);
    this.bytes += size;
    if (waiting) {
      waiting.buffers.push(buffer);
      waiting.times.push(this.#time++);
    } else this.#bySize.set(size, { buffers: [buffer], times: [this.#time++] });
  }

  /** Takes the buffer of this size that came last. */
  take(size: number): GPUBuffer | undefined {
    const waiting = this.#bySize.get(size), buffer = waiting?.buffers.pop();
    if (!buffer) return undefined;
    waiting!.times.pop();
    this.bytes -= size;
    return buffer;
  }

  /** Takes the smallest buffer that is larger than `size`, and at most `most`. */
  takeLarger(size: number, most: number): GPUBuffer | undefined {
    let best = Infinity;
    for (const [other, { buffers }] of this.#bySize) {
      if (buffers.length > 0 && other > size && other < best) best = other;
    }
    return best <= most ? this.take(best) : undefined;
  }

  /** Destroys buffers, those that came first, until `bytes` bytes are free; says how many bytes still wait. */
  destroyOldest(bytes: number): number {
    const end = this.bytes - bytes;
    while (this.bytes > Math.max(end, 0)) {
      let oldest: Waiting | null = null;
      for (const waiting of this.#bySize.values()) {
        if (waiting.times.length > 0 && !(oldest && oldest.times[0]! < waiting.times[0]!)) oldest = waiting;
      }
      const buffer = oldest!.buffers.shift()!;
      oldest!.times.shift();
      this.bytes -= buffer.size;
      buffer.destroy();
    }
    return this.bytes;
  }
}
