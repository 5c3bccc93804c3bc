import { assertEquals } from "@std/assert";
import { gradcheck, openDevice, pow, tensor, zeros } from "../../../mod.ts";
import { binary, unary } from "../../support/reference.ts";
import { assertClose, assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("pow() raises to numbers and tensors", async () => {
  const x = tensor([0.5, 2, 10]);
  assertClose(await pow(x, 2.5).data(), [0.176776695, 5.65685425, 316.227766], { rtol: 3e-7 });
  assertClose(await x.pow(-1.5).data(), [2.82842712, 0.353553391, 0.0316227766], { rtol: 3e-7 });
  assertClose(await pow(2, x).data(), [1.41421356, 4, 1024], { rtol: 3e-7 });
  assertEquals(await pow(tensor([[-3], [2]]), tensor([0, 1, 3])).toArray(), [[1, -3, -27], [1, 2, 8]]);
  assertEquals([pow(tensor(2), 2).shape, pow(zeros([2, 0]), zeros([2, 1])).shape], [[], [2, 0]]);
});

Deno.test("pow() of integers wraps around, and negative powers in a tensor are whole too", async () => {
  const x = tensor([0, 1, -1, 2, -1, 3, 0], { dtype: "int32" });
  const p = tensor([-1, -2, -3, -1, -2, 20, 0], { dtype: "int32" });
  assertEquals(await pow(x, p).data(), new Int32Array([0, 1, -1, 0, 1, -808182895, 1]));
});

for (const p of [-2, -1, -0.5, 0, 0.5, 1, 1.5, 2, 3, 4]) {
  Deno.test(`pow() to ${p} passes gradcheck`, async () => {
    const x = noiseTensor([3, 1, 5], { offset: 2 });
    await gradcheck((x) => pow(x, p), [x], { reference: unary((x) => x ** p) });
  });
}

Deno.test("pow() passes gradcheck where both operands broadcast", async () => {
  const x = noiseTensor([3, 1, 5], { offset: 2 }), p = noiseTensor([4, 1], { seed: 2, scale: 4 });
  await gradcheck(pow, [x, p], { reference: binary([3, 1, 5], [4, 1], (x, p) => x ** p) });
  await gradcheck((p) => pow(2.5, p), [p], { reference: unary((p) => 2.5 ** p) });
});

// x.grad and p.grad after torch.pow(x, p).sum().backward()
Deno.test("pow() has PyTorch's gradients where the base or the exponent is 0", async () => {
  const x = tensor([0, 0, 0, -1, -1, NaN, 2], { requiresGrad: true });
  const p = tensor([0, 2, -1, 2, 0.5, 0, NaN], { requiresGrad: true });
  pow(x, p).sum().backward();
  assertEquals(await x.grad!.toArray(), [0, 0, -Infinity, -2, NaN, 0, NaN]);
  assertEquals(await p.grad!.toArray(), [0, 0, -Infinity, NaN, NaN, NaN, NaN]);
});

Deno.test("pow() refuses shapes that do not broadcast, negative powers of integers, and booleans", () => {
  assertRefuses(
    () => pow(zeros([2, 2]), zeros([3])),
    RangeError,
    "Cannot apply pow as the shapes must broadcast: [2, 2] and [3]",
  );
  assertRefuses(
    () => pow(tensor([2], { dtype: "int32" }), -1),
    RangeError,
    "Cannot apply pow as integers need an exponent from 0 up: -1",
  );
  assertRefuses(
    () => pow(tensor([true]), tensor([true])),
    TypeError,
    "Cannot apply pow as an operand must be float32 or int32: both are bool",
  );
});
