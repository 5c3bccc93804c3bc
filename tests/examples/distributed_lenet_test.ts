// LeNet on two ranks: in all ways of training together, what is said, and going on from its checkpoint.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { tempFolder } from "../data/_fixtures.ts";
import { KINDS, runRanks } from "../support/ranks.ts";
import { ROOT } from "../support/subprocess.ts";

/** Without an MPI, which Debian has for the tests, there are no two ranks. */
const ignore = KINDS.length === 0;

/** Runs the script as a user would, on so many ranks. */
const runExample = (name: string, ranks: number, args: string[]) =>
  runRanks(ranks > 1 ? KINDS[0] : null, ranks, join(ROOT, "examples", name), {
    args: ["--limit", "480", "--batch-size", "48", "--epochs", "2", ...args],
  });

Deno.test({ name: "distributed_lenet.ts on two ranks says what it did on one", ignore }, async () => {
  const lines = (text: string) =>
    text.trim().split("\n").filter((line) => line.startsWith("epoch")).map((line) =>
      line.split(", ").slice(0, 2)
    );
  const alone = await runExample("distributed_lenet.ts", 1, []);
  const both = await runExample("distributed_lenet.ts", 2, ["--check-every", "5"]);
  assertEquals([alone.code, both.code, lines(both.stdout).length], [0, 0, 2], both.stderr);
  assertEquals(lines(both.stdout), lines(alone.stdout));
  assertMatch(
    both.stdout,
    /^rank 0 of 2, sync, by .+, on .+\nepoch 1\/2: loss \d\.\d{3}, test acc .+ MB sent\n/,
  );
});

Deno.test(
  { name: "distributed_lenet.ts meets now and then and goes on from its checkpoint", ignore },
  async () => {
    await using folder = await tempFolder();
    const file = join(folder.path, "last.safetensors"), meeting = ["--sync-every", "3", "--checkpoint", file];
    const first = await runExample("distributed_lenet.ts", 2, [
      "--mode",
      "diloco",
      "--epochs",
      "1",
      ...meeting,
    ]);
    const rest = await runExample("distributed_lenet.ts", 2, ["--mode", "diloco", "--all-ranks", ...meeting]);
    assertEquals([first.code, rest.code], [0, 0], first.stderr + rest.stderr);
    assert(rest.stdout.includes(`[rank 1] going on from ${file}, which 2 rank(s) saved`), rest.stdout);
    assertEquals(rest.stdout.match(/^\[rank \d\] epoch \d/gm)?.toSorted(), [
      "[rank 0] epoch 2",
      "[rank 1] epoch 2",
    ]);
  },
);
