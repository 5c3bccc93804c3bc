import { assert, assertEquals, assertRejects } from "@std/assert";
import { fitShown } from "../../examples/study/fit_shown.ts";
import { loadDataFashionMnist, trainCh6 } from "../../examples/d2l.ts";
import { checked } from "../../examples/study/schedules.ts";
import { isRefusal } from "../../examples/terminal/refusal.ts";
import { DataLoader, nn, openDevice, optim, Subset } from "../../mod.ts";
import { idxBytes, tempFolder } from "../data/_fixtures.ts";

const device = await openDevice();

Deno.test("loadDataFashionMnist() gives batches of both splits, of as many images as were asked for", async () => {
  const [train, test] = await loadDataFashionMnist(16, { limit: 40, seed: 1 });
  assertEquals([train.dataset.length, train.length, test.dataset.length, test.length], [40, 3, 40, 3]);
  for (const [x, y] of test) {
    assertEquals([x.shape, y.shape], [[16, 1, 28, 28], [16]]);
    assertEquals([...(await y.data()).subarray(0, 4)], [9, 2, 1, 1]); // the first of the test file
    break;
  }
  for (const loader of [train, test]) loader.dispose();
});

Deno.test("loadDataFashionMnist() resizes the images of both splits, as the book does", async () => {
  const [train, test] = await loadDataFashionMnist(4, { limit: 4, resize: 96 });
  for (const loader of [train, test]) {
    for (const [x] of loader) assertEquals(x.shape, [4, 1, 96, 96]);
    loader.dispose();
  }
});

Deno.test("loadDataFashionMnist() tries again after it failed", async () => {
  await using root = await tempFolder();
  const file = `${root.path}/train-images-idx3-ubyte`;
  await Deno.writeTextFile(file, "damaged");
  await Deno.writeTextFile(`${root.path}/train-labels-idx1-ubyte`, "damaged");
  const load = () => loadDataFashionMnist(4, { root: root.path });
  const error = await assertRejects(load, SyntaxError, "must be a whole IDX file");
  assert(isRefusal(error));
  for (const [split, n] of [["train", 4], ["t10k", 2]] as const) {
    await Deno.writeFile(
      `${root.path}/${split}-images-idx3-ubyte`,
      idxBytes([n, 28, 28], new Uint8Array(n * 784)),
    );
    await Deno.writeFile(`${root.path}/${split}-labels-idx1-ubyte`, idxBytes([n], new Uint8Array(n)));
  }
  const [train, test] = await load();
  assertEquals([train.dataset.length, test.dataset.length], [4, 2]);
});

Deno.test("training refuses to train on no images, and to test on none", async () => {
  const [train, test] = await loadDataFashionMnist(8, { limit: 16, seed: 1 });
  const none = new DataLoader(new Subset(train.dataset, []), { batchSize: 8 });
  const net = new nn.Sequential(new nn.Flatten(), new nn.Linear(784, 10));
  const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 });
  for (const [name, a, b] of [["trainIter", none, test], ["testIter", train, none]] as const) {
    const message = `Cannot train as ${name} must have images: its data set has 0`;
    await assertRejects(() => trainCh6(net, a, b, 1, 0.1, device), RangeError, message);
    await assertRejects(() => fitShown(net, a, b, { optimizer, epochs: 1, device }), RangeError, message);
  }
});

Deno.test("training refuses a schedule that gives no number", async () => {
  const [train, test] = await loadDataFashionMnist(8, { limit: 16, seed: 1 });
  const net = new nn.Sequential(new nn.Flatten(), new nn.Linear(784, 10));
  const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 });
  const stepScheduler = checked(optimizer, { step: () => void (optimizer.paramGroups[0].lr = NaN) });
  await assertRejects(
    () => fitShown(net, train, test, { optimizer, epochs: 1, device, stepScheduler }),
    RangeError,
    "Cannot train as the schedule must give a learning rate that is a number: NaN",
  );
});

/** Both loops that show how training goes, for so many epochs on so many images. */
async function loops(onEpoch?: () => void) {
  const [train, test] = await loadDataFashionMnist(8, { limit: 16, seed: 1 });
  const net = new nn.Sequential(new nn.Flatten(), new nn.Linear(784, 10));
  const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 });
  return {
    numEpochs: (epochs: number) => trainCh6(net, train, test, epochs, 0.1, device, { onEpoch }),
    epochs: (epochs: number) => fitShown(net, train, test, { optimizer, epochs, device, onEpoch }),
  };
}

Deno.test("training refuses to last for no epochs", async () => {
  for (const [name, train] of Object.entries(await loops())) {
    for (const epochs of [0, 1.5, -1]) {
      const message = `Cannot train as ${name} must be a whole number from 1 up: ${epochs}`;
      await assertRejects(() => train(epochs), RangeError, message);
    }
  }
});

Deno.test("training leaves the device as it was, also where it fails", async () => {
  const ours = () => {}, before = device.onCompile;
  device.onCompile = ours;
  try {
    const failing = await loops(() => {
      throw new Error("the disk is full");
    });
    for (const train of Object.values(failing)) {
      await assertRejects(() => train(1), Error, "the disk is full");
      assertEquals(device.onCompile, ours);
      const { tensors, forgotten } = device.memory();
      await assertRejects(() => train(1), Error, "the disk is full");
      const left = device.memory();
      assertEquals(
        left.tensors + left.forgotten,
        tensors + forgotten,
        "nothing is left of a run that failed",
      );
    }
  } finally {
    device.onCompile = before;
  }
});
