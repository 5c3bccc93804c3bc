import { assertEquals } from "@std/assert";
import { gradcheck, linear, openDevice, type Tensor, tensor, zeros } from "../../../mod.ts";
import * as reference from "../../support/reference.ts";
import { assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("linear() multiplies by the transposed weight and adds the bias", async () => {
  const weight = tensor([[1, 2], [3, 4], [5, 6]]), x = tensor([[1, 1], [1, -1]]);
  assertEquals(await linear(x, weight).toArray(), [[3, 7, 11], [-1, -1, -1]]);
  const bias = tensor([10, 20, 30]);
  assertEquals(await linear(x, weight, { bias }).toArray(), [[13, 27, 41], [9, 19, 29]]);
  assertEquals(await linear(tensor([1, 0]), weight, { bias }).toArray(), [11, 23, 35]);
});

Deno.test("linear() of no rows has no rows, and leaves zero gradients", async () => {
  const weight = zeros([3, 2], { requiresGrad: true }), bias = zeros([3], { requiresGrad: true });
  const y = linear(zeros([0, 2]), weight, { bias });
  assertEquals(y.shape, [0, 3]);
  y.sum().backward();
  assertEquals(await weight.grad!.toArray(), [[0, 0], [0, 0], [0, 0]]);
  assertEquals(await bias.grad!.toArray(), [0, 0, 0]);
});

Deno.test("linear() without inputs is its bias", async () => {
  assertEquals(await linear(zeros([2, 0]), zeros([2, 0]), { bias: tensor([1, 2]) }).toArray(), [[1, 2], [
    1,
    2,
  ]]);
});

for (const shape of [[5, 7], [7], [2, 3, 7]]) {
  Deno.test(`linear() passes gradcheck for x of shape [${shape}]`, async () => {
    const inputs = [noiseTensor(shape), noiseTensor([3, 7], { seed: 2 }), noiseTensor([3], { seed: 3 })];
    const withBias = (x: Tensor, w: Tensor, bias: Tensor) => linear(x, w, { bias });
    await gradcheck(withBias, inputs, { reference: reference.linear(shape, 3) });
  });
}

Deno.test("linear() refuses a weight or bias that does not fit", () => {
  assertRefuses(
    () => linear(zeros([4, 3]), zeros([3, 2])),
    RangeError,
    "Cannot apply linear as weight must be [out, in] for x […, in]: weight [3, 2], x [4, 3]",
  );
  assertRefuses(
    () => linear(zeros([4, 2]), zeros([3, 2]), { bias: zeros([2]) }),
    RangeError,
    "Cannot apply linear as bias must have shape [3]: bias [2], weight [3, 2]",
  );
  assertRefuses(
    () => linear(zeros([4, 2], { dtype: "int32" }), zeros([3, 2])),
    TypeError,
    "Cannot apply linear as x must be float32: it is int32",
  );
});
