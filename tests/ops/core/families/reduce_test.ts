import { assertEquals, assertStrictEquals } from "@std/assert";
import { type NestedArray, openDevice, tensor } from "../../../../mod.ts";
import { reduceTensor, SUM, SUM_INT, sumTo } from "../../../../ops/core/families/reduce.ts";
import { broadcastAccess } from "../../../../ops/kernels/wgsl/access.ts";
import { Storage } from "../../../../ops/gpu/storage.ts";
import { IDENTITY } from "../../../../ops/kernels/wgsl/epilogue.ts";
import { programOf } from "../../../../ops/kernels/wgsl/program.ts";
import { ADAPTERS } from "../../../../ops/kernels/adapter.ts";
import { reduce, type Reducer } from "../../../../ops/kernels/reduce.ts";
import * as reference from "../../../support/reference.ts";
import { assertClose, noiseTensor } from "../../../support/values.ts";

const device = await openDevice();

/** The largest value, the place it was found at first, and how many values there were. */
const TOP: Reducer = {
  name: "top",
  state: ["float32", "int32", "int32"],
  init: ["-3e38", "-1", "0"],
  add: ([v, at, n], x, k) => `if (${x} > ${v}) { ${v} = ${x}; ${at} = ${k}; } ${n} += 1;`,
  merge: ([v, at, n], [w, bt, m]) =>
    `if (${w} > ${v} || (${w} == ${v} && ${bt} >= 0 && (${at} < 0 || ${bt} < ${at}))) { ${v} = ${w}; ${at} = ${bt}; } ${n} += ${m};`,
  result: 1,
};

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

/** Sums x times two further inputs: one as large as x, one that is broadcast. */
const SUM_OF_PRODUCTS: Reducer = {
  name: "sum of products",
  state: ["float32", "int32"],
  init: ["0.0", "0"],
  add: ([s, n], x, _, [y, b]) => `${s} += ${x} * ${y} * ${b}; ${n} += 1;`,
  merge: ([s, n], [t, m]) => `${s} += ${t}; ${n} += ${m};`,
  result: 0,
};

const BROADCAST: [name: string, shape: number[], dims: number[], broadcast: number[]][] = [
  ["planes, by the channel", [64, 3, 8, 8], [0, 2, 3], [3, 1, 1]],
  ["planes of odd size, by the channel", [50, 3, 7, 7], [0, 2, 3], [3, 1, 1]],
  ["planes, by the pixel", [20, 2, 8, 8], [0, 2, 3], [8, 8]],
  ["planes, by the row", [20, 2, 8, 8], [0, 2, 3], [8, 1]],
  ["rows, by the row", [3, 1500], [1], [3, 1]],
  ["rows, by the column", [3, 1500], [1], [1500]],
  ["columns, by the row", [1500, 8], [0], [1500, 1]],
  ["columns, by the column", [1500, 8], [0], [8]],
  ["odd columns, by the row", [300, 7], [0], [300, 1]],
  ["everything, by one number", [99, 101], [0, 1], [1]],
  ["everything in as many chunks as there are", [100_003], [0], [1]],
];

for (const profile of [ADAPTERS.cpu, ADAPTERS.gpu]) {
  for (const [name, shape, dims, broadcast] of BROADCAST) {
    Deno.test(`a reduction goes over ${name} in the ${profile.kernels} profile`, async () => {
      const x = noiseTensor(shape), y = noiseTensor(shape, { seed: 2 });
      const b = noiseTensor(broadcast, { seed: 3 });
      const product = reference.binary(shape, broadcast, (p, q) => p * q);
      const [p, q, r] = (await Promise.all([x, y, b].map((t) => t.data()))).map((v) => Float64Array.from(v));
      const wanted = reference.sum(shape, dims)([product([p.map((v, i) => v * q[i]), r])]);
      const results = [0, 1].map(() => new Storage(device, 4 * wanted.length));
      const { dispatches: steps, temporaries } = reduce({
        name,
        reducer: SUM_OF_PRODUCTS,
        x: x.storage,
        dtype: x.dtype,
        more: [y.storage],
        broadcast: [{ storage: b.storage, access: broadcastAccess(broadcast, shape) }],
        shape,
        dims,
        y: results[0],
        others: results.slice(1),
        epilogue: IDENTITY,
      }, profile);
      for (const step of steps) device.queue.run(step);
      const [sums, counts] = await Promise.all(results.map((s) => device.queue.read(s, 4 * wanted.length)));
      const extent = x.size / wanted.length;
      assertClose(new Float32Array(sums), wanted, { atol: 2e-7 * Math.sqrt(extent), rtol: 1e-6 });
      assertEquals(new Int32Array(counts), new Int32Array(wanted.length).fill(extent));
      for (const storage of [...results, ...temporaries]) storage.release();
    });
  }

  Deno.test(`a reduction gives every part of its state in the ${profile.kernels} profile`, async () => {
    const x = tensor(Int32Array.from({ length: 4000 }, (_, i) => (i * 7919) % 1000), { dtype: "float32" });
    const top = [new Storage(device, 4), new Storage(device, 4), new Storage(device, 4)];
    const call = {
      name: "top",
      reducer: TOP,
      x: x.storage,
      dtype: x.dtype,
      shape: [4000],
      dims: [0],
      y: top[0],
      others: top.slice(1),
      epilogue: IDENTITY,
    };
    const { dispatches: steps, temporaries } = reduce(call, profile);
    for (const step of steps) device.queue.run(step);
    const [value, place, n] = await Promise.all(top.map((s) => device.queue.read(s, 4)));
    const first = Array.from({ length: 4000 }, (_, i) => (i * 7919) % 1000).indexOf(999);
    assertEquals([new Float32Array(value)[0], new Int32Array(place)[0], new Int32Array(n)[0]], [
      999,
      first,
      4000,
    ]);
    for (const storage of [...top, ...temporaries]) storage.release();
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
