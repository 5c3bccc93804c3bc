import { assertEquals } from "@std/assert";
import { ConcatDataset, DataLoader, openDevice, Subset, TensorDataset, zeros } from "../../mod.ts";
import { imageDataset, pass } from "./_batches.ts";
import { undisposed } from "../support/memory.ts";
import { assertRefuses } from "../support/values.ts";

const device = await openDevice();

Deno.test("a ConcatDataset gathers each example from where it lies", async () => {
  const parts = [
    imageDataset(3),
    new Subset(imageDataset(4, 3), [3, 0]),
    imageDataset(0),
    imageDataset(2, 20),
  ];
  const all = new ConcatDataset(parts), labels = [0, 1, 2, 6, 3, 20, 21];
  assertEquals(all.length, 7);
  const order = [6, 0, 4, 2, 5, 3, 1];
  for (const [x, y] of new DataLoader(new Subset(all, order), { batchSize: 7 })) {
    const [pixels, classes] = [await x.data(), [...await y.data()]];
    assertEquals([x.shape, y.dtype, classes], [[7, 1, 2, 2], "int32", order.map((i) => labels[i])]);
    assertEquals(
      classes.map((_, i) => Math.round(255 * pixels[4 * i + 3])),
      classes.map((l) => (10 * l + 3) % 256),
    );
  }
  assertEquals((await pass(all, 2)).map((batch) => (batch as number[][])[1]), [[0, 1], [2, 6], [3, 20], [
    21,
  ]]);
  const before = undisposed(device);
  for (const _ of new DataLoader(all, { batchSize: 5, shuffle: true }));
  assertEquals(undisposed(device), before);
  all.dispose();
});

Deno.test("a ConcatDataset refuses a batch of unlike examples", () => {
  const all = new ConcatDataset([
    new TensorDataset(zeros([1, 2])),
    new TensorDataset(zeros([1, 2], { dtype: "int32" })),
  ]);
  assertRefuses(
    () => [...new DataLoader(all, { batchSize: 2 })],
    RangeError,
    "Cannot gather a batch as the data sets' examples must be alike: float32 [2] and int32 [2]",
  );
});
