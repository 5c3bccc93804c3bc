/**
 * How a script begins and ends.
 *
 * @module
 */
import { screen } from "./screen.ts";

/**
 * Runs a script. What it cannot do ("Cannot … as …: …") becomes one line on stderr and the exit code 1; any other error is
 * a bug, and shown whole.
 *
 * Ctrl-C needs nothing here: it ends the process at once, also within a step, and no drawing hides the cursor or leaves
 * a colour on.
 *
 * @param main What the script does.
 */
export async function runScript(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith("Cannot ")) throw error;
    screen.end();
    console.error(`error: ${error.message.replaceAll(/\s*\n\s*/g, " ")}`);
    Deno.exit(1);
  }
}
