import { assertEquals } from "@std/assert";
import { openDevice } from "../../../../ops/gpu/device.ts";
import { Storage } from "../../../../ops/gpu/storage.ts";
import type { Work } from "../../../../ops/gpu/work.ts";
import { ADAPTERS } from "../../../../ops/kernels/adapter.ts";
import { lastOfEach } from "../../../../ops/kernels/indexing/last_of_each.ts";
import { truePlaces } from "../../../../ops/kernels/indexing/true_places.ts";
import { noise } from "../../../support/oracle.ts";

const device = await openDevice();

function upload(data: Int32Array<ArrayBuffer>): Storage {
  const storage = new Storage(device, data.byteLength);
  device.queue.upload(storage, data);
  return storage;
}

/** What work writes into `n` numbers. */
async function result(n: number, workOf: (y: Storage) => Work): Promise<Int32Array> {
  const y = upload(new Int32Array(n).fill(7)), { dispatches, temporaries } = workOf(y);
  for (const dispatch of dispatches) device.queue.run(dispatch);
  for (const storage of temporaries) storage.release();
  return new Int32Array(await device.queue.read(y, 4 * n));
}

Deno.test("lastOfEach() keeps the last of equal numbers, of few and of many", async () => {
  for (const [n, end] of [[1, 1], [5, 1], [256, 40], [257, 40], [257, 1], [3000, 2 ** 20], [40_000, 7000]]) {
    const keys = Int32Array.from(noise(n, n), (v) => Math.floor((v + 0.5) * (end + 2)) - 2);
    const last = new Map<number, number>();
    keys.forEach((key, k) => last.set(key, k));
    const wanted = keys.map((key, k) => (key >= 0 && last.get(key) === k ? key : -1));
    for (const adapter of [ADAPTERS.cpu, ADAPTERS.gpu]) {
      const call = { name: "last", keys: upload(keys.map((key) => Math.max(-1, key))), n, end };
      assertEquals(await result(n, (y) => lastOfEach({ ...call, y }, adapter)), wanted);
    }
  }
});

Deno.test("truePlaces() finds where a mask holds, and repeats a place that is the only one if it is told to", async () => {
  const places = (mask: number[], n: number, repeats: boolean) => {
    let sum = 0;
    const counts = upload(Int32Array.from(mask, (v) => sum += v));
    const call = { name: "places", counts, size: mask.length, n, repeats };
    return result(n, (y) => truePlaces({ ...call, y }, ADAPTERS.cpu));
  };
  assertEquals([...await places([0, 1, 1, 0, 1], 5, true)], [1, 2, 4, -1, -1]);
  assertEquals([...await places([1, 1, 1], 2, true)], [0, 1]);
  assertEquals([...await places([0, 0, 1, 0], 3, true)], [2, 2, 2]);
  assertEquals([...await places([0, 0, 1, 0], 3, false)], [2, -1, -1]);
  assertEquals([...await places([0, 0], 2, true)], [-1, -1]);
});
