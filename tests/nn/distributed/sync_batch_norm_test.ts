// Batch normalisation over all ranks' batches: losses and running statistics of one rank with the whole batch.
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { nn, openDevice, rand, zeros } from "../../../mod.ts";
import { convertSyncBatchNorm, init, SyncBatchNorm, SyncedPass } from "../../../nn/distributed/mod.ts";
import { KINDS, result, runRanks } from "../../support/ranks.ts";

const name = "SyncBatchNorm on three ranks normalises as one rank does the whole batch";

Deno.test({ name, ignore: KINDS.length === 0 }, async () => {
  const [kind] = KINDS, alone = result(await runRanks(null, 1, "sync_batch_norm.ts"));
  assert(alone.losses.at(-1) < 0.9 * alone.losses[0], "it learns");
  const found = result(await runRanks(kind, 3, "sync_batch_norm.ts"));
  assertEquals(found.losses.length, 12);
  found.losses.forEach((loss: number, k: number) =>
    assertAlmostEquals(loss, alone.losses[k], 5e-5, `step ${k}`)
  );
  assertEquals(Object.keys(found.buffers), Object.keys(alone.buffers));
  for (const [name, values] of Object.entries<number[]>(alone.buffers)) {
    values.forEach((v, k) =>
      assertAlmostEquals(found.buffers[name][k], v, 5e-5 * Math.max(1, Math.abs(v)), name)
    );
  }
  assertEquals(found.leaked, 0);
  assertEquals(
    found.refused,
    "in 1 (SyncBatchNorm): Cannot apply SyncBatchNorm in training as other ranks must be waited for: " +
      "go forward with a SyncedPass",
  );
});

Deno.test("convertSyncBatchNorm() keeps parameters, buffers, options and the mode", async () => {
  await openDevice();
  const group = await init();
  const net = new nn.Sequential(
    new nn.BatchNorm2d(3, { eps: 0.5, momentum: null }),
    new nn.Sequential({ norm: new nn.BatchNorm1d(2, { affine: false, trackRunningStats: false }) }),
  ).eval();
  const before = net.stateDict(), names = Object.keys(before);
  assertEquals(convertSyncBatchNorm(net), net);
  const after = net.stateDict(), [first] = net;
  assertEquals(Object.keys(after), names);
  for (const name of names) assertEquals(after[name], before[name]);
  assertInstanceOf(first, SyncBatchNorm);
  assertEquals([first.eps, first.momentum, first.training], [0.5, null, false]);
  assertEquals(first.forward(rand([2, 3, 4, 4])).shape, [2, 3, 4, 4]);
  assertThrows(
    () => first.forward(zeros([3])),
    RangeError,
    "[n, c], [n, c, l] or [n, c, h, w] with 3 channels",
  );
  assertInstanceOf(convertSyncBatchNorm(new nn.BatchNorm1d(2)), SyncBatchNorm);

  class Own extends nn.Module {
    norm = new SyncBatchNorm(3);
    override forward() {}
  }
  const pass = new SyncedPass();
  await assertRejects(
    () => pass.forward(new Own(), zeros([1])),
    TypeError,
    "Own must have forwardSynced(pass, x)",
  );
  await group.destroy();
});
