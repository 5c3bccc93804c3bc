import { assert, assertEquals } from "@std/assert";
import { SUM } from "../../../ops/core/families/reduce.ts";
import { openDevice } from "../../../ops/gpu/device.ts";
import { Storage } from "../../../ops/gpu/storage.ts";
import { ADAPTERS } from "../../../ops/kernels/adapter.ts";
import { foreach, type ForeachCall } from "../../../ops/kernels/foreach.ts";
import { foreachReduce } from "../../../ops/kernels/foreach_reduce.ts";
import { type Program, programOf } from "../../../ops/kernels/wgsl/program.ts";

const device = await openDevice();
const BOTH = [ADAPTERS.cpu, ADAPTERS.gpu];
/** Bindings of a kernel: 32, or as many as the adapter at hand has. */
const MOST = Math.min(32, device.limits.maxStorageBuffersPerShaderStage);

/** The last is longer than all invocations of either adapter reach in one stride. */
const SIZES = [1, 3, 4, 5, 1023, 300_001];

/** Whole numbers, so that sums are exact. */
function values(seed: number, n: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: n }, (_, i) => (Math.imul(i + 7 * seed, 2654435761) >>> 28) - 8);
}

function storage(data: Float32Array<ArrayBuffer>): Storage {
  const made = new Storage(device, data.byteLength);
  device.queue.upload(made, data);
  return made;
}

async function read(from: Storage): Promise<Float32Array> {
  return new Float32Array(await device.queue.read(from, from.bytes));
}

/** x = x + p * y + scalar + n in place, and the state s = s + x: two whole tensors, one flat, one scalar. */
const PROGRAM: Program = {
  inputs: ["float32", "float32", "float32", "float32"],
  numbers: ["float32"],
  steps: [
    {
      fn: {
        name: "moved",
        args: [["x", "float32"], ["y", "float32"], ["c", "float32"], ["p", "float32"], ["n", "int32"]],
        result: "float32",
        body: "x + p * y + c + f32(n)",
      },
      args: ["i0", "i1", "i3", "p0", "n"],
    },
    {
      fn: { name: "sum", args: [["s", "float32"], ["x", "float32"]], result: "float32", body: "s + x" },
      args: ["i2", "s0"],
    },
  ],
  outputs: ["s0", "s1"],
};

for (const adapter of BOTH) {
  for (const most of new Set([MOST, 8, 4])) {
    Deno.test(`foreach() runs a program over tensors of [${SIZES}] elements, ${adapter.kernels} kernels, ${most} bindings`, async () => {
      const x = SIZES.map((n, k) => values(k, n)), y = SIZES.map((n, k) => values(10 + k, n));
      const offsets = SIZES.map((_, k) => SIZES.slice(0, k).reduce((at, n) => at + Math.ceil(n / 4) * 4, 0));
      const flat = values(20, offsets.at(-1)! + SIZES.at(-1)!), flatStorage = storage(flat);
      const xs = x.map(storage), ys = y.map(storage);
      const call: ForeachCall = {
        name: "test",
        program: PROGRAM,
        targets: [0, 2],
        parts: SIZES.map((size, k) => ({
          size,
          tensors: [xs[k], ys[k]],
          flat: [flatStorage],
          offset: offsets[k],
        })),
        scalars: [storage(Float32Array.of(100))],
        numbers: [3],
        most,
      };
      const { dispatches } = foreach(call, adapter);
      assertEquals(dispatches.length, Math.ceil(SIZES.length / Math.floor((most - 2) / 2)));
      for (const dispatch of dispatches) device.queue.run(dispatch);
      const moved = x.map((v, k) => v.map((value, i) => value + 3 * y[k][i] + 100 + i));
      assertEquals(await Promise.all(xs.map(read)), moved);
      assertEquals(await Promise.all(ys.map(read)), y);
      const sums = flat.slice();
      moved.forEach((v, k) => v.forEach((value, i) => sums[offsets[k] + i] += value));
      assertEquals(maskPadding(await read(flatStorage), offsets), maskPadding(sums, offsets));
    });
  }
}

/** What lies between two parts is undefined. */
function maskPadding(flat: Float32Array, offsets: readonly number[]): Float32Array {
  offsets.forEach((offset, k) => flat.fill(0, offset + SIZES[k], offsets[k + 1] ?? flat.length));
  return flat;
}

Deno.test("foreach() asks for its numbers once a run, however many dispatches it takes", () => {
  let asked = 0;
  const parts = SIZES.map((size) => ({
    size,
    tensors: [storage(new Float32Array(size))],
    flat: [],
    offset: 0,
  }));
  const fn = {
    name: "add",
    args: [["x", "float32"], ["v", "float32"]],
    result: "float32",
    body: "x + v",
  } as const;
  const call = { name: "add", program: programOf(fn, 1), targets: [0], parts, scalars: [], most: 2 };
  const { dispatches } = foreach({ ...call, numbers: [() => ++asked] }, ADAPTERS.cpu);
  const packed = () =>
    // after two sizes and two offsets
    dispatches.map(({ numbers }) => new Float32Array((numbers as () => Uint8Array)().buffer)[4]);
  assertEquals([dispatches.length, asked], [3, 0]);
  assertEquals([packed(), asked], [[1, 1, 1], 1]);
  assertEquals([packed(), asked], [[2, 2, 2], 2]);
  assertEquals(typeof foreach({ ...call, numbers: [1] }, ADAPTERS.cpu).dispatches[0].numbers, "object");
});

Deno.test("foreach() writes one kernel for all sets of as many tensors", () => {
  const parts = (sizes: number[]) =>
    sizes.map((size) => ({ size, tensors: [storage(new Float32Array(size))], flat: [], offset: 0 }));
  const fn = { name: "twice", args: [["x", "float32"]], result: "float32", body: "2.0 * x" } as const;
  const call = { name: "twice", program: programOf(fn), targets: [0], scalars: [], numbers: [], most: 32 };
  const [a, b, c] = [[1, 2, 3], [7, 500, 2], [7, 500]].map((sizes) =>
    foreach({ ...call, parts: parts(sizes) }, ADAPTERS.cpu).dispatches[0]
  );
  assertEquals(a.kernel, b.kernel);
  assertEquals(a.kernel.wgsl === c.kernel.wgsl, false);
});

Deno.test("foreach() binds a tensor once that comes in two parts or twice in one", async () => {
  const x = storage(Float32Array.of(1, 2, 3)), part = { size: 3, tensors: [x, x], flat: [], offset: 0 };
  const fn = {
    name: "add",
    args: [["a", "float32"], ["b", "float32"]],
    result: "float32",
    body: "a + b",
  } as const;
  const call = { name: "add", program: programOf(fn), targets: [0], scalars: [], numbers: [], most: 8 };
  for (const adapter of BOTH) {
    const [dispatch, ...more] = foreach({ ...call, parts: [part, part] }, adapter).dispatches;
    assertEquals([dispatch.bind, more], [[x], []]);
    device.queue.run(dispatch);
  }
  assertEquals(await read(x), Float32Array.of(16, 32, 48));
});

for (const adapter of BOTH) {
  for (const most of [MOST, 4]) {
    Deno.test(`foreachReduce() sums tensors of [${SIZES}] elements, ${adapter.kernels} kernels, ${most} bindings`, async () => {
      const data = SIZES.map((n, k) => values(k, n)), y = new Storage(device, 4);
      const parts = data.map((v) => ({ storage: storage(v), size: v.length }));
      const { dispatches, temporaries } = foreachReduce(
        { name: "test", reducer: SUM, merge: SUM, parts, y, most },
        adapter,
      );
      for (const dispatch of dispatches) device.queue.run(dispatch);
      for (const temporary of temporaries) temporary.release();
      const want = data.flatMap((v) => [...v]).reduce((a, b) => a + b);
      assertEquals([...await read(y)], [want]);
    });
  }
}

for (const adapter of BOTH) {
  Deno.test(`many tensors of 21 million elements are updated and summed to the last, ${adapter.kernels} kernels`, async () => {
    const n = 21_000_001, x = storage(new Float32Array(n)), parts = new Array(8).fill(0).map(() => x);
    const fn = { name: "next", args: [["x", "float32"]], result: "float32", body: "x + 1.0" } as const;
    const members = parts.map((storage) => ({ size: n, tensors: [storage], flat: [], offset: 0 }));
    const call = {
      name: "next",
      program: programOf(fn),
      targets: [0],
      parts: members,
      scalars: [],
      numbers: [],
      most: MOST,
    };
    for (const dispatch of foreach(call, adapter).dispatches) device.queue.run(dispatch);
    assertEquals((await read(x)).findIndex((v) => v !== 8), -1);
    const y = new Storage(device, 4), all = parts.map((storage) => ({ storage, size: n }));
    const sums = foreachReduce(
      { name: "test", reducer: SUM, merge: SUM, parts: all, y, most: MOST },
      adapter,
    );
    for (const dispatch of sums.dispatches) device.queue.run(dispatch);
    for (const storage of [x, ...sums.temporaries]) storage.release();
    const [sum] = await read(y), want = 8 * 8 * n;
    assert(Math.abs(sum - want) < 1e-6 * want, `${sum}, not ${want}`);
  });
}
