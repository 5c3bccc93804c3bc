/**
 * A process that looks after another: a broken driver may end the process that uses it, which then can say nothing.
 *
 * @module
 */

/** How a process ended. */
export interface End {
  readonly code: number;
  /** What ended it, if it was neither the examination nor the user: `SIGSEGV`, `exit code 134`. */
  readonly crash: string | null;
}

/** Runs Deno with these arguments to its end; it writes where this process does. */
export async function lookAfter(args: readonly string[], env: Record<string, string> = {}): Promise<End> {
  const command = new Deno.Command(Deno.execPath(), {
    args: [...args],
    env,
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  });
  const { code, signal } = await command.spawn().status;
  const isOrdinary = code <= 1 || signal === "SIGINT" || signal === "SIGTERM";
  return { code, crash: isOrdinary ? null : signal ?? `exit code ${code}` };
}
