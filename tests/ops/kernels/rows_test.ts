import { assertEquals } from "@std/assert";
import { openDevice } from "../../../ops/gpu/device.ts";
import { Storage } from "../../../ops/gpu/storage.ts";
import { type Adapter, ADAPTERS } from "../../../ops/kernels/adapter.ts";
import { eachRow, type Rows, rowsOf } from "../../../ops/kernels/rows.ts";
import { read, write } from "../../../ops/kernels/wgsl/text.ts";

const device = await openDevice();

/** Running sums over the rows of x, times the number that is given, from each row's first element. */
function runningSums(rows: Rows, x: Storage, y: Storage, factor: number, adapter: Adapter) {
  const body = /* wgsl */ `
    var sum = 0.0;
    for (var k = 0u; k < u.size; k++) {
      sum += x[base + k * INNER];
      y[base + k * INNER] = u.factor * sum;
    }`;
  return eachRow({
    name: "test",
    rows,
    bindings: [{ ...read("x", "f32"), storage: x }, { ...write("y", "f32"), storage: y }],
    numbers: [{ name: "factor", type: "f32", value: factor }],
    body,
  }, adapter).dispatches[0];
}

Deno.test("rowsOf() cuts a shape along any dimension", () => {
  assertEquals(rowsOf([2, 3, 4], 0), { outer: 1, size: 2, inner: 12 });
  assertEquals(rowsOf([2, 3, 4], 1), { outer: 2, size: 3, inner: 4 });
  assertEquals(rowsOf([2, 3, 4], 2), { outer: 6, size: 4, inner: 1 });
  assertEquals(rowsOf([], 0), { outer: 1, size: 1, inner: 1 });
});

Deno.test("a kernel over rows walks every row by itself, and none beyond the last", async () => {
  const margin = 128;
  for (const adapter of [ADAPTERS.cpu, ADAPTERS.gpu]) {
    for (
      const rows of [[5, 7, 1], [1, 1, 1], [3, 4, 6], [70, 2, 1]].map(([outer, size, inner]) => ({
        outer,
        size,
        inner,
      }))
    ) {
      const { outer, size, inner } = rows, n = outer * size * inner;
      const data = Float32Array.from({ length: n }, (_, i) => i % 11 - 5),
        wanted = new Float32Array(n + margin).fill(-1);
      for (let row = 0; row < outer * inner; row++) {
        const base = Math.floor(row / inner) * size * inner + row % inner;
        for (let k = 0, sum = 0; k < size; k++) {
          wanted[base + k * inner] = 3 * (sum += data[base + k * inner]);
        }
      }
      const x = new Storage(device, 4 * (n + margin)), y = new Storage(device, 4 * (n + margin));
      device.queue.upload(x, Float32Array.from({ length: n + margin }, (_, i) => data[i] ?? 1));
      device.queue.upload(y, new Float32Array(n + margin).fill(-1));
      device.queue.run(runningSums(rows, x, y, 3, adapter));
      const got = new Float32Array(await device.queue.read(y, y.bytes));
      assertEquals(got, wanted, `${adapter.kernels} ${JSON.stringify(rows)}`);
      for (const storage of [x, y]) storage.release();
    }
  }
});

Deno.test("rows of any number and size, and any values of the numbers, share one text", () => {
  const x = new Storage(device, 400), y = new Storage(device, 400);
  const textOf = (rows: Rows, factor: number) => runningSums(rows, x, y, factor, ADAPTERS.cpu).kernel.wgsl;
  const text = textOf({ outer: 10, size: 5, inner: 2 }, 1);
  assertEquals(textOf({ outer: 3, size: 9, inner: 2 }, 7), text);
  assertEquals(textOf({ outer: 10, size: 5, inner: 1 }, 1) === text, false);
});
