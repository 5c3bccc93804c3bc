import { assertEquals, assertStrictEquals } from "@std/assert";
import { type NestedArray, openDevice, tensor } from "../../../../mod.ts";
import { reduceTensor, SUM, SUM_INT, sumTo } from "../../../../ops/core/families/reduce.ts";
import { programOf } from "../../../../ops/kernels/wgsl/program.ts";
import * as reference from "../../../support/reference.ts";
import { assertClose, noiseTensor } from "../../../support/values.ts";

await openDevice();

const CASES: [name: string, shape: number[], dims: number[]][] = [
  ["vectors along what is reduced", [5, 12], [1]],
  ["vectors along what is kept", [7, 12], [0]],
  ["no vectors as a width is odd", [6, 7], [1]],
  ["no vectors as a kept width is odd", [6, 7], [0]],
  ["a middle dimension", [3, 5, 8], [1]],
  ["outer and inner dimensions", [3, 5, 8], [0, 2]],
  ["outer and inner odd dimensions", [3, 4, 5], [0, 2]],
  ["everything in chunks", [37, 100], [0, 1]],
  ["everything in chunks of odd length", [99, 37], [0, 1]],
  ["many rows in chunks", [3000, 8], [0]],
  ["planes in chunks", [40, 3, 52], [0, 2]],
  ["one element", [1, 1], [0]],
  ["dimensions of size 1", [1, 6, 1], [0, 2]],
];

for (const [name, shape, dims] of CASES) {
  Deno.test(`a reduction is right over ${name}`, async () => {
    const x = noiseTensor(shape), values = Float64Array.from(await x.data());
    const wanted = reference.sum(shape, dims)([values]);
    const extent = values.length / wanted.length;
    assertClose(await reduceTensor("sum", SUM, x, dims).data(), wanted, {
      atol: 4e-7 * Math.sqrt(extent),
      rtol: 1e-6,
    });
  });
}

Deno.test("a reduction applies its epilogue once, chunked or not", async () => {
  const fn = { name: "affine", args: [["x", "float32"], ["b", "float32"], ["f", "float32"]] as const };
  const program = programOf({ ...fn, result: "float32", body: "x * f + b" }, 1);
  for (const rows of [3, 2000]) {
    const x = tensor(new Float32Array(rows * 8).fill(1), { shape: [rows, 8] });
    const bias = tensor([0, 1, 2, 3, 4, 5, 6, 7]);
    const y = reduceTensor("sum", SUM, x, [0], { epilogue: { program, inputs: [bias], numbers: [2] } });
    assertEquals([...await y.data()], [0, 1, 2, 3, 4, 5, 6, 7].map((b) => 2 * rows + b));
  }
});

Deno.test("a sum of integers is exact, and wraps", async () => {
  const x = tensor(new Int32Array(1001).fill(2 ** 24 + 1), { dtype: "int32" });
  assertEquals(await reduceTensor("sum", SUM_INT, x, [0]).item(), (1001 * (2 ** 24 + 1)) | 0);
});

Deno.test("two runs of a chunked sum give the same bits", async () => {
  const x = noiseTensor([100_003]);
  const sums = await Promise.all([1, 2, 3].map(() => reduceTensor("sum", SUM, x, [0]).item()));
  assertEquals(sums, [sums[0], sums[0], sums[0]]);
});

Deno.test("sumTo() undoes broadcasting", async () => {
  const x = tensor([[[1, 2, 3], [4, 5, 6]], [[7, 8, 9], [10, 11, 12]]]);
  const sums: [number[], NestedArray][] = [
    [[], 78],
    [[3], [22, 26, 30]],
    [[2, 1], [[30], [48]]],
    [[2, 1, 3], [[[5, 7, 9]], [[17, 19, 21]]]],
  ];
  for (const [shape, wanted] of sums) {
    const y = sumTo(x, shape);
    assertEquals([y.shape, await y.toArray()], [shape, wanted]);
  }
  assertStrictEquals(sumTo(x, [2, 2, 3]), x);
});
