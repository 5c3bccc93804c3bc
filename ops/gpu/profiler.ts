/**
 * Takes the GPU time of every dispatch with timestamp queries.
 *
 * @module
 */
import { BUFFER_USAGE, MAP_MODE } from "./constants.ts";
import type { Dispatch } from "./kernel.ts";

/** What one kernel took, over all its dispatches in the profile. */
export interface ProfileRow {
  /** The kernel's name. */
  kernel: string;
  /** Number of dispatches. */
  calls: number;
  /** Milliseconds on the GPU. */
  ms: number;
  /** Share of the whole profile's GPU time, 0 to 1. */
  share: number;
  /** Billions of floating-point operations a second, where the family counts them. */
  gflops: number | null;
  /** Billions of bytes a second, counting every bound storage once. */
  gbps: number;
}

/** Dispatches that one profile can hold: two timestamps each, 4,096 in a query set. */
const MOST_DISPATCHES = 2048;

/** Gathers timestamps while it is set on a queue. */
export class Profiler {
  readonly #device: GPUDevice;
  readonly #queries: GPUQuerySet;
  readonly #dispatches: { name: string; flops: number; bytes: number }[] = [];

  /** Makes an empty profile. The device must have the feature `timestamp-query`. */
  constructor(device: GPUDevice) {
    if (!device.features.has("timestamp-query")) {
      throw new Error("Cannot profile as the adapter must have timestamp queries: it has none");
    }
    this.#device = device;
    this.#queries = device.createQuerySet({ type: "timestamp", count: 2 * MOST_DISPATCHES });
  }

  /** Describes the pass of the next dispatch. */
  begin(dispatch: Dispatch): GPUComputePassDescriptor {
    const i = this.#dispatches.length;
    if (i >= MOST_DISPATCHES) {
      throw new RangeError(
        `Cannot profile as one profile holds at most ${MOST_DISPATCHES} dispatches: more ran`,
      );
    }
    const bytes = dispatch.bind.reduce((sum, s) => sum + s.bytes, 0);
    this.#dispatches.push({ name: dispatch.kernel.name, flops: dispatch.flops ?? 0, bytes });
    return {
      timestampWrites: {
        querySet: this.#queries,
        beginningOfPassWriteIndex: 2 * i,
        endOfPassWriteIndex: 2 * i + 1,
      },
    };
  }

  /** Reads the timestamps and sums them up by kernel, the longest first. Everything must be submitted. */
  async rows(): Promise<ProfileRow[]> {
    const times = await this.#read();
    const byName = new Map<string, { calls: number; ms: number; flops: number; bytes: number }>();
    this.#dispatches.forEach(({ name, flops, bytes }, i) => {
      const row = byName.get(name) ?? { calls: 0, ms: 0, flops: 0, bytes: 0 };
      row.calls++;
      row.ms += Number(times[2 * i + 1] - times[2 * i]) / 1e6;
      row.flops += flops;
      row.bytes += bytes;
      byName.set(name, row);
    });
    const total = [...byName.values()].reduce((sum, r) => sum + r.ms, 0) || 1;
    return [...byName].map(([kernel, r]) => ({
      kernel,
      calls: r.calls,
      ms: r.ms,
      share: r.ms / total,
      gflops: r.flops > 0 ? r.flops / r.ms / 1e6 : null,
      gbps: r.bytes / r.ms / 1e6,
    })).sort((a, b) => b.ms - a.ms);
  }

  async #read(): Promise<BigUint64Array> {
    const count = 2 * this.#dispatches.length, size = 8 * count;
    if (count === 0) return new BigUint64Array(0);
    const device = this.#device;
    const resolved = device.createBuffer({
      size,
      usage: BUFFER_USAGE.QUERY_RESOLVE | BUFFER_USAGE.COPY_SRC,
    });
    const staging = device.createBuffer({ size, usage: BUFFER_USAGE.MAP_READ | BUFFER_USAGE.COPY_DST });
    try {
      const encoder = device.createCommandEncoder();
      encoder.resolveQuerySet(this.#queries, 0, count, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, staging, 0, size);
      device.queue.submit([encoder.finish()]);
      await staging.mapAsync(MAP_MODE.READ);
      return new BigUint64Array(staging.getMappedRange().slice(0));
    } finally {
      resolved.destroy();
      staging.destroy();
      this.#queries.destroy();
    }
  }
}
