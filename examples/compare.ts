// Draws the curves of any runs of the study in one chart, and lists them in one table.
// deno run -P examples/compare.ts runs/exercise_1/max-pooling runs/exercise_2/*/ --out runs
import { join } from "node:path";
import { claimFolder } from "./runs/run_folder.ts";
import { readRuns } from "./runs/runs.ts";
import { COMPARISON_FILES, showRuns, writeComparison } from "./study/comparison.ts";
import { options } from "./terminal/options.ts";
import { runScript } from "./terminal/run_script.ts";
import { screen } from "./terminal/screen.ts";
import { say } from "./words/words.ts";

async function main(): Promise<void> {
  const args = options("Compares training runs: their curves, what they cost, how they ended.", {
    RUN: { help: "the folder of a run, or its metrics.jsonl", operands: true },
    title: { help: "what stands above the chart", default: "runs compared" },
    out: { help: "folder for comparison.svg and comparison.png, which replace older ones" },
  });
  const runs = await readRuns(args.RUN);
  showRuns(runs, args.title);
  if (!args.out) return;
  await claimFolder(args.out, { files: COMPARISON_FILES, overwrite: true });
  if (!await writeComparison(args.out, runs, args.title)) return;
  screen.print(say("curves of all: {svg}, and .png", { svg: join(args.out, "comparison.svg") }));
}

if (import.meta.main) await runScript(main);
