// Scripts whose training meets what is not finite: they end with a report and exit code 1, unless told to keep going.
import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { loadDataFashionMnist, trainCh6 } from "../../examples/d2l.ts";
import { lenet } from "../../examples/lenet.ts";
import { readMetrics } from "../../examples/runs/metrics.ts";
import { isRefusal } from "../../examples/terminal/refusal.ts";
import { encodeSafetensors, noGrad, openDevice } from "../../mod.ts";
import { listing, tempFolder } from "../data/_fixtures.ts";
import { runExample } from "../support/subprocess.ts";

const device = await openDevice();
const OVERFLOW = ["--lr=3e38", "--epochs=2", "--limit=640", "--batch-size=64"];

Deno.test("lenet.ts ends at a loss that is no number with a report of step, layer and operation, and exit code 1", async () => {
  await using out = await tempFolder();
  const { code, stdout, stderr } = await runExample("lenet.ts", [...OVERFLOW, `--out=${out.path}`]);
  assertEquals(code, 1);
  assertMatch(stderr, /^epoch 1, step \d: \w+ gave -?(Infinity|NaN) in \d+ \((Conv2d|Linear)\), shape \[/m);
  assertMatch(stderr, /^ {2}0\.weight +parameter +\d\.\d\de\+3\d$/m);
  assertStringIncludes(stderr, "what to try: values grew until they overflowed: a lower learning rate");
  assertMatch(
    stderr,
    /^error: Cannot go on training as every loss, gradient and parameter must be finite: .+ trains on; the/m,
  );
  assertEquals(stdout.includes("loss NaN"), false);
  assertEquals(listing(out.path), ["anomaly.txt", "run.json"]);
  const report = await Deno.readTextFile(`${out.path}/anomaly.txt`);
  assertEquals(stderr.includes(report.trimEnd()), true);
});

Deno.test("lenet.ts --keep-going trains on, and says in words and in its file that the loss is no number", async () => {
  await using out = await tempFolder();
  const { code, stdout, stderr } = await runExample("lenet.ts", [
    ...OVERFLOW,
    "--keep-going",
    "--epochs=1",
    `--out=${out.path}`,
  ]);
  assertEquals(code, 0);
  assertStringIncludes(stdout, "epoch 1/1: loss NaN");
  assertStringIncludes(stderr, "from epoch 1 on the loss is no number, and null in metrics.jsonl");
  assertEquals((await readMetrics(out.path)).map(({ trainLoss }) => trainLoss), [NaN]);
  assertStringIncludes(await Deno.readTextFile(`${out.path}/metrics.jsonl`), '"note":"trainLoss was NaN"');
});

Deno.test("the scripts that train by fit() end so too", async () => {
  const { code, stderr } = await runExample("modern_lenet.ts", [
    ...OVERFLOW,
    "--optimizer=sgd",
    "--limit=128",
  ]);
  assertEquals(code, 1);
  assertMatch(stderr, /^epoch 1, step \d+: .+ (in|of) /m);
  assertMatch(stderr, /^error: Cannot go on training as .+ \(--keep-going trains on\)$/m);
});

Deno.test("every training script has --keep-going", async () => {
  const scripts = ["exercise_1_pooling", "exercise_2_tune", "exercise_3_mnist", "exercise_4_activations"];
  const helps = await Promise.all(scripts.map((name) => runExample(`${name}.ts`, ["--help"])));
  for (const { code, stdout } of helps) {
    assertEquals(code, 0);
    assertStringIncludes(stdout, "--keep-going");
  }
});

Deno.test("trainCh6() refuses to go on, and leaves the network as it was before the step", async () => {
  const [train, test] = await loadDataFashionMnist(64, { limit: 256, seed: 1 }), net = lenet();
  const error = await assertRejects(() => trainCh6(net, train, test, 1, 3e38, device), Error);
  assertEquals(isRefusal(error), true);
  for (const p of net.parameters()) assertEquals((await p.data()).every(Number.isFinite), true);
  const history = await trainCh6(net, train, test, 1, 3e38, device, { keepGoing: true });
  assertEquals(history.map(({ trainLoss }) => trainLoss), [NaN]);
  for (const loader of [train, test]) loader.dispose();
});

Deno.test("exercise 4 refuses weights that are no numbers, as their activations have nothing to show", async () => {
  await using folder = await tempFolder();
  const net = lenet(), file = `${folder.path}/nan.safetensors`;
  noGrad(() => net.parameters()[2].fill(NaN));
  await Deno.writeFile(file, await encodeSafetensors(net.stateDict()));
  const { code, stderr } = await runExample("exercise_4_activations.ts", [
    `--checkpoint=${file}`,
    "--limit=40",
    `--out=${folder.path}/out`,
  ]);
  assertEquals(code, 1);
  assertStringIncludes(
    stderr,
    "Cannot show activations as the weights must be finite: 3.weight has NaN in it",
  );
});

Deno.test("the report of a run that was gone on with goes when the epoch has ended well", async () => {
  await using out = await tempFolder();
  const file = `${out.path}/anomaly.txt`, [train, test] = await loadDataFashionMnist(32, { limit: 64 });
  await Deno.writeTextFile(file, "epoch 1, step 1");
  await trainCh6(lenet(), train, test, 1, 0.1, device, { out: out.path, resume: true });
  assertEquals(listing(out.path).includes("anomaly.txt"), false);
});
