/**
 * Buffers by size class. The collector cannot see GPU memory, so buffers are lent and given back by hand.
 *
 * What is given back waits for its next use. How much may wait depends on how much was lent out lately: buffers beyond
 * that are destroyed, those first that were not used for the longest time.
 *
 * @module
 */
import { BUFFER_USAGE } from "./constants.ts";
import { type Allocations, inWords } from "./allocations.ts";
import { makeBuffer } from "./buffers.ts";
import { FreeBuffers } from "./free_buffers.ts";

/** The usages of every pooled buffer: any of them may be a storage, a small uniform, a source or a target of copies. */
const USAGES = BUFFER_USAGE.STORAGE | BUFFER_USAGE.UNIFORM | BUFFER_USAGE.COPY_SRC | BUFFER_USAGE.COPY_DST;

/** What `device.memory()` tells. */
export interface MemoryReport {
  /** Tensors that were made and not yet disposed. */
  tensors: number;
  /** Tensors that the collector took before anybody disposed of them; their memory comes back then. */
  forgotten: number;
  /** Bytes of the buffers that are lent out, as allocated. */
  bytesInUse: number;
  /** Bytes of the buffers that wait in the pool for their next use. */
  bytesPooled: number;
  /** The largest `bytesInUse` so far. */
  peakBytes: number;
}

/** What a pool asks of the device that it belongs to. */
export interface PoolOwner {
  readonly gpu: GPUDevice;
  /** Submits what was recorded, as a buffer that it uses must not be destroyed before. */
  submit(): void;
  /** The same, and has what waits beyond the bound destroyed, so that there is room for `bytes` more. */
  makeRoom(bytes: number): void;
  /** Submits what was recorded and waits, here and now, until it is done. */
  wait(): void;
  /** Takes an error that nobody can be told of at once. */
  fail(error: Error): void;
  /** Throws if the device is closed or lost, which may be found out here. */
  expectAlive(): void;
}

/** Buffers that are lent before what was lent out lately is judged anew: some steps of a deep network. */
const WINDOW = 8192;
/** Milliseconds after which a wait for the GPU has it judged anew too. */
const WINDOW_MS = 1000;
/** What the pool may hold, whatever is in use. */
const LEAST_BOUND = 64 * 2 ** 20;
/** How many times what was lent out at once lately all buffers together may be: classes have their peaks at different times. */
const BOUND_FACTOR = 1.5;
/** A buffer this many times too large serves where another is not to be made, but not for what is small. */
const MOST_EXCESS = 2, LEAST_REPLACED = 2 ** 20;
/** New bytes after which the collector is asked to look for forgotten tensors. */
const BYTES_UNTIL_COLLECTION = 256 * 2 ** 20;

/** Somebody who looks for tensors that are left. */
export interface LeakWatch {
  /** How many tensors had been made when it began. */
  readonly since: number;
  /** Tensors made before that were disposed of meanwhile, which are no excuse for others that are left. */
  freedBefore: number;
}

/** Lends buffers and takes them back. Work runs in order on one queue, so a buffer can be lent again at once. */
export class BufferPool {
  /** Counters, read by `device.memory()`. */
  readonly report: MemoryReport = { tensors: 0, forgotten: 0, bytesInUse: 0, bytesPooled: 0, peakBytes: 0 };
  /** Where the memory that is alive was asked for, if that is remembered. */
  allocations: Allocations | null = null;
  /** Tensors that were made so far. */
  tensorsMade = 0;
  /** Who looks for leaks at the moment. */
  readonly leakWatches: Set<LeakWatch> = new Set();
  readonly #owner: PoolOwner;
  readonly #device: GPUDevice;
  readonly #free = new FreeBuffers();
  /** Buffers lent in the window of now, and the most bytes that were out at once in it and in the one before. */
  #window = { lent: 0, begun: 0, peak: 0, peakBefore: 0 };
  /** Buffers that had been lent in the window at the last wait for all work. */
  #lentBefore = 0;
  /** Bytes of new buffers since the collector was last asked. */
  #newBytes = 0;
  #isClosed = false;

  /** Makes an empty pool. */
  constructor(owner: PoolOwner) {
    this.#owner = owner;
    this.#device = owner.gpu;
  }

  /** What buffers may take in all: those that are lent out and those that wait. */
  get bound(): number {
    const { peak, peakBefore } = this.#window;
    return LEAST_BOUND + BOUND_FACTOR * Math.max(peak, peakBefore);
  }

  /** Refuses a size that no single binding of this adapter can hold. */
  checkSize(bytes: number): void {
    const most = Math.min(this.#device.limits.maxBufferSize, this.#device.limits.maxStorageBufferBindingSize);
    if (!(bytes <= most)) { // NaN too, which sizes beyond all numbers make
      throw new RangeError(
        `Cannot allocate a tensor as this adapter binds at most ${most} bytes: ${bytes} bytes`,
      );
    }
  }

  /** Lends a buffer of at least `bytes` bytes. What is in it is undefined. */
  acquire(bytes: number): GPUBuffer {
    const size = sizeClass(bytes, this.#device.limits.maxStorageBufferBindingSize);
    const buffer = this.#free.take(size) ?? this.#acquireOther(size, bytes);
    const { report } = this, window = this.#window;
    report.bytesInUse += buffer.size;
    if (report.bytesInUse > window.peak) {
      window.peak = report.bytesInUse;
      report.peakBytes = Math.max(report.peakBytes, window.peak);
    }
    if (++window.lent >= WINDOW) this.#beginWindow();
    report.bytesPooled = this.#free.bytes;
    return buffer;
  }

  /** A buffer where none of this size waits: a larger one where the pool has its fill, else a new one. */
  #acquireOther(size: number, asked: number): GPUBuffer {
    const { report } = this;
    const isFull = size >= LEAST_REPLACED && report.bytesInUse + this.#free.bytes + size > this.bound;
    if (isFull) {
      const larger = this.#free.takeLarger(size, MOST_EXCESS * size);
      if (larger) return larger;
      this.#owner.makeRoom(size);
    }
    this.#askCollector(size);
    return this.make({ size, usage: USAGES }, asked);
  }

  /** Takes back a buffer that was lent. */
  release(buffer: GPUBuffer): void {
    const { report } = this;
    report.bytesInUse -= buffer.size;
    this.#free.put(buffer);
    report.bytesPooled = this.#free.bytes;
    if (this.#isClosed) this.trim();
  }

  /** Lends no more: what waits is destroyed, and what is lent out when it comes back. */
  close(): void {
    this.#isClosed = true;
    this.trim();
  }

  /**
   * Makes a buffer of any kind. Where there is no memory for it, what waits in the pool makes way, and the GPU is waited
   * for, as memory that it uses comes back then.
   *
   * @param descriptor What to make.
   * @param asked Bytes that were asked for, for the error.
   * @throws {RangeError} If there is no memory for it still.
   */
  make(descriptor: GPUBufferDescriptor, asked = descriptor.size): GPUBuffer {
    const { gpu, fail } = this.#owner;
    const made = makeBuffer(gpu, descriptor, fail);
    if (made) return made;
    this.#owner.expectAlive();
    this.#owner.submit();
    this.trim();
    this.#owner.wait();
    return makeBuffer(gpu, descriptor, fail) ?? this.#refuse(asked);
  }

  #refuse(asked: number): never {
    const { tensors, bytesInUse } = this.report;
    const used = `${inWords(bytesInUse)} are in use, ${tensors} tensors are alive`;
    const held = this.allocations
      ? `, most of them by${this.allocations.list()}`
      : ". `openDevice({ trackAllocations: true })` tells where they were made";
    throw new RangeError(
      `Cannot allocate ${inWords(asked)} as the GPU must have room for it: ${used}, ` +
        `of which a loop frees its own by \`using _ = scope()\`${held}`,
    );
  }

  /**
   * Destroys what waits beyond the bound; to be called when nothing is recorded that waits to be submitted.
   *
   * @param more Bytes that there is to be room for besides.
   * @returns Bytes that were destroyed. They come back when the work on its way that uses them is done.
   */
  settle(more = 0): number {
    const { report } = this, before = this.#free.bytes;
    const surplus = report.bytesInUse + before + more - this.bound;
    if (surplus <= 0) return 0;
    report.bytesPooled = this.#free.destroyOldest(surplus);
    return before - report.bytesPooled;
  }

  /**
   * Judges anew what was lent out lately, after a wait for the GPU: if some time has passed, and at once if all work is done
   * and nothing was lent since that was so before.
   */
  reconsider(isAllDone: boolean): void {
    const { lent, begun } = this.#window;
    const isIdle = isAllDone && lent === this.#lentBefore;
    if (isAllDone) this.#lentBefore = lent;
    if (isIdle || performance.now() - begun > WINDOW_MS) this.#beginWindow();
    if (isIdle) this.#window.peakBefore = this.report.bytesInUse;
    this.settle();
  }

  #beginWindow(): void {
    const { peak } = this.#window;
    this.#window = { lent: 0, begun: performance.now(), peak: this.report.bytesInUse, peakBefore: peak };
    this.#lentBefore = 0;
  }

  /** Destroys the buffers that wait in the pool; nothing that is recorded and not yet submitted may use them. */
  trim(): void {
    this.report.bytesPooled = this.#free.destroyOldest(Infinity);
  }

  /**
   * Lets the collector know of memory that it cannot see: it takes a step after so many bytes of arrays, and an array
   * that is never touched takes no memory. So tensors that were forgotten are found, and freed when the event loop turns.
   */
  #askCollector(size: number): void {
    this.#newBytes += size;
    if (this.#newBytes < BYTES_UNTIL_COLLECTION) return;
    this.#newBytes = 0;
    try {
      new ArrayBuffer(BYTES_UNTIL_COLLECTION);
    } catch {
      // there is no room for it: then the collector has run
    }
  }
}

/** The size that is allocated for `bytes`: steps of a quarter of a power of two, so at most a fifth is wasted. */
export function sizeClass(bytes: number, most: number): number {
  if (bytes <= 256) return 256;
  const step = 2 ** Math.max(8, Math.floor(Math.log2(bytes)) - 2);
  return Math.max(Math.min(Math.ceil(bytes / step) * step, most), Math.ceil(bytes / 16) * 16);
}
