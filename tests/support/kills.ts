/**
 * Processes that are killed, and started again until they end.
 *
 * @module
 */
import { ROOT } from "./subprocess.ts";

/** What a killed process wrote, and how it ended. */
export interface Ended {
  readonly code: number;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Starts a script, and sends it a signal when something comes to pass.
 *
 * @param args The script and its options.
 * @param when Settles when the signal is to be sent; it is told when the process has ended.
 * @param signal The signal.
 */
export async function runAndKill(
  args: readonly string[],
  when: (ended: AbortSignal) => Promise<unknown>,
  signal: Deno.Signal = "SIGKILL",
): Promise<Ended> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-P", "--quiet", "--no-lock", "--env-file=scripts/tasks.env", ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const ended = new AbortController();
  const output = child.output().finally(() => ended.abort());
  await Promise.race([when(ended.signal), output]);
  if (!ended.signal.aborted) {
    try {
      child.kill(signal);
    } catch {
      // it has ended in the meantime
    }
  }
  const { code, signal: found, stdout, stderr } = await output;
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, signal: found, stdout: text(stdout), stderr: text(stderr) };
}

/** Waits, but not longer than for the process. */
export function after(milliseconds: number): (ended: AbortSignal) => Promise<void> {
  return (ended) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      ended.addEventListener("abort", () => (clearTimeout(timer), resolve()));
    });
}

/** Waits until a folder has a file of such a name, then some milliseconds more. */
export function whenThere(folder: string, name: RegExp, more = 0): (ended: AbortSignal) => Promise<void> {
  return async (ended) => {
    while (!ended.aborted && !namesIn(folder).some((found) => name.test(found))) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    if (more > 0) await after(more)(ended);
  };
}

/** The names of a folder's files; none where it is not there. */
export function namesIn(folder: string): string[] {
  try {
    return Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();
  } catch {
    return [];
  }
}

/** The lines of a run's metrics without their times. */
export function withoutTimes(metrics: string): string[] {
  return metrics.trim().split("\n").map((line) => line.replace(/,"examplesPerSec":.*/, "}"));
}
