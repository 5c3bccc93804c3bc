import { assertEquals } from "@std/assert";
import { clamp, gradcheck, openDevice, tensor, zeros } from "../../../mod.ts";
import { unary } from "../../support/reference.ts";
import { assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("clamp() takes either bound or both", async () => {
  const x = tensor([[-3, 0.5], [4, NaN]]);
  assertEquals(await clamp(x, { min: -1, max: 1 }).toArray(), [[-1, 0.5], [1, NaN]]);
  assertEquals(await clamp(x, { min: 1 }).toArray(), [[1, 1], [4, NaN]]);
  assertEquals(await clamp(x, { max: 0 }).toArray(), [[-3, 0], [0, NaN]]);
  assertEquals([clamp(tensor(1), { min: 0 }).shape, clamp(zeros([0, 3]), { min: 0 }).shape], [[], [0, 3]]);
});

Deno.test("clamp() gives the upper bound where the lower one is above it", async () => {
  assertEquals(await clamp(tensor([-1, 1, 3]), { min: 2, max: 0 }).toArray(), [0, 0, 0]);
  assertEquals(await clamp(tensor([-1, 3], { dtype: "int32" }), { min: 2, max: 0 }).toArray(), [0, 0]);
});

Deno.test("clamp() keeps integers, unless a bound is a fraction", async () => {
  const x = tensor([-3, 0, 2], { dtype: "int32" });
  for (
    const [y, dtype, values] of [
      [clamp(x, { min: -1, max: 1 }), "int32", [-1, 0, 1]],
      [clamp(x, { min: 1 }), "int32", [1, 1, 2]],
      [clamp(x, { min: 0.5 }), "float32", [0.5, 0.5, 2]],
      [clamp(tensor([true, false]), { max: 0 }), "int32", [0, 0]],
    ] as const
  ) {
    assertEquals([y.dtype, await y.toArray()], [dtype, [...values]]);
  }
});

Deno.test("clamp() passes the gradient at its bounds, and none at NaN", async () => {
  const x = tensor([-2, -1, 0, 1, 2, NaN, -Infinity], { requiresGrad: true });
  clamp(x, { min: -1, max: 1 }).sum().backward();
  assertEquals(await x.grad!.toArray(), [0, 1, 1, 1, 0, 0, 0]);
});

Deno.test("clamp() passes gradcheck away from its bounds", async () => {
  const reference = unary((x) => Math.min(Math.max(x, -0.5), 0.25));
  await gradcheck((x) => clamp(x, { min: -0.5, max: 0.25 }), [noiseTensor([3, 7])], { reference });
});

Deno.test("clamp() refuses no bounds, and NaN", () => {
  assertRefuses(
    () => clamp(tensor([1]), {}),
    TypeError,
    "Cannot apply clamp as min or max must be given: neither is",
  );
  assertRefuses(
    () => clamp(tensor([1]), { min: NaN, max: 1 }),
    RangeError,
    "Cannot apply clamp as bounds must be numbers: NaN and 1",
  );
});
