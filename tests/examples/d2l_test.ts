import { assertEquals, assertRejects } from "@std/assert";
import { fitShown } from "../../examples/study/fit_shown.ts";
import { loadDataFashionMnist, trainCh6 } from "../../examples/d2l.ts";
import { nn, openDevice, optim } from "../../mod.ts";

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
