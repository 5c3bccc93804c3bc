import { assertEquals, assertFalse, assertStrictEquals } from "@std/assert";
import { nn, openDevice, type Tensor, tensor, zeros } from "../../mod.ts";

await openDevice();

/** Adds a number to one input, or to the sum of two. */
class Plus extends nn.Module {
  override forward(a: Tensor, b?: Tensor): Tensor {
    return (b ? a.add(b) : a).add(1);
  }
}

Deno.test("a forward hook sees inputs and output, also where a parent calls the module", async () => {
  const net = new nn.Sequential(new nn.Linear(2, 3), new nn.Tanh()), seen: unknown[] = [];
  const handle = net[0].registerForwardHook((module, inputs, output) => {
    seen.push(module, inputs.map((x) => x.shape), output.shape);
  });
  const y = net.forward(zeros([4, 2]));
  assertStrictEquals(seen[0], net[0]);
  assertEquals(seen.slice(1), [[[4, 2]], [4, 3]]);
  handle.remove();
  assertEquals(await net.forward(zeros([4, 2])).data(), await y.data());
  assertEquals(seen.length, 3);
});

Deno.test("hooks change inputs and output, one after the other", async () => {
  const module = new Plus(), one = tensor([1]);
  module.registerForwardPreHook((_, [x]) => x.mul(10)); // the only input
  module.registerForwardPreHook((_, [x]) => [x, x]); // all inputs
  module.registerForwardPreHook(() => {});
  module.registerForwardHook((_, inputs, y) => y.mul(inputs.length));
  module.registerForwardHook((_, __, y) => y.add(0.5));
  module.registerForwardHook(() => null);
  assertEquals(await module.forward(one).toArray(), [42.5]); // 2 (10 + 10 + 1) + 0.5
});

Deno.test("hooks belong to one module, and can be removed by a block's end or from inside", async () => {
  const [a, b] = [new Plus(), new Plus()], one = tensor([1]);
  {
    using _ = a.registerForwardHook((_, __, y) => y.mul(2));
    assertEquals([await a.forward(one).item(), await b.forward(one).item()], [4, 2]);
  }
  const once = a.registerForwardHook((_, __, y) => {
    once.remove();
    return y.mul(3);
  });
  assertEquals([await a.forward(one).item(), await a.forward(one).item()], [6, 2]);
});

Deno.test("hooks are no part of a module's state", () => {
  const layer = new nn.Linear(2, 3);
  layer.registerForwardHook(() => {});
  assertEquals(Object.keys(layer.stateDict()), ["weight", "bias"]);
  assertFalse(Object.keys(layer).includes("forward"));
  assertEquals(String(layer), "Linear(in_features=2, out_features=3, bias=True)");
});
