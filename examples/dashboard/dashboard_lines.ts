/**
 * The dashboard of a run as lines of a terminal: a title, the curves, the latest epochs, and the keys.
 *
 * @module
 */
import type { Metrics } from "../runs/metrics.ts";
import { formatDuration } from "../terminal/duration.ts";
import { formatFixed, formatShort } from "../terminal/numbers.ts";
import type { Frame, Layout } from "../terminal/screen.ts";
import { tableLines } from "../terminal/table.ts";
import type { WindowSize } from "../terminal/terminal.ts";
import { clip, displayWidth, padded, shorten } from "../terminal/text_width.ts";
import { say } from "../words/words.ts";

/** The least window that has room for it. */
export const LEAST: WindowSize = { columns: 80, rows: 24 };
/** From so many columns on the epochs stand beside the curves. */
const WIDE = 130;
/** The most columns that the epochs take there. */
const TABLE = 62;

/** What is shown of a run. */
export interface DashboardState {
  /** The network, its size and its device. */
  title: string;
  /** The epochs that have ended. */
  history: readonly Metrics[];
  /** The learning rate; NaN where there is none. */
  lr: number;
  /** Seconds to the end of the last epoch; null before there is a measure of it. */
  secondsLeft: number | null;
  /** What was asked for last, and is not done yet, or what came of it. */
  message: string;
  /** Whether keys are taken, and whether `s` has where to save. */
  keys: "none" | "stop" | "stop and save";
}

/** Whether a window has room for a dashboard. */
export function hasRoom({ columns, rows }: WindowSize): boolean {
  return columns >= LEAST.columns && rows >= LEAST.rows;
}

/** The columns of the table of epochs, and those that are left out where there is no room. */
const COLUMNS = ["epoch", "train loss", "train acc", "test acc", "time", "examples/s"] as const;
const OPTIONAL = ["examples/s", "time", "train acc"] as const;

/** The latest epochs as a table of at most so many rows, the latest last. */
function epochLines(history: readonly Metrics[], rows: number, columns: number): string[] {
  const cells = history.slice(-rows).map((m) => [
    `${m.epoch}`,
    formatFixed(m.trainLoss),
    formatFixed(m.trainAcc),
    formatFixed(m.testAcc),
    formatDuration(m.seconds),
    m.examplesPerSec.toFixed(0),
  ]);
  const optional = OPTIONAL.map((column) => say(column));
  return tableLines(COLUMNS.map((column) => say(column)), cells, { columns, optional });
}

/** What is trained, and at the end of the line the time left. */
function titleLine({ title, secondsLeft }: DashboardState, columns: number, isLast: boolean): string {
  if (secondsLeft === null || isLast) return clip(title, columns);
  const left = say("{time} left in all", { time: formatDuration(secondsLeft) });
  const room = columns - displayWidth(left);
  return padded(shorten(title, room - 2), room) + left;
}

/** The keys and what they act on, and what came of the last one. */
function keyLine({ keys, lr, message }: DashboardState, columns: number): string {
  const parts = keys === "none" ? [] : [say("q stop"), ...keys === "stop" ? [] : [say("s save")]];
  const rate = Number.isFinite(lr) ? say("learning rate {lr}", { lr: formatShort(lr) }) : "";
  if (rate !== "") parts.push(keys === "none" ? rate : `+ - ${rate}`);
  if (message !== "") parts.push(message);
  return clip(parts.join("   "), columns);
}

/** Lays the dashboard out around a block of curves. */
export function dashboardLines(
  state: DashboardState,
  block: Layout,
  { columns, rows }: WindowSize,
  isLast = false,
): string[] {
  const width = columns - 1, title = titleLine(state, width, isLast);
  const footer = isLast ? [] : [keyLine(state, width)];
  if (columns >= WIDE) return [title, ...besideCurves(state, block, { columns, rows: rows - 2 }), ...footer];
  const shown = Math.max(3, Math.min(12, rows - 21)); // the same number at any time: nothing jumps
  const table = epochLines(state.history, shown, width);
  const curves = curvesOf(block, { columns, rows: rows - shown - 3 });
  const empty = isLast ? [] : Array<string>(shown + 2 - table.length).fill("");
  return [title, ...curves, ...table, ...empty, ...footer];
}

/** The curves, and the latest epochs beside them, as many as there is room for. */
function besideCurves({ history }: DashboardState, block: Layout, { columns, rows }: WindowSize): string[] {
  const width = Math.max(...epochLines(history, rows, TABLE).map(displayWidth));
  const left = columns - width - 4, curves = curvesOf(block, { columns: left + 1, rows });
  const table = epochLines(history, curves.length - 2, TABLE);
  return curves.map((line, i) => `${padded(line, left)}   ${table[i] ?? ""}`.trimEnd());
}

/** The lines of a block; a chart without a title begins with an empty one. */
function curvesOf(block: Layout, size: WindowSize): string[] {
  const lines = block(size);
  return lines[0] === "" ? lines.slice(1) : lines;
}

/** The dashboard as a frame of the screen: without room for it the curves stand alone. */
export function dashboardFrame(state: DashboardState): Frame {
  return (block, size, isLast) => hasRoom(size) ? dashboardLines(state, block, size, isLast) : block(size);
}
