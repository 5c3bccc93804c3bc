import { assertEquals } from "@std/assert";
import { elu, gradcheck, openDevice, tensor, zeros } from "../../../mod.ts";
import { unary } from "../../support/reference.ts";
import { assertClose, assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("elu() falls off to -alpha", async () => {
  assertClose(await elu(tensor([0.5, -1, -1e-6, -30])).data(), [0.5, -0.632120559, -9.999995e-7, -1], {
    rtol: 3e-7,
  });
  assertEquals([elu(tensor(1)).shape, elu(zeros([2, 0, 3])).shape], [[], [2, 0, 3]]);
});

Deno.test("elu() passes gradcheck", async () => {
  await gradcheck((x) => elu(x), [noiseTensor([3, 1, 7], { scale: 6 })], {
    reference: unary((x) => x > 0 ? x : Math.expm1(x)),
  });
});

Deno.test("elu() takes alpha, which is its gradient at 0", async () => {
  const x = tensor([-1, 0, 3, -Infinity], { requiresGrad: true }), y = elu(x, { alpha: 0.5 });
  assertClose(await y.data(), [-0.316060279, 0, 3, -0.5], { rtol: 3e-7 });
  y.sum().backward();
  assertClose(await x.grad!.data(), [0.183939721, 0.5, 1, 0], { rtol: 3e-7 });
});

Deno.test("elu() refuses integers", () => {
  assertRefuses(
    () => elu(tensor([1], { dtype: "int32" })),
    TypeError,
    "Cannot apply elu as x must be float32: it is int32",
  );
});
