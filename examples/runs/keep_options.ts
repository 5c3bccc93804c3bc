/**
 * How a run is kept so that it can be gone on with, and what is said of it.
 *
 * @module
 */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { CheckpointOptions } from "../../mod.ts";
import { refusal } from "../terminal/refusal.ts";
import { screen } from "../terminal/screen.ts";
import { resuming } from "../terminal/script_args.ts";
import { say } from "../words/words.ts";
import type { Metrics } from "./metrics.ts";

/** How a run is kept. */
export interface KeepOptions {
  /** The run's folder; without one nothing is kept. */
  out?: string;
  /** Whether to go on from the newest checkpoint there. */
  resume?: boolean;
  /** Saves within epochs too, after every so many steps. */
  everySteps?: number;
  /** Saves within epochs too, whenever so many seconds have gone by. */
  everySeconds?: number;
  /** What the run was told; a checkpoint with other settings is refused. */
  settings?: Record<string, unknown>;
}

/** The options of a run's checkpoints; undefined where nothing is kept. Where the run goes on from one it says so. */
export function checkpointOptions<Epoch = Metrics>(
  { out, resume = false, everySteps, everySeconds, settings }: KeepOptions,
): CheckpointOptions<Epoch> | undefined {
  if (out === undefined) return undefined;
  const onResume = ({ file }: { file: string }) => screen.print(say("going on from {file}", { file }));
  return { folder: out, resume, everySteps, everySeconds, settings, onResume };
}

/** Does what depends on a run's checkpoints; what is wrong with them is the user's to mend. */
export async function refusingCheckpoints<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const isTheirs = error instanceof Error && /^Cannot (load|save|keep) (a )?checkpoint/.test(error.message);
    throw isTheirs ? refusal(error) : error;
  }
}

/** What is said when a run ends that can be gone on with. */
export function howToGoOn(file: string): string {
  return say("saved {file}; to go on: {command}", {
    file,
    command: resumeCommand(Deno.mainModule, Deno.args),
  });
}

/** What is said when a run ends that nothing is kept of. */
export function nothingKept(epochs: number, step: number): string {
  return step > 0
    ? say("stopped after step {step} of epoch {n}; without --out nothing of the run is kept", {
      step,
      n: epochs + 1,
    })
    : say("stopped after epoch {n}; without --out nothing of the run is kept", { n: epochs });
}

/**
 * The command that goes on with a run.
 *
 * @param module The script's URL.
 * @param args What it was given.
 * @returns The command, for a shell.
 */
export function resumeCommand(module: string, args: readonly string[]): string {
  return ["deno", "run", "-P", scriptOf(module), ...resuming(args)].map(quoted).join(" ");
}

function scriptOf(module: string): string {
  if (!module.startsWith("file:")) return module;
  const path = fileURLToPath(module), near = relative(Deno.cwd(), path);
  return near.startsWith("..") ? path : near;
}

function quoted(word: string): string {
  return /^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
