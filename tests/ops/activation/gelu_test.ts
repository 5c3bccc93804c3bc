import { assertEquals } from "@std/assert";
import { gelu, gradcheck, openDevice, tensor, zeros } from "../../../mod.ts";
import { unary } from "../../support/reference.ts";
import { assertClose, assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

const X = [0.5, -1, -6, 30];

Deno.test("gelu() weights with the normal distribution, right far below 0 too", async () => {
  const y = await gelu(tensor(X)).data();
  assertClose(y, [0.345731231, -0.158655254, -5.91952587e-9, 30], { rtol: 3e-6 });
  assertEquals([gelu(tensor(1)).shape, gelu(zeros([2, 0, 3])).shape], [[], [2, 0, 3]]);
});

Deno.test("gelu() with tanh is the approximation", async () => {
  const y = await gelu(tensor(X), { approximate: "tanh" }).data();
  assertClose(y, [0.34571401, -0.158808009, -8.43964898e-11, 30], { rtol: 3e-6 });
});

Deno.test("gelu() passes gradcheck both ways", async () => {
  const u = (x: number) => Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3);
  const reference = unary((x) => 0.5 * x * (1 + Math.tanh(u(x))));
  const x = noiseTensor([3, 1, 7], { scale: 5 });
  await gradcheck((x) => gelu(x, { approximate: "tanh" }), [x], { reference });
  await gradcheck((x) => gelu(x), [x]);
});

Deno.test("gelu() refuses integers and other approximations", () => {
  assertRefuses(
    () => gelu(tensor([1], { dtype: "int32" })),
    TypeError,
    "Cannot apply gelu as x must be float32: it is int32",
  );
  assertRefuses(
    () => gelu(tensor([1]), { approximate: "erf" as "tanh" }),
    RangeError,
    'Cannot apply gelu as approximate must be "none" or "tanh": "erf"',
  );
});
