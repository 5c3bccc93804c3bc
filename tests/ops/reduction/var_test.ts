import { assertEquals } from "@std/assert";
import { gradcheck, openDevice, std, tensor, zeros } from "../../../mod.ts";
import { assertAsPyTorch, over, valueAndGradients } from "../../support/reductions.ts";
import { assertClose, assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

function variance(unbiased: boolean) {
  return (values: number[]) => {
    const n = values.length, mean = values.reduce((a, b) => a + b, 0) / n;
    return values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (n - Number(unbiased));
  };
}

Deno.test("var() and std() measure how far elements spread", async () => {
  const x = tensor([[1, 3, 5], [2, 2, 8]]);
  assertClose(await x.var({ dim: 1 }).data(), [4, 12], { rtol: 2e-7 });
  assertClose(await x.var({ dim: [0], unbiased: false }).data(), [0.25, 0.25, 2.25], { rtol: 2e-7 });
  assertClose(await std(x, { dim: 1, keepdim: true }).data(), [2, Math.sqrt(12)], { rtol: 3e-7 });
  assertEquals(std(x, { dim: 1, keepdim: true }).shape, [2, 1]);
  assertClose(await x.var().data(), [6.7], { rtol: 2e-7 });
  assertEquals(await x.var({ dim: [] }).data(), await x.var().data());
});

Deno.test("std() agrees with PyTorch", async () => {
  await assertAsPyTorch((x) => std(x, { dim: 1 }), [0.7138221, 0.5309706, 0.5302277], [
    ...[-0.0014012, 0.0028771, -0.000747, -0.0007288],
    ...[-0.0695723, -0.0553923, 0.1315963, -0.0066317],
    ...[0.0806346, 0.1575373, -0.0633388, -0.1748332],
  ]);
  const biased = { dim: 0, unbiased: false };
  await assertAsPyTorch((x) => std(x, biased), [0.6329047, 0.8333073, 0.1264268, 0.3075829], [
    ...[-0.0012673, -0.0830422, 0.0425142, -0.0916795],
    ...[0.0027456, -0.044868, 0.1564888, 0.0562094],
    ...[-0.0014784, 0.1279103, -0.199003, 0.0354701],
  ]);
});

Deno.test("var() keeps its digits where the mean is large, in chunks too", async () => {
  const values = Float32Array.from({ length: 40_000 }, (_, i) => 100_000 + (i * 7919) % 16);
  const wanted = over([values.length], [0], variance(true))([Float64Array.from(values)]);
  assertClose(await tensor(values).var().data(), wanted, { rtol: 1e-5 });
});

Deno.test("var() and std() of too few elements are NaN, of equal ones 0 with gradient 0", async () => {
  assertEquals(await tensor(3).var().item(), NaN);
  assertEquals(await tensor(3).var({ unbiased: false }).item(), 0);
  assertEquals(await zeros([0]).var().item(), NaN);
  assertEquals(await zeros([2, 0]).std({ dim: 1 }).toArray(), [NaN, NaN]);
  assertEquals(zeros([2, 0]).var({ dim: 0 }).shape, [0]);
  assertEquals(await valueAndGradients((x) => std(x), [2, 2, 2]), [0, [0, 0, 0]]);
  assertEquals(await valueAndGradients((x) => x.var(), [1]), [NaN, [NaN]]);
});

Deno.test("var() and std() of NaN and of infinity are NaN", async () => {
  const x = tensor([[1, NaN, 2], [Infinity, 1, 1], [1, -Infinity, Infinity]]);
  for (const y of [x.var({ dim: 1 }), x.std({ dim: 1 })]) assertEquals(await y.toArray(), [NaN, NaN, NaN]);
});

for (const dims of [[0, 2], [1], [0, 1, 2]]) {
  Deno.test(`var() and std() pass gradcheck over dimensions ${dims}`, async () => {
    const shape = [3, 4, 5];
    for (const unbiased of [true, false]) {
      const f = variance(unbiased), options = { dim: dims, unbiased };
      const [forVar, forStd] = [f, (v: number[]) => Math.sqrt(f(v))].map((g) => over(shape, dims, g));
      await gradcheck((x) => x.var(options), [noiseTensor(shape)], { reference: forVar });
      await gradcheck((x) => x.std(options), [noiseTensor(shape)], { reference: forStd });
    }
  });
}

Deno.test("var() and std() refuse integers and dimensions that do not exist", () => {
  assertRefuses(
    () => tensor([1], { dtype: "int32" }).var(),
    TypeError,
    "Cannot apply var as x must be float32: it is int32",
  );
  assertRefuses(
    () => std(zeros([2]), { dim: 1 }),
    RangeError,
    "Cannot apply std as dim must be a whole number from -1 to 0: 1",
  );
});
