import { assertEquals } from "@std/assert";
import { openDevice } from "../../../../mod.ts";
import { Storage } from "../../../../ops/gpu/storage.ts";
import { ADAPTERS } from "../../../../ops/kernels/adapter.ts";
import { topk } from "../../../../ops/kernels/indexing/topk.ts";
import { noise } from "../../../support/oracle.ts";

const device = await openDevice();

/** Places of the k first of a row, of equal ones the first. */
function placesOf(row: readonly number[], k: number, largest: boolean): number[] {
  const places = row.map((_, i) => i).sort((i, j) => (largest ? row[j] - row[i] : row[i] - row[j]) || i - j);
  return places.slice(0, k);
}

Deno.test("topk() agrees with sorting: in one walk, in pieces, and where all is sorted", async () => {
  const ways = new Set<string>();
  for (
    const [outer, size, inner, k] of [[3, 20, 1, 4], [2, 30, 3, 5], [1, 9000, 1, 3], [1, 20_000, 1, 5000]]
  ) {
    for (const largest of [true, false]) {
      const adapter = ADAPTERS.cpu, n = outer * size * inner, count = outer * k * inner;
      // Few different values, so that many are equal.
      const data = Float32Array.from(noise(size + k, n), (v) => Math.round(100 * v) / 4);
      const x = new Storage(device, 4 * n), values = new Storage(device, 4 * count);
      const indices = new Storage(device, 4 * count);
      device.queue.upload(x, data);
      const isLarger = (a: string, b: string) => `(${a} > ${b})`;
      const rows = { outer, size, inner };
      const work = topk(
        { x, dtype: "float32", rows, k, largest, isLarger, values, indices },
        adapter,
      );
      for (const dispatch of work.dispatches) device.queue.run(dispatch);
      const got = new Int32Array(await device.queue.read(indices, 4 * count));
      const found = new Float32Array(await device.queue.read(values, 4 * count));
      for (let row = 0; row < outer * inner; row++) {
        const first = Math.floor(row / inner) * size * inner + row % inner;
        const out = Math.floor(row / inner) * k * inner + row % inner;
        const own = Array.from({ length: size }, (_, i) => data[first + i * inner]);
        const places = placesOf(own, k, largest), kept = Array.from({ length: k }, (_, i) => out + i * inner);
        assertEquals(kept.map((i) => got[i]), places, `row ${row} of ${JSON.stringify(rows)}, k ${k}`);
        assertEquals(kept.map((i) => found[i]), places.map((i) => own[i]));
      }
      ways.add(
        work.dispatches.some(({ kernel }) => kernel.name === "topk sort")
          ? "sorted"
          : `${work.dispatches.length}`,
      );
      for (const storage of [x, values, indices, ...work.temporaries]) storage.release();
    }
  }
  assertEquals([...ways].sort(), ["1", "2", "sorted"]);
});
