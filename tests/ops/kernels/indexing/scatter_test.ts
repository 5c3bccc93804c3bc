import { assertEquals } from "@std/assert";
import { openDevice } from "../../../../ops/gpu/device.ts";
import { Storage } from "../../../../ops/gpu/storage.ts";
import { ADAPTERS } from "../../../../ops/kernels/adapter.ts";
import type { GatherShape } from "../../../../ops/kernels/indexing/gather.ts";
import { radixSort } from "../../../../ops/kernels/indexing/radix_sort.ts";
import { scatter } from "../../../../ops/kernels/indexing/scatter.ts";
import { noise } from "../../../support/oracle.ts";
import { eachIndex } from "../../../support/reference.ts";
import { assertClose } from "../../../support/values.ts";

const device = await openDevice();
const BOTH = [ADAPTERS.cpu, ADAPTERS.gpu];

function upload(
  data: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>,
): Storage {
  const storage = new Storage(device, data.byteLength);
  device.queue.upload(storage, data);
  return storage;
}

/** Whole numbers from `low` to `high - 1`, the same in every run. */
function integers(seed: number, n: number, low: number, high: number): Int32Array<ArrayBuffer> {
  return Int32Array.from(
    noise(seed, n),
    (v) => Math.min(high - 1, Math.floor((v + 0.5) * (high - low)) + low),
  );
}

Deno.test("radixSort() sorts stably, by one digit and by many, in one block and in many", async () => {
  for (const [n, end] of [[1, 2], [63, 16], [65, 17], [1000, 300], [40_000, 70_000]]) {
    for (const adapter of BOTH) {
      const keys = Uint32Array.from(integers(n, n, 0, end)), carried = Uint32Array.from(keys, (_, i) => i);
      const sort = radixSort({ keys: upload(keys), carried: upload(carried) }, n, end, adapter);
      sort.dispatches.forEach((dispatch) => device.queue.run(dispatch));
      const order = carried.toSorted((a, b) => keys[a] - keys[b] || a - b);
      const read = (s: Storage) => device.queue.read(s, 4 * n).then((bytes) => new Uint32Array(bytes));
      assertEquals(await read(sort.sorted.carried), order);
      assertEquals(await read(sort.sorted.keys), order.map((i) => keys[i]));
    }
  }
});

/** Picks along dimension `dim` of a table of `shape`, by as many indices as `n` says there. */
function along(shape: number[], dim: number, n: number): GatherShape {
  const strides = shape.map((_, d) => shape.slice(d + 1).reduce((a, b) => a * b, 1));
  return {
    items: shape.with(dim, n),
    base: { strides: strides.with(dim, 0), offset: 0 },
    dim,
    step: strides[dim],
    limit: shape[dim],
    width: 1,
    tableRows: shape.reduce((a, b) => a * b, 1),
    skip: -1,
  };
}

/** Picks whole rows. */
function rows(count: number, width: number, n: number, skip = -1): GatherShape {
  return {
    items: [n],
    base: { strides: [0], offset: 0 },
    dim: 0,
    step: 1,
    limit: count,
    width,
    tableRows: count,
    skip,
  };
}

Deno.test("scatter() adds rows up, walking and sorting, and gives the same bits again", async () => {
  const picks = [
    rows(7, 5, 40), // walks: few items
    rows(70, 3, 1000), // sorts
    rows(5, 2, 9000, 3), // sorts long runs of equal rows, and leaves one out
    rows(2, 1, 600_000), // sorts, and sums in three dispatches
    rows(3000, 300, 400), // walks on a CPU adapter: many columns
    along([3, 9, 4], 1, 50), // walks
    along([3, 90, 4], 1, 700), // sorts
    along([600], 0, 2000), // sorts
    along([2, 3, 5], 2, 300),
  ];
  const ways = new Set<string>();
  for (const pick of picks) {
    const n = pick.items.reduce((a, b) => a * b, 1), index = integers(n, n, -1, pick.limit + 1);
    const dy = noise(n + 1, n * pick.width), wanted = new Float64Array(pick.tableRows * pick.width);
    eachIndex(pick.items, (at, i) => {
      if (index[i] < 0 || index[i] >= pick.limit || index[i] === pick.skip) return;
      const row = at.reduce((sum, k, d) => sum + k * pick.base.strides[d], 0) + index[i] * pick.step;
      for (let c = 0; c < pick.width; c++) wanted[row * pick.width + c] += dy[i * pick.width + c];
    });
    for (const adapter of BOTH) {
      const dx = upload(new Float32Array(wanted.length).fill(NaN));
      const call = { name: "scatter", shape: pick, dy: upload(dy), index: upload(index), y: dx };
      const { dispatches } = scatter(call, adapter);
      const sums = async () => {
        dispatches.forEach((dispatch) => device.queue.run(dispatch));
        return new Float32Array(await device.queue.read(dx, 4 * wanted.length));
      };
      const got = await sums();
      ways.add(dispatches.length === 2 ? "walks" : "sorts");
      assertClose(got, wanted, { rtol: 4e-7, atol: 4e-7 * Math.sqrt(n) });
      assertEquals(await sums(), got);
    }
  }
  assertEquals(ways.size, 2);
});
