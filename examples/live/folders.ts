/**
 * Runs in folders: what is in them, and what is added while they are written.
 *
 * @module
 */
import { basename, dirname, join, resolve } from "node:path";
import type { Metrics } from "../runs/metrics.ts";
import { readRuns, type RunInfo } from "../runs/runs.ts";
import { PICTURES_FILE } from "./pictures_file.ts";
import { applyEvent, type LiveEvent, type RunView } from "./run_view.ts";

/** What of a folder says that there is news in it. */
const FILES = ["metrics.jsonl", "run.json", PICTURES_FILE];

/** The folder of a run, which may be given by its metrics. */
function folderOf(path: string): string {
  return basename(path).endsWith(".jsonl") ? dirname(path) : path;
}

/** Reads the runs of folders as views. Rejects as `readRuns` does. */
export async function readViews(paths: readonly string[]): Promise<RunView[]> {
  const folders = [...new Map(paths.map((path) => [resolve(folderOf(path)), folderOf(path)])).values()];
  const runs = await readRuns(folders, { mayBegin: true });
  return await Promise.all(
    runs.map(async ({ name, metrics, info }, k) =>
      viewOf(name, folders[k], metrics, info, await readPictures(folders[k]))
    ),
  );
}

function viewOf(
  title: string,
  folder: string,
  metrics: Metrics[],
  info: RunInfo | undefined,
  { classes = [], events }: Pictures,
): RunView {
  const epochs = Number(info?.settings.epochs ?? 0) || 0;
  const [view] = applyEvent([], {
    kind: "begin",
    title,
    epochs,
    images: 0,
    device: info?.device ?? "",
    lr: Number(info?.settings.lr ?? NaN),
    classes,
    layers: info?.layers ?? [],
    folder,
  });
  for (const event of events) applyEvent([view], event);
  const isWhole = epochs > 0 && metrics.length >= epochs;
  return {
    ...view,
    metrics,
    changes: [...info?.changes ?? []],
    end: isWhole ? { how: "finished", text: "" } : null,
  };
}

/** The pictures that a run's page kept. */
interface Pictures {
  classes?: readonly string[];
  events: LiveEvent[];
}

/** Reads a run's pictures: none where there are none, or another file is in their place. */
async function readPictures(folder: string): Promise<Pictures> {
  try {
    const found = JSON.parse(await Deno.readTextFile(join(folder, PICTURES_FILE)));
    return Array.isArray(found?.events) ? found : { events: [] };
  } catch {
    return { events: [] };
  }
}

/** When and how large the files of folders are, to be compared. */
async function stampOf(folders: readonly string[]): Promise<string> {
  const files = folders.flatMap((folder) => FILES.map((name) => join(folder, name)));
  const stats = await Promise.all(files.map((file) => Deno.stat(file).catch(() => null)));
  return stats.map((stat) => `${stat?.mtime?.getTime()} ${stat?.size}`).join();
}

/** Follows runs in folders. */
export class Follower {
  readonly #paths: readonly string[];
  #stamp = "";

  /** @param paths Their folders. */
  constructor(paths: readonly string[]) {
    this.#paths = paths;
  }

  /** Reads them anew, if something was written since. Rejects as `readRuns` does. */
  async news(): Promise<RunView[] | null> {
    const stamp = await stampOf(this.#paths.map(folderOf));
    if (stamp === this.#stamp) return null;
    const views = await readViews(this.#paths);
    this.#stamp = stamp;
    return views;
  }
}
