import { assertEquals } from "@std/assert";
import { nn, noGrad, openDevice } from "../../../mod.ts";
import { noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("LayerNorm is its operation with its parameters", async () => {
  const layer = new nn.LayerNorm([6, 5], { eps: 0.5 }), x = noiseTensor([4, 6, 5]);
  const weight = layer.weight!, bias = layer.bias!;
  noGrad(() => weight.copy(noiseTensor([6, 5], { seed: 2 })));
  noGrad(() => bias.copy(noiseTensor([6, 5], { seed: 3 })));
  const wanted = x.layerNorm({ normalizedShape: [6, 5], weight, bias, eps: 0.5 });
  assertEquals(await layer.forward(x).data(), await wanted.data());
});

Deno.test("LayerNorm prints as PyTorch prints it", () => {
  const layers = [new nn.LayerNorm(10), new nn.LayerNorm([3, 5], { eps: 1e-6, elementwiseAffine: false })];
  assertEquals(layers.map(String), [
    "LayerNorm((10,), eps=1e-05, elementwise_affine=True)",
    "LayerNorm((3, 5), eps=1e-06, elementwise_affine=False)",
  ]);
});
