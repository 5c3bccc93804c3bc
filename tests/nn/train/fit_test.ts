import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertLess,
  assertRejects,
} from "@std/assert";
import {
  DataLoader,
  fit,
  type FitEpoch,
  type FitOptions,
  type FitProgress,
  manualSeed,
  mseLoss,
  nn,
  noGrad,
  openDevice,
  optim,
  Subset,
  type Tensor,
  tensor,
} from "../../../mod.ts";
import { firstImages } from "../../support/networks.ts";

const device = await openDevice();
const images = await firstImages("train", 200);

function network(): nn.Sequential {
  manualSeed(5);
  return new nn.Sequential(
    new nn.Flatten(),
    new nn.Linear(784, 24),
    new nn.BatchNorm1d(24),
    new nn.ReLU(),
    new nn.Linear(24, 10),
  );
}

/** Trains on 200 images in batches of 48, the last of 8. */
async function train(options: Partial<FitOptions> = {}): Promise<{ history: FitEpoch[]; weight: Tensor }> {
  const net = network();
  const history = await fit(net, new DataLoader(images, { batchSize: 48, shuffle: true, seed: 1 }), {
    optimizer: new optim.SGD(net.parameters(), { lr: 0.1, momentum: 0.9 }),
    loss: new nn.CrossEntropyLoss(),
    epochs: 3,
    ...options,
  });
  return { history, weight: net.parameters()[0] };
}

Deno.test("fit() learns, and tests after each epoch", async () => {
  const { history } = await train({ epochs: 6, test: new DataLoader(images, { batchSize: 100 }) });
  assertEquals(history.map(({ epoch }) => epoch), [1, 2, 3, 4, 5, 6]);
  assertLess(history[5].trainLoss, history[0].trainLoss / 3);
  assertGreater(history[5].trainAcc!, 0.8);
  assertGreater(history[5].testAcc!, 0.9);
  for (const { seconds, examplesPerSec } of history) assertAlmostEquals(seconds * examplesPerSec, 200, 1e-6);
});

Deno.test("fit() gives the same compiled and as written", async () => {
  const [compiled, eager] = [await train(), await train({ compile: false })];
  compiled.history.forEach(({ trainLoss, trainAcc }, i) => {
    assertAlmostEquals(trainLoss, eager.history[i].trainLoss, 1e-4);
    assertEquals(trainAcc, eager.history[i].trainAcc);
  });
  const [a, b] = [await compiled.weight.data(), await eager.weight.data()];
  a.forEach((value, i) => assertAlmostEquals(value, b[i], 1e-4));
});

Deno.test("fit() weighs each example once, those of a smaller last batch too", async () => {
  const net = new nn.Linear(1, 1, { bias: false }), seen: FitProgress[] = [];
  noGrad(() => net.weight.fill(1));
  const column = (values: number[]) => tensor(values, { shape: [values.length, 1] });
  const batches = [[column([1, 2, 3]), column([0, 0, 0])], [column([4]), column([0])]] as const;
  const history = await fit(net, batches, {
    optimizer: new optim.SGD(net.parameters(), { lr: 0 }),
    loss: mseLoss,
    epochs: 2,
    onProgress: (progress) => void seen.push(progress),
  });
  assertEquals(history.map(({ trainLoss }) => trainLoss), [7.5, 7.5]); // (1 + 4 + 9 + 16) / 4
  assertEquals(Object.keys(history[0]), ["epoch", "trainLoss", "examplesPerSec", "seconds"]);
  assertEquals(seen.at(-1), { epoch: 2, step: 2, steps: 2, examples: 4, trainLoss: 7.5 });
});

Deno.test("fit() reports progress and epochs in order, and waits for the listeners", async () => {
  const events: string[] = [];
  await train({
    epochs: 2,
    onProgress: ({ epoch, step, steps, examples }) => {
      if (step === steps) events.push(`progress ${epoch}: ${step}/${steps}, ${examples}`);
    },
    onEpoch: async ({ epoch }) => {
      await Promise.resolve();
      events.push(`epoch ${epoch}`);
    },
  });
  assertEquals(events, ["progress 1: 5/5, 200", "epoch 1", "progress 2: 5/5, 200", "epoch 2"]);
});

Deno.test("fit() reads metrics now and then, not at each step", async () => {
  const few = new Subset(images, Array(192).keys()),
    net = new nn.Sequential(new nn.Flatten(), new nn.Linear(784, 10));
  let reads = 0;
  await fit(net, new DataLoader(few, { batchSize: 1 }), {
    optimizer: new optim.SGD(net.parameters(), { lr: 0.01 }),
    loss: new nn.CrossEntropyLoss(),
    epochs: 1,
    onProgress: () => void reads++,
  });
  assertLess(reads, 50);
});

Deno.test("fit() steps each scheduler when it is due, and replays see the new rates", async () => {
  const net = new nn.Linear(1, 1, { bias: false }), losses: number[] = [];
  const optimizer = new optim.SGD(net.parameters(), { lr: 1 });
  noGrad(() => net.weight.fill(0));
  const batch = [tensor([[1]]), tensor([[1]])] as const;
  await fit(net, [batch, batch], {
    optimizer,
    loss: (output: Tensor, y: Tensor) => output.sub(y).sum(), // a gradient of 1, whatever the weight
    epochs: 2,
    stepScheduler: new optim.lrScheduler.ExponentialLR(optimizer, { gamma: 0.5 }),
    scheduler: { step: (loss) => void losses.push(loss) },
  });
  assertEquals(await net.weight.item(), -1.875); // 1 + 1/2 + 1/4 + 1/8
  assertEquals(losses, [-1.5, -2.625]);
});

Deno.test("fit() ends after a step when its signal says so, and leaves nothing behind", async () => {
  const controller = new AbortController(),
    loader = new DataLoader(images, { batchSize: 8 }),
    net = network();
  const options = {
    optimizer: new optim.SGD(net.parameters(), { lr: 0.1 }),
    loss: new nn.CrossEntropyLoss(),
    epochs: 1,
  };
  await fit(net, loader, options); // gradients are there from now on
  const { tensors, forgotten } = device.memory();
  let steps = 0;
  const stepScheduler = { step: () => ++steps === 28 && controller.abort() };
  const history = await fit(net, loader, { ...options, stepScheduler, epochs: 5, signal: controller.signal });
  assertEquals([history.map(({ epoch }) => epoch), steps], [[1], 28]);
  assertEquals(device.memory().tensors + device.memory().forgotten, tensors + forgotten);
  assertEquals(
    await fit(net, loader, { ...options, signal: controller.signal }),
    [],
    "it was aborted before",
  );
  assert(net.training);
});

Deno.test("fit() refuses a pass over nothing, whose mean loss is no number", async () => {
  const net = new nn.Linear(1, 1), optimizer = new optim.SGD(net.parameters(), { lr: 0.1 });
  const batch = [tensor([[1], [2]]), tensor([[1], [2]])] as const,
    options = { optimizer, loss: mseLoss, epochs: 2 };
  const once = { length: 1, *[Symbol.iterator]() {} };
  const used = Object.assign([batch].values(), { length: 1 }); // an iterator goes through its batches once
  const hollow = [[tensor([], { shape: [0, 1] }), tensor([], { shape: [0, 1] })]] as const;
  const cases = [[once, 1], [used, 2], [hollow, 1]] as const;
  for (const [loader, epoch] of cases) {
    const error = await assertRejects(
      () => fit(net, loader as Parameters<typeof fit>[1], options),
      RangeError,
    );
    assertEquals(
      error.message,
      `Cannot fit as each pass over the loader must give examples: in epoch ${epoch} there were none`,
    );
  }
  for (const length of [NaN, -3, 1.5]) {
    const loader = Object.assign([batch].values(), { length });
    await assertRejects(
      () => fit(net, loader, options),
      TypeError,
      "Cannot fit as loader must be a DataLoader, or another iterable of batches with a length",
    );
  }
  const short = {
    length: 5,
    *[Symbol.iterator]() {
      yield batch;
    },
  };
  const [{ trainLoss }] = await fit(net, short, { ...options, epochs: 1 });
  assert(Number.isFinite(trainLoss));
});

Deno.test("fit() refuses what it cannot do", async () => {
  const net = new nn.Linear(1, 1), optimizer = new optim.SGD(net.parameters(), { lr: 1 });
  const batch = [tensor([[1], [2]]), tensor([[1], [2]])] as const;
  const cases: [string, Parameters<typeof fit>[1], Partial<FitOptions>][] = [
    ["Cannot fit as epochs must be a whole number from 0 up: 1.5", [batch], { epochs: 1.5 }],
    ["Cannot fit as there must be batches: the loader has none", [], {}],
    ["Cannot fit as the loss must have one element: its shape is [2, 1]", [batch], {
      loss: (a: Tensor, b: Tensor) => a.sub(b),
    }],
  ];
  for (const [message, batches, options] of cases) {
    const error = await assertRejects(
      () => fit(net, batches, { optimizer, loss: mseLoss, epochs: 1, ...options }),
      RangeError,
    );
    assertEquals(error.message, message);
  }
});
