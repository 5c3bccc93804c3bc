/**
 * A check for tests: that a function frees what it makes.
 *
 * @module
 */
import { Allocations } from "../gpu/allocations.ts";
import { currentDevice, type Device } from "../gpu/device.ts";
import type { BufferPool, LeakWatch } from "../gpu/pool.ts";
import { FUNCTION } from "./kinds.ts";
import { signature } from "./signature.ts";

const takes = signature("assert that nothing leaks", { fn: FUNCTION });

/**
 * Runs `fn` and counts the tensors that are left of those that were made meanwhile, while the device remembers where memory
 * is asked for.
 */
async function watched<T>({ pool, trackAllocations }: Device, fn: () => T | Promise<T>): Promise<Watched<T>> {
  const watch: LeakWatch = { since: pool.tensorsMade, freedBefore: 0 }, before = undisposed(pool);
  const allocations = pool.allocations ??= new Allocations(), start = allocations.count;
  pool.leakWatches.add(watch);
  try {
    const result = await fn(), left = undisposed(pool) - before + watch.freedBefore;
    return { result, left, lines: left > 0 ? allocations.list(start) : "" };
  } finally {
    pool.leakWatches.delete(watch);
    if (!trackAllocations && pool.leakWatches.size === 0) pool.allocations = null;
  }
}

/** What a function returned, how many tensors it left, and the lines that made them. */
interface Watched<T> {
  readonly result: T;
  readonly left: number;
  readonly lines: string;
}

/** Tensors that were made and not disposed of, whether the collector took them or not. */
function undisposed({ report: { tensors, forgotten } }: BufferPool): number {
  return tensors + forgotten;
}

/**
 * Checks that `fn` frees every tensor that it makes: for tests of one's own, under `deno test`.
 *
 * A tensor that was merely forgotten counts, as its memory comes back some time later only. What `fn` returns must be
 * free of new tensors too. Everything that makes tensors meanwhile, outside `fn`, counts as its own.
 *
 * @param fn What to check; it may be async. Call it once before where it makes what lasts, such as an optimiser's state.
 * @returns What `fn` returned.
 * @throws {Error} If tensors are left, with the lines that made them.
 *
 * @example Usage
 * ```ts
 * import { assertNoLeaks, openDevice, ones, scope } from "@plunge/plunge";
 * import { assertRejects } from "@std/assert";
 *
 * await openDevice();
 * await assertNoLeaks(async () => {
 *   using _ = scope();
 *   await ones([3]).add(1).sum().item();
 * });
 * await assertRejects(() => assertNoLeaks(() => void ones([3])), Error, "1 tensor is left");
 * ```
 */
export async function assertNoLeaks<T>(fn: () => T | Promise<T>): Promise<T> {
  takes(arguments);
  const { result, left, lines } = await watched(currentDevice("assert that nothing leaks"), fn);
  if (left <= 0) return result;
  throw new Error(
    `Cannot assert that nothing leaks as fn must free every tensor that it makes: ${left} ${
      left === 1 ? "tensor is" : "tensors are"
    } left${lines}`,
  );
}
