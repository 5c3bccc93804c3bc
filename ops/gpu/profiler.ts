/**
 * Takes the times of every dispatch: when it was recorded, and with timestamp queries when it ran on the GPU.
 *
 * @module
 */
import { groupBy } from "./group_by.ts";
import { BUFFER_USAGE, MAP_MODE } from "./constants.ts";
import type { Dispatch, Purpose } from "./kernel.ts";

/** What one kernel took, over all its dispatches in the profile. */
export interface ProfileRow {
  /** The kernel's name. */
  kernel: string;
  /** Number of dispatches. */
  calls: number;
  /** Milliseconds on the GPU; NaN where the adapter has no timestamp queries. */
  ms: number;
  /** Share of the whole profile's GPU time, 0 to 1; NaN where that is not known. */
  share: number;
  /** Billions of floating-point operations a second, where the family counts them and the time is known. */
  gflops: number | null;
  /** Billions of bytes a second, counting every bound storage once; NaN where the time is not known. */
  gbps: number;
  /** The layers that it ran for, such as `features.0 (Conv2d)`, in the order of their first dispatch. */
  layers: string[];
}

/** One dispatch of a profile. */
export interface ProfiledDispatch {
  /** The kernel's name. */
  readonly kernel: string;
  /** What it is for; a kernel that others were merged into serves all of theirs. Empty where nothing is known. */
  readonly purposes: readonly Purpose[];
  /** When it began on the GPU, in milliseconds since the first one did; NaN without timestamp queries. */
  readonly start: number;
  /** Milliseconds on the GPU; NaN without timestamp queries. */
  readonly ms: number;
  /** When the program asked for it, in milliseconds since the profile began. */
  readonly recorded: number;
  /** Milliseconds that asking took, compiling its kernel included. */
  readonly recordingMs: number;
  /** Floating-point operations, 0 where the family does not count them. */
  readonly flops: number;
  /** Bytes of everything that was bound. */
  readonly bytes: number;
  /** Workgroups that ran. */
  readonly workgroups: number;
}

/** Dispatches that one profile can hold: two timestamps each, 4,096 in a query set. */
const MOST_DISPATCHES = 2048;

type Noted = { -readonly [K in Exclude<keyof ProfiledDispatch, "start" | "ms">]: ProfiledDispatch[K] };

/** Gathers times while it is set on a queue. */
export class Profiler {
  readonly #device: GPUDevice;
  /** Null where the adapter has no timestamp queries. */
  readonly #queries: GPUQuerySet | null;
  readonly #purposes: () => readonly Purpose[];
  readonly #noted: Noted[] = [];
  readonly #begun = performance.now();

  /** Makes an empty profile; `purposes` says what a dispatch is for that does not know it itself. */
  constructor(device: GPUDevice, purposes: () => readonly Purpose[] = () => []) {
    this.#device = device;
    this.#purposes = purposes;
    this.#queries = device.features.has("timestamp-query")
      ? device.createQuerySet({ type: "timestamp", count: 2 * MOST_DISPATCHES })
      : null;
  }

  /** Records a dispatch, and notes when and for how long. */
  recording(record: () => void): void {
    const start = performance.now(), before = this.#noted.length;
    record();
    const noted = this.#noted[before];
    if (!noted) return; // nothing was to be run
    noted.recorded = start - this.#begun;
    noted.recordingMs = performance.now() - start;
  }

  /** Describes the pass of the next dispatch. */
  begin(
    { kernel, bind, flops = 0, workgroups, purposes = this.#purposes() }: Dispatch,
  ): GPUComputePassDescriptor {
    const i = this.#noted.length;
    if (i >= MOST_DISPATCHES) {
      throw new RangeError(
        `Cannot profile as one profile holds at most ${MOST_DISPATCHES} dispatches: more ran`,
      );
    }
    const bytes = bind.reduce((sum, s) => sum + s.bytes, 0);
    this.#noted.push({
      kernel: kernel.name,
      purposes,
      recorded: 0,
      recordingMs: 0,
      flops,
      bytes,
      workgroups,
    });
    return this.#queries
      ? {
        timestampWrites: {
          querySet: this.#queries,
          beginningOfPassWriteIndex: 2 * i,
          endOfPassWriteIndex: 2 * i + 1,
        },
      }
      : {};
  }

  /** Reads the timestamps; the dispatches are in the order in which they ran. Everything must be submitted. */
  async dispatches(): Promise<ProfiledDispatch[]> {
    const times = await this.#read();
    const ms = (from: bigint | undefined, to: bigint | undefined): number =>
      from === undefined || to === undefined ? NaN : Math.max(Number(to - from), 0) / 1e6;
    return this.#noted.map((noted, i) => ({
      ...noted,
      start: ms(times[0], times[2 * i]),
      ms: ms(times[2 * i], times[2 * i + 1]),
    }));
  }

  async #read(): Promise<BigUint64Array> {
    const queries = this.#queries, count = queries ? 2 * this.#noted.length : 0, size = 8 * count;
    if (!queries || count === 0) {
      queries?.destroy();
      return new BigUint64Array(0);
    }
    const device = this.#device;
    const resolved = device.createBuffer({
      size,
      usage: BUFFER_USAGE.QUERY_RESOLVE | BUFFER_USAGE.COPY_SRC,
    });
    const staging = device.createBuffer({ size, usage: BUFFER_USAGE.MAP_READ | BUFFER_USAGE.COPY_DST });
    try {
      const encoder = device.createCommandEncoder();
      encoder.resolveQuerySet(queries, 0, count, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, staging, 0, size);
      device.queue.submit([encoder.finish()]);
      await staging.mapAsync(MAP_MODE.READ);
      return new BigUint64Array(staging.getMappedRange().slice(0));
    } finally {
      resolved.destroy();
      staging.destroy();
      queries.destroy();
    }
  }
}

/** Sums dispatches up by kernel, the longest first. */
export function rowsOf(dispatches: readonly ProfiledDispatch[]): ProfileRow[] {
  const total = dispatches.reduce((sum, { ms }) => sum + ms, 0) || 1;
  const byKernel = groupBy(dispatches, ({ kernel }) => kernel);
  return [...byKernel].map(([kernel, all]) => {
    const sum = (of: "ms" | "flops" | "bytes") => all.reduce((sum, each) => sum + each[of], 0);
    const ms = sum("ms"), flops = sum("flops");
    return {
      kernel,
      calls: all.length,
      ms,
      share: ms / total,
      gflops: flops > 0 && ms > 0 ? flops / ms / 1e6 : null,
      gbps: sum("bytes") / ms / 1e6,
      layers: layersOf(all),
    };
  }).sort((a, b) => b.ms - a.ms || 0); // as they came, where nothing is known
}

/** The layers that dispatches ran for, each once. */
export function layersOf(dispatches: readonly ProfiledDispatch[]): string[] {
  const named = dispatches.flatMap(({ purposes }) => purposes.map(({ layer }) => layer));
  return [...new Set(named)].filter((layer) => layer !== "");
}
