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

Deno.test("Embedding prints as PyTorch prints it", () => {
  const layers = [new nn.Embedding(10, 3), new nn.Embedding(10, 3, { paddingIdx: -1 })];
  assertEquals(layers.map(String), [ // print(nn.…) in PyTorch 1.13
    "Embedding(10, 3)",
    "Embedding(10, 3, padding_idx=9)",
  ]);
});
