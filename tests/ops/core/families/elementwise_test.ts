import { assertEquals, assertStrictEquals } from "@std/assert";
import { gradcheck, openDevice, type Tensor, tensor, zeros } from "../../../../mod.ts";
import { defineBinary, defineElementwise, defineUnary } from "../../../../ops/core/families/elementwise.ts";
import { expandTo, gatherAffine, permuted, scatterAffine } from "../../../../ops/core/families/movement.ts";
import { cast, compute, computeInto } from "../../../../ops/core/tensor/compute.ts";
import { addInto, cloneOf } from "../../../../ops/core/tensor/in_place.ts";
import { type Program, programOf } from "../../../../ops/kernels/wgsl/program.ts";
import { eachIndex, sizeOf } from "../../../support/reference.ts";
import { assertRefuses, noiseTensor } from "../../../support/values.ts";

const device = await openDevice();

/** 0, 1, 2, … */
function count(shape: number[]): Tensor {
  return tensor(Float32Array.from({ length: sizeOf(shape) }, (_, i) => i), { shape });
}

/** `100 a + b`, which shows the place that each operand was read from. */
const PLACES = programOf({
  name: "places",
  args: [["a", "float32"], ["b", "float32"]],
  result: "float32",
  body: "1000.0 * a + b",
});

const SHAPES: [name: string, a: number[], b: number[]][] = [
  ["one element each", [1], [1]],
  ["sizes that are no multiple of 4", [7], [7]],
  ["a scalar on the left", [], [3, 3]],
  ["a row repeated", [5], [3, 5]],
  ["a column repeated", [3, 1], [3, 5]],
  ["a middle dimension repeated", [2, 1, 5], [2, 3, 5]],
  ["outer and inner repeated", [1, 3, 1], [2, 3, 5]],
  ["both repeated", [2, 1, 5, 1], [3, 1, 4]],
  ["widths of four", [4, 1, 4], [1, 3, 4]],
];

for (const [name, a, b] of SHAPES) {
  Deno.test(`an elementwise kernel reads the right places with ${name}`, async () => {
    const rank = Math.max(a.length, b.length);
    const at = (s: number[], d: number) => s[d - rank + s.length] ?? 1;
    const shape = Array.from({ length: rank }, (_, d) => Math.max(at(a, d), at(b, d)));
    const place = (s: number[], index: number[]) =>
      s.reduce((sum, size, d) => sum * size + (size === 1 ? 0 : index[rank - s.length + d]), 0);
    const wanted: number[] = [];
    eachIndex(shape, (index) => wanted.push(1000 * place(a, index) + place(b, index)));
    const y = compute("places", PLACES, shape, [count(a), count(b)], [], "float32");
    assertEquals([...await y.data()], wanted);
  });
}

Deno.test("an elementwise kernel covers more than 65,535 workgroups", async () => {
  const n = 65_536 * 32 * 4 + 5; // four elements an invocation, 32 invocations a workgroup
  const y = zeros([n]).add(tensor(1)), ends = gatherAffine("ends", y, [3], { strides: [n >> 1], offset: 0 });
  assertEquals(await ends.toArray(), [1, 1, 1]);
  assertEquals(await y.sum().item(), n);
});

Deno.test("a program may have several steps, outputs, numbers and the element's index", async () => {
  const float = (...names: string[]) => names.map((n) => [n, "float32"] as const);
  const program: Program = {
    inputs: ["float32"],
    numbers: ["float32", "int32"],
    steps: [
      { fn: { name: "scaled", args: float("x", "f"), result: "float32", body: "x * f" }, args: ["i0", "p0"] },
      {
        fn: {
          name: "place",
          args: [["n", "int32"], ["k", "int32"]],
          result: "float32",
          body: "if (n > k) { return -1.0; } return f32(n);",
        },
        args: ["n", "p1"],
      },
      { fn: { name: "scaled", args: float("x", "f"), result: "float32", body: "x * f" }, args: ["s0", "s1"] },
    ],
    outputs: ["s2", "s1"],
  };
  const [y, z] = [zeros([5]), zeros([5])];
  computeInto("steps", program, [5], [tensor([1, 2, 3, 4, 5])], [y, z], [10, () => 2]);
  assertEquals(await y.toArray(), [0, 20, 60, -40, -50]);
  assertEquals(await z.toArray(), [0, 1, 2, -1, -1]);
});

Deno.test("an output may be an input too", async () => {
  const x = tensor([1, 2, 3, 4, 5]);
  addInto(x, x);
  assertEquals(await x.toArray(), [2, 4, 6, 8, 10]);
});

Deno.test("cast() cuts fractions off, and all but 0 is true", async () => {
  const x = tensor([1.9, -1.9, 0, NaN, 0.1]);
  assertEquals((await cast(x, "int32").toArray() as number[]).slice(0, 3), [1, -1, 0]);
  assertEquals(await cast(x, "bool").toArray(), [true, true, false, true, true]);
  assertEquals(await cast(tensor([true, false]), "float32").toArray(), [1, 0]);
  assertEquals(await cast(tensor([7, 0], { dtype: "int32" }), "bool").toArray(), [true, false]);
  assertStrictEquals(cast(x, "float32"), x);
});

Deno.test("cloneOf() has memory of its own", async () => {
  const x = tensor([[1, 2], [3, 4]], { dtype: "int32" }), y = cloneOf(x);
  x.fill(0);
  assertEquals([y.dtype, await y.toArray()], ["int32", [[1, 2], [3, 4]]]);
});

Deno.test("expandTo() and permuted() copy into another arrangement", async () => {
  assertEquals(await expandTo(count([2, 1]), [2, 3]).toArray(), [[0, 0, 0], [1, 1, 1]]);
  assertEquals(await permuted("permute", count([2, 3]), [1, 0]).toArray(), [[0, 3], [1, 4], [2, 5]]);
  assertEquals(expandTo(zeros([1, 0]), [5, 0]).shape, [5, 0]);
});

Deno.test("gatherAffine() walks with any strides and offset, scatterAffine() writes so", async () => {
  const backwards = gatherAffine("flip", count([7]), [7], { strides: [-1], offset: 6 });
  assertEquals(await backwards.toArray(), [6, 5, 4, 3, 2, 1, 0]);
  const diagonal = gatherAffine("diagonal", count([3, 3]), [3], { strides: [4], offset: 0 });
  assertEquals(await diagonal.toArray(), [0, 4, 8]);
  const y = zeros([2, 5]);
  scatterAffine("scatter", tensor([[1, 2], [3, 4]]), y, { strides: [5, 2], offset: 1 });
  assertEquals(await y.toArray(), [[0, 1, 0, 2, 0], [0, 3, 0, 4, 0]]);
});

/** `a + weight (b - a) + shift`, whose third input has no gradient. */
const lerp = defineElementwise({
  name: "test_lerp",
  inputs: ["a", "b", "weight"],
  numbers: ["shift"],
  forward: { float32: "a + weight * (b - a) + shift", int32: "select(a, b, weight > 0) + shift" },
  gradient: { a: "dy * (1.0 - weight)", b: "dy * weight" },
});

Deno.test("defineElementwise() broadcasts its inputs, of which each may be a number, and sums gradients back", async () => {
  const y = lerp([tensor([[0], [10]]), tensor([4, 8]), 0.25], [0.5]);
  assertEquals(await y.toArray(), [[1.5, 2.5], [9, 10]]);
  assertEquals(await lerp([1, tensor([3]), tensor([[1], [0]])], [0]).toArray(), [[3], [1]]);
  assertEquals(lerp([zeros([2, 0]), 1, zeros([1])], [0]).shape, [2, 0]);
  const [a, b] = [noiseTensor([3, 1]), noiseTensor([2, 1, 4], { seed: 2 })];
  const weight = noiseTensor([4], { seed: 3 }).detach();
  await gradcheck((a, b) => lerp([a, b, weight], [1]), [a, b]);
  await gradcheck((a) => lerp([a, 2, 0.25], [1]), [a]);
  await gradcheck((b) => lerp([3, b, weight], [() => 1]), [b]);
});

Deno.test("defineElementwise() computes in the type that it is told, and has gradients in float32 only", async () => {
  const [a, b] = [tensor([1, 2], { dtype: "int32" }), tensor([30, 40], { dtype: "int32" })];
  const y = lerp([a, b, tensor([1, -1], { dtype: "int32" })], [100], "int32");
  assertEquals([y.dtype, y.requiresGrad, await y.toArray()], ["int32", false, [130, 102]]);
  const above = defineElementwise({
    name: "test_above",
    inputs: ["a", "b"],
    forward: "a > b",
    gradient: { a: "dy" },
    result: "bool",
  });
  const x = tensor([1, 2], { requiresGrad: true }), z = above([x, 1.5]);
  assertEquals([z.dtype, z.requiresGrad, await z.toArray()], ["bool", false, [false, true]]);
});

Deno.test("defineElementwise() passes dy on where that is the gradient, and nothing to an input without one", async () => {
  const op = defineElementwise({
    name: "test_shifted",
    inputs: ["a", "b"],
    forward: "a + b",
    gradient: { a: "dy" },
  });
  const a = tensor([[1, 2], [3, 4]], { requiresGrad: true }), b = tensor([1, 2], { requiresGrad: true });
  op([a, b]).backward(tensor([[1, 2], [3, 4]]));
  assertEquals([await a.grad!.toArray(), b.grad], [[[1, 2], [3, 4]], null]);
  op([b, a]).backward(tensor([[1, 2], [3, 4]])); // the sum over what was broadcast
  assertEquals(await b.grad!.toArray(), [4, 6]);
  assertEquals(op([tensor([1]), b]).requiresGrad, false);
});

Deno.test("defineElementwise() refuses shapes that do not broadcast", () => {
  assertRefuses(
    () => lerp([zeros([2]), zeros([3]), 1], [0]),
    RangeError,
    "Cannot apply test_lerp as the shapes must broadcast: [2] and [3] and []",
  );
});

Deno.test("defineUnary() keeps for the gradient only what its expression names", () => {
  const cube = defineUnary({ name: "test_cube", forward: "x * x * x", gradient: "dy * 3.0 * x * x" });
  const root = defineUnary({ name: "test_root", forward: "sqrt(x)", gradient: "dy / (2.0 * y)" });
  const x = tensor(new Float32Array(1024), { requiresGrad: true });
  for (const [op, kept] of [[cube, 0], [root, 4096]] as const) {
    const before = device.memory().bytesInUse, y = op(x.detach());
    const leaf = op(x);
    y.dispose();
    leaf.detach().dispose();
    assertEquals(device.memory().bytesInUse - before, 4096); // the result
    const h = leaf.neg();
    leaf.dispose();
    assertEquals(device.memory().bytesInUse - before, 4096 + kept); // of the result only what its gradient needs
    h.dispose();
    assertEquals(device.memory().bytesInUse, before);
  }
});

Deno.test("defineUnary() passes its numbers to both halves, and refuses other types", async () => {
  const op = defineUnary({
    name: "test_scale",
    forward: "x * f + g",
    gradient: "dy * f",
    numbers: ["f", "g"],
  });
  const x = tensor([1, 2], { requiresGrad: true }), y = op(x, 3, () => 10);
  assertEquals(await y.toArray(), [13, 16]);
  y.sum().backward();
  assertEquals(await x.grad!.toArray(), [3, 3]);
  assertRefuses(
    () => op(tensor([true]), 1, 2),
    TypeError,
    "Cannot apply test_scale as x must be float32: it is bool",
  );
});

Deno.test("defineUnary() converts, computes in the type of x, or refuses, as it is told", async () => {
  const i = tensor([3, -4], { dtype: "int32" }), b = tensor([true, false]);
  const half = defineUnary({ name: "test_half", forward: "x * 0.5", promotes: true });
  assertEquals([await half(i).toArray(), await half(b).toArray()], [[1.5, -2], [0.5, 0]]);
  const next = defineUnary({ name: "test_next", forward: { float32: "x + 0.5", int32: "x + 1" } });
  assertEquals([next(i).dtype, await next(i).toArray()], ["int32", [4, -3]]);
  assertRefuses(
    () => next(b),
    TypeError,
    "Cannot apply test_next as x must be float32 or int32: it is bool",
  );
});

Deno.test("defineBinary() computes in the type of its operands, and refuses two booleans unless told how", async () => {
  const op = defineBinary({ name: "test_sum", forward: { float32: "a + b", int32: "10 * (a + b)" } });
  const i = tensor([3, -4], { dtype: "int32" }), b = tensor([true, false]);
  assertEquals(await op(i, b).toArray(), [40, -40]);
  assertEquals(await op(i, 0.5).toArray(), [3.5, -3.5]);
  assertRefuses(
    () => op(b, b),
    TypeError,
    "Cannot apply test_sum as an operand must be float32 or int32: both are bool",
  );
  const either = defineBinary({ name: "test_either", forward: { float32: "a + b", bool: "a || b" } });
  assertEquals(await either(b, b.logicalNot()).toArray(), [true, true]);
  assertRefuses(
    () => either(i, 2),
    TypeError,
    "Cannot apply test_either as an operand must be float32 or bool: both are int32",
  );
  const half = defineBinary({ name: "test_half_of", forward: "0.5 * a * b", promotes: true });
  assertEquals(await half(i, b).toArray(), [1.5, 0]);
});

Deno.test("defineBinary() keeps only what the gradients that are wanted name", () => {
  const x = tensor(new Float32Array(1024), { requiresGrad: true }), y = tensor(new Float32Array(1024));
  const before = device.memory().bytesInUse;
  const h = x.neg(), z = h.mul(2), w = h.mul(y); // neither keeps h, as no gradient names it
  h.dispose();
  assertEquals(device.memory().bytesInUse - before, 2 * 4096);
  z.dispose();
  w.dispose();
});
