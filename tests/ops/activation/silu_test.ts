import { assertEquals } from "@std/assert";
import { gradcheck, openDevice, silu, tensor, zeros } from "../../../mod.ts";
import { unary } from "../../support/reference.ts";
import { assertClose, assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("silu() weights with the sigmoid", async () => {
  assertClose(
    await silu(tensor([0.5, -1, -20, 30])).data(),
    [0.311229666, -0.268941421, -4.12230724e-8, 30],
    { rtol: 3e-7 },
  );
  assertEquals([silu(tensor(1)).shape, silu(zeros([2, 0, 3])).shape], [[], [2, 0, 3]]);
});

Deno.test("silu() passes gradcheck", async () => {
  await gradcheck(silu, [noiseTensor([3, 1, 7], { scale: 8 })], {
    reference: unary((x) => x / (1 + Math.exp(-x))),
  });
});

Deno.test("silu() refuses integers", () => {
  assertRefuses(
    () => silu(tensor([1], { dtype: "int32" })),
    TypeError,
    "Cannot apply silu as x must be float32: it is int32",
  );
});
