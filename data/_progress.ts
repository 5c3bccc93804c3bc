/**
 * A line that says how far a long task is, and the progress of downloads on stderr: such a line on a terminal, one line
 * a file elsewhere.
 *
 * @module
 */
import type { DownloadProgress } from "./image_dataset.ts";

/** A progress line is redrawn after so many milliseconds at the soonest. */
export const REDRAW_MS = 100;

/** The parts of a progress line. */
export interface ProgressParts {
  /** The task's name. */
  label: string;
  /** The columns that the label takes, its length unless given. */
  labelWidth?: number | undefined;
  /** How much is done. */
  done: number;
  /** How much there is; there is no bar where that is not known. */
  total?: number | undefined;
  /** The text behind the bar. */
  facts: string;
  /** The columns that it takes, its length unless given. */
  factsWidth?: number;
}

/** Writes a label, a bar of at most 30 columns where there is room for five, and facts. */
export function barLine(parts: ProgressParts, columns: number): string {
  const { label, labelWidth = label.length, done, total, facts, factsWidth = facts.length } = parts;
  const width = Math.min(30, columns - labelWidth - factsWidth - 4);
  if (total === undefined || width < 5) return `${label} ${facts}`;
  const full = total === 0 ? width : Math.max(0, Math.min(width, Math.floor(width * done / total)));
  return `${label} [${"#".repeat(full)}${".".repeat(width - full)}] ${facts}`;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 1e6 ? 2 : 1);
}

/** A download's state as one line of at most `columns` characters. */
export function downloadLine({ file, received, total }: DownloadProgress, columns: number): string {
  const facts = total === undefined
    ? `${megabytes(received)} MB`
    : `${megabytes(received)} of ${megabytes(total)} MB`;
  return barLine({ label: file, done: received, total, facts }, columns).slice(0, Math.max(0, columns));
}

/** The output of a progress display. */
export interface Display {
  readonly isTerminal: boolean;
  readonly columns: number;
  write(text: string): void;
}

/** The process's stderr; where there is none, as in a page, what is written goes nowhere. */
export function stderrDisplay(): Display {
  if (globalThis.Deno === undefined) return { isTerminal: false, columns: 80, write: () => {} };
  const isTerminal = Deno.stderr.isTerminal();
  return {
    isTerminal,
    columns: isTerminal ? Deno.consoleSize().columns - 1 : 80, // a full last column would wrap
    write: (text) => void Deno.stderr.writeSync(new TextEncoder().encode(text)),
  };
}

/** A listener that shows progress on `display`. */
export function showProgress(display: Display = stderrDisplay()): (progress: DownloadProgress) => void {
  let drawn = 0;
  return (progress) => {
    const { file, url, received, total, state } = progress;
    if (!display.isTerminal) {
      const size = total === undefined ? "" : ` (${megabytes(total)} MB)`;
      if (received === 0 && state === "running") display.write(`Downloading ${file}${size} from ${url}\n`);
      return;
    }
    const now = performance.now();
    if (state === "running" && received > 0 && now - drawn < REDRAW_MS) return;
    drawn = now;
    const end = state === "running" ? "" : state === "failed" ? " failed\n" : "\n";
    display.write(`\r${downloadLine(progress, display.columns - end.length)}\x1b[K${end}`);
  };
}
