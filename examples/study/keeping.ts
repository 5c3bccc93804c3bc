/**
 * What the options of a script say about keeping its runs.
 *
 * @module
 */
import type { KeepOptions } from "../runs/keep_options.ts";
import { refusal } from "../terminal/refusal.ts";

/** The options that say how a script's runs are kept. */
export interface KeepingArgs {
  out?: string;
  overwrite?: boolean;
  resume?: boolean;
  "save-every"?: string;
}

/**
 * How runs are kept.
 *
 * @param args The script's options.
 * @returns How often they are saved within epochs, and whether they are gone on with.
 * @throws {RangeError} If the options do not go together, or `save-every` is neither a number of steps nor of seconds.
 */
export function keeping(
  { out, overwrite = false, resume = false, "save-every": every }: KeepingArgs,
): Pick<KeepOptions, "resume" | "everySteps" | "everySeconds"> {
  if (out === undefined && (resume || every !== undefined)) {
    const option = resume ? "--resume" : "--save-every";
    throw refusal(
      new RangeError(`Cannot use ${option} as --out must name the run's folder: it is not given`),
    );
  }
  if (resume && overwrite) {
    throw refusal(new RangeError("Cannot use --resume as the earlier run must stay: --overwrite removes it"));
  }
  return { resume, ...every === undefined ? {} : parseEvery(every) };
}

function parseEvery(text: string): Pick<KeepOptions, "everySteps" | "everySeconds"> {
  const match = /^(\d+)(s?)$/.exec(text), n = Number(match?.[1]);
  if (!match || n === 0) {
    throw refusal(
      new RangeError(
        `Cannot use --save-every as it must be a number of steps, or of seconds as 60s: ${text}`,
      ),
    );
  }
  return match[2] === "s" ? { everySeconds: n } : { everySteps: n };
}

/** The options that say how a script's runs are kept and shown, and change nothing of what is trained. */
const NO_SETTINGS = ["out", "overwrite", "resume", "keep-going", "tensorboard", "serve", "host"] as const;

/** What of a script's options says how a network is trained, for its `run.json`. */
export function settingsOf<A extends object>(args: A): Omit<A, typeof NO_SETTINGS[number]> {
  const names: readonly string[] = NO_SETTINGS;
  const entries = Object.entries(args).filter(([name]) => !names.includes(name));
  return Object.fromEntries(entries) as Omit<A, typeof NO_SETTINGS[number]>;
}

/** Settings that a run may be gone on with though they are others: they change nothing of the steps that were made. */
const FREE = ["root", "out", "lang", "part", "save-every", "images", "class"];

/** The settings that a run must have in common with the one that it goes on with. */
export function lastingSettings(settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { schedule = "constant" } = settings;
  const free = schedule === "constant" ? [...FREE, "epochs"] : FREE; // other schedules end with the last epoch
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !free.includes(name)));
}
