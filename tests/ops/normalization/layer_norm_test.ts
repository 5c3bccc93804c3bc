import { assertEquals } from "@std/assert";
import { gradcheck, layerNorm, ones, openDevice, type Tensor, tensor, zeros } from "../../../mod.ts";
import * as reference from "../../support/reference.ts";
import { assertClose, assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("layerNorm() normalises each example, then scales and shifts its elements", async () => {
  const x = tensor([[1, 3], [20, 40]]), weight = tensor([1, 2]), bias = tensor([0, 5]);
  assertEquals(await layerNorm(x, { normalizedShape: [2], weight, bias, eps: 0 }).toArray(), [[-1, 7], [
    -1,
    7,
  ]]);
  const whole = layerNorm(tensor([[1, 1], [3, 3]]), { normalizedShape: [2, 2], eps: 0 });
  assertEquals(await whole.toArray(), [[-1, -1], [1, 1]]);
  assertEquals(await layerNorm(tensor([4]), { normalizedShape: 1 }).toArray(), [0]);
});

Deno.test("layerNorm() keeps NaN to its row", async () => {
  const y = layerNorm(tensor([[1, NaN], [0, 2]]), { normalizedShape: 2, eps: 1e-12 });
  assertEquals(await y.toArray(), [[NaN, NaN], [-1, 1]]);
});

Deno.test("layerNorm() of nothing is empty, and gives its parameters zeros", async () => {
  assertEquals(layerNorm(zeros([2, 0]), { normalizedShape: 0 }).shape, [2, 0]);
  const weight = ones([3], { requiresGrad: true });
  layerNorm(zeros([0, 3]), { normalizedShape: 3, weight }).sum().backward();
  assertEquals(await weight.grad!.toArray(), [0, 0, 0]);
});

Deno.test("layerNorm() goes over more rows than a dispatch has workgroups", async () => {
  const rows = 70_000, x = new Float32Array(2 * rows).map((_, i) => (i % 2 === 0 ? -1 : 1) * (1 + i % 3));
  const y = await layerNorm(tensor(x, { shape: [rows, 2] }), { normalizedShape: 2, eps: 0 }).data();
  assertClose(y, x.map(Math.sign), { atol: 1e-6 });
});

for (
  const [shape, last] of [[[4, 6], 1], [[3, 7], 1], [[2, 3, 5], 2], [[2, 3, 2, 4], 1], [[5], 1]] as const
) {
  const lead = shape.length - last;
  const normalizedShape = shape.slice(lead);
  const stats = shape.map((size, d) => (d < lead ? size : 1));
  const affine = shape.map((size, d) => (d < lead ? 1 : size));

  Deno.test(`layerNorm() passes gradcheck for [${shape}] over ${last} dimensions`, async () => {
    const inputs = [
      noiseTensor(shape),
      noiseTensor(normalizedShape, { seed: 2, offset: 2 }),
      noiseTensor(normalizedShape, { seed: 3 }),
    ];
    const options = { reference: reference.normalize(shape, stats, affine, 1e-3) };
    const fn = (x: Tensor, weight?: Tensor, bias?: Tensor) =>
      layerNorm(x, { normalizedShape, weight, bias, eps: 1e-3 });
    await gradcheck(fn, inputs, options);
    await gradcheck((x) => fn(x), inputs.slice(0, 1), options);
  });
}

Deno.test("layerNorm() refuses shapes that do not fit, and integers", () => {
  assertRefuses(
    () => layerNorm(zeros([2, 3]), { normalizedShape: [2] }),
    RangeError,
    "Cannot apply layerNorm as normalizedShape must be the last sizes of x: normalizedShape [2], x has shape [2, 3]",
  );
  assertRefuses(
    () => layerNorm(zeros([2, 3]), { normalizedShape: [] }),
    RangeError,
    "Cannot apply layerNorm as normalizedShape must be the last sizes of x: normalizedShape [], x has shape [2, 3]",
  );
  assertRefuses(
    () => layerNorm(zeros([2, 3]), { normalizedShape: 3, bias: zeros([2, 3]) }),
    RangeError,
    "Cannot apply layerNorm as bias must have the normalized shape: it has [2, 3], normalizedShape [3], x has shape [2, 3]",
  );
  assertRefuses(
    () => layerNorm(zeros([2], { dtype: "int32" }), { normalizedShape: 2 }),
    TypeError,
    "Cannot apply layerNorm as x must be float32: it is int32",
  );
});
