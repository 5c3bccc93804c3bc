/**
 * Runs the study's scripts for docs/results.md, and gathers how each network's training ended in `study.json`.
 *
 *     deno run -A --env-file=scripts/tasks.env scripts/results/run_study.ts --out runs
 *     /usr/bin/python3 scripts/results/train_study.py > runs/pytorch.jsonl
 *     /usr/bin/python3 scripts/results/train_study.py --seeds 1,2 --only exercise_1 >> runs/pytorch.jsonl
 *     /usr/bin/python3 scripts/results/train_modern.py --epochs 3 --seed 3 >> runs/pytorch.jsonl
 *     deno run -A scripts/results/write_results.ts --runs runs --pytorch runs/pytorch.jsonl
 *
 * Each run's folder is named after the section of the document that it belongs to; what other scripts leave in folders
 * beside them is taken up too.
 *
 * @module
 */
import { fromFileUrl, join } from "@std/path";
import { toolOptions as options } from "../../examples/terminal/options.ts";
import { gatherRuns } from "./study_runs.ts";

const ROOT = fromFileUrl(new URL("../..", import.meta.url));

const args = options("Runs the study's scripts and gathers their results.", {
  out: { help: "folder for the runs", default: "runs" },
  only: { help: "only the runs whose folder begins so, as exercise_1/seed-2", default: "" },
  epochs: { help: "instead of each script's own", number: true, least: 1, integer: true },
  limit: { help: "only the first N images of each split", number: true, least: 1, integer: true },
});

const RUNS: { folder: string; script: string; args: string[] }[] = [
  { folder: "lenet", script: "lenet.ts", args: [] },
  ...["1", "2", "3"].map((seed) => ({
    folder: `exercise_1/seed-${seed}`,
    script: "exercise_1_pooling.ts",
    args: ["--seed", seed],
  })),
  { folder: "exercise_2", script: "exercise_2_tune.ts", args: ["--part", "1,2,3,6"] },
  {
    folder: "exercise_2_deep",
    script: "exercise_2_tune.ts",
    args: ["--part", "4,5", "--limit", "6000", "--epochs", "3"],
  },
  { folder: "exercise_3", script: "exercise_3_mnist.ts", args: ["--dataset", "fashion-mnist"] },
  {
    folder: "exercise_4",
    script: "exercise_4_activations.ts",
    args: ["--checkpoint", join(args.out, "lenet", "lenet.safetensors")],
  },
  {
    folder: "modern_lenet",
    script: "modern_lenet.ts",
    args: ["--epochs", "3", "--baselines", "--seed", "3"],
  },
];

const failed: string[] = [];
for (const run of RUNS.filter(({ folder }) => folder.startsWith(args.only))) {
  const less = (["epochs", "limit"] as const).flatMap((name) =>
    args[name] ? [`--${name}`, `${args[name]}`] : []
  );
  const command = [join("examples", run.script), ...run.args, ...less, "--out", join(args.out, run.folder)];
  console.log(`\n# ${command.join(" ")}`);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", `--config=${join(ROOT, "deno.json")}`, join(ROOT, command[0]), ...command.slice(1)],
  }).spawn();
  if (!(await child.status).success) failed.push(run.folder);
}
await Deno.writeTextFile(
  join(args.out, "study.json"),
  JSON.stringify(await gatherRuns(args.out), null, 2) + "\n",
);
if (failed.length > 0) {
  console.error(`error: Cannot gather all runs as each must end well: ${failed.join(", ")} did not`);
  Deno.exit(1);
}
