/**
 * Measuring what a piece of work costs on the GPU.
 *
 * @module
 */
import { currentDevice } from "../gpu/device.ts";
import { Profile } from "../gpu/profiler.ts";

/**
 * Runs `fn` and measures each kernel on the GPU with timestamp queries.
 *
 * Kernels run one by one then, so the sum is a little more than the work takes otherwise. Run `fn` once before, so
 * that nothing is compiled meanwhile.
 *
 * @param fn What to measure; it may be async. It may run at most 2,048 kernels.
 * @returns A row for each kernel: calls, milliseconds, share, GFLOP/s where the kernel counts its operations, and GB/s,
 *   counting every bound tensor once. `String(profile)` is a table.
 * @throws {Error} If the adapter has no timestamp queries.
 *
 * @example Usage
 * ```ts
 * import { openDevice, profile, rand } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const a = rand([64, 64]);
 * const { rows } = await profile(() => a.matmul(a).matmul(a));
 * assertEquals(rows.map(({ kernel, calls }) => [kernel, calls]), [["matmul", 2]]);
 * ```
 */
export async function profile(fn: () => unknown): Promise<Profile> {
  return new Profile(await currentDevice("profile").profileKernels(fn));
}
