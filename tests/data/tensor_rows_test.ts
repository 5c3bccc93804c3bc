import { assertEquals } from "@std/assert";
import { type DType, openDevice, tensor, zeros } from "../../mod.ts";
import { gatherRows, scatterRows } from "../../data/_tensor_rows.ts";

await openDevice();

const indices = (values: number[]) => tensor(values, { dtype: "int32" });

Deno.test("gatherRows() fetches rows of any width, and keeps the type", async () => {
  for (const dtype of ["float32", "int32", "bool"] as DType[]) {
    for (const row of [[], [1], [3], [4], [2, 2], [5], [2, 4]]) {
      const size = row.reduce((a, b) => a * b, 1);
      const x = tensor(Float64Array.from({ length: 6 * size }, (_, i) => i % 97), {
        shape: [6, ...row],
        dtype,
      });
      const y = gatherRows(x, indices([5, 0, 5])), all = await x.data();
      assertEquals([y.shape, y.dtype], [[3, ...row], dtype]);
      const wanted = [5, 0, 5].flatMap((i) => [...all.subarray(i * size, (i + 1) * size)]);
      assertEquals([...await y.data()], wanted);
    }
  }
});

Deno.test("scatterRows() puts rows in their places and leaves the others", async () => {
  for (const width of [1, 3, 4]) {
    const x = tensor(Float32Array.from({ length: 2 * width }, (_, i) => i + 1), { shape: [2, width] });
    const y = zeros([4, width]);
    scatterRows(x, indices([3, 1]), y);
    const [first, second] = await x.toArray() as number[][], none = Array(width).fill(0);
    assertEquals(await y.toArray(), [none, second, none, first]);
  }
});

Deno.test("gatherRows() of nothing is empty, of rows without elements too", () => {
  assertEquals(gatherRows(zeros([3, 2]), indices([])).shape, [0, 2]);
  assertEquals(gatherRows(zeros([3, 0]), indices([2, 2])).shape, [2, 0]);
});

Deno.test("gatherRows() makes more than 65,535 workgroups' worth", async () => {
  const n = 5_000_001;
  const y = gatherRows(tensor([7, 8, 9]), tensor(Int32Array.from({ length: n }, (_, i) => i % 3)));
  const values = await y.data();
  assertEquals(values.length, n);
  assertEquals(values.findIndex((v, i) => v !== 7 + i % 3), -1);
});
