import { assertEquals } from "@std/assert";
import { openDevice } from "../../../mod.ts";
import { Storage } from "../../../ops/gpu/storage.ts";
import { ADAPTERS } from "../../../ops/kernels/adapter.ts";
import { walkRows } from "../../../ops/kernels/row_walks.ts";
import type { Rows } from "../../../ops/kernels/rows.ts";
import { read, write } from "../../../ops/kernels/wgsl/text.ts";

const device = await openDevice();

/** Whole numbers, so that sums are exact. */
function values(n: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: n }, (_, i) => (Math.imul(i + 3, 2654435761) >>> 28) - 8);
}

/** What the walks below leave: of each element the largest of its row less itself, of each row the sum of that. */
function expected(x: Float32Array, { outer, size, inner }: Rows): { y: number[]; sums: number[] } {
  const y = new Array<number>(x.length), sums: number[] = [];
  for (let row = 0; row < outer * inner; row++) {
    const at = (k: number) => Math.floor(row / inner) * size * inner + row % inner + k * inner;
    const places = Array.from({ length: size }, (_, k) => at(k));
    const top = Math.max(...places.map((i) => x[i]));
    for (const i of places) y[i] = top - x[i];
    sums.push(places.reduce((sum, i) => sum + y[i], 0));
  }
  return { y, sums };
}

Deno.test("walks over rows give the same in one piece and in parts, rows side by side and interleaved", async () => {
  const shapes: Rows[] = [
    { outer: 5, size: 7, inner: 1 },
    { outer: 2, size: 9, inner: 3 },
    { outer: 2, size: 5000, inner: 1 }, // in parts
    { outer: 1, size: 4500, inner: 3 }, // in parts
  ];
  for (const adapter of [ADAPTERS.cpu, ADAPTERS.gpu]) {
    for (const rows of shapes) {
      const count = rows.outer * rows.inner, n = count * rows.size, data = values(n);
      const x = new Storage(device, 4 * n),
        y = new Storage(device, 4 * n),
        sums = new Storage(device, 4 * count);
      device.queue.upload(x, data);
      const work = walkRows({
        name: "test",
        rows,
        bindings: [
          { ...read("x", "f32"), storage: x },
          { ...write("y", "f32"), storage: y },
          { ...write("sums", "f32"), storage: sums },
        ],
        walks: {
          values: [
            { name: "top", kind: "max", of: "x[at]" },
            "let less = top;",
            { name: "total", kind: "sum", of: "(less - x[at])" },
          ],
          each: "y[at] = top - x[at];",
          end: "sums[row] = total;",
        },
      }, adapter);
      for (const dispatch of work.dispatches) device.queue.run(dispatch);
      const got = async (
        from: Storage,
        n: number,
      ) => [...new Float32Array(await device.queue.read(from, 4 * n))];
      const wanted = expected(data, rows), what = `${adapter.kernels} ${JSON.stringify(rows)}`;
      assertEquals(await got(sums, count), wanted.sums, what);
      assertEquals(await got(y, n), wanted.y, what);
      assertEquals(work.dispatches.length > 1, rows.size > 4096, what);
      for (const storage of [x, y, sums, ...work.temporaries]) storage.release();
    }
  }
});

Deno.test("a sum whose condition does not hold stays 0", async () => {
  for (const size of [10, 5000]) {
    const x = new Storage(device, 4 * size), y = new Storage(device, 4);
    device.queue.upload(x, values(size));
    for (const [on, wanted] of [[0, 0], [1, values(size).reduce((a, b) => a + b)]]) {
      const { dispatches } = walkRows({
        name: "test",
        rows: { outer: 1, size, inner: 1 },
        bindings: [{ ...read("x", "f32"), storage: x }, { ...write("y", "f32"), storage: y }],
        numbers: [{ name: "on", type: "u32", value: on }],
        walks: {
          values: [{ name: "total", kind: "sum", of: "x[at]", when: "u.on == 1u" }],
          end: "y[row] = total;",
        },
      }, ADAPTERS.cpu);
      for (const dispatch of dispatches) device.queue.run(dispatch);
      assertEquals([...new Float32Array(await device.queue.read(y, 4))], [wanted]);
    }
  }
});
