import { assertEquals } from "@std/assert";
import { gradcheck, groupNorm, ones, openDevice, type Tensor, tensor, zeros } from "../../../mod.ts";
import * as reference from "../../support/reference.ts";
import { assertClose, assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("groupNorm() and its gradients are PyTorch's", async () => {
  // x = torch.tensor([...], requires_grad=True); y = F.group_norm(x, 2, weight, bias); y.backward(g), in float64
  const x = tensor([[[1, 2], [3, 5], [0, -1], [4, 4]], [[2, 0], [1, 1], [-3, 6], [2, 2]]], {
    requiresGrad: true,
  });
  const weight = tensor([1, 2, -1, 0.5], { requiresGrad: true });
  const bias = tensor([0, 1, 2, 3], { requiresGrad: true });
  const y = groupNorm(x, 2, { weight, bias });
  const g = Float32Array.from({ length: 16 }, (_, i) => (i % 2 === 0 ? i : -i));
  y.backward(tensor(g, { shape: [2, 4, 2] }));
  const near = async (t: Tensor, wanted: number[]) =>
    assertClose(await t.data(), wanted, { atol: 1e-6, rtol: 1e-6 });
  // deno-fmt-ignore
  await near(y, [
    -1.1832132521355803, -0.5070913937723915, 1.3380609291815946, 4.04254836263435,
    2.7683490793507635, 3.2074056961226285, 3.493938693868348, 3.493938693868348,
    1.4141994204496, -1.4141994204496, 1, 1,
    3.4881941245752737, 0.6684578885379129, 3.039163003278297, 3.039163003278297,
  ]);
  // deno-fmt-ignore
  await near(x.grad!, [
    -1.0817877099337705, -0.849978651893438, 3.4385615563260266, -1.5067951944988185,
    -2.102710343500342, 1.6821696078370705, 1.6372043723401966, -1.216663636676925,
    0.35379026420569204, 0.3533094460191091, 29.3446379743292, -30.051737684554002,
    0.2960010114655751, 0.3700098849895057, 1.9384487419136671, -2.6044596383687475,
  ]);
  await near(weight.grad!, [24.54848154141559, -4.22576161476993, -32.20474478070033, -1.0662033942932894]);
  assertEquals(await bias.grad!.toArray(), [-2, -2, -2, -2]);
});

Deno.test("groupNorm() keeps NaN to its group", async () => {
  const y = groupNorm(tensor([[NaN, 1, 0, 2]]), 2, { eps: 1e-12 });
  assertEquals(await y.toArray(), [[NaN, NaN, -1, 1]]);
});

Deno.test("groupNorm() of nothing is empty, and gives its parameters zeros", async () => {
  const weight = ones([4], { requiresGrad: true });
  const y = groupNorm(zeros([2, 4, 0]), 2, { weight });
  assertEquals(y.shape, [2, 4, 0]);
  y.sum().backward();
  assertEquals(await weight.grad!.toArray(), [0, 0, 0, 0]);
});

for (
  const [shape, groups] of [[[3, 6, 5], 2], [[2, 4, 3, 4], 4], [[3, 6], 3], [[1, 3, 7], 1], [
    [1, 3, 4],
    3,
  ]] as const
) {
  const [n, c, ...rest] = shape, inner = rest.reduce((a, b) => a * b, 1);
  const view = [n, groups, c / groups, inner];

  Deno.test(`groupNorm() passes gradcheck for [${shape}] in ${groups} groups`, async () => {
    const inputs = [
      noiseTensor(shape),
      noiseTensor([c], { seed: 2, offset: 2 }),
      noiseTensor([c], { seed: 3 }),
    ];
    const options = {
      reference: reference.normalize(view, [n, groups, 1, 1], [1, groups, c / groups, 1], 1e-3),
    };
    const fn = (x: Tensor, weight?: Tensor, bias?: Tensor) =>
      groupNorm(x, groups, { weight, bias, eps: 1e-3 });
    await gradcheck(fn, inputs, options);
    await gradcheck((x) => fn(x), inputs.slice(0, 1), options);
  });
}

Deno.test("groupNorm() refuses what does not fit", () => {
  const refuse = (fn: () => unknown, message: string) =>
    assertRefuses(fn, RangeError, `Cannot apply groupNorm as ${message}`);
  refuse(() => groupNorm(zeros([4]), 2), "x must be [n, c, …]: x has shape [4]");
  refuse(
    () => groupNorm(zeros([2, 5, 2]), 2),
    "numGroups must divide the 5 channels: 2, x has shape [2, 5, 2]",
  );
  refuse(
    () => groupNorm(zeros([2, 4]), 2, { weight: ones([2]) }),
    "weight must have shape [4]: it has [2], x has shape [2, 4]",
  );
  refuse(
    () => groupNorm(zeros([1, 2]), 2),
    "there must be more than one value for each group: numGroups 2, x has shape [1, 2]",
  );
  assertRefuses(
    () => groupNorm(zeros([2, 2], { dtype: "int32" }), 1),
    TypeError,
    "Cannot apply groupNorm as x must be float32: it is int32",
  );
});
