/**
 * The files of a training run: `metrics.jsonl`, a line an epoch, and its curves as `curves.svg` and `curves.png`.
 *
 * All three are brought up to date after each epoch (pictures cost 0.2 s), so that an interruption at any
 * moment leaves those of the finished epochs.
 *
 * @module
 */
import { join } from "jsr:@std/path@^1";
import { writeWhole } from "../../ops/core/files.ts";
import { rasterize, renderSvg } from "../pictures/render.ts";
import { type Metrics, metricsChart, metricsLine } from "./metrics.ts";

/**
 * Makes a folder for a run and writes into it; an error says in one sentence that the folder cannot be written to.
 *
 * @param folder The folder.
 * @param write Writes into the folder.
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
 * Writes a file whole into a folder, which is made where it is missing.
 *
 * @param folder The folder.
 * @param name The file's name.
 * @param data Its text or bytes. Rejects with an `Error` when the folder cannot be used.
 */
export async function saveFile(folder: string, name: string, data: string | Uint8Array): Promise<void> {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  await saveIn(folder, () => writeWhole(folder, name, bytes));
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
   * @param title The title above the curves.
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
   * @param metrics The epoch's metrics.
   */
  async addEpoch(metrics: Metrics): Promise<void> {
    const first = this.#metrics.length === 0;
    this.#metrics.push(metrics);
    await Deno.writeTextFile(join(this.#folder, "metrics.jsonl"), metricsLine(metrics), { append: !first });
    const svg = await renderSvg(metricsChart(this.#metrics, this.#title));
    await saveFile(this.#folder, "curves.svg", svg);
    await saveFile(this.#folder, "curves.png", await rasterize(svg));
  }
}
