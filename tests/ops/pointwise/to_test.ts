import { assertEquals } from "@std/assert";
import { type DType, gradcheck, openDevice, tensor, to, zeros } from "../../../mod.ts";
import { assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("to() converts between the types", async () => {
  const x = tensor([-1.9, 0, -0, 0.5, 2e9]);
  assertEquals(await to(x, "int32").data(), Int32Array.of(-1, 0, 0, 0, 2e9));
  assertEquals(await to(tensor([NaN, -0, 0.1]), "bool").data(), Uint8Array.of(1, 0, 1));
  const int = tensor([-2, 0, 16_777_217], { dtype: "int32" });
  assertEquals(await to(int, "float32").data(), Float32Array.of(-2, 0, 16_777_216));
  assertEquals(await to(int, "bool").data(), Uint8Array.of(1, 0, 1));
  const bool = tensor([true, false]);
  assertEquals(await to(bool, "float32").data(), Float32Array.of(1, 0));
  assertEquals(await to(bool, "int32").data(), Int32Array.of(1, 0));
  assertEquals(to(zeros([2, 0]), "bool").shape, [2, 0]);
});

Deno.test("to() shares the memory where the type stays, and lets gradients through", async () => {
  const x = tensor([1, 2], { dtype: "int32" }), y = to(x, "int32");
  x.fill(7);
  assertEquals(await y.toArray(), [7, 7]);
  await gradcheck((x) => to(x, "float32"), [noiseTensor([2, 3])], { reference: ([x]) => x });
});

Deno.test("to() has no gradient where the type changes", () => {
  assertEquals(to(tensor([1], { requiresGrad: true }), "int32").requiresGrad, false);
});

Deno.test("to() refuses types that there are not", () => {
  assertRefuses(
    () => to(zeros([1]), "float64" as DType),
    RangeError,
    'Cannot apply to as dtype must be "float32", "int32" or "bool": "float64"',
  );
});
