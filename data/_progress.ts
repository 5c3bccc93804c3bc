/**
 * Download progress on stderr: a bar on a terminal, one line a file elsewhere.
 *
 * @module
 */
import type { DownloadProgress } from "./image_dataset.ts";

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 1e6 ? 2 : 1);
}

/** A download's state as one line of at most `columns` characters. */
export function progressLine({ file, received, total }: DownloadProgress, columns: number): string {
  const amount = total === undefined
    ? `${megabytes(received)} MB`
    : `${megabytes(received)} of ${megabytes(total)} MB`;
  const width = Math.min(30, columns - file.length - amount.length - 4);
  let line = `${file} ${amount}`;
  if (total !== undefined && width >= 5) {
    const full = total === 0 ? width : Math.min(width, Math.floor(width * received / total));
    line = `${file} [${"#".repeat(full)}${".".repeat(width - full)}] ${amount}`;
  }
  return line.slice(0, Math.max(0, columns));
}

/** What a progress display writes to. */
export interface Display {
  readonly isTerminal: boolean;
  readonly columns: number;
  write(text: string): void;
}

function stderrDisplay(): Display {
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
    if (state === "running" && received > 0 && now - drawn < 100) return;
    drawn = now;
    const end = state === "running" ? "" : state === "failed" ? " failed\n" : "\n";
    display.write(`\r${progressLine(progress, display.columns - end.length)}\x1b[K${end}`);
  };
}
