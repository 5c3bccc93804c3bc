import { assertEquals } from "@std/assert";
import { openDevice, tensor } from "../../../mod.ts";
import { Storage } from "../../../ops/gpu/storage.ts";
import { ADAPTERS } from "../../../ops/kernels/adapter.ts";
import { reduce, type ReduceCall, type Reducer, SUM } from "../../../ops/kernels/reduce.ts";
import { broadcastAccess } from "../../../ops/kernels/wgsl/access.ts";
import { IDENTITY } from "../../../ops/kernels/wgsl/epilogue.ts";
import * as reference from "../../support/reference.ts";
import { assertClose, noiseTensor } from "../../support/values.ts";
import { storageOf } from "../../../ops/core/tensor/internals.ts";

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

for (const adapter of [ADAPTERS.cpu, ADAPTERS.gpu]) {
  for (const [name, shape, dims, broadcast] of BROADCAST) {
    Deno.test(`a reduction goes over ${name} with ${adapter.kernels} kernels`, async () => {
      const x = noiseTensor(shape), y = noiseTensor(shape, { seed: 2 });
      const b = noiseTensor(broadcast, { seed: 3 });
      const product = reference.binary(shape, broadcast, (p, q) => p * q);
      const [p, q, r] = (await Promise.all([x, y, b].map((t) => t.data()))).map((v) => Float64Array.from(v));
      const wanted = reference.sum(shape, dims)([product([p.map((v, i) => v * q[i]), r])]);
      const results = [0, 1].map(() => new Storage(device, 4 * wanted.length));
      const { dispatches, temporaries } = reduce({
        name,
        reducer: SUM_OF_PRODUCTS,
        x: storageOf(x),
        dtype: x.dtype,
        more: [storageOf(y)],
        broadcast: [{ storage: storageOf(b), access: broadcastAccess(broadcast, shape) }],
        shape,
        dims,
        y: results[0],
        others: results.slice(1),
        epilogue: IDENTITY,
      }, adapter);
      for (const dispatch of dispatches) device.queue.run(dispatch);
      const [sums, counts] = await Promise.all(results.map((s) => device.queue.read(s, 4 * wanted.length)));
      const extent = x.size / wanted.length;
      assertClose(new Float32Array(sums), wanted, { atol: 2e-7 * Math.sqrt(extent), rtol: 1e-6 });
      assertEquals(new Int32Array(counts), new Int32Array(wanted.length).fill(extent));
      for (const storage of [...results, ...temporaries]) storage.release();
    });
  }

  Deno.test(`a reduction gives every part of its state with ${adapter.kernels} kernels`, async () => {
    const x = tensor(Int32Array.from({ length: 4000 }, (_, i) => (i * 7919) % 1000), { dtype: "float32" });
    const top = [new Storage(device, 4), new Storage(device, 4), new Storage(device, 4)];
    const call = {
      name: "top",
      reducer: TOP,
      x: storageOf(x),
      dtype: x.dtype,
      shape: [4000],
      dims: [0],
      y: top[0],
      others: top.slice(1),
      epilogue: IDENTITY,
    };
    const { dispatches, temporaries } = reduce(call, adapter);
    for (const dispatch of dispatches) device.queue.run(dispatch);
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

/** The texts of a sum's kernels. */
function textsOf(shape: number[], dims: number[], adapter: typeof ADAPTERS.cpu): string[] {
  const x = new Storage(device, 4), y = new Storage(device, 4);
  const call: ReduceCall = {
    name: "sum",
    reducer: SUM,
    x,
    dtype: "float32",
    shape,
    dims,
    y,
    epilogue: IDENTITY,
  };
  return reduce(call, adapter).dispatches.map(({ kernel }) => kernel.wgsl);
}

Deno.test("a reduction's text does not depend on the first size, so that all batches share it", () => {
  for (const adapter of [ADAPTERS.cpu, ADAPTERS.gpu]) {
    for (const dims of [[0], [1], [0, 2]]) {
      assertEquals(textsOf([200, 6, 8], dims, adapter)[0], textsOf([64, 6, 8], dims, adapter)[0]);
    }
  }
});

Deno.test("a reduction loads vec4s where reduced or kept elements lie side by side in fours", () => {
  const loads = ([text]: string[]) => text.includes("x: array<vec4<f32>>");
  const cases = [[[5, 12], [1]], [[5, 12], [0]], [[5, 7], [1]], [[5, 7], [0]]];
  assertEquals(cases.map(([shape, dims]) => loads(textsOf(shape, dims, ADAPTERS.cpu))), [
    true,
    true,
    false,
    false,
  ]);
});

Deno.test("on a GPU a workgroup shares a long row, and meets at barriers", () => {
  const meets = (size: number, adapter: typeof ADAPTERS.cpu) =>
    textsOf([4, size], [1], adapter)[0].includes("workgroupBarrier()");
  assertEquals([meets(1024, ADAPTERS.gpu), meets(128, ADAPTERS.gpu), meets(1024, ADAPTERS.cpu)], [
    true,
    false,
    false,
  ]);
});
