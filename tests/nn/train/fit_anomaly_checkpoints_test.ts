// Training that meets what is not finite, with checkpoints: what is saved is finite, and where everything stands afterwards.
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  AnomalyError,
  DataLoader,
  fit,
  loadCheckpoint,
  manualSeed,
  nn,
  openDevice,
  optim,
  saveCheckpoint,
  type Tensor,
} from "../../../mod.ts";
import { tempFolder } from "../../data/_fixtures.ts";
import { namesIn } from "../../support/kills.ts";

await openDevice();

/** Batches of 4 of 40 examples, one of which is zeros: the square root has an infinite gradient there, the loss is finite. */
const batches = () =>
  new DataLoader(
    { length: 40, get: (i: number) => [i === 27 ? [0, 0, 0, 0] : [1, 2, 3, 1 + i / 40], [1]] },
    { batchSize: 4, shuffle: true, seed: 3 },
  );
const loss = (output: Tensor, y: Tensor) => output.square().sqrt().sub(y).square().mean();

function training() {
  manualSeed(1);
  const net = new nn.Linear(4, 1, { bias: false });
  return { net, optimizer: new optim.SGD(net.parameters(), { lr: 1e-3 }), loader: batches() };
}

Deno.test("fit() saves no network that a gradient has spoilt, and stops at the same step again", async () => {
  await using folder = await tempFolder();
  const path = folder.path, steps: number[] = [];
  for (const everySteps of [1, 1, 2]) {
    const { net, optimizer, loader } = training();
    const checkpoint = { folder: path, everySteps };
    const { anomaly } = await assertRejects(
      () => fit(net, loader, { optimizer, loss, epochs: 1, checkpoint }),
      AnomalyError,
    );
    steps.push(anomaly.step!);
    assertEquals(anomaly.kind, "gradient");
    for (const name of namesIn(path)) {
      const saved = new nn.Linear(4, 1, { bias: false });
      await loadCheckpoint(`${path}/${name}`, { net: saved });
      assert((await saved.weight.data()).every(Number.isFinite), name);
    }
  }
  assert(steps[0] > 2, "there is something to save before");
  assertEquals(steps, [steps[0], steps[0], steps[0]]);
});

Deno.test("fit() that its signal ends saves no network that a gradient has spoilt", async () => {
  await using folder = await tempFolder();
  const { net, optimizer, loader } = training(), stop = new AbortController();
  let steps = 0;
  const stepScheduler = {
    step: () => void (++steps === 5 && stop.abort()),
    stateDict: () => 0,
    loadStateDict() {},
  };
  await assertRejects(
    () =>
      fit(net, loader, {
        optimizer,
        stepScheduler,
        loss,
        epochs: 1,
        signal: stop.signal,
        checkpoint: folder.path,
      }),
    AnomalyError,
  );
  assertEquals(namesIn(folder.path), []);
});

Deno.test("fit() sees what a gradient has spoilt before an epoch that is shorter than said is saved", async () => {
  await using folder = await tempFolder();
  const { net, optimizer } = training(), given: (readonly [Tensor, Tensor])[] = [];
  for (const [x, y] of batches()) given.push([x.detach(), y.detach()]);
  const short = { length: 7, [Symbol.iterator]: () => given.slice(0, 5)[Symbol.iterator]() };
  await assertRejects(
    () => fit(net, short, { optimizer, loss, epochs: 1, checkpoint: folder.path }),
    AnomalyError,
  );
  assertEquals(namesIn(folder.path), []);
});

Deno.test("after an AnomalyError the loader stands before the step too, and a checkpoint goes on there", async () => {
  await using folder = await tempFolder();
  const file = `${folder.path}/a.safetensors`, { loader, ...parts } = training();
  const { anomaly } = await assertRejects(
    () => fit(parts.net, loader, { optimizer: parts.optimizer, loss, epochs: 1 }),
    AnomalyError,
  );
  await saveCheckpoint(file, { ...parts, loader });
  const later = training();
  await loadCheckpoint(file, later);
  const values = async (loader: DataLoader) => {
    const found: number[] = [];
    for (const [x] of loader) found.push(...await x.data());
    return found;
  };
  const left = await values(later.loader);
  assertEquals(left.length / 16, 10 - (anomaly.step! - 1));
  assertEquals(await values(loader), left, "and here");
  assertEquals((await values(batches())).slice(-left.length), left, "they are the last of the pass");
  assertEquals((await values(loader)).length, 10 * 16, "then comes a whole pass");
});
