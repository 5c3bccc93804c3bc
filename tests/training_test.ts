// LeNet on real Fashion-MNIST, step by step against PyTorch; the same seed, the same bits.
import { assertEquals, assertNotEquals } from "@std/assert";
import {
  crossEntropy,
  DataLoader,
  evaluateAccuracy,
  FashionMNIST,
  type ImageDataset,
  manualSeed,
  nn,
  openDevice,
  optim,
  scope,
  type Tensor,
} from "../mod.ts";
import { differences, type InputSpec, materialise, readOracle, type TensorRecord } from "./support/oracle.ts";

await openDevice();

type Records = Record<string, TensorRecord>;

interface Run {
  id: string;
  init: InputSpec[];
  args: optim.SGDOptions;
  batch: number;
  steps: number;
  losses: number[];
  lossAtol: number[];
  step1: { logits: TensorRecord; grads: Records };
  state: Record<string, Records>;
  testImages: number;
  testCorrect: number;
  testCorrectTol: number;
}

function lenet(pool: () => nn.Module): nn.Sequential {
  return new nn.Sequential(
    new nn.Conv2d(1, 6, 5, { padding: 2 }),
    new nn.Sigmoid(),
    pool(),
    new nn.Conv2d(6, 16, 5),
    new nn.Sigmoid(),
    pool(),
    new nn.Flatten(),
    new nn.Linear(400, 120),
    new nn.Sigmoid(),
    new nn.Linear(120, 84),
    new nn.Sigmoid(),
    new nn.Linear(84, 10),
  );
}

const average = () => new nn.AvgPool2d(2, { stride: 2 });
const maximum = () => new nn.MaxPool2d(2, { stride: 2 });

/** The first `n` images of a split. */
async function images(split: "train" | "test", n: number): Promise<ImageDataset> {
  const { images, labels, classes } = await FashionMNIST.load({ split });
  return {
    images: { ...images, shape: [n, 28, 28], data: images.data.subarray(0, n * 28 * 28) },
    labels: { ...labels, shape: [n], data: labels.data.subarray(0, n) },
    classes,
    length: n,
  };
}

/** What differs between tensors and their records, each line with its name. */
async function compare(
  where: string,
  records: Records,
  tensorOf: (name: string) => Tensor,
): Promise<string[]> {
  const lines = await Promise.all(
    Object.entries(records).map(async ([name, record]) => {
      const t = tensorOf(name);
      // a record of a trajectory has only an absolute tolerance
      const found = differences(record, await t.data(), t.shape, { rtol: 0, atol: record.atol! });
      return found.map((line) => `${where} ${name} ${line}`);
    }),
  );
  return lines.flat();
}

async function follow(run: Run, net: nn.Sequential): Promise<string[]> {
  net.loadStateDict(Object.fromEntries(run.init.map((spec) => [spec.name, materialise(spec)])));
  const train = new DataLoader(await images("train", run.batch * run.steps), { batchSize: run.batch });
  const opt = new optim.SGD(net.parameters(), run.args);
  const losses: Promise<number>[] = [], wrong: string[] = [];
  let step = 0;
  for (const [x, y] of train) {
    using _ = scope();
    opt.zeroGrad();
    const logits = net.forward(x), loss = crossEntropy(logits, y);
    loss.backward();
    if (step === 0) {
      const parameters = net.stateDict();
      wrong.push(...await compare("step 1", { logits: run.step1.logits }, () => logits));
      wrong.push(...await compare("gradient", run.step1.grads, (name) => parameters[name].grad!));
    }
    opt.step();
    losses.push(loss.item());
    const snapshot = run.state[++step];
    if (snapshot) wrong.push(...await compare(`after ${step}`, snapshot, (name) => net.stateDict()[name]));
  }
  (await Promise.all(losses)).forEach((loss, t) => {
    if (Math.abs(loss - run.losses[t]) <= run.lossAtol[t]) return;
    wrong.push(`loss of step ${t} is ${loss}, expected ${run.losses[t]} within ${run.lossAtol[t]}`);
  });
  assertEquals([step, losses.length], [run.steps, run.steps]);
  const test = new DataLoader(await images("test", run.testImages), { batchSize: 500 });
  const correct = Math.round(await evaluateAccuracy(net, test) * run.testImages);
  if (Math.abs(correct - run.testCorrect) > run.testCorrectTol) {
    wrong.push(`${correct} test images are right, expected ${run.testCorrect} within ${run.testCorrectTol}`);
  }
  train.dispose();
  test.dispose();
  net.dispose();
  return wrong;
}

const { models } = readOracle<{ models: Run[] }>("trajectories.json");

for (const [id, pool] of [["lenet-sigmoid-avgpool", average], ["lenet-sigmoid-maxpool", maximum]] as const) {
  Deno.test(`LeNet follows PyTorch's run ${id} on Fashion-MNIST`, async () => {
    const run = models.find((m) => m.id === id)!;
    assertEquals(await follow(run, lenet(pool)), []);
  });
}

/** Trains LeNet for some steps on small batches of the first images. */
async function train(seed: number, data: ImageDataset, epochs: number): Promise<number[]> {
  manualSeed(seed);
  const net = lenet(average), opt = new optim.SGD(net.parameters(), { lr: 0.9, momentum: 0.5 });
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
  const data = await images("train", 160);
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
  const loader = new DataLoader(await images("train", 32), { batchSize: 32 });
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
