import { assertEquals } from "@std/assert";
import { matmul, openDevice, tensor } from "../../../mod.ts";

const device = await openDevice();

Deno.test("calls of the same shapes run the same dispatches on their own storages", async () => {
  const a = tensor([[1, 2], [3, 4]]), b = tensor([[0, 1], [1, 0]]);
  assertEquals(await matmul(a, b).toArray(), [[2, 1], [4, 3]]);
  assertEquals(await matmul(b, a).toArray(), [[3, 4], [1, 2]]);
});

Deno.test("a call with one tensor twice is not taken for one with two", async () => {
  const a = tensor([[1, 1, 0], [0, 1, 0], [0, 0, 2]]), b = tensor([[0, 0, 1], [0, 1, 0], [1, 0, 0]]);
  assertEquals(await matmul(a, a).toArray(), [[1, 2, 0], [0, 1, 0], [0, 0, 4]]);
  assertEquals(await matmul(a, b).toArray(), [[0, 1, 1], [0, 1, 0], [2, 0, 0]]);
  assertEquals(await matmul(b, b).toArray(), [[1, 0, 0], [0, 1, 0], [0, 0, 1]]);
});

Deno.test("remembered dispatches give their temporary memory back", async () => {
  const x = tensor(new Float32Array(300_000).fill(1));
  const sums = [];
  for (let i = 0; i < 3; i++) {
    const y = x.sum();
    sums.push(await y.item());
    y.dispose();
  }
  assertEquals(sums, [300_000, 300_000, 300_000]);
  const before = device.memory().bytesInUse;
  x.sum().dispose();
  assertEquals(device.memory().bytesInUse, before);
});
