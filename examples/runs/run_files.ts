/**
 * The files of a training run: `metrics.jsonl`, a line an epoch, and its curves as `curves.svg` and `curves.png`.
 *
 * All three are brought up to date after each epoch (pictures cost 0.2 s), so that an interruption at any
 * moment leaves those of the finished epochs.
 *
 * @module
 */
import { basename, join } from "jsr:@std/path@^1";
import type { Chart } from "../pictures/chart.ts";
import { rasterize, renderSvg } from "../pictures/render.ts";

/** What is measured in an epoch; a loss that overflowed is NaN, and `null` in the file. */
export interface Metrics {
  /** The epoch's number, from 1. */
  epoch: number;
  /** Mean training loss. */
  trainLoss: number;
  /** Share of the training images classified right, 0 to 1. */
  trainAcc: number;
  /** Share of the test images classified right, 0 to 1. */
  testAcc: number;
  /** Training examples a second. */
  examplesPerSec: number;
  /** How long the epoch took. */
  seconds: number;
}

const KEYS = ["epoch", "trainLoss", "trainAcc", "testAcc", "examplesPerSec", "seconds"] as const;

/**
 * Makes a chart of a run's loss and accuracies.
 *
 * @param metrics The run's epochs.
 * @param title What stands above it.
 * @returns The chart.
 */
export function metricsChart(metrics: readonly Metrics[], title: string): Chart {
  function curve(key: "trainLoss" | "trainAcc" | "testAcc"): [number, number][] {
    return metrics.map((m) => [m.epoch, m[key]]);
  }
  return {
    title,
    xLabel: "epoch",
    yLabel: "loss, accuracy",
    series: [
      { name: "train loss", points: curve("trainLoss") },
      { name: "train acc", points: curve("trainAcc"), dashed: true },
      { name: "test acc", points: curve("testAcc"), dashed: true },
    ],
  };
}

/**
 * Makes a folder for a run, and does something in it that says in our words that it cannot be written to.
 *
 * @param folder The folder.
 * @param write What is written there.
 * @returns What `write` returns. Rejects with an `Error` when the folder cannot be used.
 */
export async function saveIn<T>(folder: string, write: () => Promise<T>): Promise<T> {
  try {
    await Deno.mkdir(folder, { recursive: true });
    return await write();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Cannot save a run as "${folder}" must be a folder to write to: ${reason}`, { cause });
  }
}

/**
 * Writes a file in one go: under another name first, so that it is never half written.
 *
 * @param path The file.
 * @param data Its bytes.
 */
export async function replaceFile(path: string, data: Uint8Array): Promise<void> {
  const temporary = `${path}.tmp`; // always the same, so that interruptions cannot pile them up
  await Deno.writeFile(temporary, data);
  await Deno.rename(temporary, path);
}

/**
 * Writes a file into a folder, which is made where it is missing.
 *
 * @param folder The folder.
 * @param name The file's name.
 * @param data Its bytes. Rejects with an `Error` when the folder cannot be used.
 */
export async function saveFile(folder: string, name: string, data: Uint8Array): Promise<void> {
  await saveIn(folder, () => replaceFile(join(folder, name), data));
}

/** Writes a run's files as its epochs end. */
export class RunFiles {
  readonly #folder: string;
  readonly #title: string;
  readonly #metrics: Metrics[] = [];

  private constructor(folder: string, title: string) {
    this.#folder = folder;
    this.#title = title;
  }

  /**
   * Makes the folder and sees that it can be written to, before hours of training. What an earlier run left in
   * it stays until this one ends its first epoch.
   *
   * @param folder Where the files go.
   * @param title What stands above the curves.
   * @returns The run's files. Rejects with an `Error` when the folder cannot be used.
   */
  static async open(folder: string, title: string): Promise<RunFiles> {
    const metrics = join(folder, "metrics.jsonl");
    await saveIn(folder, async () => (await Deno.open(metrics, { append: true, create: true })).close());
    return new RunFiles(folder, title);
  }

  /**
   * Adds an epoch to the metrics, then draws the curves anew.
   *
   * @param metrics What was measured in it.
   */
  async addEpoch(metrics: Metrics): Promise<void> {
    const first = this.#metrics.length === 0;
    this.#metrics.push(metrics);
    const line = JSON.stringify(metrics, [...KEYS]) + "\n"; // NaN becomes null
    await Deno.writeTextFile(join(this.#folder, "metrics.jsonl"), line, { append: !first });
    const svg = await renderSvg(metricsChart(this.#metrics, this.#title));
    await replaceFile(join(this.#folder, "curves.svg"), new TextEncoder().encode(svg));
    await replaceFile(join(this.#folder, "curves.png"), await rasterize(svg));
  }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && !Array.isArray(value) ? value ?? undefined : undefined;
  } catch {
    return undefined;
  }
}

function parseLine(text: string, place: string): Metrics {
  const record = parseObject(text);
  if (!record) {
    throw new SyntaxError(`Cannot read metrics as ${place} must be a JSON object: ${text.slice(0, 60)}`);
  }
  const entries = KEYS.map((key) => {
    const found = record[key];
    if (typeof found === "number") return [key, found];
    if (found === null && key !== "epoch") return [key, NaN];
    const what = found === undefined ? "it is missing" : JSON.stringify(found).slice(0, 60);
    throw new SyntaxError(`Cannot read metrics as ${place} must have a number for "${key}": ${what}`);
  });
  return Object.fromEntries(entries);
}

/**
 * Reads a run's metrics back.
 *
 * @param path A run's folder, or its metrics file.
 * @returns The epochs. Rejects with `Deno.errors.NotFound` when there is no such file, with a `SyntaxError` that
 * names the line when one is malformed.
 */
export async function readMetrics(path: string): Promise<Metrics[]> {
  const file = basename(path).endsWith(".jsonl") ? path : join(path, "metrics.jsonl");
  let text: string;
  try {
    text = await Deno.readTextFile(file);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotADirectory)) throw cause;
    throw new Deno.errors.NotFound(`Cannot read metrics as ${file} must exist: no such file`, { cause });
  }
  const lines = text.split(/\r?\n/).map((line, i) => [line, `line ${i + 1} of ${file}`]);
  return lines.filter(([line]) => line.trim() !== "").map(([line, place]) => parseLine(line, place));
}
