import { assertEquals, assertNotEquals } from "@std/assert";
import { DataLoader, type Dataset, manualSeed, openDevice, randomSplit, Subset } from "../../mod.ts";
import { imageDataset, pass } from "./_batches.ts";
import { assertRefuses } from "../support/values.ts";

await openDevice();

Deno.test("a Subset has the examples chosen, in their order, also of another Subset", async () => {
  const part = new Subset(imageDataset(6), [5, 0, 2, 2]);
  assertEquals(part.length, 4);
  const labels = async (dataset: Dataset) =>
    (await pass(dataset, 3)).flatMap((batch) => (batch as number[][])[1]);
  assertEquals(await labels(part), [5, 0, 2, 2]);
  assertEquals(await labels(new Subset(part, [1, 0])), [0, 5]);
  assertEquals(await labels(new Subset(part, [])), []);
  for (const [x, y] of new DataLoader(part, { batchSize: 4 })) {
    const pixels = await x.data();
    assertEquals(Array.from(await y.data(), (_, i) => Math.round(255 * pixels[4 * i + 1])), [51, 1, 21, 21]);
  }
});

Deno.test("a Subset refuses places where there is no example", () => {
  for (const wrong of [3, -1, 0.5, NaN]) {
    assertRefuses(
      () => new Subset(imageDataset(3), [0, wrong]),
      RangeError,
      `Cannot make a Subset as its indices must be whole numbers from 0 to 2: ${wrong}`,
    );
  }
});

Deno.test("randomSplit() takes lengths, or fractions rounded as PyTorch rounds them", () => {
  const lengths = (n: number, parts: number[]) =>
    randomSplit(imageDataset(n), parts).map((part) => part.length);
  assertEquals(lengths(10, [7, 3]), [7, 3]);
  assertEquals(lengths(10, [10, 0]), [10, 0]);
  // [len(s) for s in torch.utils.data.random_split(range(n), parts)]
  assertEquals(lengths(10, [0.8, 0.2]), [8, 2]);
  assertEquals(lengths(11, [0.5, 0.25, 0.25]), [6, 3, 2]);
  assertEquals(lengths(10, [0.34, 0.33, 0.33]), [4, 3, 3]);
  assertEquals(lengths(100, [0.29, 0.71]), [29, 71]);
  assertEquals(lengths(2, [0.25, 0.25, 0.25, 0.25]), [1, 1, 0, 0]);
  assertEquals(lengths(0, [0.5, 0.5]), [0, 0]);
});

Deno.test("randomSplit() puts each example into one part, at random, by its seed or manualSeed()", () => {
  const data = imageDataset(60);
  const split = (seed?: number) => randomSplit(data, [40, 20], { seed }).map((part) => [...part.indices]);
  const all = Array.from({ length: 60 }, (_, i) => i);
  assertEquals(split(1).flat().toSorted((a, b) => a - b), all);
  assertNotEquals(split(1).flat(), all);
  assertEquals(split(1), split(1));
  assertNotEquals(split(1), split(2));
  manualSeed(4);
  const first = split();
  assertNotEquals(split(), first);
  manualSeed(4);
  assertEquals(split(), first);
});

Deno.test("randomSplit() refuses lengths that do not add up, and seeds out of range", () => {
  const data = imageDataset(10);
  const message = "Cannot split a data set as the lengths must be whole numbers that add up to 10, " +
    "or fractions that add up to 1";
  for (const lengths of [[5, 4], [0.5, 0.4], [11, -1], [9.5, 0.5], [1.5, -0.5], []]) {
    assertRefuses(() => randomSplit(data, lengths), RangeError, `${message}: [${lengths.join(", ")}]`);
  }
  assertRefuses(
    () => randomSplit(data, [10], { seed: 0.5 }),
    RangeError,
    "Cannot split a data set as seed must be a whole number from 0 to 2^53 - 1: 0.5",
  );
});
