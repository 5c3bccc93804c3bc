import { assert, assertEquals } from "@std/assert";
import {
  arange,
  avgPool2d,
  conv2d,
  cumsum,
  embedding,
  full,
  gather,
  linear,
  matmul,
  mean,
  mseLoss,
  norm,
  ones,
  openDevice,
  scope,
  softmax,
  stack,
  sum,
  type Tensor,
  zeros,
} from "../../mod.ts";
import { clipGradNorm } from "../../nn/utils.ts";

// Sums of many equal numbers, where each addition rounds in the same direction: one after the other they would be off by
// 1e-5 to 1e-3 of their value. float32 itself rounds by 6e-8.

await openDevice();
const TENTH = Math.fround(0.1);

/** The largest error of the tensor that `make` makes, relative to what is wanted, an element or all of them. */
async function errorOf(make: () => Tensor, wanted: number | ((i: number) => number)): Promise<number> {
  using _ = scope();
  const values = await make().data();
  let worst = 0;
  values.forEach((v, i) => {
    const want = typeof wanted === "number" ? wanted : wanted(i);
    worst = Math.max(worst, Math.abs(v - want) / want);
  });
  return worst;
}

/** The gradient of the sum of what `fn` makes of a tensor full of ones. */
function gradientOf(shape: readonly number[], fn: (x: Tensor) => Tensor): Tensor {
  const x = ones(shape, { requiresGrad: true });
  fn(x).sum().backward();
  return x.grad!;
}

async function assertExact(most: number, make: () => Tensor, wanted: number | ((i: number) => number)) {
  const error = await errorOf(make, wanted);
  assert(error <= most, `${error} > ${most}`);
}

Deno.test("sum() and mean() of equal numbers are right to float32, however many there are", async () => {
  for (const n of [7, 1000, 10_000, 100_003, 1_392_640, 20_000_000]) {
    await assertExact(2.5e-7, () => sum(full([n], 0.1)), n * TENTH);
    await assertExact(2.5e-7, () => mean(full([n], 0.1)), TENTH);
  }
});

Deno.test("sums along any dimension of equal numbers are right to float32", async () => {
  await assertExact(2.5e-7, () => sum(full([100_000, 8], 0.1), { dim: 0 }), 100_000 * TENTH);
  await assertExact(2.5e-7, () => sum(full([100_000, 5], 0.1), { dim: 0 }), 100_000 * TENTH);
  await assertExact(2.5e-7, () => sum(full([64, 100_003], 0.1), { dim: 1 }), 100_003 * TENTH);
  await assertExact(2.5e-7, () => sum(full([3000, 3001], 0.1), { dim: 1 }), 3001 * TENTH);
  await assertExact(2.5e-7, () => sum(full([64, 16, 28, 28], 0.1), { dim: [0, 2, 3] }), 64 * 784 * TENTH);
});

Deno.test("cumsum() of equal numbers is right to float32 at every place", async () => {
  await assertExact(4e-7, () => cumsum(full([1000], 0.1), { dim: 0 }), (i) => TENTH * (i + 1));
  await assertExact(4e-7, () => cumsum(full([17_000_000], 0.1), { dim: 0 }), (i) => TENTH * (i + 1));
  const along = (i: number) => TENTH * (Math.floor(i / 8) + 1);
  await assertExact(4e-7, () => cumsum(full([5000, 8], 0.1), { dim: 0 }), along);
  const back = gradientOf([5000], (x) => cumsum(x, { dim: 0 }).mul(0.1));
  await assertExact(4e-7, () => back, (i) => TENTH * (5000 - i));
});

Deno.test("norms, losses and softmax over many equal numbers are right to float32", async () => {
  const n = 1_000_000;
  await assertExact(3e-7, () => norm(full([n], 0.1)), 1000 * TENTH);
  await assertExact(4e-7, () => norm(full([n], 0.1), { p: 3 }), 100 * TENTH);
  await assertExact(3e-7, () => mseLoss(full([n], 0.1), zeros([n])), TENTH * TENTH);
  await assertExact(3e-7, () => softmax(full([1, 4000], 0.3), { dim: 1 }), 1 / 4000);
  await assertExact(3e-7, () => softmax(full([1, n], 0.3), { dim: 1 }), 1 / n);
  const w = gradientOf([n], (x) => x.mul(0.1)), parameter = zeros([n], { requiresGrad: true });
  parameter.grad = w;
  await assertExact(3e-7, () => clipGradNorm([parameter], 1e9), 1000 * TENTH);
  const alternating = () => stack([full([n / 2], 0.1), full([n / 2], -0.1)], { dim: 1 });
  await assertExact(1e-6, () => alternating().var({ unbiased: false }), TENTH * TENTH);
});

Deno.test("matrix products over many equal numbers are right to some 4e-6", async () => {
  await assertExact(4e-6, () => matmul(full([64, 1000], 0.1), ones([1000, 64])), 1000 * TENTH);
  await assertExact(4e-6, () => matmul(full([32, 12_544], 0.1), ones([12_544, 64])), 12_544 * TENTH);
  await assertExact(4e-6, () => matmul(full([1, 1_000_000], 0.1), ones([1_000_000, 1])), 1e6 * TENTH);
  const dw = () => gradientOf([10, 20], (w) => linear(full([60_000, 20], 0.1), w));
  await assertExact(4e-6, dw, 60_000 * TENTH);
});

Deno.test("convolutions and their gradients over many equal numbers are right to some 4e-6", async () => {
  const dw = (x: Tensor, shape: number[]) => () => gradientOf(shape, (w) => conv2d(x, w));
  await assertExact(4e-6, dw(full([64, 1, 130, 130], 0.1), [1, 1, 3, 3]), 64 * 128 * 128 * TENTH);
  await assertExact(4e-6, dw(full([128, 6, 28, 28], 0.1), [16, 6, 5, 5]), 128 * 24 * 24 * TENTH);
  await assertExact(5e-6, dw(full([32, 64, 30, 30], 0.1), [64, 64, 3, 3]), 32 * 28 * 28 * TENTH);
  await assertExact(4e-6, () => conv2d(full([1, 512, 8, 8], 0.1), ones([4, 512, 3, 3])), 512 * 9 * TENTH);
  await assertExact(4e-6, () => conv2d(full([1, 4096, 4, 4], 0.1), ones([4, 4096, 1, 1])), 4096 * TENTH);
  await assertExact(4e-6, () => avgPool2d(full([1, 1, 200, 200], 0.1), { kernelSize: 200 }), TENTH);
});

Deno.test("gradients that many places add to are right to float32", async () => {
  const index = (n: number) => zeros([n], { dtype: "int32" });
  const words = () => gradientOf([3, 2], (w) => embedding(index(200_000), w).mul(0.1)).slice({ end: 1 });
  await assertExact(3e-7, words, 200_000 * TENTH);
  const places = () => gradientOf([1], (x) => gather(x, index(100_000), { dim: 0 }).mul(0.1));
  await assertExact(3e-7, places, 100_000 * TENTH);
});

Deno.test("a long sum has the same bits in each run", async () => {
  const x = arange(300_007).mul(0.37).sin(), wanted = await sum(x).item();
  for (let run = 0; run < 3; run++) assertEquals(await sum(x).item(), wanted);
});
