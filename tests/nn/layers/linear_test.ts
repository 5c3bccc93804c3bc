import { assertEquals } from "@std/assert";
import { linear, nn, openDevice, tensor } from "../../../mod.ts";

await openDevice();

Deno.test("Linear multiplies by its weight and adds its bias", async () => {
  const layer = new nn.Linear(3, 2), x = tensor([[1, 2, 3]]);
  assertEquals([layer.weight.shape, layer.bias!.shape], [[2, 3], [2]]);
  const wanted = linear(x, layer.weight, { bias: layer.bias! });
  assertEquals(await layer.forward(x).data(), await wanted.data());
  const plain = new nn.Linear(3, 2, { bias: false });
  assertEquals(plain.bias, null);
  assertEquals(await plain.forward(x).data(), await linear(x, plain.weight).data());
});
