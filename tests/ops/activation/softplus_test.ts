import { assertEquals } from "@std/assert";
import { gradcheck, openDevice, softplus, tensor, zeros } from "../../../mod.ts";
import { unary } from "../../support/reference.ts";
import { assertClose, assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("softplus() is smooth at 0 and right far below", async () => {
  assertClose(await softplus(tensor([0.5, -1, -30, 30])).data(), [
    0.974076984,
    0.313261688,
    9.35762297e-14,
    30,
  ], { rtol: 3e-7 });
  assertEquals([softplus(tensor(1)).shape, softplus(zeros([2, 0, 3])).shape], [[], [2, 0, 3]]);
});

Deno.test("softplus() passes gradcheck", async () => {
  await gradcheck((x) => softplus(x), [noiseTensor([3, 1, 7], { scale: 8 })], {
    reference: unary((x) => Math.log1p(Math.exp(x))),
  });
});

Deno.test("softplus() takes a sharpness and a threshold, above which it is linear", async () => {
  const x = tensor([0.5, -1, 2.4, 2.6], { requiresGrad: true }), y = softplus(x, { beta: 2, threshold: 5 });
  assertClose(await y.data(), [0.656630844, 0.0634640055, 2.40409803, 2.6], { rtol: 3e-7 });
  y.sum().backward();
  assertClose(await x.grad!.data(), [0.731058579, 0.119202922, 0.991837429, 1], { rtol: 3e-7 });
});

Deno.test("softplus() refuses integers", () => {
  assertRefuses(
    () => softplus(tensor([1], { dtype: "int32" })),
    TypeError,
    "Cannot apply softplus as x must be float32: it is int32",
  );
});
