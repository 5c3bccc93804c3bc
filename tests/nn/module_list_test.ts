import { assertEquals, assertStrictEquals } from "@std/assert";
import { nn, openDevice } from "../../mod.ts";
import { assertRefuses } from "../support/values.ts";

await openDevice();

Deno.test("a ModuleList can be indexed, counted, iterated and extended", () => {
  const modules = [new nn.Tanh(), new nn.ReLU(), new nn.Sigmoid()],
    list = new nn.ModuleList(modules.slice(0, 1));
  assertStrictEquals(list.append(modules[1]), list);
  assertStrictEquals(list.extend([modules[2]]), list);
  assertEquals([list.length, list[3]], [3, undefined]);
  modules.forEach((module, i) => {
    assertStrictEquals(list[i], module);
    assertStrictEquals(list.at(i - 3), module);
    assertStrictEquals([...list][i], module);
  });
});

// PyTorch: print(nn.ModuleList([nn.Linear(2, 3), nn.Sequential(nn.ReLU())])), list(….state_dict())
Deno.test("a ModuleList prints, and names its parameters, as PyTorch's", () => {
  const list = new nn.ModuleList([new nn.Linear(2, 3), new nn.Sequential(new nn.Linear(3, 1))]);
  assertEquals(
    String(list),
    `ModuleList(
  (0): Linear(in_features=2, out_features=3, bias=True)
  (1): Sequential(
    (0): Linear(in_features=3, out_features=1, bias=True)
  )
)`,
  );
  assertEquals(Object.keys(list.stateDict()), ["0.weight", "0.bias", "1.0.weight", "1.0.bias"]);
  assertEquals(String(new nn.ModuleList()), "ModuleList()");
});

Deno.test("a ModuleList refuses to run, and places that it does not have", () => {
  const list = new nn.ModuleList([new nn.Tanh()]);
  assertRefuses(
    () => list.forward(),
    Error,
    "Cannot run a ModuleList as its modules must be called one by one: iterate over it",
  );
  for (const place of [1, -2, 0.5]) {
    assertRefuses(
      () => list.at(place),
      RangeError,
      `Cannot find a module of ModuleList as its 1 modules must have one there: ${place}`,
    );
  }
});

Deno.test("a module finds the modules of a ModuleList in a field, and not those of an array, as in PyTorch", () => {
  class Net extends nn.Module {
    readonly list = new nn.ModuleList([new nn.Linear(2, 2, { bias: false })]);
    readonly array = [new nn.Linear(2, 2)];
    override forward(): void {}
  }
  assertEquals(new Net().namedParameters().map(([name]) => name), ["list.0.weight"]);
});
