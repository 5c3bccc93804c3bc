import { assert, assertEquals } from "@std/assert";
import {
  type Batch,
  DataLoader,
  type ImageDataset,
  openDevice,
  Subset,
  type Tensor,
  TensorDataset,
  zeros,
} from "../../mod.ts";
import { imageDataset } from "./_batches.ts";
import { assertRefuses } from "../support/values.ts";

const device = await openDevice();

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

Deno.test("a DataLoader refuses what is no data set", () => {
  assertRefuses(
    () => new DataLoader({ length: 3 } as unknown as ImageDataset),
    TypeError,
    "Cannot make a DataLoader as dataset must be a data set, with a length and either images and labels, get() or gather(): { length }",
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
