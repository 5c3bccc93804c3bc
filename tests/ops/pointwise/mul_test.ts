import { assertEquals } from "@std/assert";
import { gradcheck, mul, openDevice, tensor, zeros } from "../../../mod.ts";
import { binary } from "../../support/reference.ts";
import { assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("mul() multiplies element by element", async () => {
  assertEquals(await mul(tensor([1, 2, 3]), tensor([4, 5, 6])).toArray(), [4, 10, 18]);
  assertEquals(await mul(2, tensor([[1], [2]])).toArray(), [[2], [4]]);
  assertEquals(await tensor([3, 4], { dtype: "int32" }).mul(-2).toArray(), [-6, -8]);
});

Deno.test("mul() keeps the sign of zero, and infinity times zero is NaN", async () => {
  const y = mul(tensor([0, Infinity, -Infinity, NaN]), tensor([-1, 0, 2, 0]));
  assertEquals(await y.toArray(), [-0, NaN, -Infinity, NaN]);
});

Deno.test("mul() passes gradcheck where both operands broadcast", async () => {
  const a = noiseTensor([3, 1, 5]), b = noiseTensor([4, 1], { seed: 2 });
  await gradcheck(mul, [a, b], { reference: binary([3, 1, 5], [4, 1], (a, b) => a * b) });
});

Deno.test("mul() passes gradcheck with a number", async () => {
  const reference = (inputs: Float64Array[]) => inputs[0].map((v) => v * -1.5);
  await gradcheck((x) => mul(x, -1.5), [noiseTensor([7])], { reference });
});

Deno.test("mul() of a tensor and itself gives twice its value as gradient", async () => {
  const x = tensor([3, -4], { requiresGrad: true });
  mul(x, x).sum().backward();
  assertEquals(await x.grad!.toArray(), [6, -8]);
});

Deno.test("mul() refuses shapes that do not broadcast", () => {
  assertRefuses(
    () => mul(zeros([2]), zeros([3])),
    RangeError,
    "Cannot apply mul as the shapes must broadcast: [2] and [3]",
  );
});
