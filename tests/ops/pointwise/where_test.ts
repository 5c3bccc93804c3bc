import { assertEquals } from "@std/assert";
import { gradcheck, openDevice, tensor, where, zeros } from "../../../mod.ts";
import { assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

const CONDITION = tensor([[true], [false]]);

Deno.test("where() chooses, and all three broadcast", async () => {
  const y = where(CONDITION, tensor([1, 2, 3]), tensor([[[10]], [[20]]]));
  assertEquals(await y.toArray(), [[[1, 2, 3], [10, 10, 10]], [[1, 2, 3], [20, 20, 20]]]);
  assertEquals(await where(tensor(true), 5, tensor([1, 2])).toArray(), [5, 5]);
  assertEquals(where(zeros([0, 1], { dtype: "bool" }), tensor([1, 2]), 0).shape, [0, 2]);
});

Deno.test("where() gives the type in which its operands meet, float32 for two numbers", async () => {
  const i = tensor([1, 2], { dtype: "int32" }), b = tensor([true, false]);
  for (
    const [y, dtype, values] of [
      [where(b, i, tensor([0.5, 1.5])), "float32", [1, 1.5]],
      [where(b, b, i), "int32", [1, 2]],
      [where(b, i, 7), "int32", [1, 7]],
      [where(b, i, 0.5), "float32", [1, 0.5]],
      [where(b, 1, 0), "float32", [1, 0]],
      [where(b, NaN, tensor([1, -0])), "float32", [NaN, -0]],
      [where(b, b, b.logicalNot()), "bool", [true, true]],
    ] as const
  ) {
    assertEquals([y.dtype, await y.toArray()], [dtype, [...values]]);
  }
});

Deno.test("where() passes gradcheck where all broadcast", async () => {
  const a = noiseTensor([3]), b = noiseTensor([4, 1, 1], { seed: 2 });
  await gradcheck((a, b) => where(CONDITION, a, b), [a, b]);
  await gradcheck((a) => where(CONDITION, a, 2), [a]);
});

Deno.test("where() lets no gradient through to what was not chosen, not even NaN", async () => {
  const x = tensor([0, 4], { requiresGrad: true });
  where(x.gt(0), x.log(), 0).sum().backward(tensor(1));
  assertEquals(await x.grad!.toArray(), [NaN, 0.25]); // 0 / 0, as in PyTorch
  const a = tensor([1, 2], { requiresGrad: true }), b = tensor([3, 4], { requiresGrad: true });
  where(tensor([true, false]), a, b).backward(tensor([NaN, Infinity]));
  assertEquals([await a.grad!.toArray(), await b.grad!.toArray()], [[NaN, 0], [0, Infinity]]);
});

Deno.test("where() refuses other conditions and shapes that do not broadcast", () => {
  assertRefuses(
    () => where(tensor([1]), 1, 0),
    TypeError,
    "Cannot apply where as condition must be bool: it is float32",
  );
  assertRefuses(
    () => where(CONDITION, zeros([3]), zeros([2])),
    RangeError,
    "Cannot apply where as the shapes must broadcast: [2, 1] and [3] and [2]",
  );
});
