import { assertEquals } from "@std/assert";
import { add, gradcheck, openDevice, tensor, zeros } from "../../../mod.ts";
import { binary } from "../../support/reference.ts";
import { assertRefuses, bitsOf, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("add() adds tensors, and numbers on either side", async () => {
  const x = tensor([[1, 2, 3], [4, 5, 6]]);
  assertEquals(await add(x, tensor([[10, 20, 30], [40, 50, 60]])).toArray(), [[11, 22, 33], [44, 55, 66]]);
  assertEquals(await x.add(0.5).toArray(), [[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]]);
  assertEquals(await add(-1, tensor(3)).toArray(), 2);
});

Deno.test("add() broadcasts from both sides", async () => {
  const y = add(tensor([[1], [2], [3]]), tensor([10, 20]));
  assertEquals(await y.toArray(), [[11, 21], [12, 22], [13, 23]]);
});

Deno.test("add() keeps integers, and makes booleans and fractions what PyTorch makes them", async () => {
  const i = tensor([1, -2], { dtype: "int32" }), b = tensor([true, false]);
  for (
    const [y, dtype, values] of [
      [add(i, 1), "int32", [2, -1]],
      [add(i, 0.5), "float32", [1.5, -1.5]],
      [add(i, tensor([0.25, 0.5])), "float32", [1.25, -1.5]],
      [add(b, i), "int32", [2, -2]],
      [add(b, 2), "int32", [3, 2]],
    ] as const
  ) {
    assertEquals(y.dtype, dtype);
    assertEquals(await y.toArray(), [...values]);
  }
});

Deno.test("add() passes NaN, infinities and signed zeros through", async () => {
  const y = add(tensor([NaN, Infinity, Infinity, -0, -0]), tensor([1, 1, -Infinity, -0, 0]));
  assertEquals(await y.toArray(), [NaN, Infinity, NaN, -0, 0]);
  assertEquals(bitsOf(await add(tensor([-0]), tensor([-0])).data()), new Uint32Array([0x80000000]));
});

Deno.test("add() of empty tensors is empty", async () => {
  const x = zeros([0, 3], { requiresGrad: true }), y = add(x, zeros([1, 3]));
  assertEquals(y.shape, [0, 3]);
  assertEquals(await y.toArray(), []);
  y.sum().backward();
  assertEquals(x.grad?.shape, [0, 3]);
});

Deno.test("add() passes gradcheck where both operands broadcast", async () => {
  const a = noiseTensor([3, 1, 5]), b = noiseTensor([7, 1], { seed: 2 });
  await gradcheck(add, [a, b], { reference: binary([3, 1, 5], [7, 1], (a, b) => a + b) });
});

Deno.test("add() of a tensor and itself gives it both gradients", async () => {
  const x = tensor([1, 2], { requiresGrad: true });
  add(x, x).sum().backward();
  assertEquals(await x.grad!.toArray(), [2, 2]);
});

Deno.test("add() refuses shapes that do not broadcast, and two numbers", () => {
  assertRefuses(
    () => add(zeros([2, 3]), zeros([2])),
    RangeError,
    "Cannot apply add as the shapes must broadcast: [2, 3] and [2]",
  );
  assertRefuses(
    () => add(1, 2),
    TypeError,
    "Cannot apply add as one operand must be a tensor: both are numbers",
  );
});
