/**
 * How a script ends whose training met a number that is not finite.
 *
 * @module
 */
import { join } from "node:path";
import { AnomalyError } from "../../mod.ts";
import { refusal } from "../terminal/refusal.ts";
import { screen } from "../terminal/screen.ts";
import { saveFile } from "./run_files.ts";

/** The file of the report. */
const FILE = "anomaly.txt";

/**
 * Tells what was not finite: on the screen, and in a run's folder as `anomaly.txt`.
 *
 * @param error What training rejected with.
 * @param out The run's folder, if it has one.
 * @returns What the script is to end with: a refusal of one line, or an error that is none of this as it was.
 */
export async function stopped(error: unknown, out?: string): Promise<unknown> {
  if (!(error instanceof AnomalyError)) return error;
  const { anomaly } = error;
  screen.end();
  for (const line of `${anomaly}`.split("\n")) screen.warn(line);
  if (out !== undefined) await saveFile(out, FILE, `${anomaly}\n`);
  const where = out === undefined ? "" : `; the report is in ${FILE} of ${out}`;
  return refusal(
    new Error(
      `Cannot go on training as every loss, gradient and parameter must be finite: ${anomaly.headline} ` +
        `(--keep-going trains on${where})`,
      { cause: error },
    ),
  );
}

/** Removes an earlier report of a run's folder, if it has one: training has come past that step. */
export async function removeReport(out?: string): Promise<void> {
  if (out === undefined) return;
  try {
    await Deno.remove(join(out, FILE));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
