// Ranks that meet now and then: LocalSGD and DiLoCo against two networks that one process trains side by side.
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { nn, openDevice, optim } from "../../../mod.ts";
import { DiLoCo, init, LocalSGD } from "../../../nn/distributed/mod.ts";
import { meetingLosses } from "../../support/ranks/references.ts";
import { KINDS, result, runRanks } from "../../support/ranks.ts";

for (const kind of KINDS.slice(0, 1)) {
  Deno.test(`LocalSGD and DiLoCo on two ranks of ${kind} are what they are by hand`, async () => {
    const found = result(await runRanks(kind, 2, "training.ts", { args: ["local", "diloco"] }));
    for (const mode of ["local", "diloco"]) {
      const expected = await meetingLosses(mode === "diloco");
      found[mode].losses.forEach((loss: number, k: number) =>
        assertAlmostEquals(loss, expected[k], 2e-5, `${mode}, step ${k}`)
      );
      assertEquals([found[mode].losses.length, found[mode].leaked], [12, 0]);
    }
  });
}

Deno.test("meetings are counted, and refuse what they cannot use", async () => {
  await openDevice();
  const net = new nn.Linear(2, 1);
  assertThrows(() => new LocalSGD(net, { syncEvery: 2 }), Error, "await init() first");
  const group = await init();
  assertThrows(
    () => new LocalSGD(net, { syncEvery: 0 }),
    RangeError,
    "syncEvery must be a whole number from 1 up: 0",
  );
  assertThrows(
    () => new LocalSGD(new nn.ReLU(), { syncEvery: 2 }),
    RangeError,
    "must have parameters: it has none",
  );
  const local = new LocalSGD(net, { syncEvery: 3 }), met: boolean[] = [], since: number[] = [];
  for (let k = 0; k < 4; k++) {
    met.push(await local.step());
    since.push(local.sinceSync);
  }
  assertEquals([met, since], [[false, false, true, false], [1, 2, 0, 1]]);
  await local.sync();
  assertEquals(local.sinceSync, 0);
  local.dispose();
  const outerOptimizer = new optim.SGD(net.parameters(), { lr: 1 });
  const diloco = new DiLoCo(net, { syncEvery: 1, outerOptimizer }), before = await net.weight.data();
  net.loadStateDict({ weight: net.weight.detach().mul(2), bias: net.bias!.detach() });
  await diloco.step(); // a rate of 1 goes the whole way
  assertEquals(await net.weight.data(), before.map((v) => 2 * v));
  diloco.dispose();
  await group.destroy();
});
