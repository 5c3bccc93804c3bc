/**
 * Measuring what a piece of work costs on the GPU.
 *
 * @module
 */
import { currentDevice } from "../gpu/device.ts";
import type { ProfileRow } from "../gpu/profiler.ts";
import { signature } from "./signature.ts";
import { FUNCTION } from "./kinds.ts";

/**
 * What a piece of work took on the GPU, kernel by kernel. Prints as a table.
 *
 * @example Usage
 * ```ts
 * import { openDevice, profile, type Profile, rand } from "@plunge/plunge";
 * import { assertEquals, assertStringIncludes } from "@std/assert";
 *
 * await openDevice();
 * const x = rand([1000]);
 * const result: Profile = await profile(() => x.exp().sum());
 * assertEquals(result.calls, result.rows.reduce((sum, { calls }) => sum + calls, 0));
 * assertStringIncludes(String(result), "GB/s");
 * ```
 */
export class Profile {
  /** A row for each kernel, the longest first. */
  readonly rows: readonly ProfileRow[];

  /** Makes a profile of rows. */
  constructor(rows: readonly ProfileRow[]) {
    this.rows = rows;
  }

  /** Milliseconds on the GPU in all; what lies between kernels is not counted. */
  get ms(): number {
    return this.rows.reduce((sum, { ms }) => sum + ms, 0);
  }

  /** Number of dispatches in all. */
  get calls(): number {
    return this.rows.reduce((sum, { calls }) => sum + calls, 0);
  }

  /** The rows as a table, with their sum below. */
  toString(): string {
    const cells = [
      ["kernel", "calls", "ms", "share", "GFLOP/s", "GB/s"],
      ...this.rows.map((r) => [
        r.kernel,
        `${r.calls}`,
        r.ms.toFixed(3),
        `${(100 * r.share).toFixed(1)}%`,
        r.gflops?.toFixed(1) ?? "",
        r.gbps.toFixed(1),
      ]),
      ["all", `${this.calls}`, this.ms.toFixed(3), "", "", ""],
    ];
    const widths = cells[0].map((_, c) => Math.max(...cells.map((row) => row[c].length)));
    return cells.map((row) =>
      row.map((cell, c) => c === 0 ? cell.padEnd(widths[c]) : cell.padStart(widths[c])).join("  ").trimEnd()
    ).join("\n");
  }

  /** The same where Deno prints values. */
  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }
}

const takes = signature("profile", { fn: FUNCTION });

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
  takes(arguments);
  return new Profile(await currentDevice("profile").profileKernels(fn));
}
