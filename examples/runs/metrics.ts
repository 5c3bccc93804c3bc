/**
 * The metrics of a run's epochs: as a chart, as a line of text, and as `metrics.jsonl`.
 *
 * @module
 */
import { basename, join } from "node:path";
import type { Chart } from "../pictures/chart.ts";
import { formatFixed } from "../terminal/numbers.ts";
import { refusal } from "../terminal/refusal.ts";
import { say, sayName } from "../words/words.ts";

/** The metrics of an epoch; a loss that overflowed is NaN, in the file `null` with a note that says so. */
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
 * @param title The title above the curves.
 * @returns The chart.
 */
export function metricsChart(metrics: readonly Metrics[], title: string): Chart {
  function curve(key: "trainLoss" | "trainAcc" | "testAcc"): [number, number][] {
    return metrics.map((m) => [m.epoch, m[key]]);
  }
  return {
    title: sayName(title),
    xLabel: say("epoch"),
    yLabel: say("loss, accuracy"),
    series: [
      { name: say("train loss"), points: curve("trainLoss") },
      { name: say("train acc"), points: curve("trainAcc"), dashed: true },
      { name: say("test acc"), points: curve("testAcc"), dashed: true },
    ],
  };
}

/**
 * Whether a run has learned anything: its last loss is a number, and it is right more than twice as often as by guessing
 * among ten classes.
 */
export function hasLearned(metrics: readonly Metrics[]): boolean {
  const last = metrics.at(-1);
  return last !== undefined && Number.isFinite(last.trainLoss) && last.testAcc > 0.2;
}

/** An epoch's loss and accuracies, as the book writes them. */
export function describe({ trainLoss, trainAcc, testAcc }: Metrics): string {
  return say("loss {loss}, train acc {train}, test acc {test}", {
    loss: formatFixed(trainLoss),
    train: trainAcc.toFixed(3),
    test: testAcc.toFixed(3),
  });
}

/** An epoch's line of `metrics.jsonl`. What JSON has no number for becomes `null`, and a note says what it was. */
export function metricsLine(metrics: Metrics): string {
  const odd = KEYS.filter((key) => !Number.isFinite(metrics[key])).map((key) => `${key} was ${metrics[key]}`);
  const note = odd.length > 0 ? { note: odd.join(", ") } : {};
  return JSON.stringify({ ...metrics, ...note }, [...KEYS, "note"]) + "\n";
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && !Array.isArray(value) ? value ?? undefined : undefined;
  } catch {
    return undefined;
  }
}

function malformed(why: string): SyntaxError {
  return refusal(new SyntaxError(`Cannot read metrics as ${why}`));
}

function parseLine(text: string, place: string): Metrics {
  const record = parseObject(text);
  if (!record) {
    throw malformed(`${place} must be a JSON object: ${text.slice(0, 60)}`);
  }
  const entries = KEYS.map((key) => {
    const found = record[key];
    if (typeof found === "number") return [key, found];
    if (found === null && key !== "epoch") return [key, NaN];
    const what = found === undefined ? "it is missing" : JSON.stringify(found).slice(0, 60);
    throw malformed(`${place} must have a number for "${key}": ${what}`);
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
    const isMissing = cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotADirectory;
    const found = isMissing ? "no such file" : cause instanceof Error ? cause.message : String(cause);
    throw refusal(
      isMissing
        ? new Deno.errors.NotFound(`Cannot read metrics as ${file} must exist: ${found}`, { cause })
        : new Error(`Cannot read metrics as ${file} must be a file to read: ${found}`, { cause }),
    );
  }
  const lines = text.split(/\r?\n/).map((line, i) => [line, `line ${i + 1} of ${file}`] as const);
  return lines.filter(([line]) => line.trim() !== "").map(([line, place]) => parseLine(line, place));
}
