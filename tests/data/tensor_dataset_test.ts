import { assertEquals } from "@std/assert";
import { DataLoader, openDevice, tensor, TensorDataset, zeros } from "../../mod.ts";
import { pass } from "./_batches.ts";
import { undisposed } from "../support/memory.ts";
import { assertRefuses } from "../support/values.ts";

const device = await openDevice();

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
