// --serve of a training script, and watch.ts, as processes.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { metricsLine } from "../../examples/runs/metrics.ts";
import { tempFolder } from "../data/_fixtures.ts";
import { withoutTimes } from "../support/kills.ts";
import { audited } from "../support/permissions.ts";
import { runExample } from "../support/subprocess.ts";
import { serving } from "./live/_script.ts";

const isWindows = Deno.build.os === "windows"; // which has no signals to send
const LENET = ["--limit=640", "--batch-size=32", "--epochs=3"];
const lenet = (...more: string[]) => ["examples/lenet.ts", ...LENET, "--serve", "0", ...more];

Deno.test("lenet.ts --serve is steered from its page, goes on with --resume, and asks for no more permissions", async () => {
  await using folder = await tempFolder();
  const out = join(folder.path, "run"), file = (name: string) => Deno.readTextFile(join(out, name));
  await audited(async (env) => {
    await using first = await serving(lenet("--epochs=40", `--out=${out}`), env);
    const [begun] = await first.until(([run]) => run?.metrics.length > 0);
    assertEquals([begun.begin.title, begun.begin.epochs, begun.begin.folder], ["LeNet", 40, out]);
    assertEquals(begun.begin.layers.length, 13);
    assertEquals(await first.post("lr", { factor: 0.5 }), 202);
    assertEquals(await first.post("choose", { places: [7] }), 202);
    const [changed] = await first.until(([run]) =>
      run.changes.length > 0 && run.activations?.images[0].place === 7
    );
    assertEquals([changed.changes[0].from, changed.changes[0].lr], [0.9, 0.45]);
    assertEquals(await first.post("stop"), 202);
    const { code, stdout, stderr } = await first.end();
    assertEquals([code, stderr], [130, ""]);
    assertMatch(stdout, /^learning rate 0\.9 → 0\.45, from epoch \d+, step \d+ on$/m);
    assertMatch(
      stdout,
      /finishing the step, then saving[^]*^saved \S+; to go on: deno run -P examples\/lenet\.ts /m,
    );
  });
  const { changes, layers } = JSON.parse(await file("run.json")), before = await file("metrics.jsonl");
  assertEquals([changes.length, layers.length], [1, 13]);
  assertStringIncludes(await file("pictures.json"), '"kind":"tests"');
  const epochs = before.trim().split("\n").length;
  await using again = await serving(lenet(`--epochs=${epochs + 2}`, `--out=${out}`, "--resume"));
  const [resumed] = await again.until(([run]) => run?.metrics.length > epochs);
  assertEquals([resumed.progress!.lr, resumed.metrics.length > epochs], [0.45, true]);
  const { code, stderr } = await again.end();
  assertEquals([code, stderr], [0, ""]);
  assertEquals((await file("metrics.jsonl")).startsWith(before), true);
  assertEquals(JSON.parse(await file("run.json")).changes, changes);
});

Deno.test("a page changes nothing of what is trained, and of Ctrl-C", async () => {
  await using folder = await tempFolder();
  const [alone, seen] = ["alone", "seen"].map((name) => join(folder.path, name));
  const without = await runExample("lenet.ts", [...LENET, `--out=${alone}`]);
  await using page = await serving(lenet(`--out=${seen}`));
  const tab = await fetch(`${page.url}events`); // somebody looks
  const ended = await page.end();
  const heard = await tab.text();
  assertStringIncludes(heard, '{"event":{"kind":"end","how":"finished","text":""}}');
  assertStringIncludes(heard, "event: close");
  assertEquals([without.code, ended.code], [0, 0]);
  const read = (name: string) => [alone, seen].map((path) => Deno.readFileSync(join(path, name)));
  const [weights, same] = read("lenet.safetensors");
  assertEquals(same, weights);
  const [wanted, found] = read("metrics.jsonl").map((bytes) => withoutTimes(new TextDecoder().decode(bytes)));
  assertEquals(found, wanted);
  const lines = (text: string) =>
    text.split("\n").filter((line) => !/examples\/sec|^the run as a page/.test(line));
  assertEquals(lines(ended.stdout), lines(without.stdout));
  if (isWindows) return;
  await using interrupted = await serving(lenet("--epochs=40", `--out=${seen}`, "--overwrite"));
  await interrupted.until(([run]) => run?.metrics.length > 0);
  interrupted.child.kill("SIGINT");
  const { code, stdout } = await interrupted.end();
  assertEquals(code, 130);
  assertMatch(stdout, /^saved \S+; to go on: /m);
});

Deno.test("--serve refuses a port that is taken, and one that is none", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  const refused = await runExample("lenet.ts", ["--limit=8", `--serve=${port}`]);
  assertEquals(refused.code, 1);
  assertStringIncludes(refused.stderr, `error: Cannot serve as 127.0.0.1:${port} must be free and allowed: `);
  const wrong = await runExample("lenet.ts", ["--serve", "99999"]);
  assertStringIncludes(
    wrong.stderr,
    "error: Cannot use --serve as it must be a whole number from 0 to 65535: 99999",
  );
});

Deno.test("watch.ts shows runs of folders side by side, follows what is written, and takes no commands", async () => {
  await using folder = await tempFolder();
  const info = (network: string) => ({
    network,
    parameters: 1,
    multiplyAdds: 1,
    device: "a GPU",
    command: "",
    settings: { epochs: 2, lr: 0.1 },
  });
  const line = (epoch: number) =>
    metricsLine({ epoch, trainLoss: 1 / epoch, trainAcc: 0.5, testAcc: 0.4, examplesPerSec: 9, seconds: 1 });
  const [a, b] = ["a", "b"].map((name) => join(folder.path, name));
  for (const path of [a, b]) {
    await Deno.mkdir(path);
    await Deno.writeTextFile(join(path, "run.json"), JSON.stringify(info(path.slice(-1))));
  }
  await Deno.writeTextFile(join(a, "metrics.jsonl"), line(1) + line(2));
  await Deno.writeTextFile(join(a, "pictures.json"), "no JSON");
  const refused = await runExample("watch.ts", [join(folder.path, "none")]);
  assertEquals(refused.code, 1);
  assertMatch(refused.stderr, /^error: Cannot read metrics as \S+ must exist: no such file/m);
  await audited(async (env) => {
    await using watch = await serving(["examples/watch.ts", a, b, join(a, "metrics.jsonl"), "--port=0"], env);
    const runs = await watch.runs();
    assertEquals(runs.map(({ begin, metrics, end }) => [begin.title, metrics.length, end?.how]), [
      ["a", 2, "finished"],
      ["b", 0, undefined],
    ]);
    const tab = await fetch(`${watch.url}events`);
    await Deno.writeTextFile(join(b, "metrics.jsonl"), line(1));
    await watch.until(([, run]) => run.metrics.length === 1, 10);
    assertEquals(await watch.post("stop"), 409);
    watch.child.kill("SIGTERM");
    assert((await tab.text()).match(/event: state/g)!.length >= 2);
    assertEquals((await watch.end()).code, 0);
  });
});
