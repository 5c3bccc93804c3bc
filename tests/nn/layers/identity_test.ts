import { assertEquals, assertStrictEquals } from "@std/assert";
import { nn, openDevice, tensor } from "../../../mod.ts";

await openDevice();

Deno.test("Identity returns its input itself, and prints as PyTorch prints it", () => {
  const x = tensor([-2, 3]), layer = new nn.Identity();
  assertStrictEquals(layer.forward(x), x);
  assertEquals(String(layer), "Identity()");
});
