/**
 * Training runs that are compared: what `run.json` says of each, its epochs, the table and the chart of several.
 *
 * @module
 */
import { basename, dirname, join, resolve } from "node:path";
import type { Chart, ChartRow } from "../pictures/chart.ts";
import { formatDuration } from "../terminal/duration.ts";
import { formatFixed } from "../terminal/numbers.ts";
import { refusal } from "../terminal/refusal.ts";
import { tableLines } from "../terminal/table.ts";
import { say, sayName } from "../words/words.ts";
import { type Metrics, readMetrics } from "./metrics.ts";
import type { LayerRow, RateChange } from "./run_feed.ts";
import { saveFile } from "./run_files.ts";

/** How a network was trained. */
export interface RunInfo {
  /** The network's name. */
  network: string;
  /** Elements of its parameters. */
  parameters: number;
  /** Multiplications with additions for one image. */
  multiplyAdds: number;
  /** The device it was trained on. */
  device: string;
  /** The script and its options. */
  command: string;
  /** Seed, learning rate and whatever else the script was told. */
  settings: Record<string, string | number | undefined>;
  /** The network's layers. */
  layers?: readonly LayerRow[];
  /** Changes of the learning rate by hand. */
  changes?: readonly RateChange[];
}

/** A run, as far as it went. */
export interface Run {
  /** The run's name among others. */
  name: string;
  /** The metrics of the run's epochs. */
  metrics: Metrics[];
  /** How the network was trained, where that is known. */
  info?: RunInfo;
}

/**
 * Writes a run's `run.json`.
 *
 * @param folder The run's folder.
 * @param info How the network is trained.
 */
export async function writeRunInfo(folder: string, info: RunInfo): Promise<void> {
  await saveFile(folder, "run.json", JSON.stringify(info, null, 2) + "\n");
}

/** What each part of `run.json` is. */
const PARTS: Record<Exclude<keyof RunInfo, "layers" | "changes">, string> = {
  network: "string",
  parameters: "number",
  multiplyAdds: "number",
  device: "string",
  command: "string",
  settings: "object",
};

/** Refuses what is no `run.json`: an object in a name's place would be a part of the chart that it is drawn in. */
function checkRunInfo(path: string, info: unknown): RunInfo {
  const parts = Object(info) as Record<string, unknown>;
  for (const [key, kind] of Object.entries(PARTS)) {
    const { [key]: value } = parts;
    if (typeof value === kind && value !== null && !/\p{Cc}/u.test(String(value))) continue; // which steer a terminal
    const found = value === undefined ? "it is missing" : `${JSON.stringify(value)}`.slice(0, 60);
    throw refusal(
      new SyntaxError(
        `Cannot read ${path} as its ${key} must be of type ${kind}, without control characters: ${found}`,
      ),
    );
  }
  for (const key of ["layers", "changes"]) { // which runs of old do not have
    const { [key]: value = [] } = parts;
    if (Array.isArray(value) && value.every((one) => Object(one) === one)) continue;
    const found = `${JSON.stringify(value)}`.slice(0, 60);
    throw refusal(new SyntaxError(`Cannot read ${path} as its ${key} must be a list of objects: ${found}`));
  }
  return info as RunInfo;
}

/** Whether a run's `run.json` is there. */
export function hasRunInfo(folder: string): Promise<boolean> {
  return Deno.stat(join(folder, "run.json")).then(() => true, () => false);
}

/** Reads a run's `run.json`, undefined where there is none. Rejects with a `SyntaxError` where it is another file. */
export async function readRunInfo(folder: string): Promise<RunInfo | undefined> {
  let info: unknown;
  try {
    info = JSON.parse(await Deno.readTextFile(join(folder, "run.json")));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    const must = error instanceof SyntaxError ? "be JSON" : "be a file to read";
    const reason = error instanceof Error ? error.message : String(error);
    throw refusal(new SyntaxError(`Cannot read ${join(folder, "run.json")} as it must ${must}: ${reason}`));
  }
  return checkRunInfo(join(folder, "run.json"), info);
}

/**
 * Reads runs back.
 *
 * @param paths Their folders or their `metrics.jsonl`.
 * @param options Whether a folder may have a run that has not ended an epoch.
 * @returns The runs, called after their networks or folders, and where two would share a name after their paths. Rejects
 * as `readMetrics` does.
 */
export async function readRuns(
  paths: readonly string[],
  { mayBegin = false }: { mayBegin?: boolean } = {},
): Promise<Run[]> {
  const folders = paths.map((path) => basename(path).endsWith(".jsonl") ? dirname(path) : path);
  const unique = [
    ...new Map(folders.map((path) => [resolve(path), path.replace(/(?<=[^/\\])[/\\]+$/, "")])).values(),
  ];
  const runs = await Promise.all(unique.map(async (path): Promise<Run> => {
    const info = await readRunInfo(path), isNew = mayBegin && info !== undefined;
    const metrics = await readMetrics(path).catch((error) => {
      if (isNew && error instanceof Deno.errors.NotFound) return [];
      throw error;
    });
    return { name: info?.network ?? basename(resolve(path)), metrics, info };
  }));
  const names = runs.map(({ name }) => name);
  return runs.map((run, i) => {
    const isShared = names.indexOf(run.name) !== names.lastIndexOf(run.name);
    return isShared ? { ...run, name: unique[i] } : run;
  });
}

/** The columns of the table of runs, and those that are left out where there is no room, the first to go first. */
const COLUMNS = [
  "network",
  "parameters",
  "mult-adds",
  "epochs",
  "time",
  "loss",
  "train acc",
  "test acc",
] as const;
const OPTIONAL = ["mult-adds", "parameters", "time", "epochs", "train acc"] as const;

/**
 * Gives a table of runs as they ended.
 *
 * @param runs The runs.
 * @param columns The most columns of the window that a line may take.
 * @param ellipsis What a name ends in that is cut off.
 * @returns The lines: cost of the network, time of training, last epoch's loss and accuracies.
 */
export function runsTable(runs: readonly Run[], columns = Infinity, ellipsis = "…"): string[] {
  const header = COLUMNS.map((column) => say(column));
  const rows = runs.map(({ name, metrics, info }) => {
    const cost = info
      ? [info.parameters.toLocaleString("en"), `${(info.multiplyAdds / 1e6).toFixed(2)} M`]
      : ["-", "-"];
    const last = metrics.at(-1);
    const end = last
      ? [last.trainLoss, last.trainAcc, last.testAcc].map((v) => formatFixed(v))
      : ["-", "-", "-"];
    const seconds = metrics.reduce((sum, { seconds }) => sum + seconds, 0);
    return [sayName(name), ...cost, `${metrics.length}`, formatDuration(seconds), ...end];
  });
  return tableLines(header, rows, {
    columns,
    ellipsis,
    optional: OPTIONAL.map((column) => say(column)),
  });
}

/**
 * Makes a chart of runs: their training losses, and beside them their test accuracies.
 *
 * @param runs The runs, each of its own name.
 * @param title The title above both charts.
 * @returns The charts.
 */
export function runsChart(runs: readonly Run[], title: string): ChartRow {
  function curves(yLabel: "train loss" | "test accuracy", key: "trainLoss" | "testAcc"): Chart {
    const series = runs.map(({ name, metrics }) => ({
      name: sayName(name),
      points: metrics.map((m) => [m.epoch, m[key]] as const),
    }));
    return {
      title: sayName(title),
      xLabel: say("epoch"),
      yLabel: say(yLabel),
      series,
      share: key === "testAcc",
    };
  }
  return {
    title: sayName(title),
    charts: [curves("train loss", "trainLoss"), curves("test accuracy", "testAcc")],
  };
}
