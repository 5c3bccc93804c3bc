import { assertEquals } from "@std/assert";
import { gradcheck, openDevice, prod, tensor, zeros } from "../../../mod.ts";
import { assertAsPyTorch, over, valueAndGradients } from "../../support/reductions.ts";
import { assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

const product = (values: number[]) => values.reduce((a, b) => a * b, 1);

Deno.test("prod() multiplies everything, or along a dimension", async () => {
  const x = tensor([[1, 2, 3], [4, 5, 6]]);
  assertEquals(await prod(x).toArray(), 720);
  assertEquals(await prod(x, { dim: 0 }).toArray(), [4, 10, 18]);
  assertEquals(await x.prod({ dim: -1, keepdim: true }).toArray(), [[6], [120]]);
  assertEquals(await prod(tensor(5), { dim: 0 }).toArray(), 5);
});

Deno.test("prod() of integers and booleans is an integer, and wraps", async () => {
  const y = prod(tensor([[3, -7], [2 ** 20, 2 ** 12]], { dtype: "int32" }), { dim: 1 });
  assertEquals([y.dtype, await y.toArray()], ["int32", [-21, 0]]);
  assertEquals(await prod(tensor([[true, true], [true, false]]), { dim: 1 }).toArray(), [1, 0]);
});

Deno.test("prod() over nothing is 1, and of nothing is empty", async () => {
  assertEquals(await prod(zeros([0])).item(), 1);
  assertEquals(await prod(zeros([2, 0]), { dim: 1 }).toArray(), [1, 1]);
  assertEquals(prod(zeros([2, 0]), { dim: 0 }).shape, [0]);
});

Deno.test("prod() agrees with PyTorch", async () => {
  await assertAsPyTorch((x) => prod(x, { dim: 1 }), [-0.0692055, -0.0719007, -0.0224854], [
    ...[0.0006845, -0.0004109, 0.0011556, 0.0011782],
    ...[0.027593, 0.0311553, -0.0443519, 0.0560294],
    ...[-0.0151897, -0.010712, -0.0698566, 0.0390902],
  ]);
});

Deno.test("prod() gives a lone 0 its gradient, and two zeros none", async () => {
  const x = [[1, 0, 3], [0, 0, 2], [2, 3, 4]];
  assertEquals(await valueAndGradients((x) => prod(x, { dim: 1 }), x), [
    [0, 0, 24],
    [[0, 3, 0], [0, 0, 0], [12, 8, 6]],
  ]);
  assertEquals(await valueAndGradients((x) => prod(x), [2, 0, 5]), [0, [0, 10, 0]]);
});

Deno.test("prod() passes NaN and infinities on, and 0 times infinity is NaN", async () => {
  const y = prod(tensor([[2, NaN], [-1, Infinity], [0, Infinity]]), { dim: 1 });
  assertEquals(await y.toArray(), [NaN, -Infinity, NaN]);
  const [, dx] = await valueAndGradients((x) => prod(x), [0, Infinity, 2]);
  assertEquals((dx as number[])[0], Infinity);
});

Deno.test("prod() passes gradcheck over each dimension and over everything", async () => {
  const shape = [3, 4, 5];
  for (const dim of [0, 1, 2]) {
    const reference = over(shape, [dim], product);
    await gradcheck((x) => prod(x, { dim }), [noiseTensor(shape)], { reference });
  }
  await gradcheck((x) => prod(x), [noiseTensor([7], { scale: 4 })], { reference: over([7], [0], product) });
});

Deno.test("prod() refuses a dimension that does not exist", () => {
  assertRefuses(
    () => prod(zeros([2]), { dim: 1 }),
    RangeError,
    "Cannot apply prod as dim must be a whole number from -1 to 0: 1",
  );
});
