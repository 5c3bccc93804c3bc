/**
 * The run folders of the study, gathered.
 *
 * @module
 */
import { join } from "@std/path";
import { readMetrics } from "../../examples/runs/metrics.ts";
import type { RunInfo } from "../../examples/runs/runs.ts";

/** How a network's training ended; a line of PyTorch's has the same fields, but no folder and command. */
export interface StudyRun {
  /** The run's folder, relative to that of all runs. */
  folder: string;
  network: string;
  seed?: number;
  epochs: number;
  lr?: number;
  limit?: number | null;
  dataset?: string;
  batchSize?: number;
  optimizer?: string;
  schedule?: string;
  augment?: string;
  trainLoss: number;
  trainAcc: number;
  testAcc: number;
  /** Training examples a second, over all epochs. */
  examplesPerSec: number;
  /** Of all training, without the tests. */
  seconds: number;
  device?: string;
  command?: string;
  parameters?: number;
  multiplyAdds?: number;
}

/** Paths of all folders below `folder`, but hidden ones, that have a file of this name, relative to it and sorted. */
export async function foldersWith(name: string, folder: string, path = ""): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(join(folder, path)));
  const below = await Promise.all(
    entries.filter(({ name, isDirectory }) => isDirectory && !name.startsWith(".")) // earlier runs are kept aside there
      .map((entry) => foldersWith(name, folder, path ? `${path}/${entry.name}` : entry.name)),
  );
  return [...entries.some((entry) => entry.name === name) ? [path] : [], ...below.flat()].sort();
}

/** Reads the end of each run below a folder. */
export async function gatherRuns(folder: string): Promise<StudyRun[]> {
  const paths = await foldersWith("metrics.jsonl", folder);
  const runs = await Promise.all(paths.map(async (path): Promise<StudyRun | null> => {
    const metrics = await readMetrics(join(folder, path)), last = metrics.at(-1);
    if (!last) return null; // it was interrupted in its first epoch
    const info = await readInfo(join(folder, path, "run.json"));
    const settings = (info?.settings ?? {}) as Partial<StudyRun> & { "batch-size"?: number };
    const { seed, lr, limit, dataset = "fashion-mnist", optimizer, schedule, augment } = settings;
    const { trainLoss, trainAcc, testAcc } = last;
    const seconds = metrics.reduce((sum, m) => sum + m.seconds, 0);
    const examples = metrics.reduce((sum, m) => sum + m.seconds * m.examplesPerSec, 0);
    const { network = path.split("/").at(-1)!, device, command, parameters, multiplyAdds } = info ?? {};
    const ends = {
      epochs: last.epoch,
      trainLoss,
      trainAcc,
      testAcc,
      examplesPerSec: examples / seconds,
      seconds,
    };
    return {
      folder: path,
      network,
      seed,
      lr,
      limit,
      dataset,
      batchSize: settings["batch-size"],
      optimizer,
      schedule,
      augment,
      ...ends,
      device,
      command,
      parameters,
      multiplyAdds,
    };
  }));
  return runs.filter((run) => run !== null);
}

async function readInfo(file: string): Promise<Partial<RunInfo> | undefined> {
  const text = await Deno.readTextFile(file).catch(() => undefined); // an older run may have none
  return text === undefined ? undefined : JSON.parse(text);
}
