// Several ranks train as one: the same losses with a share of the batch each, the same bits from run to run.
import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { nn, openDevice, optim, tensor } from "../../../mod.ts";
import { distribute, init } from "../../../nn/distributed/mod.ts";
import { delayedLosses } from "../../support/ranks/references.ts";
import { KINDS, result, runRanks } from "../../support/ranks.ts";

/** Losses that differ by rounding alone: of 12 steps at a rate that magnifies little. */
function assertSameLosses(found: number[], expected: number[]): void {
  assertEquals(found.length, expected.length);
  found.forEach((loss, k) => assertAlmostEquals(loss, expected[k], 2e-5, `step ${k}`));
}

const MODES = ["sync", "eager", "average", "partial", "delayed", "idle"];
const alone = result(await runRanks(null, 1, "training.ts", { args: MODES }));

Deno.test("a world of one trains as a plain loop does, captured, as written and by hand", () => {
  assertEquals(alone.n, 1);
  assertEquals(alone.sync.losses.length, 12);
  for (const mode of MODES.slice(1, -1)) {
    assertSameLosses(alone[mode].losses, alone.sync.losses);
    assertEquals(alone[mode].leaked, 0, mode);
  }
  assert(alone.sync.losses[11] < 0.8 * alone.sync.losses[0], "it learns");
});

/** What is tried on how many ranks: everything on two, elsewhere what depends on their number. */
const RUNS = KINDS.flatMap((kind, k) => [
  { kind, ranks: 2, modes: k === 0 ? [...MODES, "sync"] : ["sync", "delayed"] },
  ...k === 0 ? [{ kind, ranks: 3, modes: ["sync", "partial"] }, { kind, ranks: 4, modes: ["sync"] }] : [],
]);

for (const { kind, ranks, modes } of RUNS) {
  Deno.test(`${ranks} ranks of ${kind} give the losses of one, and bits that stay`, async () => {
    const found = result(await runRanks(kind, ranks, "training.ts", { args: modes }));
    assertEquals(found.n, ranks);
    for (const mode of modes) {
      assertEquals(found[mode].leaked, 0, mode);
      assert(found[mode].unused, "a parameter that no rank used has no gradient");
      assert(found[mode].scale, "one that a rank used has a gradient on all");
      if (mode === "partial") continue; // its losses are of two functions
      const expected = mode === "delayed"
        ? await delayedLosses()
        : (mode === "idle" ? alone.idle : alone.sync).losses;
      assertSameLosses(found[mode].losses, expected);
    }
    const before = bitsOf.get(ranks) ?? found.sync.bits;
    assertEquals(found.sync.bits, before, "the other MPI, or the run before, came to other bits");
    bitsOf.set(ranks, before);
  });
}

/** The weights' bits by the number of ranks, of whichever MPI. */
const bitsOf = new Map<number, string>();

Deno.test(
  { name: "ranks with another network, or that diverge, are named", ignore: KINDS.length === 0 },
  async () => {
    const job = (fault: string) => runRanks(KINDS[0], 3, "faults.ts", { args: [fault] });
    const other = await job("structure"), diverged = await job("diverge");
    assertEquals(
      result(other).error,
      "Cannot train together as all ranks must have the same network: rank 2 has another tensor number 0 than rank 0 " +
        "(here it is 0.weight [3, 5] float32)",
    );
    assertEquals(
      result(diverged).error,
      "Cannot go on as all ranks must have the same weights: rank 1's 1.bias differs from rank 0's after step 2",
    );
  },
);

Deno.test("distribute() refuses what cannot be trained", async () => {
  await openDevice();
  const group = await init();
  try {
    const net = new nn.Linear(2, 1), optimizer = new optim.SGD(net.parameters());
    await assertRejects(
      () => distribute(new nn.ReLU(), optimizer),
      RangeError,
      "must have parameters: it has none",
    );
    const ddp = await distribute(net, optimizer);
    const step = ddp.compile((x) => net.forward(x));
    await assertRejects(() => step(tensor([[1, 2], [3, 4]])), TypeError, "its shape is [2, 1]");
    const none = ddp.compile(() => net.forward(tensor([[1, 2]])).sum());
    await assertRejects(() => none(), TypeError, "Cannot tell the number of examples");
    ddp.dispose();
  } finally {
    await group.destroy();
  }
});
