// The study's scripts are killed, or asked to end, and go on.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { resumeCommand } from "../../examples/runs/keep_options.ts";
import { readMetrics } from "../../examples/runs/metrics.ts";
import { keeping, lastingSettings } from "../../examples/study/keeping.ts";
import { tempFolder } from "../data/_fixtures.ts";
import { type Ended, namesIn, runAndKill, whenThere, withoutTimes } from "../support/kills.ts";
import { assertRefuses } from "../support/values.ts";

const never = () => new Promise(() => {});
const isWindows = Deno.build.os === "windows"; // which has no signals to send
const LENET = ["--limit=320", "--batch-size=32", "--epochs=3", "--save-every=2"];

function lenet(out: string, ...more: string[]): string[] {
  return ["examples/lenet.ts", ...LENET, `--out=${out}`, ...more];
}

function errorOf({ stderr }: Ended): string {
  return stderr.split("\n").filter((line) => !line.startsWith("Warning")).join("\n");
}

Deno.test({
  name: "lenet.ts goes on after a kill and after SIGTERM, with the very bits and lines",
  ignore: isWindows,
  fn: async () => {
    await using folder = await tempFolder();
    const [whole, out] = [join(folder.path, "whole"), join(folder.path, "out")];
    const running = runAndKill(lenet(whole), never);
    const killed = await runAndKill(lenet(out), whenThere(out, /^epoch-1-step-2\.safetensors$/));
    assertEquals([killed.signal, (await running).code], ["SIGKILL", 0]);

    const asked = await runAndKill(
      lenet(out, "--resume"),
      whenThere(out, /^epoch-(1-step-[68]|2)/),
      "SIGTERM",
    );
    assertEquals([asked.code, errorOf(asked)], [143, ""]);
    assertMatch(asked.stdout, /^going on from \S+epoch-1-step-[24]\.safetensors$/m);
    assertStringIncludes(asked.stdout, "finishing the step, then saving; a second Ctrl-C ends at once\n");
    const said = asked.stdout.trim().split("\n").at(-1)!;
    const command = `deno run -P examples/lenet.ts ${LENET.join(" ")} --out=${out} --resume`;
    assert(said.endsWith(`; to go on: ${command}`), said);
    const [, file] = said.match(/^saved (\S+);/)!;
    assertStringIncludes(namesIn(out).join(" "), file.slice(out.length + 1));

    const last = await runAndKill(lenet(out, "--resume"), never);
    assertEquals([last.code, errorOf(last)], [0, ""]);
    assertStringIncludes(last.stdout, `going on from ${file}\n`);
    const read = (name: string) => [whole, out].map((path) => Deno.readTextFileSync(join(path, name)));
    const [wanted, found] = read("metrics.jsonl").map(withoutTimes);
    assertEquals(found, wanted);
    const [weights, again] = [whole, out].map((path) => Deno.readFileSync(join(path, "lenet.safetensors")));
    assertEquals(again, weights);
    const [first, second] = read("run.json").map((text) => JSON.parse(text));
    assertEquals(second.settings, first.settings);
    assert(!second.command.includes("--resume"), "it is the command that the run began with");
    assertEquals(namesIn(out), namesIn(whole));
  },
});

Deno.test("a run is not gone on with under other settings, and may become longer", async () => {
  await using folder = await tempFolder();
  const out = folder.path, few = ["--limit=16", "--batch-size=8", "--epochs=1"];
  const run = (...args: string[]) => runAndKill(["examples/exercise_1_pooling.ts", ...few, ...args], never);
  assertEquals((await run(`--out=${out}`)).code, 0);
  const refused = await run(`--out=${out}`, "--resume", "--lr=0.5");
  assertEquals(refused.code, 1);
  assertMatch(
    errorOf(refused),
    /^error: Cannot load a checkpoint from "\S+average-pooling\/epoch-1\.safetensors" as its settings must be those of here: lr 0\.5 here, 0\.9 in the file\n$/,
  );
  // one epoch more of both networks
  const longer = await run(`--out=${out}`, "--resume", "--epochs=2");
  assertEquals([longer.code, errorOf(longer)], [0, ""]);
  assertEquals(longer.stdout.match(/^going on from /gm)?.length, 2);
  assertEquals(longer.stdout.match(/^epoch 2\/2: /gm)?.length, 2);
  for (const name of ["average-pooling", "max-pooling"]) {
    assertEquals((await readMetrics(join(out, name))).map(({ epoch }) => epoch), [1, 2]);
  }
  assertMatch(longer.stdout, /^max pooling +61,706 +0\.42 M +2 /m);
});

Deno.test("keeping() reads --save-every, and refuses what does not go together", () => {
  const out = "runs";
  assertEquals(keeping({ out }), { resume: false });
  assertEquals(keeping({ out, resume: true, "save-every": "500" }), { resume: true, everySteps: 500 });
  assertEquals(keeping({ out, "save-every": "60s" }), { resume: false, everySeconds: 60 });
  for (const every of ["0", "0s", "", "-1", "1.5", "1m", "s"]) {
    const message = `--save-every as it must be a number of steps, or of seconds as 60s: ${every}`;
    assertRefuses(() => keeping({ out, "save-every": every }), RangeError, `Cannot use ${message}`);
  }
  const cases: [Parameters<typeof keeping>[0], string][] = [
    [{ resume: true }, "Cannot use --resume as --out must name the run's folder: it is not given"],
    [{ "save-every": "3" }, "Cannot use --save-every as --out must name the run's folder: it is not given"],
    [
      { out, resume: true, overwrite: true },
      "Cannot use --resume as the earlier run must stay: --overwrite removes it",
    ],
  ];
  for (const [args, message] of cases) assertRefuses(() => keeping(args), RangeError, message);
});

Deno.test("a run may become longer, unless its schedule ends with the last epoch", () => {
  const settings = { lr: 0.1, epochs: 2, root: "a", seed: 1 };
  assertEquals(lastingSettings(settings), { lr: 0.1, seed: 1 });
  assertEquals(lastingSettings({ ...settings, schedule: "constant" }), {
    lr: 0.1,
    seed: 1,
    schedule: "constant",
  });
  assertEquals(lastingSettings({ ...settings, schedule: "cosine" }), {
    lr: 0.1,
    epochs: 2,
    seed: 1,
    schedule: "cosine",
  });
});

Deno.test("resumeCommand() gives the command as a shell takes it", () => {
  assertEquals(
    resumeCommand("https://example.com/lenet.ts", ["--out", "my runs/it's", "--resume", "--lr=0.5"]),
    `deno run -P https://example.com/lenet.ts --out 'my runs/it'\\''s' --lr=0.5 --resume`,
  );
});

Deno.test("lenet.ts goes on by itself when its device is lost within a step, and ends with the right bits", async () => {
  await using folder = await tempFolder();
  const preload = new URL("../support/lose_device.ts", import.meta.url);
  const losing = (at: number) => ["--preload", `${preload}?at=${at}`];
  const run = (name: string, ...before: string[]) =>
    runAndKill([...before, ...lenet(join(folder.path, name))], never);
  // before the first checkpoint, and behind it
  const [whole, ...lost] = await Promise.all([
    run("0"),
    run("20", ...losing(20)),
    run("100", ...losing(100)),
  ]);
  assertEquals([whole, ...lost].map((ended) => [ended.code, errorOf(ended)]), Array(3).fill([0, ""]));
  for (const { stdout } of lost) {
    assertMatch(
      stdout,
      /^Cannot use the GPU as its device was lost: .+; going on with the run on a fresh device$/m,
    );
  }
  assertMatch(lost[1].stdout, /^going on from \S+epoch-\d-step-\d\.safetensors$/m);
  const [weights, ...others] = ["0", "20", "100"].map((name) =>
    Deno.readFileSync(join(folder.path, name, "lenet.safetensors"))
  );
  for (const other of others) assertEquals(other, weights);
});

Deno.test("a script whose device is lost while it keeps no run ends with the reason", async () => {
  const preload = new URL("../support/lose_device.ts?at=20", import.meta.url);
  const { code, stdout, stderr } = await runAndKill(
    ["--preload", preload.href, "examples/lenet.ts", ...LENET.slice(0, 3)],
    never,
  );
  assertEquals(code, 1);
  assertStringIncludes(stdout + stderr, "device was lost");
});
