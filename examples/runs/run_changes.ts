/**
 * Changes of the learning rate by hand, as a run's `run.json` keeps them under `changes`.
 *
 * @module
 */
import { join } from "node:path";
import { saveFile } from "./run_files.ts";
import type { RateChange } from "./run_feed.ts";

const FILE = "run.json";

/** Where a run goes on: behind so many epochs, and steps of the next. */
interface Start {
  readonly history: readonly unknown[];
  readonly step: number;
}

/** Notes a change in a run's folder, if it has one. */
export async function noteChange(folder: string | undefined, change: RateChange): Promise<void> {
  await rewrite(folder, (changes) => [...changes, change]);
}

/** Drops the changes that were made behind the checkpoint from which a run goes on: they are not in effect there. */
export async function forgetChanges(folder: string | undefined, { history, step }: Start): Promise<void> {
  const isBefore = (change: RateChange) =>
    change.epoch <= history.length || change.epoch === history.length + 1 && change.step <= step;
  await rewrite(folder, (changes) => changes.filter(isBefore));
}

async function rewrite(
  folder: string | undefined,
  edit: (changes: RateChange[]) => RateChange[],
): Promise<void> {
  const info = folder === undefined ? null : await readInfo(join(folder, FILE));
  if (folder === undefined || info === null) return;
  const { changes = [] } = info, edited = edit(changes);
  if (edited.length === changes.length) return;
  await saveFile(folder, FILE, JSON.stringify({ ...info, changes: edited }, null, 2) + "\n");
}

/** What a run's `run.json` says; null where the run has none, as that of another script may. */
async function readInfo(path: string): Promise<{ changes?: RateChange[] } | null> {
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
