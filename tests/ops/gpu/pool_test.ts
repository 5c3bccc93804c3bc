import { assert, assertEquals } from "@std/assert";
import { openDevice, zeros } from "../../../mod.ts";
import { sizeClass } from "../../../ops/gpu/pool.ts";
import { Storage } from "../../../ops/gpu/storage.ts";
import { assertRefuses } from "../../support/values.ts";

const device = await openDevice(), { pool } = device;

Deno.test("a buffer is used again for a size of its class", () => {
  pool.trim();
  const first = pool.acquire(5000);
  pool.release(first);
  assertEquals(pool.report.bytesPooled, 5120);
  const second = pool.acquire(4097);
  assert(second === first);
  assertEquals(pool.report.bytesPooled, 0);
  const third = pool.acquire(5000);
  assert(third !== first);
  pool.release(second);
  pool.release(third);
  assertEquals(pool.report.bytesPooled, 10240);
  pool.trim();
  assertEquals(pool.report.bytesPooled, 0);
});

Deno.test("sizeClass() wastes at most a fifth, and gives every vec4 its room", () => {
  const most = 2 ** 27;
  for (let bytes = 1; bytes < 2 ** 27; bytes = Math.ceil(bytes * 1.37)) {
    const size = sizeClass(bytes, most);
    assert(size >= bytes && size % 16 === 0, `${bytes} in ${size}`);
    assert(bytes <= 1024 || size <= bytes * 1.25, `${bytes} in ${size}`);
  }
  assertEquals([0, 1, 256, 257, 1025, 5000].map((b) => sizeClass(b, most)), [256, 256, 256, 512, 1280, 5120]);
  assertEquals(sizeClass(most - 4, most), most);
});

Deno.test("a tensor that no binding can hold is refused before anything is allocated", () => {
  const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
  const most = Math.min(maxBufferSize, maxStorageBufferBindingSize);
  const before = device.memory();
  assertRefuses(
    () => zeros([2 ** 20, 2 ** 20]),
    RangeError,
    `Cannot allocate a tensor as this adapter binds at most ${most} bytes: ${2 ** 42} bytes`,
  );
  assertEquals(device.memory(), before);
});

Deno.test("a storage takes its buffer when it is used, and gives it back with its last hold", () => {
  const before = device.memory().bytesInUse, storage = new Storage(device, 300);
  assertEquals([storage.allocated, storage.shared, device.memory().bytesInUse], [false, false, before]);
  assertEquals(storage.buffer.size, 512);
  storage.retain();
  assertEquals([storage.allocated, storage.shared, device.memory().bytesInUse], [true, true, before + 512]);
  storage.release();
  assertEquals([storage.alive, device.memory().bytesInUse], [true, before + 512]);
  storage.release();
  assertEquals([storage.alive, device.memory().bytesInUse], [false, before]);
  assertRefuses(() => storage.buffer, Error, "Cannot use GPU memory as it was already released: holders 0");
});

Deno.test("a tensor's memory is used again at once, in the order of the work", async () => {
  pool.trim();
  const x = zeros([500]).add(1);
  for (let i = 0; i < 200; i++) {
    using y = x.add(i); // each takes the buffer that the last one left
    if (i === 199) assertEquals((await y.data())[499], 200);
  }
  assert(device.memory().bytesPooled <= 2 * 2048, `${device.memory().bytesPooled} bytes are pooled`);
});
