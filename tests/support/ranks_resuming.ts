/**
 * Trainings of several ranks that go on from a checkpoint.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { tempFolder } from "../data/_fixtures.ts";
import { type Kind, result, runRanks } from "./ranks.ts";

/** Trains on two ranks with a checkpoint on the way, and goes on from it on two; and on three, if weights are always alike. */
export async function checkResume(kind: Kind, mode: "sync" | "delayed" | "diloco"): Promise<void> {
  await using folder = await tempFolder();
  const file = join(folder.path, "last.safetensors");
  const run = async (what: string, ranks = 2) =>
    result(await runRanks(kind, ranks, "resuming.ts", { args: [mode, what, file] }));
  const whole = await run("save"), rest = await run("resume");
  assertEquals(rest.extra, { k: 4 });
  assertEquals(rest.losses, whole.losses.slice(4));
  assertEquals(rest.bits, whole.bits);
  const onThree = await run("resume", 3);
  assertEquals([onThree.worldSize, onThree.taken, onThree.losses.length], [2, 24, rest.losses.length]);
  assert(onThree.losses.at(-1) < 1.1 * whole.losses.at(-1), "it went on from where it was");
}
