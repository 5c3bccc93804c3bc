// Checkpoints of several ranks: the same bits on as many, a right continuation on others, and what is refused.
import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { getRngState, nn, openDevice, optim, saveCheckpoint, setRngState } from "../../../mod.ts";
import { init, loadDistributed, LocalSGD, saveDistributed, seedByRank } from "../../../nn/distributed/mod.ts";
import { tempFolder } from "../../data/_fixtures.ts";
import { KINDS } from "../../support/ranks.ts";
import { checkResume } from "../../support/ranks_resuming.ts";

for (const kind of KINDS.slice(0, 1)) {
  Deno.test("a training goes on from its checkpoint with the same bits, and rightly on another number of ranks", async () => {
    await checkResume(kind, "delayed"); // tests/long/ranks.ts has the other ways
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
