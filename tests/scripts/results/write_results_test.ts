import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import type { StudyRun } from "../../../scripts/results/study_runs.ts";
import { isTwin } from "../../../scripts/results/tables.ts";
import { listing, tempFolder } from "../../data/_fixtures.ts";
import { ROOT } from "../../support/subprocess.ts";

const EPOCH = { epoch: 1, trainLoss: 0.5, trainAcc: 0.8, testAcc: 0.75, examplesPerSec: 1000, seconds: 60 };
const SETTINGS = { seed: 1, lr: 0.9, "batch-size": 256 };

function runOf(extra: Partial<StudyRun> = {}): StudyRun {
  return {
    folder: "",
    network: "max pooling",
    seed: 1,
    epochs: 1,
    lr: 0.9,
    dataset: "mnist",
    ...EPOCH,
    ...extra,
  };
}

async function write(folder: string, files: Record<string, unknown>): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    await Deno.writeTextFile(
      join(folder, name),
      typeof content === "string" ? content : JSON.stringify(content) + "\n",
    );
  }
}

Deno.test("isTwin() compares the settings that both tell", () => {
  const sgd = { batchSize: 256, optimizer: "sgd", schedule: "constant", augment: "none" };
  for (
    const [ours, theirs, expected] of [
      [{}, { limit: null }, true],
      [{}, { seed: 2 }, false],
      [{ limit: 100 }, {}, false],
      [{}, sgd, true],
      [sgd, sgd, true],
      [{ batchSize: 128 }, sgd, false],
      [{ optimizer: "adam" }, sgd, false],
      [{ schedule: "cosine" }, sgd, false],
      [{ augment: "flip" }, sgd, false],
    ] as const
  ) assertEquals(isTwin(runOf(ours), runOf(theirs)), expected, JSON.stringify([ours, theirs]));
});

Deno.test("write_results.ts has a section for each folder, in the study's order, with its pictures", async () => {
  await using folder = await tempFolder();
  const runs = join(folder.path, "runs"), docs = join(folder.path, "docs");
  const info = { parameters: 61706, multiplyAdds: 423038, device: "a GPU" };
  for (const seed of [1, 2]) {
    const command = `exercise_1_pooling.ts --seed ${seed} --out /tmp/x --root=/tmp/y`;
    const run = { ...info, network: "max pooling", command, settings: { ...SETTINGS, seed } };
    await write(join(runs, "exercise_1", `seed-${seed}`, "max-pooling"), {
      "metrics.jsonl": EPOCH,
      "run.json": run,
      "curves.svg": "<svg/>",
    });
    await write(join(runs, "exercise_1", `seed-${seed}`), { "comparison.svg": "<svg/>" });
  }
  const lenet = { ...info, network: "LeNet", command: "lenet.ts", settings: { ...SETTINGS, limit: 9000 } };
  await write(join(runs, "lenet"), { "metrics.jsonl": EPOCH, "run.json": lenet, "curves.svg": "<svg/>" });
  await write(join(runs, "exercise_4"), {
    "channels.json": {
      command: "exercise_4_activations.ts --checkpoint /tmp/lenet/lenet.safetensors --out /tmp/z",
      device: "a GPU",
      meaning: "mean of a − mean of b",
      layers: [[0.1, -2, 1, 0.5, 0.3]],
    },
    "layer_1.png": "a picture",
    "layer_2.png": "another",
  });
  const line = {
    ...EPOCH,
    network: "max pooling",
    seed: 1,
    epochs: 1,
    lr: 0.9,
    limit: null,
    dataset: "fashion-mnist",
  };
  await write(runs, {
    "pytorch.jsonl": { ...line, trainLoss: 0.4321, device: "PyTorch 1.13, 1 CPU threads" },
  });

  const script = join(ROOT, "scripts", "results", "write_results.ts");
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", `--config=${join(ROOT, "deno.json")}`, script].concat(
      [`--runs=${runs}`, `--docs=${docs}`, `--pytorch=${join(runs, "pytorch.jsonl")}`],
    ),
  }).output();
  assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
  const text = await Deno.readTextFile(join(docs, "results.md"));
  const titles = text.matchAll(/^## (.+)$/gm).map(([, title]) => title).toArray();
  const ending = "For accuracy: what was not run";
  assertEquals(titles, ["LeNet", "Exercise 1: average and max pooling", "Exercise 4: activations", ending]);
  assertStringIncludes(text, "deno run -P examples/exercise_1_pooling.ts --seed 2\n");
  assertStringIncludes(text, "Fashion-MNIST, on a GPU; PyTorch 1.13.\n");
  assertMatch(text, /^\| LeNet +\| +61,706 \| +0\.42 M \| +0\.9 \| +256 \| +9,000 \| +1 \|$/m);
  assertMatch(
    text,
    /^\| max pooling \| +1 \| 0\.500 \| +0\.800 \| +0\.750 \| +0\.432 \| .+ 60 \| +1,000 \|$/m,
  );
  assertMatch(text, /^\| max pooling \| +2 \| 0\.500 \(0\.500 to 0\.500\) \| 0\.432 \(/m);
  assertStringIncludes(text, "exercise_4_activations.ts --checkpoint runs/lenet/lenet.safetensors\n");
  assertMatch(
    text,
    /^\| 1 +\| channel 1: −2\.00 \| channel 2: 1\.00 \| channel 3: 0\.50 \| channel 4: 0\.30 \|$/m,
  );
  const shown = text.matchAll(/\(pictures\/(.+)\)$/gm).map(([, name]) => name).toArray();
  assertEquals(shown.toSorted(), listing(join(docs, "pictures")));
  assertEquals(shown, [
    "lenet.svg",
    "exercise_1-seed-1.svg",
    "exercise_1-seed-2.svg",
    "exercise_4-layer_1.png",
    "exercise_4-layer_2.png",
  ]);
  assert(!text.includes("undefined") && !text.includes("NaN"), text);
});
