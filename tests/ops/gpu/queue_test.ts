import { assert, assertEquals } from "@std/assert";
import { openDevice, scope, tensor, zeros } from "../../../mod.ts";
import { grid } from "../../../ops/gpu/grid.ts";
import { Storage } from "../../../ops/gpu/storage.ts";
import { assertRefuses } from "../../support/values.ts";
import { storageOf } from "../../../ops/core/tensor/internals.ts";

const device = await openDevice(), { queue } = device;

Deno.test("an upload keeps its place in the order of the work", async () => {
  using storage = tensor([1, 2]);
  const before = storage.add(0);
  queue.upload(storageOf(storage), new Float32Array([10, 20]));
  const after = storage.add(0);
  assertEquals([await before.toArray(), await after.toArray()], [[1, 2], [10, 20]]);
});

Deno.test("an upload that does not fit is refused", () => {
  const storage = new Storage(device, 8);
  assertRefuses(
    () => queue.upload(storage, new Float32Array(3)),
    RangeError,
    "Cannot upload as the data must fit: 12 bytes into 8",
  );
  storage.release();
});

Deno.test("nothing can be uploaded, read and copied", async () => {
  const storage = new Storage(device, 0);
  queue.upload(storage, new Float32Array(0));
  queue.copy(storage, storage, 0);
  assertEquals((await queue.read(storage, 0)).byteLength, 0);
  assertEquals(storage.allocated, false);
  storage.release();
});

Deno.test("bytes that are no multiple of four are uploaded and read", async () => {
  const storage = new Storage(device, 8), bytes = new Uint8Array([1, 2, 3, 4, 5, 6, 7]);
  queue.upload(storage, bytes.subarray(1, 6));
  assertEquals(new Uint8Array(await queue.read(storage, 5)), new Uint8Array([2, 3, 4, 5, 6]));
  storage.release();
});

Deno.test("copy() copies from one storage to another", async () => {
  const [from, to] = [new Storage(device, 8), new Storage(device, 8)];
  queue.upload(from, new Int32Array([7, 8]));
  queue.copy(from, to, 8);
  assertEquals(new Int32Array(await queue.read(to, 8)), new Int32Array([7, 8]));
  from.release();
  to.release();
});

Deno.test("reads that start together see the values of their time", async () => {
  using _ = scope();
  const x = tensor([1]);
  const reads = [x.data()];
  for (let i = 0; i < 5; i++) {
    x.copy(x.add(1));
    reads.push(x.data());
  }
  assertEquals((await Promise.all(reads)).map((v) => v[0]), [1, 2, 3, 4, 5, 6]);
});

Deno.test("a read sees the values of its time though other values are uploaded to the same memory", async () => {
  const reads = [1, 2, 3].map((value) => {
    using t = tensor([value]);
    return t.data(); // then the memory is free for the next one
  });
  assertEquals((await Promise.all(reads)).map((v) => v[0]), [1, 2, 3]);
});

Deno.test("reads that are awaited together wait once", async () => {
  using _ = scope();
  const x = tensor([1]).add(1);
  await x.data();
  const start = performance.now();
  await Promise.all(Array.from({ length: 40 }, () => x.data()));
  // one after the other they sleep 10 ms each
  assert(performance.now() - start < 200);
});

Deno.test("more work than one batch holds runs in order, each with its own numbers", async () => {
  let x = zeros([3]);
  for (let i = 0; i < 200; i++) {
    const next = x.mul(2).add(i % 3);
    x.dispose();
    x = i % 20 === 19 ? next.mul(2 ** -20) : next;
  }
  let wanted = 0;
  for (let i = 0; i < 200; i++) {
    wanted = Math.fround(2 * wanted + i % 3);
    if (i % 20 === 19) wanted = Math.fround(wanted * 2 ** -20);
  }
  assertEquals(await x.toArray(), [wanted, wanted, wanted]);
});

Deno.test("grid() folds workgroups into rows of at most the limit", () => {
  assertEquals([grid(1, 100), grid(100, 100)], [[1, 1], [100, 1]]);
  for (const n of [101, 199, 201, 9_999]) {
    const [x, y] = grid(n, 100);
    assert(x <= 100 && y <= 100 && x * y >= n && x * y < n + y, `${n} as ${x} by ${y}`);
  }
});

/** How often the GPU was given work, and how often it was waited for, while `fn` ran. */
function countWaits(fn: () => void): { submits: number; waits: number } {
  const gpuQueue = device.gpu.queue, { submit, onSubmittedWorkDone } = gpuQueue;
  let submits = 0, waits = 0;
  gpuQueue.submit = (commands) => {
    submits++;
    submit.call(gpuQueue, commands);
  };
  gpuQueue.onSubmittedWorkDone = () => {
    waits++;
    return onSubmittedWorkDone.call(gpuQueue);
  };
  try {
    fn();
  } finally {
    Object.assign(gpuQueue, { submit, onSubmittedWorkDone });
  }
  return { submits, waits };
}

Deno.test("uploads alone are submitted and waited for, so that they do not pile up", async () => {
  await device.sync();
  const data = new Float32Array(2 ** 20); // 4 MiB
  const { submits, waits } = countWaits(() => {
    for (let k = 0; k < 160; k++) tensor(data).dispose();
  });
  assertEquals({ submits, waits }, { submits: 10, waits: 2 });
  await device.sync();
});

Deno.test("an upload of many pieces arrives whole", async () => {
  const n = Math.min(34 * 2 ** 20, device.limits.maxStorageBufferBindingSize / 4 - 3),
    data = new Int32Array(n).map((_, k) => k);
  using x = tensor(data.subarray(3));
  const y = await x.data();
  for (const k of [0, 2 ** 24 - 4, 2 ** 24 - 3, 2 ** 24 - 2, n - 4]) assertEquals(y[k], k + 3);
  assert(y.every((v, k) => v === k + 3));
});

Deno.test("a program that never reads waits for the GPU now and then", async () => {
  await device.sync();
  using x = zeros([4]);
  const { submits, waits } = countWaits(() => {
    for (let k = 0; k < 64 * 300; k++) x.add(1).dispose();
  });
  assertEquals([submits, waits], [300, 1]);
  assertEquals(await x.toArray(), [0, 0, 0, 0]);
});
