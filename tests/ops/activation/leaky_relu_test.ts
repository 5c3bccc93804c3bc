import { assertEquals } from "@std/assert";
import { gradcheck, leakyRelu, openDevice, tensor, zeros } from "../../../mod.ts";
import { unary } from "../../support/reference.ts";
import { assertClose, assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("leakyRelu() makes what is negative smaller", async () => {
  assertClose(await leakyRelu(tensor([-3, 0, 2.5, -1e-3])).data(), [-0.03, 0, 2.5, -1e-5], { rtol: 3e-7 });
  assertEquals([leakyRelu(tensor(1)).shape, leakyRelu(zeros([2, 0, 3])).shape], [[], [2, 0, 3]]);
});

Deno.test("leakyRelu() passes gradcheck", async () => {
  await gradcheck((x) => leakyRelu(x), [noiseTensor([3, 1, 7], { seed: 3 })], {
    reference: unary((x) => x > 0 ? x : 0.01 * x),
  });
});

Deno.test("leakyRelu() takes a slope, which is its gradient at 0", async () => {
  const x = tensor([-4, 0, 3, NaN], { requiresGrad: true }), y = leakyRelu(x, { negativeSlope: 0.25 });
  assertEquals(await y.toArray(), [-1, 0, 3, NaN]);
  y.sum().backward();
  assertEquals(await x.grad!.toArray(), [0.25, 0.25, 1, 0.25]);
});

Deno.test("leakyRelu() refuses integers", () => {
  assertRefuses(
    () => leakyRelu(tensor([1], { dtype: "int32" })),
    TypeError,
    "Cannot apply leakyRelu as x must be float32: it is int32",
  );
});
