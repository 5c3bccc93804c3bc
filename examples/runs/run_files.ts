/**
 * The files of a training run: `metrics.jsonl`, a line an epoch, and its curves as `curves.svg` and `curves.png`.
 *
 * All three are brought up to date after each epoch (pictures cost 0.2 s), so that an interruption at any
 * moment leaves those of the finished epochs.
 *
 * @module
 */
import { writeWhole } from "../../ops/core/files.ts";
import { forPictures } from "../pictures/fonts.ts";
import { drawIfPossible } from "../pictures/packages.ts";
import { rasterize, renderSvg } from "../pictures/render.ts";
import { type Metrics, metricsChart, metricsLine } from "./metrics.ts";
import { beginRun, claimFolder, type ClaimOptions, releaseFolder, saveIn } from "./run_folder.ts";

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
  readonly #isOwner: boolean;
  readonly #metrics: Metrics[] = [];

  private constructor(folder: string, title: string, isOwner: boolean) {
    this.#folder = folder;
    this.#title = title;
    this.#isOwner = isOwner;
  }

  /**
   * Takes the folder, and sees that it can be written to, before hours of training. What an earlier run left in it is kept
   * aside.
   *
   * @param folder Where the files go.
   * @param title The title above the curves.
   * @param options What becomes of an earlier run.
   * @returns The run's files. Rejects with an `Error` when the folder cannot be used, or another process has it.
   */
  static async open(folder: string, title: string, options: ClaimOptions = {}): Promise<RunFiles> {
    const isOwner = await claimFolder(folder, options);
    beginRun(folder);
    return new RunFiles(folder, title, isOwner);
  }

  /**
   * Adds an epoch to the metrics, then draws the curves anew.
   *
   * @param metrics The epoch's metrics.
   */
  async addEpoch(metrics: Metrics): Promise<void> {
    this.#metrics.push(metrics);
    await this.#saveMetrics();
    await drawIfPossible(async () => {
      const svg = await renderSvg(await forPictures(() => metricsChart(this.#metrics, this.#title)));
      await saveFile(this.#folder, "curves.svg", svg);
      await saveFile(this.#folder, "curves.png", await rasterize(svg));
    });
  }

  /** Begins with the epochs of a run that is gone on with: `metrics.jsonl` has them, and no others. */
  async restore(metrics: readonly Metrics[]): Promise<void> {
    this.#metrics.push(...metrics);
    await this.#saveMetrics();
  }

  async #saveMetrics(): Promise<void> {
    await saveFile(this.#folder, "metrics.jsonl", this.#metrics.map(metricsLine).join(""));
  }

  /** Gives the folder up, unless it was taken before these files were opened. */
  [Symbol.dispose](): void {
    if (this.#isOwner) releaseFolder(this.#folder);
  }
}
