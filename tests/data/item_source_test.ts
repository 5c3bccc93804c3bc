import { assertEquals } from "@std/assert";
import { DataLoader, type ItemDataset, openDevice, randomSplit, Subset } from "../../mod.ts";
import { pass } from "./_batches.ts";
import { assertRefuses } from "../support/values.ts";

await openDevice();

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
    "Cannot make a tensor as nested arrays must be of one length: values[0] has 2 and values[1] has 1",
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
