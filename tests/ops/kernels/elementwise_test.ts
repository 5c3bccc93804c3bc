import { assertEquals } from "@std/assert";
import { openDevice } from "../../../ops/gpu/device.ts";
import { Storage } from "../../../ops/gpu/storage.ts";
import { ADAPTERS } from "../../../ops/kernels/adapter.ts";
import { elementwise, type ElementwiseCall } from "../../../ops/kernels/elementwise.ts";
import { type AffineAccess, contiguous } from "../../../ops/kernels/wgsl/access.ts";
import { floatFunction, programOf } from "../../../ops/kernels/wgsl/program.ts";

const device = await openDevice();
const BOTH = [ADAPTERS.cpu, ADAPTERS.gpu];

/** `100 a + b + c`, which shows where each operand was read; `c` is a number. */
const PLACES = programOf(floatFunction("places", ["a", "b", "c"], "100.0 * a + b + c"), 1);

/** 0, 1, 2, … */
function counting(n: number): Storage {
  const storage = new Storage(device, 4 * n);
  device.queue.upload(storage, Float32Array.from({ length: n }, (_, i) => i));
  return storage;
}

async function valuesOf(storage: Storage): Promise<number[]> {
  return [...new Float32Array(await device.queue.read(storage, storage.bytes))];
}

/** The places that an access walks through, in the order of the iteration. */
function placesOf(shape: readonly number[], { strides, offset }: AffineAccess): number[] {
  return shape.reduce(
    (places, size, d) => places.flatMap((at) => Array.from({ length: size }, (_, k) => at + k * strides[d])),
    [offset],
  );
}

const ACCESSES: [what: string, shape: number[], a: AffineAccess, b: AffineAccess][] = [
  ["side by side", [3, 8], contiguous([3, 8]), contiguous([3, 8])],
  ["in a number that four does not divide", [13], contiguous([13]), contiguous([13])],
  ["in one place", [2, 6], { strides: [0, 0], offset: 5 }, contiguous([2, 6])],
  ["in repeated rows and columns", [4, 5], { strides: [0, 1], offset: 0 }, { strides: [1, 0], offset: 2 }],
  ["permuted", [3, 4], { strides: [1, 3], offset: 0 }, contiguous([3, 4])],
  ["backwards, and every third", [2, 4], { strides: [-4, -1], offset: 7 }, { strides: [12, 3], offset: 1 }],
];

for (const [what, shape, a, b] of ACCESSES) {
  Deno.test(`an elementwise kernel reads elements that lie ${what}`, async () => {
    const n = placesOf(shape, a).length, x = counting(32), y = new Storage(device, 4 * n);
    const [fromA, fromB] = [placesOf(shape, a), placesOf(shape, b)];
    for (const adapter of BOTH) {
      const call: ElementwiseCall = {
        name: "places",
        shape,
        program: PLACES,
        inputs: [{ storage: x, access: a }, { storage: x, access: b }],
        outputs: [{ storage: y, access: contiguous(shape) }],
        numbers: [0.5],
      };
      for (const dispatch of elementwise(call, adapter).dispatches) device.queue.run(dispatch);
      assertEquals(await valuesOf(y), fromA.map((at, i) => 100 * at + fromB[i] + 0.5));
    }
    for (const storage of [x, y]) storage.release();
  });
}

const TWICE = programOf(floatFunction("twice", ["x"], "2.0 * x"));

/** A call that doubles elements. */
function twice(n: number, x: Storage, y: Storage, access = contiguous([n])): ElementwiseCall {
  const inputs = [{ storage: x, access: contiguous([n]) }];
  return {
    name: "twice",
    shape: [n],
    program: TWICE,
    inputs,
    outputs: [{ storage: y, access }],
    numbers: [],
  };
}

Deno.test("an elementwise kernel writes its own part of an output, and nothing beside it", async () => {
  for (const adapter of BOTH) {
    for (const [offset, n] of [[0, 5], [4, 8], [3, 4], [7, 1]]) {
      const x = counting(n), y = new Storage(device, 4 * 20), wanted = new Array<number>(20).fill(-1);
      device.queue.upload(y, Float32Array.from(wanted));
      for (let i = 0; i < n; i++) wanted[offset + i] = 2 * i;
      const call = twice(n, x, y, { strides: [1], offset });
      for (const dispatch of elementwise(call, adapter).dispatches) device.queue.run(dispatch);
      assertEquals(await valuesOf(y), wanted, `${adapter.kernels} ${n} from ${offset}`);
      for (const storage of [x, y]) storage.release();
    }
  }
});

Deno.test("an elementwise kernel may overwrite what it reads, which is bound once", async () => {
  for (const adapter of BOTH) {
    const x = counting(10), { dispatches } = elementwise(twice(10, x, x), adapter);
    assertEquals(dispatches.map(({ bind }) => bind), [[x]]);
    for (const dispatch of dispatches) device.queue.run(dispatch);
    assertEquals(await valuesOf(x), Array.from({ length: 10 }, (_, i) => 2 * i));
    x.release();
  }
});

Deno.test("an elementwise kernel's text does not depend on how many elements there are", () => {
  const x = counting(64), y = counting(64);
  const [a, b] = [64, 24].map((n) => elementwise(twice(n, x, y), ADAPTERS.cpu).dispatches[0]);
  assertEquals(a.kernel.wgsl, b.kernel.wgsl);
  assertEquals(elementwise(twice(0, x, y), ADAPTERS.cpu).dispatches, []);
});
