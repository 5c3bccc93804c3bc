import { assertEquals } from "@std/assert";
import { full, type NestedArray, ones, openDevice, tensor, type TypedArray, zeros } from "../../../../mod.ts";
import { assertRefuses, bitsOf } from "../../../support/values.ts";

await openDevice();

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

Deno.test("tensor() refuses ragged arrays and what are no numbers", () => {
  assertRefuses(
    () => tensor([[1, 2], [3]]),
    RangeError,
    "Cannot make a tensor as nested arrays must be of one length: 2 and 1",
  );
  assertRefuses(
    () => tensor([1, [2]]),
    RangeError,
    "Cannot make a tensor as nested arrays must be of one length: a number and 1",
  );
  assertRefuses(
    () => tensor([[1], 2]),
    TypeError,
    "Cannot make a tensor as its values must be numbers or booleans: 2",
  );
  assertRefuses(
    () => tensor(["1"] as unknown as number[]),
    TypeError,
    'Cannot make a tensor as its values must be numbers or booleans: "1"',
  );
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
