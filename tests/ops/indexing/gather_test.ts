import { assertEquals } from "@std/assert";
import { gather, gradcheck, openDevice, tensor, zeros } from "../../../mod.ts";
import { noise } from "../../support/oracle.ts";
import { assertClose, assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

const indices = (values: number[] | number[][] | number[][][]) => tensor(values, { dtype: "int32" });

Deno.test("gather() picks along a dimension", async () => {
  const x = tensor([[1, 2, 3], [4, 5, 6]]);
  assertEquals(await gather(x, indices([[2, 0], [1, 1]]), { dim: 1 }).toArray(), [[3, 1], [5, 5]]);
  assertEquals(await gather(x, indices([[1, 0, 1]]), { dim: 0 }).toArray(), [[4, 2, 6]]);
  assertEquals(await gather(x, indices([[1], [1], [0]]), { dim: -2 }).toArray(), [[4], [4], [1]]);
  assertEquals(await gather(tensor(3), tensor(0, { dtype: "int32" }), { dim: 0 }).toArray(), 3);
  const int = gather(tensor([7, 8], { dtype: "int32" }), indices([1, 1]), { dim: 0 });
  assertEquals([int.dtype, await int.toArray()], ["int32", [8, 8]]);
  assertEquals(await gather(tensor([true, false]), indices([1, 0]), { dim: 0 }).toArray(), [false, true]);
});

Deno.test("gather() gives NaN, 0 or false for indices that do not exist, and no gradient", async () => {
  const index = indices([0, 2, -1, 1, 2 ** 31 - 1, -(2 ** 31)]);
  const x = tensor([5, 6], { requiresGrad: true }), y = gather(x, index, { dim: 0 });
  assertEquals(await y.toArray(), [5, NaN, NaN, 6, NaN, NaN]);
  y.sum().backward();
  assertEquals(await x.grad!.toArray(), [1, 1]);
  const int = gather(tensor([5, 6], { dtype: "int32" }), index, { dim: 0 });
  assertEquals(await int.toArray(), [5, 0, 0, 6, 0, 0]);
  assertEquals(await gather(tensor([true]), index, { dim: 0 }).toArray(), [true, ...Array(5).fill(false)]);
  assertEquals(await gather(zeros([0]), indices([0]), { dim: 0 }).toArray(), [NaN]);
});

Deno.test("gather() handles nothing", async () => {
  const x = tensor([[1, 2]], { requiresGrad: true });
  const y = gather(x, tensor([], { shape: [1, 0], dtype: "int32" }), { dim: 1 });
  assertEquals(y.shape, [1, 0]);
  y.sum().backward();
  assertEquals(await x.grad!.toArray(), [[0, 0]]);
});

Deno.test("gather() passes gradcheck where places repeat", async () => {
  const index = tensor([[[3, 0], [3, 1]], [[0, 0], [3, 0]]], { dtype: "int32" });
  const at = await index.data(), columns = [0, 1, 0, 1, 0, 1, 0, 1];
  await gradcheck((x) => gather(x, index, { dim: 1 }), [noiseTensor([2, 4, 3])], {
    reference: ([x]) => columns.map((c, i) => x[12 * (i >> 2) + 3 * at[i] + c]),
  });
});

Deno.test("the gradient of gather() adds up many places, the same in every run", async () => {
  const n = 5000, index = Int32Array.from(noise(3, n), (v) => (v + 0.5) * 700), dy = noise(4, n);
  const wanted = new Float64Array(1000);
  index.forEach((k, i) => wanted[k] += dy[i]);
  const gradient = () => {
    const x = zeros([1000], { requiresGrad: true });
    gather(x, tensor(index), { dim: 0 }).backward(tensor(dy));
    return x.grad!.data();
  };
  const first = await gradient();
  assertClose(first, wanted, { atol: 2e-6 });
  assertEquals(await gradient(), first);
});

Deno.test("gather() picks from more lines than a dispatch has workgroups", async () => {
  const n = 70_000 * 32, x = zeros([n, 2], { requiresGrad: true });
  const index = Int32Array.from({ length: n }, (_, i) => i % 2);
  gather(x, tensor(index, { shape: [n, 1] }), { dim: 1 }).sum().backward();
  const grad = await x.grad!.data();
  assertEquals(grad.findIndex((v, i) => v !== (i % 4 === 0 || i % 4 === 3 ? 1 : 0)), -1);
});

Deno.test("gather() refuses other types and shapes", () => {
  const x = zeros([2, 3]);
  assertRefuses(
    () => gather(x, zeros([2, 1]), { dim: 1 }),
    TypeError,
    "Cannot apply gather as index must be int32: it is float32",
  );
  const refuse = (shape: number[], shown: string) =>
    assertRefuses(
      () => gather(x, zeros(shape, { dtype: "int32" }), { dim: 1 }),
      RangeError,
      "Cannot apply gather as index must have the dimensions of x and, but for dim 1, at most its sizes: " +
        `index ${shown}, x [2, 3]`,
    );
  refuse([2], "[2]");
  refuse([3, 1], "[3, 1]");
  assertRefuses(
    () => gather(x, zeros([2, 1], { dtype: "int32" }), { dim: 2 }),
    RangeError,
    "Cannot apply gather as dim must be a whole number from -2 to 1: 2",
  );
});
