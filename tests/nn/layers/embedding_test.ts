import { assert, assertEquals } from "@std/assert";
import { manualSeed, nn, openDevice, tensor } from "../../../mod.ts";
import { assertRefuses } from "../../support/values.ts";

await openDevice();

Deno.test("Embedding looks rows up, and begins normal", async () => {
  manualSeed(1);
  const layer = new nn.Embedding(500, 20), weights = Float32Array.from(await layer.weight.data());
  assertEquals([layer.weight.shape, Object.keys(layer.stateDict())], [[500, 20], ["weight"]]);
  const mean = weights.reduce((sum, v) => sum + v, 0) / 10_000;
  const variance = weights.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 10_000;
  assert(Math.abs(mean) < 0.03 && Math.abs(variance - 1) < 0.05, `mean ${mean}, variance ${variance}`);
  const y = layer.forward(tensor([[499, 0]], { dtype: "int32" }));
  assertEquals(y.shape, [1, 2, 20]);
  assertEquals(await y.data(), Float32Array.of(...weights.slice(-20), ...weights.slice(0, 20)));
});

Deno.test("Embedding begins with zeros for padding, and keeps them", async () => {
  const layer = new nn.Embedding(4, 3, { paddingIdx: -2 });
  assertEquals(layer.paddingIdx, 2);
  const words = tensor([2, 1, 2], { dtype: "int32" }), y = layer.forward(words);
  assertEquals((await y.data()).slice(0, 3), new Float32Array(3));
  y.sum().backward();
  assertEquals(await layer.weight.grad!.toArray(), [[0, 0, 0], [1, 1, 1], [0, 0, 0], [0, 0, 0]]);
});

Deno.test("Embedding refuses padding that is no row", () => {
  assertRefuses(
    () => new nn.Embedding(4, 3, { paddingIdx: 4 }),
    RangeError,
    "Cannot make Embedding as paddingIdx must be one of the 4 rows: 4",
  );
});

Deno.test("Embedding, AdaptiveAvgPool2d and Upsample print as in PyTorch", () => {
  const layers = [
    new nn.Embedding(10, 3),
    new nn.Embedding(10, 3, { paddingIdx: -1 }),
    new nn.AdaptiveAvgPool2d(1),
    new nn.AdaptiveAvgPool2d([5, 7]),
    new nn.AdaptiveAvgPool2d([null, 7]),
    new nn.AdaptiveAvgPool2d(null),
    new nn.Upsample({ scaleFactor: 2 }),
    new nn.Upsample({ scaleFactor: [2, 3.5], mode: "bilinear" }),
    new nn.Upsample({ size: 4 }),
    new nn.Upsample({ size: [4, 5], mode: "bilinear", alignCorners: true }),
  ];
  assertEquals(layers.map(String), [ // print(nn.…) in PyTorch 1.13
    "Embedding(10, 3)",
    "Embedding(10, 3, padding_idx=9)",
    "AdaptiveAvgPool2d(output_size=1)",
    "AdaptiveAvgPool2d(output_size=(5, 7))",
    "AdaptiveAvgPool2d(output_size=(None, 7))",
    "AdaptiveAvgPool2d(output_size=None)",
    "Upsample(scale_factor=2.0, mode=nearest)",
    "Upsample(scale_factor=(2.0, 3.5), mode=bilinear)",
    "Upsample(size=4, mode=nearest)",
    "Upsample(size=(4, 5), mode=bilinear)",
  ]);
});

Deno.test("AdaptiveAvgPool2d and Upsample pass their options on", async () => {
  const image = tensor([[[[0, 4], [8, 12]]]]);
  assertEquals(await new nn.AdaptiveAvgPool2d([1, null]).forward(image).toArray(), [[[[4, 8]]]]);
  const up = new nn.Upsample({ size: 3, mode: "bilinear", alignCorners: true });
  assertEquals(await up.forward(image).toArray(), [[[[0, 2, 4], [4, 6, 8], [8, 10, 12]]]]);
});
