import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  type Batch,
  ConcatDataset,
  DataLoader,
  type IdxArray,
  type ImageDataset,
  openDevice,
  parseIdx,
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

Deno.test("DataLoader, Subset and ConcatDataset refuse what would give batches of nothing", () => {
  const get = (i: number) => [[i], i], many = "a data set of a whole number of examples";
  const must = "a data set, with a length and either images and labels, get() or gather()";
  const cases: [unknown, typeof RangeError | typeof TypeError, string][] = [
    [zeros([3, 2]), TypeError, `${must}: a Tensor, of which new TensorDataset(x, y) makes one`],
    [
      new Float32Array(3),
      TypeError,
      `${must}: a Float32Array, of which new TensorDataset(x, y) makes one`,
    ],
    [
      [[[1], 2]],
      TypeError,
      `${must}: an array, of which { length: array.length, get: (i) => array[i] } makes one`,
    ],
    [new Map([[0, [[1], 2]]]), TypeError, `${must}: a Map`],
    [undefined, TypeError, `${must}: undefined`],
    [{ length: () => 3, get }, TypeError, `${must}: { length, get }`],
    [{ length: NaN, get }, RangeError, `${many}: its length is NaN`],
    [{ length: -3, get }, RangeError, `${many}: its length is -3`],
    [{ length: 1.5, get }, RangeError, `${many}: its length is 1.5`],
    [{ length: Infinity, get }, RangeError, `${many}: its length is Infinity`],
    [{ length: "3", get }, TypeError, `${must}: { length, get }`],
  ];
  for (const [given, kind, found] of cases) {
    const dataset = given as ImageDataset;
    assertRefuses(
      () => new DataLoader(dataset),
      kind,
      `Cannot make a DataLoader as dataset must be ${found}`,
    );
    assertRefuses(() => new Subset(dataset, []), kind, `Cannot make a Subset as dataset must be ${found}`);
    try {
      new ConcatDataset([dataset]);
    } catch (error) {
      assert(error instanceof kind, String(error));
      continue;
    }
    throw new Error(`ConcatDataset took ${found}`);
  }
});

Deno.test("labelled images of uneven lengths, shapes or types are refused", () => {
  const bytes = (shape: number[], n = shape.reduce((a, b) => a * b)) =>
    ({ dtype: "uint8", shape, data: new Uint8Array(n) }) as const;
  const images = bytes([3, 2, 2]), labels = bytes([3]);
  const cases: [unknown, unknown, number, string][] = [
    [
      images,
      bytes([2]),
      3,
      "labelled images, as many of the one as of the other: 3 images and 2 labels, with a length of 3",
    ],
    [
      images,
      bytes([2]),
      2,
      "labelled images, as many of the one as of the other: 3 images and 2 labels, with a length of 2",
    ],
    [
      images,
      labels,
      4,
      "labelled images, as many of the one as of the other: 3 images and 3 labels, with a length of 4",
    ],
    [
      bytes([3, 2, 2], 11),
      labels,
      3,
      "labelled images, all of whose values are there: shape [3, 2, 2] needs 12, there are 11",
    ],
    [
      images,
      bytes([3], 2),
      3,
      "labelled images, all of whose values are there: shape [3] needs 3, there are 2",
    ],
    [
      bytes([3, 4]),
      labels,
      3,
      "labelled images: images must be bytes of shape [n, h, w], they are a Uint8Array of shape [3, 4]",
    ],
    [
      { dtype: "float32", shape: [3, 2, 2], data: new Float32Array(12) },
      labels,
      3,
      "labelled images: images must be bytes of shape [n, h, w], they are a Float32Array of shape [3, 2, 2]",
    ],
    [
      images,
      { dtype: "float32", shape: [3], data: new Float32Array(3) },
      3,
      "labelled images: labels must be whole numbers of shape [n], they are a Float32Array of shape [3]",
    ],
    [
      images,
      bytes([3, 1]),
      3,
      "labelled images: labels must be whole numbers of shape [n], they are a Uint8Array of shape [3, 1]",
    ],
    [
      images,
      [0, 1, 2],
      3,
      "labelled images: labels must be whole numbers of shape [n], as parseIdx() returns them: they are not",
    ],
  ];
  for (const [images, labels, length, found] of cases) {
    const error = assertThrows(
      () => new DataLoader({ images, labels, classes: [], length } as unknown as ImageDataset),
      Error,
    );
    assertEquals(error.message, `Cannot make a DataLoader as dataset must be ${found}`);
  }
});

Deno.test("a length below that of the images takes the first ones", async () => {
  const loader = new DataLoader({ ...imageDataset(5), length: 2 }, { batchSize: 4 });
  assertEquals(await Promise.all([...loader].map(([x]) => x.shape[0])), [2]);
});

Deno.test("labels of other whole numbers of IDX come as int32", async () => {
  const types = [["int8", Int8Array], ["int16", Int16Array], ["int32", Int32Array]] as const;
  for (const [dtype, Type] of types) {
    const labels = {
      dtype,
      shape: [5],
      data: Type.from([9, 0, 2, 7, -1]),
    } as unknown as IdxArray<"int32">;
    const loader = new DataLoader({ ...imageDataset(5), labels }, { batchSize: 3 });
    const seen: number[][] = [];
    for (const [, y] of loader) seen.push([...await y.data() as Int32Array]);
    assertEquals(seen, [[9, 0, 2], [7, -1]], dtype);
    loader.dispose();
  }
  const big = parseIdx(new Uint8Array([0, 0, 0x0c, 1, 0, 0, 0, 3, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 1, 44]));
  const loader = new DataLoader({ ...imageDataset(3), labels: big as IdxArray<"int32"> }, { batchSize: 3 });
  for (const [, y] of loader) assertEquals(await y.data(), new Int32Array([9, 0, 300]));
});

Deno.test("gather() refuses examples that are not there", () => {
  const points = new TensorDataset(zeros([3, 2]));
  const sets = [
    points,
    new Subset(points, [0, 1, 2]),
    new ConcatDataset([points]),
    new Subset(imageDataset(3), [2, 1, 0]),
  ];
  for (const set of sets) {
    for (const wrong of [3, -1]) {
      assertRefuses(
        () => set.gather(Int32Array.of(0, wrong)),
        RangeError,
        `Cannot gather a batch as examples are from 0 to 2: ${wrong}`,
      );
    }
  }
  assertRefuses(
    () => new TensorDataset(zeros([0, 2])).gather(Int32Array.of(0)),
    RangeError,
    "Cannot gather a batch as there are no examples: 0",
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
