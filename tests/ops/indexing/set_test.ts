// x[where] = value: PyTorch's values and gradients, with both sets of kernels, as written and captured.
import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  arange,
  checkpoint,
  compile,
  type Device,
  full,
  gradcheck,
  noGrad,
  openDevice,
  scope,
  set,
  type Tensor,
  tensor,
  type Where,
  zeros,
} from "../../../mod.ts";
import { noise } from "../../support/oracle.ts";
import { undisposed } from "../../support/memory.ts";
import { assertRefuses, noiseTensor } from "../../support/values.ts";

let device: Device = await openDevice();

/** A test that runs with each set of kernels; they run one after the other. */
function test(name: string, fn: () => Promise<void>): void {
  for (const kernels of ["cpu", "gpu"] as const) {
    Deno.test(`${name}, ${kernels} kernels`, async () => {
      if (device.kernels !== kernels) {
        device.close();
        device = await openDevice({ kernels });
      }
      using _ = scope();
      await fn();
    });
  }
}

/** Indices. */
const i = (values: number | number[] | number[][]) => tensor(values, { dtype: "int32" });

/** What PyTorch 1.13 gives for the line in the comment. */
interface Case {
  shape: number[];
  where: Where;
  /** Shape of the value. */
  value: number[];
  /** The written tensor, and the gradients. */
  y: string;
  dx: string;
  dv: string;
}

/**
 * PyTorch 1.13, of whose line each case is:
 *
 *     base = torch.arange(float(n)).reshape(shape).requires_grad_(); x = base * 1
 *     v = (torch.arange(float(m)) * 10 + 100).reshape(value).requires_grad_()
 *     x[where] = v
 *     (x * (torch.arange(n) * 3 % 7 + 1).reshape(shape)).sum().backward()
 *     x, base.grad, v.grad
 *
 * rows = tensor([True, False, True]), columns = tensor([True, False, False, True]), one = tensor([False, False, True]),
 * mask is true at every third of its elements.
 */
function cases(): Case[] {
  const rows = tensor([true, false, true]), columns = tensor([true, false, false, true]);
  const one = tensor([false, false, true]);
  const mask = tensor([[true, false, false, true], [false, false, true, false], [false, true, false, false]]);
  return [
    { // x[1, 2] = v
      shape: [3, 4],
      where: [1, 2],
      value: [],
      y: "0 1 2 3 4 5 100 7 8 9 10 11",
      dx: "1 4 7 3 6 2 0 1 4 7 3 6",
      dv: "5",
    },
    { // x[1] = v
      shape: [3, 4],
      where: 1,
      value: [4],
      y: "0 1 2 3 100 110 120 130 8 9 10 11",
      dx: "1 4 7 3 0 0 0 0 4 7 3 6",
      dv: "6 2 5 1",
    },
    { // x[:, 1:3] = v
      shape: [3, 4],
      where: ["all", { start: 1, end: 3 }],
      value: [3, 1],
      y: "0 100 100 3 4 110 110 7 8 120 120 11",
      dx: "1 0 0 3 6 0 0 1 4 0 0 6",
      dv: "11 7 10",
    },
    { // x[-1, ::2] = v
      shape: [3, 4],
      where: [-1, { step: 2 }],
      value: [],
      y: "0 1 2 3 4 5 6 7 100 9 100 11",
      dx: "1 4 7 3 6 2 5 1 0 7 0 6",
      dv: "7",
    },
    { // x[1:, -3:-1] = v
      shape: [3, 4],
      where: [{ start: 1 }, { start: -3, end: -1 }],
      value: [2, 2],
      y: "0 1 2 3 4 100 110 7 8 120 130 11",
      dx: "1 4 7 3 6 0 0 1 4 0 0 6",
      dv: "2 5 7 3",
    },
    { // x[()] = v
      shape: [3, 4],
      where: [],
      value: [1, 1, 1, 4],
      y: "100 110 120 130 100 110 120 130 100 110 120 130",
      dx: "0 0 0 0 0 0 0 0 0 0 0 0",
      dv: "11 13 15 10",
    },
    { // x[tensor([2, 0])] = v
      shape: [3, 4],
      where: i([2, 0]),
      value: [2, 4],
      y: "140 150 160 170 4 5 6 7 100 110 120 130",
      dx: "0 0 0 0 6 2 5 1 0 0 0 0",
      dv: "4 7 3 6 1 4 7 3",
    },
    { // x[tensor([2, 0]), tensor([1, 3])] = v
      shape: [3, 4],
      where: [i([2, 0]), i([1, 3])],
      value: [2],
      y: "0 1 2 110 4 5 6 7 8 100 10 11",
      dx: "1 4 7 0 6 2 5 1 4 0 3 6",
      dv: "7 3",
    },
    { // x[:, tensor([1, 0])] = v
      shape: [2, 2, 3],
      where: ["all", i([1, 0])],
      value: [2, 2, 3],
      y: "130 140 150 100 110 120 190 200 210 160 170 180",
      dx: "0 0 0 0 0 0 0 0 0 0 0 0",
      dv: "3 6 2 1 4 7 7 3 6 5 1 4",
    },
    { // x[tensor([0, 1]), :, tensor([2, 0])] = v # in front
      shape: [2, 2, 3],
      where: [i([0, 1]), "all", i([2, 0])],
      value: [2, 2],
      y: "0 1 100 3 4 110 120 7 8 130 10 11",
      dx: "1 4 0 3 6 0 0 1 4 0 3 6",
      dv: "7 2 5 7",
    },
    { // x[0, :, tensor([2, 0])] = v # not in front, as numbers do not count
      shape: [2, 2, 3],
      where: [0, "all", i([2, 0])],
      value: [2, 2],
      y: "110 1 100 130 4 120 6 7 8 9 10 11",
      dx: "0 4 0 0 6 0 5 1 4 7 3 6",
      dv: "7 1 2 3",
    },
    { // x[tensor(1), :, tensor([2, 0])] = v # nor do scalars
      shape: [2, 2, 3],
      where: [i(1), "all", i([2, 0])],
      value: [2, 2],
      y: "0 1 2 3 4 5 110 7 100 130 10 120",
      dx: "1 4 7 3 6 2 0 1 0 0 3 0",
      dv: "4 5 6 7",
    },
    { // x[:, tensor([[0], [1]]), tensor([2, 0])] = v
      shape: [2, 2, 3],
      where: ["all", i([[0], [1]]), i([2, 0])],
      value: [2, 2, 2],
      y: "110 1 100 130 4 120 150 7 140 170 10 160",
      dx: "0 4 0 0 6 0 0 1 0 0 3 0",
      dv: "7 1 2 3 4 5 6 7",
    },
    { // x[tensor([1, 0]), 1:, tensor([0, 2])] = v
      shape: [2, 3, 3],
      where: [i([1, 0]), { start: 1 }, i([0, 2])],
      value: [2, 1],
      y: "0 1 2 3 4 110 6 7 110 9 10 11 100 13 14 100 16 17",
      dx: "1 4 7 3 6 0 5 1 0 7 3 6 0 5 1 0 7 3",
      dv: "6 6",
    },
    { // x[:, tensor([0, 1]), 1, tensor([2, 0])] = v # side by side, as numbers go first
      shape: [2, 2, 2, 3],
      where: ["all", i([0, 1]), 1, i([2, 0])],
      value: [2, 2],
      y: "0 1 2 3 4 100 6 7 8 110 10 11 12 13 14 15 16 120 18 19 20 130 22 23",
      dx: "1 4 7 3 6 0 5 1 4 0 3 6 2 5 1 4 7 0 6 2 5 0 4 7",
      dv: "2 7 3 1",
    },
    { // x[tensor(1)] = v
      shape: [3, 4],
      where: i(1),
      value: [1, 4],
      y: "0 1 2 3 100 110 120 130 8 9 10 11",
      dx: "1 4 7 3 0 0 0 0 4 7 3 6",
      dv: "6 2 5 1",
    },
    { // x[mask] = v
      shape: [3, 4],
      where: mask,
      value: [],
      y: "100 1 2 100 4 5 100 7 8 100 10 11",
      dx: "0 4 7 0 6 2 0 1 4 0 3 6",
      dv: "16",
    },
    { // x[mask] = v # one for each place
      shape: [3, 4],
      where: mask,
      value: [4],
      y: "100 1 2 110 4 5 120 7 8 130 10 11",
      dx: "0 4 7 0 6 2 0 1 4 0 3 6",
      dv: "1 3 5 7",
    },
    { // x[rows] = v
      shape: [3, 4],
      where: rows,
      value: [4],
      y: "100 110 120 130 4 5 6 7 100 110 120 130",
      dx: "0 0 0 0 6 2 5 1 0 0 0 0",
      dv: "5 11 10 9",
    },
    { // x[rows] = v # one for each row
      shape: [3, 4],
      where: rows,
      value: [2, 4],
      y: "100 110 120 130 4 5 6 7 140 150 160 170",
      dx: "0 0 0 0 6 2 5 1 0 0 0 0",
      dv: "1 4 7 3 4 7 3 6",
    },
    { // x[:, columns] = v
      shape: [3, 4],
      where: ["all", columns],
      value: [3, 1],
      y: "100 1 2 100 110 5 6 110 120 9 10 120",
      dx: "0 4 7 0 0 2 5 0 0 7 3 0",
      dv: "4 7 10",
    },
    { // x[:, columns] = v # one for each place
      shape: [3, 4],
      where: ["all", columns],
      value: [3, 2],
      y: "100 1 2 110 120 5 6 130 140 9 10 150",
      dx: "0 4 7 0 0 2 5 0 0 7 3 0",
      dv: "1 3 6 1 4 6",
    },
    { // x[:, 1, mask] = v
      shape: [2, 2, 3, 4],
      where: ["all", 1, mask],
      value: [2, 1],
      y: "0 1 2 3 4 5 6 7 8 9 10 11 100 13 14 100 16 17 100 19 20 100 22 23 24 25 26 27 28 29 30 31 32 33 34 35 110 37 38 110 40 41 110 43 44 110 46 47",
      dx: "1 4 7 3 6 2 5 1 4 7 3 6 0 5 1 0 7 3 0 2 5 0 4 7 3 6 2 5 1 4 7 3 6 2 5 1 0 7 3 0 2 5 0 4 7 0 6 2",
      dv: "13 14",
    },
    { // x[:, mask] = v
      shape: [2, 3, 4, 2],
      where: ["all", mask],
      value: [2, 1, 2],
      y: "100 110 2 3 4 5 100 110 8 9 10 11 100 110 14 15 16 17 100 110 20 21 22 23 120 130 26 27 28 29 120 130 32 33 34 35 120 130 38 39 40 41 120 130 44 45 46 47",
      dx: "0 0 7 3 6 2 0 0 4 7 3 6 0 0 1 4 7 3 0 0 5 1 4 7 0 0 2 5 1 4 0 0 6 2 5 1 0 0 3 6 2 5 0 0 7 3 6 2",
      dv: "14 12 15 20",
    },
    { // x[rows, 1:3] = v
      shape: [3, 4],
      where: [rows, { start: 1, end: 3 }],
      value: [2, 1],
      y: "0 100 100 3 4 5 6 7 8 110 110 11",
      dx: "1 0 0 3 6 2 5 1 4 0 0 6",
      dv: "11 10",
    },
    { // x[rows, tensor([3, 0])] = v
      shape: [3, 4],
      where: [rows, i([3, 0])],
      value: [2],
      y: "0 1 2 100 4 5 6 7 110 9 10 11",
      dx: "1 4 7 0 6 2 5 1 0 7 3 6",
      dv: "3 4",
    },
    { // x[rows, tensor(2)] = v
      shape: [3, 4],
      where: [rows, i(2)],
      value: [2],
      y: "0 1 100 3 4 5 6 7 8 9 110 11",
      dx: "1 4 0 3 6 2 5 1 4 7 0 6",
      dv: "7 3",
    },
    { // x[rows, columns] = v
      shape: [3, 4],
      where: [rows, columns],
      value: [2],
      y: "100 1 2 3 4 5 6 7 8 9 10 110",
      dx: "0 4 7 3 6 2 5 1 4 7 3 0",
      dv: "1 6",
    },
    { // x[rows, columns] = v # all of them one value
      shape: [3, 4],
      where: [rows, columns],
      value: [],
      y: "100 1 2 3 4 5 6 7 8 9 10 100",
      dx: "0 4 7 3 6 2 5 1 4 7 3 0",
      dv: "7",
    },
    { // x[one, columns] = v # a single row is repeated
      shape: [3, 4],
      where: [one, columns],
      value: [],
      y: "0 1 2 3 4 5 6 7 100 9 10 100",
      dx: "1 4 7 3 6 2 5 1 0 7 3 0",
      dv: "10",
    },
    { // x[rows, :, columns] = v # in front
      shape: [3, 2, 4],
      where: [rows, "all", columns],
      value: [2, 1],
      y: "100 1 2 3 100 5 6 7 8 9 10 11 12 13 14 15 16 17 18 110 20 21 22 110",
      dx: "0 4 7 3 0 2 5 1 4 7 3 6 2 5 1 4 7 3 6 0 5 1 4 0",
      dv: "7 9",
    },
    { // x[tensor(True)] = v
      shape: [3, 4],
      where: tensor(true),
      value: [3, 1],
      y: "100 100 100 100 110 110 110 110 120 120 120 120",
      dx: "0 0 0 0 0 0 0 0 0 0 0 0",
      dv: "15 14 20",
    },
    { // x[tensor(False)] = v
      shape: [3, 4],
      where: tensor(false),
      value: [3, 1],
      y: "0 1 2 3 4 5 6 7 8 9 10 11",
      dx: "1 4 7 3 6 2 5 1 4 7 3 6",
      dv: "0 0 0",
    },
  ];
}

/** The step of a case. */
function stepOf({ shape }: Case) {
  const n = shape.reduce((a, b) => a * b, 1);
  const weights = tensor(Float32Array.from({ length: n }, (_, k) => k * 3 % 7 + 1), { shape });
  return (base: Tensor, where: Where, v: Tensor) => {
    const x = base.mul(1);
    x.set(where, v);
    x.mul(weights).sum().backward();
    return x;
  };
}

function inputsOf({ shape, value }: Case): [base: Tensor, v: Tensor] {
  const n = shape.reduce((a, b) => a * b, 1), m = value.reduce((a, b) => a * b, 1);
  const base = tensor(Float32Array.from({ length: n }, (_, k) => k), { shape, requiresGrad: true });
  return [
    base,
    tensor(Float32Array.from({ length: m }, (_, k) => 100 + 10 * k), { shape: value, requiresGrad: true }),
  ];
}

async function check({ y, dx, dv }: Case, got: Tensor[]): Promise<void> {
  assertEquals((await Promise.all(got.map((t) => t.data()))).map((data) => data.join(" ")), [y, dx, dv]);
}

test("set() gives PyTorch's values and gradients", async () => {
  for (const each of cases()) {
    const [base, v] = inputsOf(each), x = stepOf(each)(base, each.where, v);
    await check(each, [x, base.grad!, v.grad!]);
  }
});

test("set() gives the same in a captured step", async () => {
  for (const each of cases()) {
    const given = compile(stepOf(each)),
      known = compile((b: Tensor, v: Tensor) => stepOf(each)(b, each.where, v));
    for (const step of [given, (b: Tensor, _: Where, v: Tensor) => known(b, v)]) {
      for (let replay = 0; replay < 2; replay++) {
        const [base, v] = inputsOf(each), x = step(base, each.where, v);
        await check(each, [x, base.grad!, v.grad!]);
      }
    }
    given.dispose();
    known.dispose();
  }
});

test("set() writes numbers, into tensors of every type", async () => {
  const x = arange(6).reshape([2, 3]);
  assertStrictEquals(x.set([1, 2], 17), x);
  assertEquals(await x.toArray(), [[0, 1, 2], [3, 4, 17]]);
  assertEquals(await set(x, [{ end: 2 }, "all"], -1).toArray(), [[-1, -1, -1], [-1, -1, -1]]);
  const whole = i([1, 2, 3]).set(0, 9.9).set({ start: 1, end: 2 }, tensor([-2.5]));
  assertEquals([whole.dtype, await whole.toArray()], ["int32", [9, -2, 3]]);
  const flags = tensor([true, false, true, false]).set(0, 0).set([i([1, 3])], 0.5).set(2, tensor(NaN));
  assertEquals([flags.dtype, await flags.toArray()], ["bool", [false, true, true, true]]);
  assertEquals(await flags.set(flags, 0).toArray(), [false, false, false, false]); // the mask is the tensor itself
  assertEquals(await i([2, 0, 1]).set([], i([5, 6, 7])).toArray(), [5, 6, 7]);
  const own = i([2, 0, 1]);
  assertEquals(await own.set(own, i([5, 6, 7])).toArray(), [6, 7, 5]);
  assertEquals(await zeros([2]).set(0, tensor([true])).toArray(), [1, 0]);
  assertEquals(await zeros([2]).set(1, Infinity).set(0, NaN).toArray(), [NaN, Infinity]);
});

test("set() writes scalars, and nothing where nothing is selected", async () => {
  assertEquals(await tensor(3).set([], 4).toArray(), 4);
  assertEquals(await tensor(3).set(tensor(true), 4).toArray(), 4);
  assertEquals(await tensor(3).set(tensor(false), 4).toArray(), 3);
  const x = tensor([[1, 2], [3, 4]]), none = tensor([], { shape: [0], dtype: "int32" });
  x.set({ start: 1, end: 1 }, 9).set({ start: 5 }, 9).set(none, zeros([0, 2])).set(["all", none], 9);
  x.set(tensor([false, false]), 9).set(tensor([false, false]), zeros([0, 2]));
  assertEquals(await x.toArray(), [[1, 2], [3, 4]]);
  assertEquals(zeros([0, 3]).set("all", 1).set(["all", 2], 5).set(i([0]), 7).shape, [0, 3]);
  const w = tensor([[5, 6]], { requiresGrad: true }), y = x.clone().set({ end: 0 }, w);
  y.sum().backward();
  assertEquals(await w.grad!.toArray(), [[0, 0]]);
});

test("set() goes by Python's rules for ranges", async () => {
  const at = async (where: Where) => {
    const x = await zeros([7]).set(where, 1).data();
    return [...x].flatMap((v, k) => v === 1 ? [k] : []);
  };
  assertEquals(await at({}), [0, 1, 2, 3, 4, 5, 6]); // x[:]
  assertEquals(await at({ start: -3 }), [4, 5, 6]);
  assertEquals(await at({ end: -5 }), [0, 1]);
  assertEquals(await at({ start: 1, step: 3 }), [1, 4]);
  assertEquals(await at({ start: -100, end: 100, step: 5 }), [0, 5]);
  assertEquals(await at({ start: 4, end: 2 }), []);
  assertEquals(await at({ start: undefined, end: 1 }), [0]);
  assertEquals(await at(-7), [0]);
});

test("set() writes nothing at indices that do not exist", async () => {
  const v = tensor([1, 2, 3, 4, 5], { requiresGrad: true }), x = zeros([3]);
  x.set(i([0, 3, -1, 2, 2 ** 31 - 1]), v);
  assertEquals(await x.toArray(), [1, 0, 4]);
  x.mul(tensor([2, 3, 5])).sum().backward();
  assertEquals(await v.grad!.toArray(), [2, 0, 0, 5, 0]);
  const y = zeros([2, 3]).set([i([0, 1, 2, 1]), i([2, 3, 0, -1])], 1); // (1, 3) is not (2, 0)
  assertEquals(await y.toArray(), [[0, 0, 1], [0, 0, 0]]);
});

test("a value of too many or too few rows for a mask is passed over", async () => {
  const mask = tensor([true, false, true, true]);
  assertEquals(await zeros([4]).set(mask, tensor([1, 2])).toArray(), [1, 0, 2, 0]);
  assertEquals(await zeros([4]).set(mask, tensor([1, 2, 3, 4, 5])).toArray(), [1, 0, 2, 3]);
});

test("of items that go to one place the last wins, in every run", async () => {
  const v = tensor([[1, 2], [3, 4], [5, 6], [7, 8]], { requiresGrad: true }), x = zeros([3, 2]);
  x.set(i([2, 0, 2, 2]), v);
  assertEquals(await x.toArray(), [[3, 4], [0, 0], [7, 8]]);
  x.mul(tensor([[1, 2], [3, 4], [5, 6]])).sum().backward();
  assertEquals(await v.grad!.toArray(), [[0, 0], [1, 2], [0, 0], [5, 6]]);

  for (const n of [256, 257, 5000]) { // by looking behind, and by sorting
    const at = Int32Array.from(noise(3, n), (k) => Math.floor((k + 0.5) * 720) - 10), dy = noise(5, 700);
    const wanted = new Float32Array(700), dv = new Float32Array(n), last = new Map<number, number>();
    at.forEach((p, k) => p >= 0 && p < 700 && last.set(p, k));
    for (const [p, k] of last) {
      wanted[p] = k + 1;
      dv[k] = Math.fround(dy[p]);
    }
    for (let run = 0; run < 2; run++) {
      const value = arange(1, n + 1), y = zeros([700]);
      value.requiresGrad = true;
      y.set(tensor(at), value).backward(tensor(dy));
      assertEquals(await y.data(), wanted);
      assertEquals(await value.grad!.data(), dv);
    }
  }
});

test("set() passes gradcheck, unevenly weighted", async () => {
  const mask = noiseTensor([3, 4], { requiresGrad: false }).gt(0);
  const places: [number[], Where, number[]][] = [
    [[5, 3, 4], ["all", { start: 1, step: 2 }], [5, 1, 1]],
    [[5, 3, 4], [i([3, 0, 3]), "all", i([[1], [0]])], [2, 3, 1]],
    [[2, 3, 4, 2], ["all", mask], [2, 1, 2]],
  ];
  for (const [shape, where, value] of places) {
    const inputs = [noiseTensor(shape), noiseTensor(value, { seed: 2 })];
    await gradcheck((x, v) => x.sin().set(where, v.tanh()).square(), inputs);
  }
});

test("gradients flow through several writes, and to what was used in between", async () => {
  const w = tensor([1, 2, 3], { requiresGrad: true }), v = tensor(4, { requiresGrad: true });
  const x = w.mul(2), before = x.mul(tensor([1, 10, 100]));
  assertThrows(() => x.mul(x).add(x.set(0, v)).sum().backward(), Error, "was written in place 1 times since");
  x.set({ start: 1 }, x.slice({ end: 2 })); // [v, v, 2 w1]
  assertEquals(await x.toArray(), [4, 4, 4]);
  [w, v].forEach((t) => t.clearGrad()); // the way to v was gone before
  x.mul(tensor([3, 5, 7])).sum().add(before.sum()).backward();
  assertEquals(await w.grad!.toArray(), [2, 20 + 14, 200]);
  assertEquals(await v.grad!.item(), 3 + 5);
});

test("a tensor without history gets one by the value, and grad and hooks are those of the present", async () => {
  const x = zeros([2]), v = tensor([3], { requiresGrad: true });
  assert(!x.requiresGrad);
  x.set({ end: 1 }, v);
  assert(x.requiresGrad);
  const h = v.mul(2).retainGrad(), seen: Promise<unknown>[] = [];
  h.registerHook((g) => void seen.push(g.toArray())); // of h as it was
  h.set(0, x.select(0, 0));
  h.mul(5).sum().backward();
  assertEquals(await h.grad!.toArray(), [5]);
  assertEquals(await Promise.all(seen), [[0]]);
  assertEquals(await v.grad!.toArray(), [5]);
  const whole = zeros([1], { dtype: "int32" }).set(0, v);
  assert(!whole.requiresGrad);
  assert(!noGrad(() => zeros([1]).set(0, v)).requiresGrad);
});

test("set() writes into the tensor that a reshaped one shares its memory with", async () => {
  const x = arange(12), m = x.reshape([3, 4]);
  m.set([1, 2], 17).flatten().set({ end: 2 }, -1);
  m.unsqueeze(0).squeeze().set([2, "all"], m.select(0, 0)); // the value is a copy
  assertEquals(await x.toArray(), [-1, -1, 2, 3, 4, 5, 17, 7, -1, -1, 2, 3]);
  assertEquals(await m.set([], x.reshape([4, 3]).reshape([3, 4])).sum().item(), 39); // memory into itself
});

test("what shares memory must have its history", async () => {
  const w = tensor([1, 2], { requiresGrad: true }),
    x = w.mul(1),
    view = x.reshape([2, 1]),
    plain = zeros([2]);
  const other = plain.reshape([1, 2]);
  x.set(0, 5);
  plain.set(0, w.select(0, 1));
  const message = (shape: string) =>
    "as a tensor must have the history of its values: set() wrote into the memory of this " +
    `${shape} through another tensor; take it from that one anew`;
  assertRefuses(() => view.add(1), Error, `Cannot apply add ${message("[2, 1]")}`);
  assertRefuses(() => view.backward(view), Error, `Cannot run backward ${message("[2, 1]")}`);
  assertRefuses(() => other.mul(2), Error, `Cannot apply mul ${message("[1, 2]")}`);
  assertRefuses(() => other.set([0, 0], 2), Error, `Cannot apply set ${message("[1, 2]")}`);
  x.reshape([2, 1]).add(plain.reshape([2, 1])).mul(tensor([[3], [4]])).sum().backward();
  assertEquals(await w.grad!.toArray(), [0, 3 + 4]);
  assertRefuses(
    () => x.reshape([1, 2]).set([0, 0], 1),
    Error,
    "Cannot apply set in place as x must not share another's memory where gradients flow: " +
      "write into the tensor that this [1, 2] was made of, or into a clone()",
  );
  assertEquals(await noGrad(() => x.reshape([1, 2]).set([0, 0], 7)).toArray(), [[7, 2]]);
});

test("set() works under checkpoint()", async () => {
  const w = tensor([1, 2, 3], { requiresGrad: true }), v = tensor(5, { requiresGrad: true });
  checkpoint((w) => w.square().set(1, v).square(), w).sum().backward();
  assertEquals(await w.grad!.toArray(), [4, 0, 108]);
  assertEquals(await v.grad!.item(), 10);
});

test("set() in a captured step writes to arguments and to what it finds", async () => {
  const state = zeros([4]), x = zeros([2, 2]), at = i([3, 3]);
  const step = compile((x: Tensor, at: Tensor, mask: Tensor, v: Tensor) => {
    state.set(at, v).set(0, state.select(0, 3).add(1));
    x.set([0, "all"], v);
    const between = x.mul(10);
    x.set(mask, 9);
    return [between, x.add(0)];
  });
  const read = async (ts: Tensor[]) => await Promise.all(ts.map((t) => t.toArray()));
  const mask = tensor([[true, false], [false, true]]);
  assertEquals(await read(step(x, at, mask, tensor([1, 2]))), [[[10, 20], [0, 0]], [[9, 2], [0, 9]]]);
  assertEquals(await state.toArray(), [3, 0, 0, 2]);
  const other = zeros([2, 2]);
  assertEquals(await read(step(other, i([1, 2]), mask.logicalNot(), tensor([3, 4]))), [
    [[30, 40], [0, 0]],
    [[3, 9], [9, 0]],
  ]);
  assertEquals(await read([state, x, other]), [[3, 3, 4, 2], [[9, 2], [0, 9]], [[3, 9], [9, 0]]]);
  assertEquals(step.captures, 1);
  const w = tensor([1], { requiresGrad: true });
  const learn = compile((x: Tensor, w: Tensor) => {
    x.set([0, 0], w.mul(3)).sum().backward();
    return x;
  });
  for (let replay = 1; replay <= 2; replay++) {
    const y = learn(x, w);
    assertEquals([x.requiresGrad, await y.toArray(), await w.grad!.item()], [
      false,
      [[3, 2], [0, 9]],
      3 * replay,
    ]);
  }
  assertRefuses(
    () => compile(() => state.set(0, w.sum()))(),
    Error,
    "Cannot apply set in place as x must be made inside compile(fn) where gradients flow: [4] was there before",
  );
  assert(!state.requiresGrad);
});

test("set() leaves no tensors and no memory behind", async () => {
  const mask = tensor([true, false, true]), rows = i([2, 0]), both = i([[1], [0]]);
  const w = noiseTensor([3, 4]), v = noiseTensor([2, 4]);
  const run = () => {
    using _ = scope();
    const x = w.mul(2);
    x.set(1, 3).set(rows, v).set(mask, v).set([mask, "all"], 0.5).set([both, rows], 1).set(
      [mask, 1],
      v.select(1, 0),
    );
    x.square().sum().backward();
    w.clearGrad();
    v.clearGrad();
    w.mul(3).set(rows, v); // a history that nobody goes back through
  };
  run();
  await device.sync();
  const before = [undisposed(device), device.memory().bytesInUse];
  for (let k = 0; k < 3; k++) run();
  await device.sync();
  assertEquals([undisposed(device), device.memory().bytesInUse], before);
});

test("set() writes many rows, wide ones and far ones", async () => {
  const n = 70_000, at = Int32Array.from({ length: n }, (_, k) => (k * 7919) % n);
  const x = zeros([2, n, 3]).set(["all", tensor(at)], arange(n).unsqueeze(1));
  const got = await x.data();
  assertEquals(at.findIndex((p, k) => got[3 * p + 1] !== k || got[3 * (n + p) + 2] !== k), -1);
});

Deno.test("what came out of another tensor is not written to", async () => {
  using _ = scope();
  const x = zeros([2, 3]);
  const copies: [string, Tensor][] = [
    ["select", x.select(0, 1)],
    ["slice", x.slice({ dim: 1, start: 1 })],
    ["split", x.split(1)[0]],
    ["transpose", x.transpose(0, 1)],
    ["permute", x.permute([1, 0])],
    ["expand", x.expand([4, 2, 3])],
    ["flip", x.flip(0)],
    ["select", x.select(0, 1).detach()],
  ];
  for (const [op, t] of copies) {
    const message = (name: string) =>
      `Cannot apply ${name} in place as the tensor must not be taken out of another: it came from ${op}, ` +
      "which copies; write into that one, by x.set(where, value)";
    assertRefuses(() => t.fill(1), Error, message("fill"));
    assertRefuses(() => t.copy(tensor(1)), Error, message("copy"));
    assertRefuses(() => t.set([], 1), Error, message("set"));
    assertRefuses(() => noGrad(() => t.fill(1)), Error, message("fill"));
    assertEquals(await t.clone().fill(2).mean().item(), 2);
  }
  const views: [string, Tensor][] = [
    ["reshape", x.reshape([6])],
    ["flatten", x.flatten()],
    ["squeeze", x.squeeze()],
    ["unsqueeze", x.unsqueeze(0)],
  ];
  for (const [op, t] of views) {
    const message = (name: string) =>
      `Cannot apply ${name} in place as the tensor must not be taken out of another: it came from ${op}, ` +
      "write by x.set(where, value)";
    assertRefuses(() => t.fill(1), Error, message("fill"));
    assertRefuses(() => t.copy(tensor(1)), Error, message("copy"));
  }
  assertRefuses(
    () => x.select(0, 0).select(0, 0).copy(tensor(1)),
    Error,
    "Cannot apply copy in place as the tensor must not be taken out of another: it came from select, which copies; " +
      "write into that one, by x.set(where, value)",
  );
  x.detach().fill(3);
  x.reshape([6]).detach().set(5, 4);
  assertEquals(await x.toArray(), [[3, 3, 3], [3, 3, 4]]);
});

Deno.test("set() refuses what selects nothing that is there", () => {
  using _ = scope();
  const x = zeros([3, 4]);
  const refuse = (where: Where, message: string, value: Tensor | number = 1) =>
    assertRefuses(() => x.set(where, value), RangeError, `Cannot apply set as ${message}`);
  refuse(3, "an index must exist along dim 0: 3 for x of shape [3, 4]");
  refuse([0, -5], "an index must exist along dim 1: -5 for x of shape [3, 4]");
  refuse([0, 0, 0], "where must not have more dimensions than x: x has shape [3, 4]");
  refuse(["all", zeros([3, 4]).gt(0)], "where must not have more dimensions than x: x has shape [3, 4]");
  refuse(
    ["all", tensor([true, false, true])],
    "a mask must have the sizes of its dimensions: it has shape [3], x [3, 4] from dim 1 on",
  );
  refuse([i([0, 1]), i([0, 1, 2])], "the shapes must broadcast: [2] and [3]");
  const value = (shown: string, shape: string) =>
    `value must broadcast to the selected shape ${shown}: it has shape ${shape}, x [3, 4]`;
  refuse(0, value("[4]", "[3]"), zeros([3]));
  refuse(0, value("[4]", "[2, 4]"), zeros([2, 4]));
  refuse(["all", { start: 2 }], value("[3, 2]", "[2, 2]"), zeros([2, 2]));
  refuse(i([0, 1]), value("[2, 4]", "[3, 4]"), zeros([3, 4]));
  refuse(tensor([true, false, true]), value("[what the mask selects, 4]", "[3]"), zeros([3]));
  refuse(tensor([true, false, true]), value("[2, 4]", "[2, 3]"), zeros([2, 3]));
  assertRefuses(
    () => tensor(1).set("all", 2),
    RangeError,
    "Cannot apply set as where must not have more dimensions than x: x has shape []",
  );
});

Deno.test("set() refuses what is no index, and leaves that require a gradient", async () => {
  using _ = scope();
  const x = zeros([3, 4]);
  const must = "Cannot apply set as where must be a whole number, a range such as { start: 1, end: 3 }, " +
    '"all", or an int32 or bool tensor; or an array of them: ';
  const refuse = (where: unknown, found: string, kind: typeof TypeError | typeof RangeError = TypeError) =>
    assertRefuses(() => x.set(where as Where, 1), kind, must + found);
  refuse(null, 'null (a whole dimension is "all")');
  refuse([null, 1], 'null (a whole dimension is "all")');
  refuse(undefined, "undefined");
  refuse([0, , 1], "undefined");
  refuse(":", '":" (write "all")');
  refuse("0", '"0"');
  refuse(true, "true");
  refuse(1.5, "1.5", RangeError);
  refuse([0, NaN], "NaN", RangeError);
  refuse(zeros([2]), "it is float32");
  refuse([[0, 1], 1], 'an array in the array (make it tensor([…], { dtype: "int32" }))');
  refuse(new Int32Array(2), "an Int32Array");
  refuse({ stop: 3 }, "stop in a range (did you mean end)");
  refuse({ dim: 3 }, "dim in a range (it has start, end, step)");
  refuse({ strat: 3 }, "strat in a range (did you mean start)");
  refuse({ step: 0 }, "step 0 (it must be a whole number from 1 up)", RangeError);
  refuse({ step: -1 }, "step -1 (it must be a whole number from 1 up)", RangeError);
  refuse({ start: 0.5 }, "start 0.5 (it must be a whole number)", RangeError);
  refuse({ end: "2" }, 'end "2" (it must be a whole number)');
  assertThrows(
    () => x.set(0, true as never),
    TypeError,
    "Cannot apply set as value must be a tensor or a number: true",
  );
  assertThrows(
    () => x.set(0, [1, 2] as never),
    TypeError,
    "Cannot apply set as value must be a tensor or a number",
  );
  assertEquals(await x.sum().item(), 0);
  const w = full([2], 1, { requiresGrad: true });
  assertRefuses(
    () => w.set(0, 2),
    Error,
    "Cannot apply set in place as x must not be a leaf that requires a gradient: do it inside noGrad(() => …)",
  );
  assertEquals(await noGrad(() => w.set(0, 2)).toArray(), [2, 1]);
});
