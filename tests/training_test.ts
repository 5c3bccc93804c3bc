// Training on real Fashion-MNIST: the same seed, the same bits; a network can learn by heart.
import { assertEquals, assertNotEquals } from "@std/assert";
import {
  crossEntropy,
  DataLoader,
  evaluateAccuracy,
  type ImageDataset,
  manualSeed,
  nn,
  openDevice,
  optim,
  scope,
} from "../mod.ts";
import { lenet } from "../examples/lenet.ts";
import { firstImages } from "./support/networks.ts";

await openDevice();

/** Trains LeNet for some steps on small batches of the first images. */
async function train(seed: number, data: ImageDataset, epochs: number): Promise<number[]> {
  manualSeed(seed);
  const net = lenet(), opt = new optim.SGD(net.parameters(), { lr: 0.9, momentum: 0.5 });
  const loader = new DataLoader(data, { batchSize: 24, shuffle: true });
  const losses: Promise<number>[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const [x, y] of loader) {
      using _ = scope();
      opt.zeroGrad();
      const loss = crossEntropy(net.forward(x), y);
      loss.backward();
      opt.step();
      losses.push(loss.item());
    }
  }
  return await Promise.all(losses);
}

Deno.test("the same seed gives the same losses, bit for bit", async () => {
  const data = await firstImages("train", 160);
  const first = await train(1, data, 2);
  assertEquals(first.length, 14);
  assertEquals(await train(1, data, 2), first);
  assertNotEquals(await train(2, data, 2), first);
});

Deno.test("a network can learn a handful of images by heart", async () => {
  manualSeed(3);
  const net = new nn.Sequential(
    new nn.Flatten(),
    new nn.Linear(784, 32),
    new nn.ReLU(),
    new nn.Linear(32, 10),
  );
  const opt = new optim.SGD(net.parameters(), { lr: 0.1, momentum: 0.9 });
  const loader = new DataLoader(await firstImages("train", 32), { batchSize: 32 });
  for (let epoch = 0; epoch < 100; epoch++) {
    for (const [x, y] of loader) {
      using _ = scope();
      opt.zeroGrad();
      crossEntropy(net.forward(x), y).backward();
      opt.step();
    }
  }
  assertEquals(await evaluateAccuracy(net, loader), 1);
});
