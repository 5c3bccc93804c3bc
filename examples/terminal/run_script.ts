/**
 * How a script begins and ends.
 *
 * @module
 */
import { endAll } from "./at_end.ts";
import { isRefusal } from "./refusal.ts";
import { screen } from "./screen.ts";
import { goOn } from "./script_args.ts";
import { Stopped } from "./stop_request.ts";
import { toAscii, wrapWords } from "./text_width.ts";
import { say } from "../words/words.ts";

/**
 * Runs a script. A refusal becomes one line on stderr and the exit code 1; any other error is a bug, and shown whole.
 *
 * Ctrl-C needs nothing here: it ends the process at once, or where the screen shows something after the step under way,
 * on a line of its own. No drawing hides the cursor or leaves a colour on. Where a training is kept, the step under way is
 * saved first, and the script says how to go on. Where its device is lost a script that keeps its run goes on from the
 * last checkpoint by itself.
 *
 * @param main What the script does.
 */
export async function runScript(main: () => void | Promise<void>): Promise<void> {
  for (let losses = 0;; losses++) {
    try {
      await main();
      screen.end();
      return await endAll();
    } catch (error) {
      if (!isOfLostDevice(error) || losses === MOST_LOSSES || !isKept()) {
        await endAll();
        return endBy(error);
      }
      screen.end();
      screen.print(say("{problem}; going on with the run on a fresh device", { problem: error.message }));
      goOn();
    }
  }
}

/** How often a script goes on after its device was lost: a driver that loses one after the other will not stop. */
const MOST_LOSSES = 3;

/** Whether it is a `DeviceLostError`, told by its name, so that no script loads the library for it. */
function isOfLostDevice(error: unknown): error is Error {
  return error instanceof Error && error.name === "DeviceLostError";
}

/** Whether the script keeps its run in a folder. */
function isKept(): boolean {
  return Deno.args.some((arg) => /^--out(=|$)/.test(arg));
}

/** Ends the script by what was thrown. */
function endBy(error: unknown): void {
  if (error instanceof Stopped) {
    screen.end();
    screen.terminal.write(`${error.message}\n`); // in one piece, as it has a command to be copied
    Deno.exit(error.code);
  }
  if (!isRefusal(error) && !isOfLostDevice(error)) throw error; // a lost device is no bug of ours
  endWith(error.message);
}

/**
 * Ends the process with one line on stderr, and the exit code 1.
 *
 * @param message What was refused, and why.
 */
export function endWith(message: string): never {
  try {
    screen.end();
  } catch {
    // the standard output may be what fails
  }
  const text = `error: ${message.replaceAll(/\s*\n\s*/g, " ")}`;
  const { unicode, size } = screen.terminal;
  const lines = Deno.stderr.isTerminal() ? wrapWords(text, size().columns - 1).join("\n") : text;
  console.error(unicode ? lines : toAscii(lines));
  Deno.exit(1);
}
