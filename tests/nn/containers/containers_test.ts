import { assertEquals, assertThrows } from "@std/assert";
import { nn, ones, openDevice, zeros } from "../../../mod.ts";

await openDevice();

Deno.test("ModuleDict holds modules by name, in order", () => {
  const dict = new nn.ModuleDict({ b: new nn.Linear(2, 3), a: new nn.ReLU() });
  assertEquals(
    String(dict),
    "ModuleDict(\n  (b): Linear(in_features=2, out_features=3, bias=True)\n  (a): ReLU()\n)",
  );
  assertEquals([[...dict.keys()], dict.length, dict.has("a"), dict.has("c")], [["b", "a"], 2, true, false]);
  assertEquals(Object.keys(dict.stateDict()), ["b.weight", "b.bias"]);
  dict.update([["c", new nn.Tanh()]]).update({ a: new nn.Sigmoid() });
  assertEquals([...dict].map(([name, m]) => `${name} ${m}`).slice(1), ["a Sigmoid()", "c Tanh()"]);
  assertEquals([dict.delete("a"), dict.delete("a"), dict.length], [true, false, 2]);
  assertEquals(dict.get("b").forward(zeros([1, 2])).shape, [1, 3]);
  assertThrows(() => dict.get("x"), RangeError, 'one of b, c: "x"');
  assertThrows(() => new nn.ModuleDict({ forward: new nn.ReLU() }), RangeError, "its name must be free");
  assertThrows(() => dict.forward(), Error, "Cannot run a ModuleDict");
});

Deno.test("ParameterList and ParameterDict hold parameters that are learnt", () => {
  const p = (n: number) => new nn.Parameter(ones([n]));
  const list = new nn.ParameterList([p(1), p(2)]).append(p(3));
  assertEquals([list.length, list[1].shape, list.at(-1).shape], [3, [2], [3]]);
  assertEquals([[...list].length, list.parameters().length], [3, 3]);
  assertThrows(() => list.at(3), RangeError, "its 3 parameters must have one there: 3");
  const dict = new nn.ParameterDict({ w: p(2) }).set("v", p(1)).set("w", p(4));
  assertEquals([[...dict.keys()], dict.get("w").shape, dict.has("x")], [["w", "v"], [4], false]);
  assertThrows(() => dict.set("forward", p(1)), RangeError, "its name must be free");
  assertThrows(() => dict.set("w", zeros([1]) as never), TypeError, "parameter must be a Parameter");
  class Net extends nn.Module {
    scales = list;
    named = dict;
    override forward(): void {}
  }
  assertEquals(new Net().namedParameters().map(([name]) => name), [
    "scales.0",
    "scales.1",
    "scales.2",
    "named.w",
    "named.v",
  ]);
});
