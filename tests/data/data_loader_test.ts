import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import {
  DataLoader,
  type DataLoaderOptions,
  getRngState,
  type ImageDataset,
  manualSeed,
  openDevice,
  setRngState,
  type Tensor,
  TensorDataset,
  type Transform,
  transforms,
  zeros,
} from "../../mod.ts";
import { undisposed } from "../support/memory.ts";
import { assertRefuses } from "../support/values.ts";

const device = await openDevice();

/** Images of 3 by 3 pixels: image i has the pixels 5 i + 0, 5 i + 1, … and the label i. */
function dataset(length: number): ImageDataset {
  const data = Uint8Array.from({ length: 9 * length }, (_, i) => 5 * Math.floor(i / 9) + i % 9);
  return {
    images: { dtype: "uint8", shape: [length, 3, 3], data },
    labels: { dtype: "uint8", shape: [length], data: Uint8Array.from({ length }, (_, i) => i) },
    classes: [],
    length,
  };
}

/** The labels of each batch of a pass. */
async function pass(loader: DataLoader): Promise<number[][]> {
  const reads: Promise<ArrayLike<number>>[] = [];
  for (const [, y] of loader) reads.push(y.data());
  return (await Promise.all(reads)).map((labels) => Array.from(labels));
}

Deno.test("a DataLoader gives batches in file order, the last one smaller", async () => {
  const loader = new DataLoader(dataset(7), { batchSize: 3 });
  assertEquals([loader.length, await pass(loader)], [3, [[0, 1, 2], [3, 4, 5], [6]]]);
  const whole = new DataLoader(dataset(7), { batchSize: 3, dropLast: true });
  assertEquals([whole.length, await pass(whole)], [2, [[0, 1, 2], [3, 4, 5]]]);
  assertEquals(await pass(new DataLoader(dataset(2))), [[0], [1]]);
  assertEquals(await pass(new DataLoader(dataset(0), { batchSize: 4 })), []);
});

Deno.test("images come as [n, 1, h, w] from 0 to 1, labels as int32", async () => {
  for (const [x, y] of new DataLoader(dataset(51), { batchSize: 51 })) {
    assertEquals([x.shape, x.dtype, y.shape, y.dtype], [[51, 1, 3, 3], "float32", [51], "int32"]);
    const wanted = Float32Array.from(dataset(51).images.data, (byte) => byte / 255);
    assertEquals(await x.data(), wanted);
  }
});

Deno.test("images stay with their labels when they are shuffled", async () => {
  for (const [x, y] of new DataLoader(dataset(20), { batchSize: 20, shuffle: true, seed: 1 })) {
    const [pixels, labels] = await Promise.all([x.data(), y.data()]);
    assertEquals(
      Array.from(labels, (_, i) => Math.round(pixels[9 * i] * 255)),
      Array.from(labels, (l) => 5 * l),
    );
  }
});

Deno.test("every pass of a shuffled DataLoader has an order of its own, of all images", async () => {
  const loader = new DataLoader(dataset(50), { batchSize: 8, shuffle: true, seed: 3 });
  const passes = [(await pass(loader)).flat(), (await pass(loader)).flat()];
  const all = Array.from({ length: 50 }, (_, i) => i);
  for (const order of passes) assertEquals(order.toSorted((a, b) => a - b), all);
  assertNotEquals(passes[0], passes[1]);
  assertNotEquals(passes[0], all);
});

Deno.test("the same seed gives the same orders, that of the loader or that of manualSeed()", async () => {
  const orders = async (options: DataLoaderOptions) => {
    const loader = new DataLoader(dataset(30), { batchSize: 30, shuffle: true, ...options });
    return [await pass(loader), await pass(loader)];
  };
  assertEquals(await orders({ seed: 5 }), await orders({ seed: 5 }));
  assertNotEquals(await orders({ seed: 5 }), await orders({ seed: 6 }));
  manualSeed(1);
  const first = await orders({});
  assertNotEquals(await orders({}), first);
  manualSeed(1);
  assertEquals(await orders({}), first);
});

Deno.test("a batch is freed when the next one comes; the one at which a loop is left stays", () => {
  const loader = new DataLoader(dataset(6), { batchSize: 2 }), before = undisposed(device);
  const seen = [...loader];
  assert(seen.flat().every((t) => t.disposed));
  assertEquals(undisposed(device), before);
  const left: Tensor[] = [];
  for (const batch of loader) {
    left.push(...batch);
    break;
  }
  assert(left.every((t) => !t.disposed));
  for (const t of left) t.dispose();
  assertEquals(undisposed(device), before);
});

Deno.test("the images are uploaded once, as bytes, and dispose() frees them", () => {
  const before = device.memory().bytesInUse, loader = new DataLoader(dataset(30), { batchSize: 30 });
  assertEquals(device.memory().bytesInUse, before);
  for (let i = 0; i < 3; i++) for (const _ of loader);
  assertEquals(device.memory().bytesInUse - before, 512 + 256); // 270 bytes of images, 30 of labels
  loader.dispose();
  assertEquals(device.memory().bytesInUse, before);
  assertEquals([...loader].length, 1);
  loader.dispose();
});

Deno.test("transform is applied to the images of each batch, and what it makes on the way is freed", async () => {
  const before = undisposed(device), transform = (x: Tensor) => x.mul(255).add(1).mul(2);
  const seen: number[] = [];
  for (const [x, y] of new DataLoader(dataset(5), { batchSize: 2, transform })) {
    assertEquals(undisposed(device), before + 2);
    seen.push((await x.data())[0], ...await y.data());
  }
  assertEquals(seen, [2, 0, 1, 22, 2, 3, 42, 4]);
  assertEquals(undisposed(device), before);
});

Deno.test("transform makes batches of another size, without gradients", () => {
  const transform = transforms.compose([transforms.resize({ size: 8 }), transforms.randomHorizontalFlip()]);
  for (const [x] of new DataLoader(dataset(4), { batchSize: 4, transform })) {
    assertEquals(x.shape, [4, 1, 8, 8]);
  }
  const scale = zeros([1], { requiresGrad: true }), points = new TensorDataset(zeros([2, 3]));
  for (const [x] of new DataLoader(points, { transform: (x) => x.mul(scale) })) {
    assertEquals(x.requiresGrad, false);
  }
});

Deno.test("a transform that gives the batch back as it came leaves it usable", async () => {
  for (const transform of [(x: Tensor) => x, (x: Tensor) => x.reshape([2, -1])]) {
    for (const [x] of new DataLoader(dataset(2), { batchSize: 2, transform })) {
      assertEquals((await x.data()).length, 18);
    }
  }
});

Deno.test("a transform that returns nothing, or another number of examples, is refused", () => {
  const run = (transform: unknown) => () => {
    for (const _ of new DataLoader(dataset(4), { batchSize: 2, transform: transform as Transform }));
  };
  const before = undisposed(device), must = "as it must return a tensor: it returned";
  assertRefuses(run(() => {}), TypeError, `Cannot apply transform ${must} undefined`);
  assertRefuses(run(() => [1]), TypeError, `Cannot apply transform ${must} [1]`);
  assertRefuses(
    run((x: Tensor) => Promise.resolve(x)),
    TypeError,
    `Cannot apply transform ${must} a Promise, as async functions do`,
  );
  const many = "as it must return as many examples as it is given: [2, 1, 3, 3] became";
  assertRefuses(run((x: Tensor) => x.reshape([-1])), RangeError, `Cannot apply transform ${many} [18]`);
  assertRefuses(run((x: Tensor) => x.sum()), RangeError, `Cannot apply transform ${many} []`);
  const second = (x: unknown) => transforms.compose([(x) => x, () => x as Tensor]);
  assertRefuses(run(second(null)), TypeError, `Cannot apply transforms[1] ${must} null`);
  assertRefuses(run(second(zeros([1]))), RangeError, `Cannot apply transforms[1] ${many} [1]`);
  assertEquals(undisposed(device), before + 1); // the last one's own
});

Deno.test("a data set whose gather() returns no tensors is refused", () => {
  for (const found of [undefined, [1], zeros([2])]) {
    const set = { length: 2, gather: () => found as never, dispose() {} };
    const error = assertThrows(() => [...new DataLoader(set)], TypeError);
    assert(
      error.message.startsWith("Cannot make a batch as what gather() returns must be an array of tensors: "),
      error.message,
    );
  }
});

Deno.test("a step uploads the indices of its batch and nothing else", () => {
  const uploads: number[] = [], { queue } = device, upload = queue.upload.bind(queue);
  const points = new TensorDataset(zeros([6, 5]), zeros([6]), zeros([6, 2]));
  for (const data of [dataset(6), points]) for (const _ of new DataLoader(data)) break;
  queue.upload = (to, data) => {
    uploads.push(data.byteLength);
    upload(to, data);
  };
  try {
    const transform = transforms.compose([
      transforms.randomCrop({ size: 3, padding: 1 }),
      transforms.randomHorizontalFlip(),
      transforms.normalize({ mean: 0.5, std: 0.5 }),
    ]);
    for (const _ of new DataLoader(dataset(6), { batchSize: 3, transform }));
    for (const _ of new DataLoader(points, { batchSize: 3 }));
  } finally {
    queue.upload = upload;
  }
  assertEquals(uploads.slice(2), [12, 12, 12, 12]); // after the bytes of a new data set
});

Deno.test("a DataLoader refuses options out of range", () => {
  for (const batchSize of [0, 1.5, -1]) {
    assertRefuses(
      () => new DataLoader(dataset(1), { batchSize }),
      RangeError,
      `Cannot make a DataLoader as batchSize must be a whole number from 1 up: ${batchSize}`,
    );
  }
  assertRefuses(
    () => new DataLoader(dataset(1), { seed: -1 }),
    RangeError,
    "Cannot make a DataLoader as seed must be a whole number from 0 to 2^53 - 1: -1",
  );
});

Deno.test("a DataLoader goes on within a pass, with the orders that were to come", async () => {
  const cases: DataLoaderOptions[] = [
    { batchSize: 3 },
    { batchSize: 3, dropLast: true },
    { batchSize: 3, shuffle: true, seed: 5 },
    { batchSize: 3, shuffle: true },
  ];
  for (const options of cases) {
    for (let stop = 1; stop <= (options.dropLast ? 2 : 3); stop++) {
      manualSeed(1);
      const loader = new DataLoader(dataset(8), options), before = await pass(loader), rest: number[][] = [];
      const { length } = loader;
      let state = loader.stateDict(), random = getRngState(), k = 0;
      for (const [, y] of loader) {
        k++;
        if (k === stop) [state, random] = [loader.stateDict(), getRngState()];
        else if (k > stop) rest.push(Array.from(await y.data()));
      }
      const next = await pass(loader);
      manualSeed(2);
      const resumed = new DataLoader(dataset(8), options);
      resumed.loadStateDict(JSON.parse(JSON.stringify(state)));
      setRngState(random);
      assertEquals(resumed.stateDict(), state, "it stands where the other stood");
      assertEquals([await pass(resumed), await pass(resumed)], [rest, next]);
      assertEquals(resumed.stateDict().current, null);
      assertEquals(before.length, length);
    }
  }
});

Deno.test("a DataLoader's state between passes begins the next one, also where a loop was left", async () => {
  const options = { batchSize: 2, shuffle: true, seed: 9 }, loader = new DataLoader(dataset(6), options);
  const first = await pass(loader), state = loader.stateDict(), second = await pass(loader);
  const resumed = new DataLoader(dataset(6), options);
  resumed.loadStateDict(state);
  assertEquals(await pass(resumed), second);
  assertNotEquals(first, second);
  const left = new DataLoader(dataset(6), options);
  let within;
  for (const batch of left) {
    batch.forEach((t) => t.dispose());
    within = left.stateDict();
    break;
  }
  resumed.loadStateDict(within!);
  assertEquals(await pass(resumed), first.slice(1), "what was saved within the loop is of the pass");
  resumed.loadStateDict(left.stateDict());
  assertEquals(await pass(resumed), second, "as the loader itself begins another pass");
  assertEquals(await pass(left), second);
});

Deno.test("a DataLoader refuses the state of another", () => {
  const loader = new DataLoader(dataset(6), { batchSize: 2, shuffle: true, seed: 1 }),
    state = loader.stateDict();
  const other = new DataLoader(dataset(7), { batchSize: 3 });
  assertRefuses(
    () => other.loadStateDict(state),
    RangeError,
    "Cannot load a DataLoader's state as it must be of the same examples and options: examples 7 here, 6 in the state; " +
      "batchSize 3 here, 2 in the state; shuffle false here, true in the state; seed null here, 1 in the state",
  );
  assertRefuses(
    () => loader.loadStateDict({ ...state, current: { stream: null, batches: 1 } }),
    RangeError,
    "Cannot load a DataLoader's state as a pass has 3 batches, shuffled: it is at batch 1, in order",
  );
  assertRefuses(
    () => loader.loadStateDict({ ...state, current: { stream: { key: [1, 0], call: 0 }, batches: 4 } }),
    RangeError,
    "Cannot load a DataLoader's state as a pass has 3 batches, shuffled: it is at batch 4, shuffled",
  );
  for (const wrong of [{}, { ...state, current: {} }, { ...state, current: { stream: {}, batches: 0 } }]) {
    assertThrows(() => loader.loadStateDict(wrong as never), TypeError, "Cannot ");
  }
  assertEquals(loader.stateDict(), state);
});
