import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  arange,
  eye,
  full,
  linspace,
  type NestedArray,
  ones,
  openDevice,
  tensor,
  type TypedArray,
  zeros,
} from "../../../../mod.ts";
import { undisposed } from "../../../support/memory.ts";
import { assertRefuses, bitsOf } from "../../../support/values.ts";

const device = await openDevice();

Deno.test("tensor() takes a number, nested arrays and typed arrays", async () => {
  const scalar = tensor(3.5);
  assertEquals([scalar.shape, scalar.size, await scalar.item()], [[], 1, 3.5]);
  const nested = tensor([[[1], [2]], [[3], [4]], [[5], [6]]]);
  assertEquals([nested.shape, nested.size], [[3, 2, 1], 6]);
  assertEquals(await nested.data(), new Float32Array([1, 2, 3, 4, 5, 6]));
  const typed = tensor(new Float64Array([0.1, 0.2]), { shape: [2, 1] });
  assertEquals(await typed.toArray(), [[Math.fround(0.1)], [Math.fround(0.2)]]);
});

Deno.test("tensor() takes its type from booleans and Int32Arrays, float32 otherwise", async () => {
  const values: (NestedArray | TypedArray)[] = [
    [1, 2],
    [true, false],
    new Int32Array([1]),
    new Uint8Array([1]),
    [true, 2],
  ];
  const dtypes = values.map((v) => tensor(v).dtype);
  assertEquals(dtypes, ["float32", "bool", "int32", "float32", "float32"]);
  assertEquals(await tensor([-1.7, 2.9], { dtype: "int32" }).data(), new Int32Array([-1, 2]));
  assertEquals(await tensor([0, 3, -1], { dtype: "bool" }).data(), new Uint8Array([0, 1, 1]));
  assertEquals(await tensor([[0, 3]], { dtype: "bool" }).toArray(), [[false, true]]);
});

Deno.test("tensor() keeps every bit of its values", async () => {
  const values = Float32Array.of(-0, Infinity, -Infinity, NaN, 1e-45, 3.4028235e38);
  assertEquals(bitsOf(await tensor(values).data()), bitsOf(values));
});

Deno.test("tensor() copies its values", async () => {
  const values = new Float32Array([1, 2]), t = tensor(values);
  values[0] = 5;
  assertEquals(await t.toArray(), [1, 2]);
});

Deno.test("tensor() makes empty tensors", async () => {
  assertEquals(tensor([]).shape, [0]);
  assertEquals(tensor([[], []]).shape, [2, 0]);
  assertEquals(await tensor([], { shape: [3, 0, 2] }).toArray(), [[], [], []]);
});

Deno.test("tensor() takes bigints and typed arrays of them where they fit in int32", async () => {
  const labels = tensor(new BigInt64Array([3n, -1n, 2147483647n]));
  assertEquals([labels.dtype, labels.shape, await labels.toArray()], ["int32", [3], [3, -1, 2147483647]]);
  const shaped = tensor(new BigUint64Array([0n, 1n, 2n, 3n]), { shape: [2, 2] });
  assertEquals([shaped.dtype, await shaped.toArray()], ["int32", [[0, 1], [2, 3]]]);
  const nested = tensor([[1n], [-2147483648n]]);
  assertEquals([nested.dtype, await nested.toArray()], ["int32", [[1], [-2147483648]]]);
  assertEquals([tensor(5n).dtype, await tensor(5n).item()], ["int32", 5]);
  const wide = tensor(new BigInt64Array([2n ** 40n, -1n]), { dtype: "float32" });
  assertEquals(await wide.toArray(), [2 ** 40, -1]);
  assertEquals(await tensor([0n, 7n], { dtype: "bool" }).toArray(), [false, true]);
  assertEquals(await tensor([1n, 0.5]).toArray(), [1, 0.5]);
});

Deno.test("tensor() takes lists of typed arrays, as rows", async () => {
  const rows = tensor([new Float32Array([1, 2, 3]), new Float32Array([4, 5, 6])]);
  assertEquals([rows.dtype, await rows.toArray()], ["float32", [[1, 2, 3], [4, 5, 6]]]);
  const labels = tensor([[new Int32Array([1])], [new Int32Array([2])]]);
  assertEquals([labels.dtype, labels.shape, await labels.toArray()], ["int32", [2, 1, 1], [[[1]], [[2]]]]);
  assertEquals(await tensor([new BigInt64Array([5n]), new BigInt64Array([-6n])]).toArray(), [[5], [-6]]);
  const mixed = tensor([new Uint8Array([255, 0]), [1, 2.5], new Int32Array([7, 8])]);
  assertEquals([mixed.dtype, await mixed.toArray()], ["float32", [[255, 0], [1, 2.5], [7, 8]]]);
  assertEquals(tensor([new Float32Array(0), new Float32Array(0)]).shape, [2, 0]);
  assertEquals(await tensor(new Float16Array([0.5, 2])).toArray(), [0.5, 2]);
});

Deno.test("tensor() refuses ragged arrays, and says where", () => {
  const length = "Cannot make a tensor as nested arrays must be of one length:";
  assertRefuses(() => tensor([[1, 2], [3]]), RangeError, `${length} values[0] has 2 and values[1] has 1`);
  assertRefuses(
    () => tensor([[[1], [2]], [[3], [4, 5]]]),
    RangeError,
    `${length} values[0][0] has 1 and values[1][1] has 2`,
  );
  assertRefuses(
    () => tensor([new Float32Array(2), new Float32Array(3)]),
    RangeError,
    `${length} values[0] has 2 and values[1] has 3`,
  );
  const deep = "Cannot make a tensor as nested arrays must be equally deep:";
  assertRefuses(() => tensor([1, [2]]), RangeError, `${deep} values[1] is an array of 1, values[0] is not`);
  assertRefuses(() => tensor([[1], 2]), RangeError, `${deep} values[1] is 2, values[0] is an array`);
  assertRefuses(
    () => tensor([[[1]], [new Float32Array(1)]].map((v, k) => k ? new Float32Array(1) : v)),
    RangeError,
    `${deep} values[1][0] is 0, values[0][0] is an array`,
  );
});

Deno.test("tensor() refuses what are no numbers, and says what to do", () => {
  const must = "Cannot make a tensor as its values must be numbers or booleans:";
  const cases: [unknown, string][] = [
    [["1"], 'values[0] is "1", of which Number() makes one'],
    [[1, undefined], "values[1] is undefined"],
    [[[1], [null]], "values[1][0] is null"],
    [[[1], "a"], 'values[1] is "a", of which Number() makes one'],
    [[1, , 2], "values[1] is undefined"],
    [[{ a: 1 }], "values[0] is { a }"],
    [[tensor(1), tensor(2)], "values[0] is a Tensor, and stack() puts tensors together"],
  ];
  for (const [values, found] of cases) {
    assertRefuses(() => tensor(values as number[]), TypeError, `${must} ${found}`);
  }
  const top =
    "Cannot make a tensor as values must be a number, nested arrays of numbers, or a typed array of them:";
  const whole: [unknown, string][] = [
    ["1", '"1"'],
    [undefined, "undefined"],
    [new Set([1]), "a Set"],
    [new ArrayBuffer(8), "an ArrayBuffer, of which new Float32Array(buffer) makes one"],
    [new DataView(new ArrayBuffer(8)), "a DataView"],
    [tensor(1), "a Tensor, which clone() copies"],
  ];
  for (const [values, found] of whole) {
    assertRefuses(() => tensor(values as number[]), TypeError, `${top} ${found}`);
  }
});

Deno.test("tensor() refuses arrays that hold themselves, at once", () => {
  const first: unknown[] = [], second: unknown[] = [1], third: unknown[] = [[1, 2], 0];
  first.push(first);
  second.push(second);
  third[1] = third;
  let doubled: unknown = [1];
  for (let k = 0; k < 60; k++) doubled = [doubled, doubled];
  for (const values of [first, second, third, doubled]) {
    const start = performance.now();
    const error = assertThrows(() => tensor(values as number[]), RangeError);
    assert(error.message.startsWith("Cannot "), error.message);
    assert(performance.now() - start < 500);
  }
});

Deno.test("tensor() refuses as int32 what does not fit", () => {
  const must = "Cannot make a tensor as int32 holds whole numbers from -2147483648 to 2147483647:";
  const cases: [() => unknown, string][] = [
    [() => tensor(new BigInt64Array([1n, 2147483648n])), "value 1 is 2147483648"],
    [() => tensor([-2147483649n]), "value 0 is -2147483649"],
    [() => tensor(new BigUint64Array([2n ** 64n - 1n])), "value 0 is 18446744073709551615"],
    [() => tensor([1, 2 ** 31], { dtype: "int32" }), "value 1 is 2147483648"],
    [() => tensor([NaN], { dtype: "int32" }), "value 0 is NaN"],
    [() => tensor([[0], [-Infinity]], { dtype: "int32" }), "value 1 is -Infinity"],
    [() => tensor(new Uint32Array([4294967295]), { dtype: "int32" }), "value 0 is 4294967295"],
  ];
  for (const [make, found] of cases) {
    assertRefuses(make, RangeError, `${must} ${found} (dtype: "float32" holds others)`);
  }
});

Deno.test("tensor() refuses shapes that do not fit", () => {
  assertRefuses(
    () => tensor([1, 2, 3], { shape: [2, 2] }),
    RangeError,
    "Cannot make a tensor as the shape [2, 2] needs 4 values: 3 were given",
  );
  assertRefuses(
    () => tensor([1], { shape: [-1] }),
    RangeError,
    "Cannot make a tensor as shape must be an array of whole numbers from 0 up: [-1]",
  );
  assertRefuses(
    () => zeros([1.5]),
    RangeError,
    "Cannot apply zeros as shape must be an array of whole numbers from 0 up: [1.5]",
  );
  assertRefuses(
    () => zeros(3 as unknown as number[]),
    TypeError,
    "Cannot apply zeros as shape must be an array of whole numbers from 0 up: 3",
  );
});

Deno.test("only float32 tensors can require a gradient", () => {
  assertEquals(tensor([1], { requiresGrad: true }).requiresGrad, true);
  assertRefuses(
    () => tensor([1], { dtype: "int32", requiresGrad: true }),
    TypeError,
    "Cannot require a gradient as the tensor must be float32: it is int32",
  );
});

Deno.test("what makes a tensor leaves none behind where it is refused", () => {
  const options = { dtype: "int32", requiresGrad: true } as const;
  const calls: (() => unknown)[] = [
    () => tensor([2 ** 31], { dtype: "int32" }),
    () => tensor([1], options),
    () => zeros([2], options),
    () => ones([2], options),
    () => full([2], 3, options),
    () => arange(3, options),
    () => linspace(0, 1, 3, options),
    () => eye(2, 2, options),
  ];
  const before = undisposed(device);
  for (const call of calls) {
    assertThrows(call);
    assertEquals(undisposed(device), before, String(call));
  }
});

Deno.test("full(), zeros() and ones() fill any type and shape", async () => {
  assertEquals(await full([2, 3], -1.5).toArray(), [[-1.5, -1.5, -1.5], [-1.5, -1.5, -1.5]]);
  assertEquals(await full([], 7).item(), 7);
  assertEquals(await full([3], 2 ** 31 - 1, { dtype: "int32" }).toArray(), [
    2147483647,
    2147483647,
    2147483647,
  ]);
  assertEquals(await full([2], 5, { dtype: "bool" }).toArray(), [true, true]);
  assertEquals(await zeros([2], { dtype: "bool" }).toArray(), [false, false]);
  assertEquals(await ones([5]).data(), new Float32Array(5).fill(1));
  assertEquals(await full([2], NaN).toArray(), [NaN, NaN]);
  assertEquals(zeros([0, 4]).shape, [0, 4]);
  assertEquals(ones([1], { requiresGrad: true }).requiresGrad, true);
});
