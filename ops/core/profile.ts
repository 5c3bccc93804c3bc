/**
 * Measuring what a piece of work costs on the GPU, and which layers it is for.
 *
 * @module
 */
import { groupBy } from "../gpu/group_by.ts";
import { currentDevice } from "../gpu/device.ts";
import { layersOf, type ProfiledDispatch, type ProfileRow, rowsOf } from "../gpu/profiler.ts";
import { currentPlace, noted } from "./place.ts";
import { signature } from "./signature.ts";
import { FUNCTION, optional, TEXT } from "./kinds.ts";
import { phasesOf, type Trace, traceOf } from "./trace.ts";
import { VERSION } from "./version.ts";

/** What the kernels of a layer took in one part of a step. */
export interface LayerRow {
  /**
   * Path and class, such as `features.0 (Conv2d)`, or several with ` + ` between them where kernels do the work of several
   * layers; the optimiser's class; "" outside of layers.
   */
  layer: string;
  /** `forward`, `backward`, `optimizer` or, outside of all, `other`; two with ` + ` between them where kernels serve both. */
  phase: string;
  /** Number of dispatches. */
  calls: number;
  /** Milliseconds on the GPU; NaN where the adapter has no timestamp queries. */
  ms: number;
  /** Share of the whole profile's GPU time, 0 to 1; NaN where that is not known. */
  share: number;
}

const takesFile = signature("write a trace", { file: optional(TEXT) });

/**
 * What a piece of work took on the GPU, kernel by kernel and layer by layer. Prints as tables.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, profile, type Profile, rand } from "@plunge/plunge";
 * import { assertEquals, assertStringIncludes } from "@std/assert";
 *
 * await openDevice();
 * const net = new nn.Sequential(new nn.Linear(8, 4), new nn.ReLU()), x = rand([2, 8]);
 * const result: Profile = await profile(() => net.forward(x));
 * assertEquals(result.calls, result.rows.reduce((sum, { calls }) => sum + calls, 0));
 * assertEquals(new Set(result.layers.map(({ layer }) => layer)), new Set(["0 (Linear)", "1 (ReLU)"]));
 * assertStringIncludes(String(result), "GB/s");
 * ```
 */
export class Profile {
  /** A row for each kernel, the longest first. */
  readonly rows: readonly ProfileRow[];
  /** Every dispatch, in the order in which the program asked for them. */
  readonly dispatches: readonly ProfiledDispatch[];
  /** The adapter's description. */
  readonly device: string;

  /** Makes a profile of dispatches on a device. */
  constructor(dispatches: readonly ProfiledDispatch[], device: string) {
    this.rows = rowsOf(dispatches);
    this.dispatches = dispatches;
    this.device = device;
  }

  /** Milliseconds on the GPU in all; what lies between kernels is not counted. NaN without timestamp queries. */
  get ms(): number {
    return this.rows.reduce((sum, { ms }) => sum + ms, 0);
  }

  /** Number of dispatches in all. */
  get calls(): number {
    return this.dispatches.length;
  }

  /** A row for each layer and part of a step, in the order of their first kernels. */
  get layers(): LayerRow[] {
    const place = (d: ProfiledDispatch) =>
      JSON.stringify([layersOf([d]).join(" + "), phasesOf(d).join(" + ")]);
    const total = this.ms || 1;
    return [...groupBy(this.dispatches, place)].map(([key, all]) => {
      const [layer, phase] = JSON.parse(key) as [string, string], ms = all.reduce((sum, d) => sum + d.ms, 0);
      return { layer, phase, calls: all.length, ms, share: ms / total };
    });
  }

  /**
   * The profile as a trace in the Trace Event Format, which https://ui.perfetto.dev and `chrome://tracing` show: the parts
   * of the step, the layers in them and the kernels in these, on the GPU and, as the process `Program`, when they were
   * asked for. Each of the two has a clock of its own that begins at 0. Where the adapter has no timestamps there is the
   * program's alone.
   *
   * @returns The trace; `JSON.stringify` makes a file of it, and `writeTrace` does so.
   *
   * @example Usage
   * ```ts
   * import { nn, openDevice, profile, rand } from "@plunge/plunge";
   * import { assertEquals } from "@std/assert";
   *
   * await openDevice();
   * const net = new nn.Sequential(new nn.Linear(8, 4)), x = rand([2, 8]);
   * const { traceEvents } = (await profile(() => net.forward(x))).trace();
   * const names = traceEvents.filter(({ pid, ph }) => pid === 2 && ph === "X").map(({ name }) => name);
   * assertEquals(names, ["forward", "0 (Linear)", "linear"]);
   * ```
   */
  trace(): Trace {
    return traceOf(this.dispatches, { device: this.device, plunge: VERSION });
  }

  /**
   * Writes the trace to a file.
   *
   * @param file Its path, `trace.json` unless given.
   * @returns Nothing. Rejects where the file cannot be written, such as without `--allow-write`.
   */
  async writeTrace(file = "trace.json"): Promise<void> {
    takesFile(arguments);
    await Deno.writeTextFile(file, JSON.stringify(this.trace()));
  }

  /** The rows as a table, with their sum below; then the layers, where kernels belong to any. */
  toString(): string {
    const kernels = tableOf([
      ["kernel", "calls", "ms", "share", "GFLOP/s", "GB/s"],
      ...this.rows.map((r) => [
        r.kernel,
        `${r.calls}`,
        fixed(r.ms, 3),
        percent(r.share),
        r.gflops === null ? "" : fixed(r.gflops, 1),
        fixed(r.gbps, 1),
      ]),
      ["all", `${this.calls}`, fixed(this.ms, 3), "", "", ""],
    ]);
    const { layers } = this;
    if (layers.every(({ layer }) => layer === "")) return kernels;
    const byLayer = tableOf([
      ["layer", "part", "calls", "ms", "share"],
      ...layers.map((r) => [r.layer || "-", r.phase, `${r.calls}`, fixed(r.ms, 3), percent(r.share)]),
    ], 2);
    return `${kernels}\n\n${byLayer}`;
  }

  /** The same where Deno prints values. */
  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }
}

/** A number with so many digits behind its point; nothing where it is not known. */
function fixed(value: number, digits: number): string {
  return Number.isNaN(value) ? "" : value.toFixed(digits);
}

function percent(share: number): string {
  return Number.isNaN(share) ? "" : `${(100 * share).toFixed(1)}%`;
}

/** Rows of cells as lines: the first columns begin together, the others end together. */
function tableOf(rows: readonly (readonly string[])[], texts = 1): string {
  const widths = (rows[0] ?? []).map((_, c) => Math.max(...rows.map((row) => row[c]?.length ?? 0)));
  const aligned = (cell: string, c: number) => {
    const width = widths[c] ?? 0;
    return c < texts ? cell.padEnd(width) : cell.padStart(width);
  };
  return rows.map((row) => row.map(aligned).join("  ").trimEnd()).join("\n");
}

const takes = signature("profile", { fn: FUNCTION });

/**
 * Runs `fn` and measures each kernel on the GPU with timestamp queries, and tells which layer it is for.
 *
 * Kernels run one by one then, so the sum is a little more than the work takes otherwise. Run `fn` once before, so
 * that nothing is compiled meanwhile. Where the adapter has no timestamp queries, times on the GPU are NaN, and all else
 * is there.
 *
 * Kernels of a backward pass belong to the layer whose forward pass recorded the operation, if that was within `fn` or is
 * in the same compiled step.
 *
 * @param fn What to measure; it may be async. It may run at most 2,048 kernels.
 * @returns A row for each kernel: calls, milliseconds, share, GFLOP/s where the kernel counts its operations, GB/s,
 *   counting every bound tensor once, and layers. `String(profile)` is a table, `profile.trace()` is for Perfetto.
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
  const device = currentDevice("profile");
  const here = () => {
    const place = currentPlace();
    return place ? [place] : [];
  };
  return new Profile(await noted(() => device.profileDispatches(fn, here)), device.name);
}
