// A training that is killed at any moment ends, when it is started again, with the bits that it would have had.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { tempFolder } from "../../../data/_fixtures.ts";
import { namesIn, runAndKill, whenThere } from "../../../support/kills.ts";

const SCRIPT = "tests/support/killed_training.ts";
const PART = /\.part$/;
const never = () => new Promise(() => {});

/** The last line: the metrics and a digest of the weights. */
function endOf({ stdout, stderr }: { stdout: string; stderr: string }): string {
  const line = stdout.trim().split("\n").at(-1)!;
  assert(line.startsWith("ended "), stdout + stderr);
  return line;
}

Deno.test("a training that is killed while it writes ends with the same bits", async () => {
  await using whole = await tempFolder();
  await using killed = await tempFolder();
  const wanted = endOf(await runAndKill([SCRIPT, whole.path, "heavy", "4"], never));
  const folder = killed.path, args = [SCRIPT, folder, "heavy", "4"];
  // into the first checkpoint ever, then into one that follows others
  const first = await runAndKill(args, whenThere(folder, PART));
  assertEquals(first.signal, "SIGKILL");
  assert(namesIn(folder).some((name) => PART.test(name)), "it was killed while it wrote");
  for (const name of namesIn(folder)) {
    assert(PART.test(name) || /^epoch|^\.checkpoints\.lock$/.test(name), name);
  }
  const second = await runAndKill(args, whenThere(folder, /^epoch-1-step-4\.safetensors\..*part$/, 5));
  assertEquals(second.signal, "SIGKILL");
  // on a busy machine the file may be whole by then, and the oldest removed
  assertMatch(
    namesIn(folder).join(" "),
    /epoch-0-step-4\.safetensors.* epoch-1\.|epoch-1-step-4\.safetensors epoch-1\./,
  );
  const last = await runAndKill(args, never);
  assertMatch(last.stdout, /^going on from \S+epoch-1(-step-4)?\.safetensors\n/);
  assertEquals(endOf(last), wanted);
  assertEquals(namesIn(folder).filter((name) => PART.test(name)), [], "nothing is left of it");
  assertEquals(namesIn(folder), namesIn(whole.path));
});
