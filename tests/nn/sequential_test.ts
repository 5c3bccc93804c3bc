import { assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import { nn, openDevice, tensor } from "../../mod.ts";
import { assertRefuses } from "../support/values.ts";

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

// PyTorch: nn.Sequential(OrderedDict([("conv1", nn.Conv2d(1, 20, 5)), ("relu1", nn.ReLU())]))
Deno.test("a Sequential of a record has its names, and prints them", async () => {
  const net = new nn.Sequential({ conv1: new nn.Conv2d(1, 20, 5), relu1: new nn.ReLU() });
  assertEquals(
    String(net),
    `Sequential(
  (conv1): Conv2d(1, 20, kernel_size=(5, 5), stride=(1, 1))
  (relu1): ReLU()
)`,
  );
  assertEquals(Object.keys(net.stateDict()), ["conv1.weight", "conv1.bias"]);
  assertEquals([net.length, net.at(-1)], [2, net.getSubmodule("relu1")]);
  assertEquals(await new nn.Sequential({ a: new nn.ReLU() }).forward(tensor([-1, 1])).toArray(), [0, 1]);
});

Deno.test("append() and add() put a module at the end", () => {
  const net = new nn.Sequential(new nn.Tanh());
  assertStrictEquals(net.append(new nn.ReLU()).add("last", new nn.Sigmoid()), net);
  assertEquals(net.namedChildren().map(([name, m]) => `${name} ${m}`), [
    "0 Tanh()",
    "1 ReLU()",
    "last Sigmoid()",
  ]);
  net.add("last", new nn.Tanh()).add("0", new nn.Sigmoid());
  assertEquals([...net].map(String), ["Sigmoid()", "ReLU()", "Tanh()"]);
});

Deno.test("add() refuses names that are taken, have dots, or would not come last", () => {
  const net = new nn.Sequential({ a: new nn.Tanh() });
  for (const name of ["", "a.b", "forward", "training", "length"]) {
    assertRefuses(
      () => net.add(name, new nn.ReLU()),
      RangeError,
      `Cannot add a module as its name must be free, not empty and without a dot: "${name}"`,
    );
  }
  assertRefuses(
    () => net.append(new nn.ReLU()),
    RangeError,
    'Cannot add a module as a number for a name must follow smaller numbers only: "1" after "a"',
  );
  assertRefuses(
    () => new nn.Sequential().add("1", new nn.ReLU()).add("0", new nn.ReLU()),
    RangeError,
    'Cannot add a module as a number for a name must follow smaller numbers only: "0" after "1"',
  );
});
