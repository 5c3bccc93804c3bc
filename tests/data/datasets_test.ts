import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  type Batch,
  ConcatDataset,
  DataLoader,
  type Dataset,
  type ImageDataset,
  type ItemDataset,
  manualSeed,
  openDevice,
  randomSplit,
  Subset,
  type Tensor,
  tensor,
  TensorDataset,
  zeros,
} from "../../mod.ts";
import { undisposed } from "../support/memory.ts";
import { assertRefuses } from "../support/values.ts";

const device = await openDevice();

/** Images of 2 by 2 pixels: image i has the pixels 10 i, 10 i + 1, … and the label i. */
function imageDataset(length: number, first = 0): ImageDataset {
  const ids = Uint8Array.from({ length }, (_, i) => first + i);
  const data = Uint8Array.from({ length: 4 * length }, (_, i) => 10 * ids[Math.floor(i / 4)] + i % 4);
  return {
    images: { dtype: "uint8", shape: [length, 2, 2], data },
    labels: { dtype: "uint8", shape: [length], data: ids },
    classes: [],
    length,
  };
}

/** All batches of a pass as nested arrays. */
async function pass<B extends readonly Tensor[]>(dataset: Dataset<B>, batchSize: number): Promise<unknown[]> {
  const read: Promise<unknown>[] = [];
  for (const batch of new DataLoader(dataset, { batchSize })) {
    read.push(Promise.all(batch.map((t) => t.toArray())));
  }
  return await Promise.all(read);
}

Deno.test("a TensorDataset gathers rows of any number of tensors, and keeps their types", async () => {
  const points = tensor([[1, 2], [3, 4], [5, 6]]), labels = tensor([7, 8, 9], { dtype: "int32" });
  const mask = tensor([[true], [false], [true]]);
  assertEquals(await pass(new TensorDataset(points, labels, mask), 2), [
    [[[1, 2], [3, 4]], [7, 8], [[true], [false]]],
    [[[5, 6]], [9], [[true]]],
  ]);
  for (const [x, y, m] of new DataLoader(new TensorDataset(points, labels, mask), { batchSize: 3 })) {
    assertEquals([x.dtype, y.dtype, m.dtype], ["float32", "int32", "bool"]);
  }
});

Deno.test("a TensorDataset takes typed arrays, uploads them once, and dispose() frees the copies alone", async () => {
  const given = zeros([3, 2]), before = undisposed(device);
  const data = new TensorDataset(given, new Float32Array([0.5, 1.5, 2.5]), new Int32Array([3, 4, 5]));
  assertEquals(undisposed(device), before);
  for (let i = 0; i < 3; i++) {
    for (const [, y, z] of new DataLoader(data, { batchSize: 3 })) {
      assertEquals([y.dtype, z.dtype], ["float32", "int32"]);
      assertEquals([await y.toArray(), await z.toArray()], [[0.5, 1.5, 2.5], [3, 4, 5]]);
    }
  }
  assertEquals(undisposed(device), before + 2);
  data.dispose();
  assertEquals([undisposed(device), given.disposed], [before, false]);
});

Deno.test("a TensorDataset refuses tensors that do not count the same examples", () => {
  const message = "Cannot make a TensorDataset as its tensors must have one length: ";
  assertRefuses(() => new TensorDataset(zeros([3]), zeros([4, 3])), RangeError, `${message}3 and 4`);
  assertRefuses(() => new TensorDataset(zeros([])), RangeError, `${message}a scalar`);
  assertRefuses(() => new TensorDataset(), RangeError, `${message}there are none`);
});

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

Deno.test("loaders and Subsets of one data set share its bytes on the GPU", () => {
  const images = imageDataset(500), before = device.memory().bytesInUse;
  const loaders = [images, new Subset(images, [1, 2]), new Subset(images, [3])].map((part) =>
    new DataLoader(part, { batchSize: 2 })
  );
  for (const loader of loaders) for (const _ of loader);
  assertEquals(device.memory().bytesInUse - before, 2048 + 512); // 2000 bytes of images, 500 of labels
  loaders[1].dispose();
  assertEquals(device.memory().bytesInUse, before);
  assertEquals([...loaders[0]].length, 250); // uploads them again
  loaders[0].dispose();
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
    "Cannot split a data set as seed must be a whole number from 0 up: 0.5",
  );
});

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

Deno.test("items are collated: numbers, typed arrays, nested arrays, booleans", async () => {
  const first = async (dataset: ItemDataset) => {
    for (const [x, y] of new DataLoader(dataset, { batchSize: 3 })) {
      return [x.dtype, await x.toArray(), y.dtype, await y.toArray()];
    }
  };
  const items = (...all: [ItemDataset["get"], ItemDataset["dtypes"]?]) => ({
    length: 3,
    get: all[0],
    dtypes: all[1],
  });
  assertEquals(await first(items((i) => [[[i], [2]], i % 2])), [
    "float32",
    [[[0], [2]], [[1], [2]], [[2], [2]]],
    "int32",
    [0, 1, 0],
  ]);
  assertEquals(await first(items((i) => [new Float32Array([i, 0.5]), new Int32Array([i])])), [
    "float32",
    [[0, 0.5], [1, 0.5], [2, 0.5]],
    "int32",
    [[0], [1], [2]],
  ]);
  assertEquals(await first(items((i) => [new Uint8Array([i, 255]), i / 2])), [
    "float32",
    [[0, 255], [1, 255], [2, 255]],
    "float32",
    [0, 0.5, 1],
  ]);
  assertEquals(await first(items((i) => [i > 1, [i]], ["bool", "int32"])), [
    "bool",
    [false, false, true],
    "int32",
    [[0], [1], [2]],
  ]);
  assertEquals((await first(items((i) => [[i], i], ["float32", "float32"])))?.[2], "float32");
});

Deno.test("items work in Subsets and splits, in any order", async () => {
  const squares = { length: 5, get: (i: number) => [[i], i * i] };
  assertEquals(await pass(new Subset(squares, [4, 1]), 2), [[[[4], [1]], [16, 1]]]);
  const [a, b] = randomSplit(squares, [3, 2], { seed: 1 });
  const sum = (await Promise.all([pass(a, 1), pass(b, 1)])).flat()
    .reduce((total: number, batch) => total + (batch as number[][])[1][0], 0);
  assertEquals(sum, 0 + 1 + 4 + 9 + 16);
});

Deno.test("items that cannot be collated are refused", () => {
  const take = (...values: unknown[]) => {
    const get = (i: number) => values[i] as ReturnType<ItemDataset["get"]>;
    return () => [...new DataLoader({ length: values.length, get }, { batchSize: values.length })];
  };
  const start = "Cannot collate a batch as";
  assertRefuses(take([1]), TypeError, `${start} get() must return [x, y]: an array of 1`);
  assertRefuses(take(5), TypeError, `${start} get() must return [x, y]: 5`);
  assertRefuses(
    take([new Float32Array(2), 1], [new Float32Array(3), 1]),
    RangeError,
    `${start} every x must have one length: 2 and 3`,
  );
  assertRefuses(
    take([1, new Float32Array(2)], [1, [1, 2]]),
    TypeError,
    `${start} every y must be of one kind: a Float32Array and an array of 2`,
  );
  assertRefuses(
    take([1, 2], [[1], 2]),
    TypeError,
    `${start} every x must be of one kind: 1 and an array of 1`,
  );
  assertRefuses(
    take([[1, 2], 0], [[1], 0]),
    RangeError,
    "Cannot make a tensor as nested arrays must be of one length: 2 and 1",
  );
});

Deno.test("a fraction is refused where whole numbers came first", () => {
  const values = [1, 2, 0.5], data = { length: 3, get: (i: number) => [[0], values[i]] };
  assertRefuses(
    () => [...new DataLoader(data, { batchSize: 2 })],
    TypeError,
    "Cannot collate a batch as y must be int32 like the whole numbers before it, " +
      "unless the data set's dtypes say otherwise: 0.5",
  );
});

Deno.test("a DataLoader refuses what is no data set", () => {
  assertRefuses(
    () => new DataLoader({ length: 3 } as unknown as ImageDataset),
    TypeError,
    "Cannot iterate over a data set as it must have images and labels, get() or gather(): it has [length]",
  );
});

Deno.test("the types of batches follow from the data set", () => {
  const three = new DataLoader(new TensorDataset(zeros([1]), zeros([1]), new Int32Array(1)));
  const batches: Iterable<[Tensor, Tensor, Tensor]> = three;
  const part: DataLoader = new DataLoader(new Subset(imageDataset(1), [0]));
  const items: DataLoader<Batch> = new DataLoader({ length: 1, get: (i) => [[i], i] });
  const pairs: DataLoader = new DataLoader(new TensorDataset(zeros([1, 2]), zeros([1])));
  // @ts-expect-error a batch of three is no pair
  const wrong: DataLoader = three;
  assert([batches, part, items, pairs, wrong].every((loader) => [...loader].length === 1));
});
