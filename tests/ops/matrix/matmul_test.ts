import { assertEquals } from "@std/assert";
import { gradcheck, matmul, openDevice, type Tensor, tensor, zeros } from "../../../mod.ts";
import * as reference from "../../support/reference.ts";
import { assertClose, assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("matmul() multiplies matrices, and vectors from either side", async () => {
  const a = tensor([[1, 2], [3, 4]]), v = tensor([5, 6]);
  assertEquals(await matmul(a, tensor([[5, 6], [7, 8]])).toArray(), [[19, 22], [43, 50]]);
  assertEquals(await matmul(a, v).toArray(), [17, 39]);
  assertEquals(await matmul(v, a).toArray(), [23, 34]);
  assertEquals(await matmul(v, v).toArray(), 61);
});

Deno.test("matmul() of nothing is nothing, over nothing zero", async () => {
  assertEquals(matmul(zeros([0, 3]), zeros([3, 2])).shape, [0, 2]);
  assertEquals(await matmul(zeros([2, 0]), zeros([0, 3])).toArray(), [[0, 0, 0], [0, 0, 0]]);
  const a = zeros([2, 0], { requiresGrad: true }), b = zeros([0, 3], { requiresGrad: true });
  matmul(a, b).sum().backward();
  assertEquals([a.grad!.shape, b.grad!.shape], [[2, 0], [0, 3]]);
});

Deno.test("matmul() passes NaN and infinity on, in their rows and columns only", async () => {
  const a = tensor([[1, NaN], [Infinity, 1], [1, 1]]), b = tensor([[1, 0], [0, -1]]);
  assertEquals(await matmul(a, b).toArray(), [[NaN, NaN], [Infinity, NaN], [1, -1]]);
});

const SHAPES: [number[], number[]][] = [
  [[3, 5], [5, 7]],
  [[1, 1], [1, 1]],
  [[5], [5]],
  [[5], [2, 5, 3]],
  [[2, 3, 5], [5]],
  [[2, 3, 5], [5, 4]],
  [[5, 4], [3, 4, 2]],
  [[2, 1, 3, 4], [3, 4, 5]],
];

for (const [a, b] of SHAPES) {
  Deno.test(`matmul() passes gradcheck for [${a}] and [${b}]`, async () => {
    const inputs = [noiseTensor(a), noiseTensor(b, { seed: 2 })];
    await gradcheck(matmul, inputs, { reference: reference.matmul(a, b) });
  });
}

Deno.test("matmul() agrees with loops where sizes are no multiples of a tile", async () => {
  for (const [m, k, n] of [[67, 129, 31], [1, 300, 1], [33, 1, 65]]) {
    const a = noiseTensor([m, k]), b = noiseTensor([k, n], { seed: 2 });
    const values = await Promise.all([a, b].map(async (t: Tensor) => Float64Array.from(await t.data())));
    const wanted = reference.matmul([m, k], [k, n])(values);
    assertClose(await matmul(a, b).data(), wanted, { atol: 2e-6 * Math.sqrt(k), rtol: 1e-6 });
  }
});

Deno.test("matmul() refuses inner sizes that differ, scalars, batches that do not broadcast and integers", () => {
  assertRefuses(
    () => matmul(zeros([2, 3]), zeros([2, 3])),
    RangeError,
    "Cannot apply matmul as the inner sizes must be equal, 3 and 2: a has shape [2, 3], b [2, 3]",
  );
  assertRefuses(
    () => matmul(zeros([3]), zeros([4])),
    RangeError,
    "Cannot apply matmul as the inner sizes must be equal, 3 and 4: a has shape [3], b [4]",
  );
  assertRefuses(
    () => matmul(zeros([]), zeros([1, 3])),
    RangeError,
    "Cannot apply matmul as both operands must have dimensions: a has shape [], b [1, 3]",
  );
  assertRefuses(
    () => matmul(zeros([2, 3, 4]), zeros([3, 4, 5])),
    RangeError,
    "Cannot apply matmul as the shapes must broadcast: [2] and [3]",
  );
  assertRefuses(
    () => matmul(zeros([2, 2]), zeros([2, 2], { dtype: "int32" })),
    TypeError,
    "Cannot apply matmul as b must be float32: it is int32",
  );
});
