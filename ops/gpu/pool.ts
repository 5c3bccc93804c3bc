/**
 * Buffers by size class. The collector cannot see GPU memory, so buffers are lent and given back by hand.
 *
 * @module
 */

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

/** Lends buffers and takes them back. Work runs in order on one queue, so a buffer can be lent again at once. */
export class BufferPool {
  /** Counters, read by `device.memory()`. */
  readonly report: MemoryReport = { tensors: 0, forgotten: 0, bytesInUse: 0, bytesPooled: 0, peakBytes: 0 };
  readonly #device: GPUDevice;
  readonly #free = new Map<number, GPUBuffer[]>();

  /** Makes an empty pool for `device`. */
  constructor(device: GPUDevice) {
    this.#device = device;
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
    const { report } = this;
    report.bytesInUse += size;
    report.peakBytes = Math.max(report.peakBytes, report.bytesInUse);
    const free = this.#free.get(size)?.pop();
    if (free) {
      report.bytesPooled -= size;
      return free;
    }
    return this.#device.createBuffer({ size, usage: usages() });
  }

  /** Takes back a buffer that was lent. */
  release(buffer: GPUBuffer): void {
    const size = buffer.size;
    this.report.bytesInUse -= size;
    this.report.bytesPooled += size;
    const list = this.#free.get(size);
    if (list) list.push(buffer);
    else this.#free.set(size, [buffer]);
  }

  /** Destroys the buffers that wait in the pool. */
  trim(): void {
    for (const list of this.#free.values()) for (const buffer of list) buffer.destroy();
    this.#free.clear();
    this.report.bytesPooled = 0;
  }
}

/** The size that is allocated for `bytes`: steps of a quarter of a power of two, so at most a fifth is wasted. */
export function sizeClass(bytes: number, most: number): number {
  if (bytes <= 256) return 256;
  const step = 2 ** Math.max(8, Math.floor(Math.log2(bytes)) - 2);
  return Math.max(Math.min(Math.ceil(bytes / step) * step, most), Math.ceil(bytes / 16) * 16);
}

/** The usages of every pooled buffer: any of them may be a storage, a small uniform, a source or a target of copies. */
function usages(): GPUBufferUsageFlags {
  const { STORAGE, UNIFORM, COPY_SRC, COPY_DST } = GPUBufferUsage; // asked for here, as an import must not load WebGPU
  return STORAGE | UNIFORM | COPY_SRC | COPY_DST;
}
