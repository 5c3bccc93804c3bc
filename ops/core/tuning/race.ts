/**
 * Which of two kernels is faster.
 *
 * Samples of many dispatches and one wait alternate between them; they are compared round by round, as all else changes
 * with time, and the median counts.
 *
 * @module
 */
import type { Device } from "../../gpu/device.ts";
import type { Dispatch } from "../../gpu/kernel.ts";

/** Shares beyond which a tile is given up: after the first round, the second, and each later one. */
const GIVE_UP = [1.5, 1.05, 1];
/** Tiles that leave cores of a CPU adapter idle cost little processor time, but show in the time that passes. */
const IDLE = 1.25;
/** Milliseconds that a sample has at least, if runs of the kernel are not too many for it. */
const SAMPLE_MS = 10, MOST_REPEATS = 64;

/** What dispatches took, in milliseconds a run. */
export interface Sample {
  /** By what is compared: the time of the GPU, or of the processor where that does the GPU's work. */
  readonly busy: number;
  /** From beginning to end, a wait included. */
  readonly elapsed: number;
}

/** Measures `repeats` runs of some dispatches. */
export type Clock = (dispatches: readonly Dispatch[], repeats: number) => Promise<Sample>;

/** Cores of the processor, as far as the runtime tells; Node 20 has no `navigator`. */
export function coreCount(): number {
  return (globalThis as { navigator?: { hardwareConcurrency?: number } }).navigator?.hardwareConcurrency || 1;
}

/**
 * The clock that suits a device: all runs are queued, then waited for once. A CPU adapter is measured by the processor
 * time of this process, which other programs disturb least; a GPU by its own timestamps.
 */
export function clockOf(device: Device): Clock {
  const cores = coreCount();
  const cpu = (globalThis as { process?: { cpuUsage?(): { user: number; system: number } } }).process;
  return async (dispatches, repeats) => {
    const run = () => {
      for (let i = 0; i < repeats; i++) for (const dispatch of dispatches) device.queue.run(dispatch);
    };
    const start = performance.now(), before = cpu?.cpuUsage?.();
    if (!device.isSoftware && device.gpu.features.has("timestamp-query")) {
      const rows = await device.profileKernels(run);
      const ms = rows.reduce((sum, row) => sum + row.ms, 0) / repeats;
      return { busy: ms, elapsed: ms };
    }
    run();
    await device.sync();
    const elapsed = (performance.now() - start) / repeats;
    if (!device.isSoftware || !before) return { busy: elapsed, elapsed };
    const after = cpu!.cpuUsage!(), used = after.user + after.system - before.user - before.system;
    return { busy: used / 1000 / cores / repeats, elapsed };
  };
}

/** Compares kernels with the one in use. */
export class Race {
  readonly #clock: Clock;
  readonly #inUse: readonly Dispatch[];
  readonly #repeats: number;
  readonly #before: number[];

  private constructor(clock: Clock, inUse: readonly Dispatch[], once: number) {
    this.#clock = clock;
    this.#inUse = inUse;
    this.#repeats = Math.min(MOST_REPEATS, Math.ceil(SAMPLE_MS / once) || 1);
    this.#before = [once];
  }

  /** Makes samples of the kernel in use long enough. */
  static async against(inUse: readonly Dispatch[], clock: Clock): Promise<Race> {
    await clock(inUse, 1); // touches its memory
    return new Race(clock, inUse, (await clock(inUse, 1)).busy);
  }

  /** Milliseconds of the kernel in use. */
  get before(): number {
    return median(this.#before);
  }

  /** The share of the time of the kernel in use that others take; infinite where they are clearly slower. */
  async run(dispatches: readonly Dispatch[], rounds: number): Promise<number> {
    await this.#clock(dispatches, 1);
    const busy: number[] = [], elapsed: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const a = await this.#clock(this.#inUse, this.#repeats),
        b = await this.#clock(dispatches, this.#repeats);
      this.#before.push(a.busy);
      busy.push(b.busy / a.busy);
      elapsed.push(b.elapsed / a.elapsed);
      if (median(busy) > (GIVE_UP[round] ?? 1)) return Infinity;
    }
    return median(elapsed) > IDLE ? Infinity : median(busy);
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b), half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
