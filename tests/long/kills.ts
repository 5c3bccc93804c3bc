// Forty kills at random moments: of lenet.ts with all its files, and of a training that mostly writes checkpoints.
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { tempFolder } from "../data/_fixtures.ts";
import { after, namesIn, runAndKill, whenThere, withoutTimes } from "../support/kills.ts";

const never = () => new Promise(() => {});
let state = 20261130;

/** The next of a fixed row of numbers in [0, 1) (Park and Miller). */
function next(): number {
  state = state * 48271 % 2147483647;
  return state / 2147483647;
}

interface Tally {
  kills: number;
  whileWriting: number;
}

/** Kills a script again and again until it was killed so often, or has ended; then lets it end. */
async function killOften(
  args: string[],
  folder: string,
  kills: number,
  most: number,
  tally: Tally,
): Promise<string> {
  for (let k = 0; k < kills;) {
    const isInWriting = next() < 0.3, ms = next() * most;
    const when = isInWriting ? whenThere(folder, /safetensors\..*\.part$/, ms / 100) : after(800 + ms);
    for (const name of namesIn(folder)) if (/\.part$/.test(name)) await Deno.remove(join(folder, name));
    const { signal, code, stdout, stderr } = await runAndKill(args, when);
    if (signal !== "SIGKILL") {
      assertEquals(code, 0, stderr);
      return stdout;
    }
    k++;
    tally.kills++;
    if (namesIn(folder).some((name) => /\.part$/.test(name))) tally.whileWriting++;
  }
  const { code, stdout, stderr } = await runAndKill(args, never);
  assertEquals(code, 0, stderr);
  return stdout;
}

Deno.test("lenet.ts that is killed ends with the bits and the lines of the uninterrupted run", async () => {
  await using folder = await tempFolder();
  const args = (
    out: string,
    ...more: string[]
  ) => [
    "examples/lenet.ts",
    "--limit=1200",
    "--batch-size=32",
    "--epochs=8",
    "--save-every=4",
    `--out=${out}`,
    ...more,
  ];
  const whole = join(folder.path, "whole"), tally = { kills: 0, whileWriting: 0 };
  const { code, stderr } = await runAndKill(args(whole), never);
  assertEquals(code, 0, stderr);
  for (let run = 0; tally.kills < 20; run++) {
    const out = join(folder.path, `${run}`);
    await killOften(args(out, "--resume"), out, Math.min(5, 20 - tally.kills), 4000, tally);
    assertEquals(
      await Deno.readFile(join(out, "lenet.safetensors")),
      await Deno.readFile(join(whole, "lenet.safetensors")),
    );
    const [lines, wanted] = [out, whole].map((path) =>
      withoutTimes(Deno.readTextFileSync(join(path, "metrics.jsonl")))
    );
    assertEquals(lines, wanted);
    assertEquals(namesIn(out).filter((name) => /^best|^epoch-8/.test(name)), [
      "best.safetensors",
      "epoch-8.safetensors",
    ]);
    console.log(
      `run ${run}: right after ${tally.kills} kills in all, ${tally.whileWriting} of them while it wrote`,
    );
  }
});

Deno.test("a training that mostly writes ends with the same bits after kills", async () => {
  await using folder = await tempFolder();
  const args = (out: string) => ["tests/support/killed_training.ts", out, "heavy", "1"];
  const endOf = (stdout: string) => stdout.trim().split("\n").at(-1)!;
  const whole = await runAndKill(args(join(folder.path, "whole")), never);
  const wanted = endOf(whole.stdout), tally = { kills: 0, whileWriting: 0 };
  assert(wanted.startsWith("ended "), whole.stderr);
  for (let run = 0; tally.kills < 20; run++) {
    const out = join(folder.path, `${run}`);
    const stdout = await killOften(args(out), out, Math.min(5, 20 - tally.kills), 2500, tally);
    assertEquals(endOf(stdout), wanted);
    console.log(
      `run ${run}: right after ${tally.kills} kills in all, ${tally.whileWriting} of them while it wrote`,
    );
  }
});
