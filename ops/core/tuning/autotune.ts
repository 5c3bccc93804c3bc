/**
 * `autotune(fn)`: measures on the adapter at hand which tiles suit the heavy kernels of a step.
 *
 * Kernels' tiles are chosen by estimates that were made on other machines. Here the choices that a step makes are
 * collected, and the best of what the estimates offer is measured: convolutions, their gradients and matrix products.
 *
 * @module
 */
import { currentDevice, type Device } from "../../gpu/device.ts";
import type { Dispatch } from "../../gpu/kernel.ts";
import { type Choice, type Measured, sameTile, tuningOf } from "../../kernels/tuning.ts";
import { needDeno, parentOf } from "../files.ts";
import { Scope } from "../scope.ts";
import { signature } from "../signature.ts";
import { Bench } from "./bench.ts";
import { Checker } from "./check.ts";
import { type Clock, clockOf, Race } from "./race.ts";
import { loadTuning, saveTuning, tuningPath } from "./tuning_file.ts";
import { FUNCTION, nullable, numberFrom, TEXT } from "../kinds.ts";

/** Options of {@linkcode autotune}. */
export interface AutotuneOptions {
  /** Seconds to spend after the step has run, 10 unless given. What was begun is finished. */
  seconds?: number;
  /** Where to keep what was found; Plunge's own file in the user's cache folder unless given. `null` keeps it in memory only. */
  file?: string | null;
  /** Called before each kernel. */
  onProgress?: (progress: AutotuneProgress) => void;
}

/** How far {@linkcode autotune} has come. */
export interface AutotuneProgress {
  /** The kernel that comes next. */
  kernel: string;
  /** Kernels that are done. */
  done: number;
  /** Kernels in all. */
  total: number;
  /** Seconds since measuring began. */
  seconds: number;
}

/** What {@linkcode autotune} found for a kernel. */
export interface TunedKernel {
  /** What it computes. */
  kernel: string;
  /**
   * Milliseconds before, at the step's batch; on a CPU adapter of the processor, divided by its cores. NaN where every tile
   * was dropped.
   */
  before: number;
  /** Milliseconds with the tile that is taken from now on. */
  after: number;
  /** That tile. */
  tile: string;
  /** How many tiles were measured. */
  measured: number;
  /** Tiles that were dropped as their kernels failed, each with the reason. */
  dropped: string[];
}

/** What {@linkcode autotune} found. `console.table(report.kernels)` shows it. */
export interface AutotuneReport {
  /** The kernels that were measured, the costliest first. */
  kernels: TunedKernel[];
  /** Kernels for which there was no time. */
  left: number;
  /** The file that was written, or `null`. */
  file: string | null;
}

/** Tiles that are tried for a kernel, beside the one in use. */
const MOST_TILES = 7;
/** What a tile may take, as a share of the one in use, to replace it. */
const WIN = 0.97;
/** Rounds against the tile in use: of each tile, and of the best of them once more. */
const ROUNDS = 5, FINAL_ROUNDS = 7;

const takes = signature<AutotuneOptions>("autotune", { fn: FUNCTION }, {
  seconds: numberFrom(0),
  file: nullable(TEXT),
  onProgress: FUNCTION,
});

/**
 * Finds the tiles that suit the heavy kernels of a step on this adapter, and uses them from then on.
 *
 * The step runs once, for real, so that it is known what it computes; compiled functions in it are captured anew, then
 * and at their next call afterwards. The costliest kernels are measured first, each tile after its kernel was checked
 * against sums in float64. A tile is taken when it is at least 3 % faster. What was measured before, or is in the file
 * for this adapter, is not measured again. The only outputs that may round differently with other tiles are the
 * gradients in a convolution's weight and bias and, on a GPU, in a linear layer's bias; with the same file, every run gives
 * the same bits.
 *
 * @param fn A step, compiled or not, such as `() => step(x, y)` with a batch of the usual size. It must not be async.
 * @param options Time, file, progress.
 * @returns What was found.
 * @throws {TypeError} If `fn` is async.
 * @throws {SyntaxError} If the file is there but not one that `autotune` wrote.
 * @throws {Error} If the file cannot be read or written.
 *
 * @example Usage
 * ```ts
 * import { autotune, compile, openDevice, rand } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = rand([8, 3, 12, 12]), w = rand([4, 3, 3, 3]);
 * const step = compile(() => x.conv2d(w));
 * const { kernels } = await autotune(() => step(), { seconds: 0.1, file: null });
 * assertEquals(kernels.map((k) => k.kernel), ["conv2d 3→4 3x3"]);
 * ```
 */
export async function autotune(fn: () => unknown, options: AutotuneOptions = {}): Promise<AutotuneReport> {
  takes(arguments);
  const { seconds = 10, onProgress } = options;
  const device = currentDevice("autotune"), tuning = tuningOf(device);
  const file = options.file === undefined ? tuningPath() ?? null : options.file;
  if (file !== null) await openFile(file);
  const choices = costliestFirst(choicesOf(fn, device)).filter(({ choice }) => !tuning.find(choice));
  await device.sync();
  const kernels: TunedKernel[] = [], measured: Measured[] = [];
  const start = performance.now(), deadline = start + 1000 * seconds;
  try {
    for (const chosen of choices) {
      if (performance.now() >= deadline) break;
      const passed = (performance.now() - start) / 1000;
      onProgress?.({
        kernel: chosen.choice.name,
        done: kernels.length,
        total: choices.length,
        seconds: passed,
      });
      const found = await tuneKernel(chosen, deadline);
      kernels.push(found.kernel);
      if (found.best) measured.push(found.best);
    }
    await device.sync();
  } finally { // what was measured until something went wrong is worth keeping
    device.trim(); // the trials' memory
    if (measured.length > 0) tuning.add(measured);
    if (measured.length > 0 && file !== null) await saveTuning(device, file);
  }
  return { kernels, left: choices.length - kernels.length, file: measured.length > 0 ? file : null };
}

/** Takes what a file has; that it cannot be read or written is better known now. */
async function openFile(file: string): Promise<void> {
  needDeno(`autotune into ${file}`, "file: null keeps the tiles for this session alone");
  try {
    await loadTuning(file);
    await Deno.mkdir(parentOf(file), { recursive: true });
  } catch (cause) {
    if (cause instanceof SyntaxError) throw cause;
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `Cannot autotune into ${file} as it must be readable and writable (or file be null): ${found}`,
      { cause },
    );
  }
}

/** A choice that a step made. */
interface Chosen {
  readonly choice: Choice;
  readonly tile: object;
  readonly times: number;
}

/** Runs a step and collects the choices of tiles that it makes. */
function choicesOf(fn: () => unknown, device: Device): Chosen[] {
  const tuning = tuningOf(device), made = new Map<string, Chosen>();
  tuning.listener = (choice, tile) => {
    const key = `${choice.family} ${choice.key} ${choice.size}`, times = (made.get(key)?.times ?? 0) + 1;
    made.set(key, { choice, tile, times });
  };
  tuning.generation++; // nothing that was chosen before is taken again unnoticed
  using _inner = new Scope();
  try {
    const result = fn();
    if (result instanceof Promise) {
      result.catch(() => {});
      throw new TypeError("Cannot autotune a function as it must not be async: it returned a promise");
    }
  } finally {
    tuning.listener = null;
  }
  return [...made.values()];
}

/** Sorts choices by the arithmetic that they stand for. */
function costliestFirst(choices: readonly Chosen[]): Chosen[] {
  const cost = ({ choice, tile, times }: Chosen) => {
    const { dispatches, temporaries } = choice.problem("whole").work(tile);
    for (const storage of temporaries) storage.release();
    return times * dispatches.reduce((sum, dispatch) => sum + (dispatch.flops ?? 0), 0);
  };
  return choices.map((chosen) => ({ chosen, cost: cost(chosen) })).sort((a, b) => b.cost - a.cost)
    .map(({ chosen }) => chosen);
}

/** What was found for a choice. */
interface Found {
  readonly kernel: TunedKernel;
  /** What to use from now on; `null` where time ended the search before it had found anything, or all tiles failed. */
  readonly best: Measured | null;
}

/** Checks and measures the tiles of one choice, the one in use first; after `deadline` no further one is tried. */
export async function tuneKernel(
  { choice, tile }: Pick<Chosen, "choice" | "tile">,
  deadline: number,
  clock: Clock = clockOf(choice.device),
): Promise<Found> {
  const { device, name: kernel, family, key, size } = choice, bench = new Bench(device);
  const small = choice.problem("small"), whole = choice.problem("whole");
  const tiles = [tile, ...choice.offers().filter((t) => !sameTile(t, tile)).slice(0, MOST_TILES)];
  const dropped: string[] = [];
  let tried = 0;
  async function* passingTiles(): AsyncGenerator<
    { tile: object; dispatches: readonly Dispatch[] },
    undefined
  > {
    const checker = await Checker.of(small, device, bench);
    for (const candidate of tiles) {
      if (tried > 0 && performance.now() >= deadline) return;
      tried++;
      const fault = await checker.fault(small.work(candidate));
      if (fault) dropped.push(`${describe(candidate)}: ${fault}`);
      else yield { tile: candidate, dispatches: bench.dispatches(whole.work(candidate)) };
    }
  }
  try {
    const trials = passingTiles(), { value: inUse } = await trials.next();
    if (!inUse) {
      const nothing = { before: NaN, after: NaN, tile: describe(tile), measured: 0 };
      return { kernel: { kernel, ...nothing, dropped }, best: null };
    }
    const race = await Race.against(inUse.dispatches, clock);
    let best = inUse, share = 1, measured = 1;
    for await (const trial of trials) {
      const its = await race.run(trial.dispatches, ROUNDS);
      if (its < share) [best, share] = [trial, its];
      measured++;
    }
    if (best !== inUse) share = await race.run(best.dispatches, FINAL_ROUNDS); // the best of many was also lucky
    const wins = share <= WIN, taken = wins ? best.tile : inUse.tile;
    const before = rounded(race.before), after = wins ? rounded(race.before * share) : before;
    const isFound = tried === tiles.length || taken !== tile;
    return {
      kernel: { kernel, before, after, tile: describe(taken), measured, dropped },
      best: isFound ? { family, key, size, tile: taken } : null,
    };
  } finally {
    bench.dispose();
  }
}

function rounded(ms: number): number {
  return Number(ms.toPrecision(4));
}

function describe(tile: object): string {
  return Object.entries(tile).map(([name, value]) => `${name} ${value}`).join(", ");
}
