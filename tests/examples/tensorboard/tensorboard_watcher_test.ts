import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { decode } from "npm:fast-png@8";
import { readMetrics } from "../../../examples/runs/metrics.ts";
import { listing, tempFolder } from "../../data/_fixtures.ts";
import { runExample } from "../../support/subprocess.ts";
import { readRun, type Summary } from "./_read_events.ts";

const FEW = ["--limit=16", "--batch-size=8", "--tensorboard"];

/** The steps and numbers of a tag. */
function curve(summaries: Summary[], tag: string): [number, number | undefined][] {
  return summaries.filter((summary) => summary.tag === tag).map(({ step, scalar }) => [step, scalar]);
}

Deno.test("--tensorboard writes an epoch's numbers, distributions and pictures, and goes on with the run", async () => {
  await using folder = await tempFolder();
  const args = [...FEW, `--out=${folder.path}`];
  for (const more of [["--epochs=2"], ["--epochs=3", "--resume"]]) {
    const { code, stderr } = await runExample("lenet.ts", [...args, ...more]);
    assertEquals([code, stderr], [0, ""]);
  }
  const { summaries, files, torn } = await readRun(folder.path), metrics = await readMetrics(folder.path);
  assertEquals([files, torn, metrics.length], [2, 0, 3]);
  const of = (key: "trainLoss" | "trainAcc" | "testAcc") =>
    metrics.map((epoch): [number, number] => [epoch.epoch, Math.fround(epoch[key])]);
  assertEquals(curve(summaries, "loss/train"), of("trainLoss"));
  assertEquals(curve(summaries, "accuracy/train"), of("trainAcc"));
  assertEquals(curve(summaries, "accuracy/test"), of("testAcc"));
  assertEquals(curve(summaries, "learning_rate"), [1, 2, 3].map((step) => [step, Math.fround(0.9)]));
  assertEquals(curve(summaries, "speed/examples_per_second").length, 3);
  for (const kind of ["weights", "gradients"]) {
    const distributions = summaries.filter(({ tag }) => tag.startsWith(`${kind}/`));
    assertEquals(distributions.length, 3 * 10);
    const sizes = distributions.slice(0, 10).map(({ histogram }) => histogram!.numbers[2]);
    assertEquals(sizes, [150, 6, 2400, 16, 48000, 120, 10080, 84, 840, 10]);
  }
  const pictures = summaries.filter(({ image }) => image !== undefined);
  assertEquals(pictures.map(({ tag }) => tag), Array(3).fill(["filters", "activations"]).flat());
  for (const { image } of pictures) {
    const { width, height, data } = decode(image!.png);
    assertEquals([width, height], [image!.width, image!.height]);
    assert(new Set(data).size > 20, "a picture of one colour");
  }
});

Deno.test("--tensorboard goes with training by fit(), and its files go aside with an earlier run's", async () => {
  await using folder = await tempFolder();
  const args = [...FEW, "--epochs=1", `--out=${folder.path}`], run = join(folder.path, "residual-network");
  for (let i = 0; i < 2; i++) assertEquals((await runExample("modern_lenet.ts", args)).code, 0);
  const [metrics] = await readMetrics(run), { summaries, files } = await readRun(run);
  assertEquals(files, 1);
  assertEquals(curve(summaries, "loss/train"), [[1, Math.fround(metrics.trainLoss)]]);
  assert(summaries.some(({ tag }) => tag === "gradients/stage1.0.conv1.weight"));
  assertEquals(listing(join(run, ".earlier-1")).filter((name) => name.startsWith("events.")).length, 1);
});

Deno.test("--tensorboard needs a folder", async () => {
  const { code, stderr } = await runExample("lenet.ts", FEW);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "error: Cannot use --tensorboard as --out must name the run's folder");
});
