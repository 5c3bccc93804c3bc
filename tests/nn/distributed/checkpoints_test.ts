// Checkpoints of several ranks: the same bits on as many, a right continuation on others, and what is refused.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { getRngState, nn, openDevice, optim, saveCheckpoint, setRngState } from "../../../mod.ts";
import { init, loadDistributed, LocalSGD, saveDistributed, seedByRank } from "../../../nn/distributed/mod.ts";
import { tempFolder } from "../../data/_fixtures.ts";
import { KINDS, result, runRanks } from "../../support/ranks.ts";

const [kind] = KINDS;

for (const mode of ["delayed", "diloco"]) {
  Deno.test(`a ${mode} training goes on from its checkpoint with the same bits`, async () => {
    await using folder = await tempFolder();
    const file = join(folder.path, "last.safetensors");
    const run = async (what: string, ranks = 2) =>
      result(await runRanks(kind, ranks, "resuming.ts", { args: [mode, what, file] }));
    const whole = await run("save"), rest = await run("resume");
    assertEquals(rest.extra, { k: 4 });
    assertEquals(rest.losses, whole.losses.slice(4));
    assertEquals(rest.bits, whole.bits);
    if (mode === "diloco") return;
    const onThree = await run("resume", 3);
    assertEquals([onThree.worldSize, onThree.taken, onThree.losses.length], [2, 24, rest.losses.length]);
    assert(onThree.losses.at(-1) < 1.1 * whole.losses.at(-1), "it went on from where it was");
  });
}

Deno.test("seedByRank() gives rank 0 the numbers of manualSeed(), and others theirs", async () => {
  await openDevice();
  const before = getRngState(), group = await init();
  seedByRank(7);
  assertEquals(getRngState(), { key: [7, 0], call: 0 });
  await assertRejects(async () => await seedByRank(2 ** 32), RangeError, "must be below 2^32");
  await group.destroy();
  setRngState(before);
});

Deno.test("checkpoints of ranks refuse what does not fit", async () => {
  await openDevice();
  await using folder = await tempFolder();
  const net = new nn.Linear(2, 1), optimizer = new optim.Adam(net.parameters());
  const file = join(folder.path, "one.safetensors");
  await assertRejects(() => saveDistributed(file, { net }), Error, "await init() first");
  const group = await init();
  const local = new LocalSGD(net, { syncEvery: 3 });
  await local.step();
  await assertRejects(
    () => saveDistributed(file, { net, together: local }),
    RangeError,
    "must have the same weights: it is 1 of 3 steps since they met",
  );
  await saveCheckpoint(file, { net, optimizer });
  await assertRejects(
    () => loadDistributed(file, { net, optimizer }),
    RangeError,
    "saveDistributed must have written",
  );
  await assertRejects(
    () => saveDistributed(join(file, "below.safetensors"), { net }),
    Error,
    "below.safetensors",
  );
  local.dispose();
  await group.destroy();
});
