import { assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import { nn, openDevice, tensor } from "../../mod.ts";

await openDevice();

Deno.test("a Sequential passes its input through all modules", async () => {
  const net = new nn.Sequential(new nn.Flatten({ startDim: 0 }), new nn.ReLU());
  assertEquals(await net.forward(tensor([[-1, 2], [3, -4]])).toArray(), [0, 2, 3, 0]);
  const x = tensor([1]);
  assertStrictEquals(new nn.Sequential().forward(x), x);
});

Deno.test("a Sequential can be indexed, counted and iterated", () => {
  const modules = [new nn.Tanh(), new nn.ReLU(), new nn.Sigmoid()], net = new nn.Sequential(...modules);
  assertEquals([net.length, net[3]], [3, undefined]);
  modules.forEach((module, i) => {
    assertStrictEquals(net[i], module);
    assertStrictEquals([...net][i], module);
    assertStrictEquals(net.children()[i], module);
  });
});

Deno.test("a Sequential of more than ten keeps their order", () => {
  const net = new nn.Sequential(...Array.from({ length: 12 }, (_, i) => new nn.Flatten({ startDim: i })));
  assertEquals([...net].map((m) => (m as nn.Flatten).startDim), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
});

Deno.test("a module of a Sequential can be replaced in its place", () => {
  const net = new nn.Sequential(new nn.Tanh(), new nn.Sigmoid());
  net[0] = new nn.ReLU();
  assertInstanceOf([...net][0], nn.ReLU);
});
