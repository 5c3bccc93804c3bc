// More elements than 65,535 workgroups of 64 hold, more rows than a grid is wide, and six dimensions.
import { assertEquals } from "@std/assert";
import * as plunge from "../../mod.ts";
import { openDevice, scope, type Tensor, tensor } from "../../mod.ts";
import { assertClose } from "../support/values.ts";

await openDevice();

/** Beyond 4,194,304, and no multiple of 4. */
const MANY = 4_200_003;
/** Beyond 65,535, and no multiple of 4. */
const ROWS = 70_001;
const WIDTH = 3;

/** Whole numbers from 0 to 100 in no order. */
const hundred = (i: number) => (Math.imul(i, 0x9e3779b1) >>> 8) % 101;

const many = Float32Array.from({ length: MANY }, (_, i) => hundred(i));
const rows = Float32Array.from({ length: ROWS * WIDTH }, (_, i) => hundred(i));

/** For each row of three, a value. */
function eachRow(f: (row: number[]) => number): Float32Array {
  return Float32Array.from({ length: ROWS }, (_, r) => f([...rows.subarray(WIDTH * r, WIDTH * (r + 1))]));
}

const total = many.reduce((a, b) => a + b, 0), squares = many.reduce((a, b) => a + b * b, 0);

Deno.test("reductions over millions of elements are right", async () => {
  using _ = scope();
  const x = tensor(many), top = x.max({ dim: 0 });
  assertClose(await x.sum().data(), [total], { rtol: 3e-7 });
  assertClose(await x.mean().data(), [total / MANY], { rtol: 3e-7 });
  assertClose(await x.var().data(), [(squares - total * total / MANY) / (MANY - 1)], { rtol: 1e-6 });
  assertClose(await x.norm().data(), [Math.sqrt(squares)], { rtol: 1e-6 });
  assertClose(await x.mul(-1).logsumexp().data(), [
    Math.log(many.reduce((sum, v) => sum + Math.exp(-v), 0)),
  ], { rtol: 1e-6 });
  assertEquals(await x.argmax().item(), many.indexOf(100));
  assertEquals(await x.argmin().item(), many.indexOf(0));
  assertEquals([await top.values.item(), await top.indices.item()], [100, many.indexOf(100)]);
  assertEquals([await x.amin().item(), await x.eq(-1).any().item()], [0, 0]);
});

Deno.test("a sum of millions of integers is exact", async () => {
  using _ = scope();
  const x = tensor(Int32Array.from(many), { dtype: "int32" });
  assertEquals([await x.sum().item(), await x.max().item()], [total, 100]);
});

Deno.test("a running sum of millions of integers is exact", async () => {
  using _ = scope();
  const y = await tensor(Int32Array.from(many), { dtype: "int32" }).cumsum({ dim: 0 }).data();
  let sum = 0;
  const wrong = y.findIndex((v, i) => v !== (sum += many[i]));
  assertEquals(wrong, -1);
});

Deno.test("elementwise work and gradients reach every one of millions of elements", async () => {
  using _ = scope();
  const x = tensor(many, { requiresGrad: true });
  x.mul(x).sum().backward();
  const dx = await x.grad!.data();
  assertEquals(dx.findIndex((v, i) => v !== 2 * many[i]), -1);
});

Deno.test("the gradient of a maximum finds its place among millions", async () => {
  using _ = scope();
  const x = tensor(many, { requiresGrad: true });
  x.max({ dim: 0 }).values.backward();
  const dx = Float32Array.from(await x.grad!.data());
  assertEquals([dx.indexOf(1), dx.reduce((a, b) => a + b, 0)], [many.indexOf(100), 1]);
});

const BY_ROW: [name: string, op: (x: Tensor) => Tensor, f: (row: number[]) => number][] = [
  ["sum", (x) => x.sum({ dim: 1 }), (row) => row[0] + row[1] + row[2]],
  ["prod", (x) => x.prod({ dim: 1 }), (row) => row[0] * row[1] * row[2]],
  ["amax", (x) => x.amax({ dim: -1 }), (row) => Math.max(...row)],
  ["argmin", (x) => x.argmin({ dim: 1 }), (row) => row.indexOf(Math.min(...row))],
  ["topk", (x) => x.topk(1).indices, (row) => row.indexOf(Math.max(...row))],
];

for (const [name, op, f] of BY_ROW) {
  Deno.test(`${name}() of 70,001 rows is right in each`, async () => {
    using _ = scope();
    const y = await op(tensor(rows, { shape: [ROWS, WIDTH] })).data();
    assertEquals(Float32Array.from(y), eachRow(f));
  });
}

Deno.test("a reduction of 70,001 rows to one is right", async () => {
  using _ = scope();
  const x = tensor(rows, { shape: [ROWS, WIDTH] });
  const wanted = [0, 1, 2].map((c) => rows.reduce((sum, v, i) => (i % WIDTH === c ? sum + v : sum), 0));
  assertClose(await x.sum({ dim: 0 }).data(), wanted, { rtol: 3e-7 });
  assertClose(await x.mean({ dim: 0 }).data(), wanted.map((v) => v / ROWS), { rtol: 3e-7 });
});

Deno.test("softmax() and crossEntropy() of 70,001 rows are right in each, gradients too", async () => {
  using _ = scope();
  const x = tensor(rows.map((v) => v / 50), { shape: [ROWS, WIDTH], requiresGrad: true });
  const target = Int32Array.from({ length: ROWS }, (_, r) => r % WIDTH);
  const logits = await x.data(), wanted = new Float32Array(rows.length), losses = new Float32Array(ROWS);
  for (let r = 0; r < ROWS; r++) {
    const at = WIDTH * r,
      row = [0, 1, 2].map((k) => Math.exp(logits[at + k])),
      sum = row[0] + row[1] + row[2];
    row.forEach((v, k) => wanted[at + k] = v / sum);
    losses[r] = -Math.log(row[target[r]] / sum);
  }
  assertClose(await x.softmax({ dim: 1 }).data(), wanted, { rtol: 1e-6 });
  assertClose(await x.logSoftmax({ dim: 1 }).data(), wanted.map(Math.log), { atol: 1e-6 });
  const loss = x.crossEntropy(tensor(target), { reduction: "none" });
  assertClose(await loss.data(), losses, { atol: 1e-6 });
  loss.sum().backward();
  const dx = wanted.map((p, i) => p - Number(i % WIDTH === target[Math.floor(i / WIDTH)]));
  assertClose(await x.grad!.data(), dx, { atol: 1e-6 });
});

Deno.test("reductions, softmax and running sums work in six dimensions", async () => {
  const shape = [2, 3, 1, 4, 2, 3], strides = [72, 24, 24, 6, 3, 1], n = 144;
  const values = Float32Array.from({ length: n }, (_, i) => hundred(i));
  const x = tensor(values, { shape });
  // over dimensions 1, 3 and 5, what is left are dimensions 0, 2 and 4
  const wanted = new Float32Array(4);
  values.forEach((v, i) => wanted[2 * Math.floor(i / 72) + Math.floor(i / 3) % 2] += v);
  const y = x.sum({ dim: [1, 3, -1] });
  assertEquals([y.shape, await y.data()], [[2, 1, 2], wanted]);
  assertEquals(x.mean({ dim: [0, 5], keepdim: true }).shape, [1, 3, 1, 4, 2, 1]);
  for (const dim of [0, 1, 3, 4, 5]) {
    const size = shape[dim], place = (i: number) => Math.floor(i / strides[dim]) % size;
    const row = (i: number) =>
      Array.from({ length: size }, (_, k) => values[i + (k - place(i)) * strides[dim]]);
    const sums = values.map((_, i) => row(i).slice(0, place(i) + 1).reduce((a, b) => a + b, 0));
    assertEquals(await x.cumsum({ dim }).data(), sums);
    const soft = values.map((v, i) => Math.exp(v) / row(i).reduce((a, b) => a + Math.exp(b), 0));
    assertClose(await x.softmax({ dim }).data(), soft, { rtol: 2e-6, atol: 1e-37 });
    const { values: top, indices } = x.max({ dim, keepdim: true });
    const first = [...values.keys()].filter((i) => place(i) === 0);
    assertEquals(await top.data(), Float32Array.from(first, (i) => Math.max(...row(i))));
    assertEquals(await indices.data(), Int32Array.from(first, (i) => row(i).indexOf(Math.max(...row(i)))));
  }
});

Deno.test("every operation of one tensor takes a scalar and a tensor without elements", () => {
  const { sum, mean, std, amax, argmax, logsumexp, norm, prod, cumsum, softmax, logSoftmax } = plunge;
  const [scalar, empty] = [tensor(2), plunge.zeros([3, 0, 2])];
  for (const f of [sum, mean, std, amax, argmax, logsumexp, norm, prod]) {
    assertEquals([f(scalar).shape, f(empty, { dim: 0 }).shape], [[], [0, 2]]);
  }
  for (const f of [cumsum, softmax, logSoftmax]) {
    assertEquals([f(scalar, { dim: 0 }).shape, f(empty, { dim: 2 }).shape], [[], [3, 0, 2]]);
  }
});
