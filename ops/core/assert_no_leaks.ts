/**
 * A check for tests: that a function frees what it makes.
 *
 * @module
 */
import { Allocations } from "../gpu/allocations.ts";
import { currentDevice, type Device } from "../gpu/device.ts";
import { FUNCTION } from "./kinds.ts";
import { perOwner } from "../kernels/memo.ts";
import { signature } from "./signature.ts";

const takes = signature("assert that nothing leaks", { fn: FUNCTION });

/** How many checks of a device watch its memory at once. */
const watchers = perOwner<Device, { count: number }>(() => ({ count: 0 }));

/** Has the device remember where memory is asked for while `fn` runs. */
async function watched<T>(device: Device, fn: (allocations: Allocations) => Promise<T>): Promise<T> {
  const { pool } = device, known = watchers(device);
  const isTracked = pool.allocations !== null && known.count === 0;
  if (!isTracked) known.count++;
  try {
    return await fn(pool.allocations ??= new Allocations());
  } finally {
    if (!isTracked && --known.count === 0) pool.allocations = null;
  }
}

/** Tensors that were made and not disposed of, whether the collector took them or not. */
function undisposed(device: Device): number {
  const { tensors, forgotten } = device.memory();
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
  const device = currentDevice("assert that nothing leaks"), before = undisposed(device);
  return await watched(device, async (allocations) => {
    const start = allocations.count, result = await fn(), left = undisposed(device) - before;
    if (left <= 0) return result;
    throw new Error(
      `Cannot assert that nothing leaks as fn must free every tensor that it makes: ${left} ${
        left === 1 ? "tensor is" : "tensors are"
      } left${allocations.list(start)}`,
    );
  });
}
