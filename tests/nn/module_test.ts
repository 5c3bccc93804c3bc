import { assert, assertEquals, assertFalse, assertStrictEquals } from "@std/assert";
import { nn, openDevice, scope, type Tensor, tensor, zeros } from "../../mod.ts";
import { undisposed } from "../support/memory.ts";
import { assertRefuses } from "../support/values.ts";

const device = await openDevice();

function lenet(pool: nn.Module = new nn.AvgPool2d(2, { stride: 2 })): nn.Sequential {
  return new nn.Sequential(
    new nn.Conv2d(1, 6, 5, { padding: 2 }),
    new nn.Sigmoid(),
    pool,
    new nn.Conv2d(6, 16, 5),
    new nn.Sigmoid(),
    new nn.AvgPool2d(2, { stride: 2 }),
    new nn.Flatten(),
    new nn.Linear(400, 120),
    new nn.Sigmoid(),
    new nn.Linear(120, 84),
    new nn.Sigmoid(),
    new nn.Linear(84, 10),
  );
}

/** A module with children in two levels, a parameter of its own, a buffer, and a child that it uses twice. */
class Block extends nn.Module {
  readonly scale = new nn.Parameter(tensor([2]));
  readonly body = new nn.Sequential(new nn.Linear(2, 3), new nn.Tanh());
  readonly again = this.body[0];
  readonly head = new nn.Linear(3, 1, { bias: false });
  readonly mean = this.registerBuffer("running_mean", zeros([3]));

  override forward(x: Tensor): Tensor {
    return this.head.forward(this.body.forward(x)).mul(this.scale);
  }
}

Deno.test("String(net) is what PyTorch prints of LeNet", () => {
  assertEquals(
    String(lenet()),
    `Sequential(
  (0): Conv2d(1, 6, kernel_size=(5, 5), stride=(1, 1), padding=(2, 2))
  (1): Sigmoid()
  (2): AvgPool2d(kernel_size=2, stride=2, padding=0)
  (3): Conv2d(6, 16, kernel_size=(5, 5), stride=(1, 1))
  (4): Sigmoid()
  (5): AvgPool2d(kernel_size=2, stride=2, padding=0)
  (6): Flatten(start_dim=1, end_dim=-1)
  (7): Linear(in_features=400, out_features=120, bias=True)
  (8): Sigmoid()
  (9): Linear(in_features=120, out_features=84, bias=True)
  (10): Sigmoid()
  (11): Linear(in_features=84, out_features=10, bias=True)
)`,
  );
});

Deno.test("String(net) indents what is nested, and prints every layer as PyTorch does", () => {
  const net = new nn.Sequential(
    new nn.Sequential(
      new nn.Conv2d(4, 8, [3, 5], { stride: [1, 2], padding: "same", dilation: 2, groups: 4, bias: false }),
      new nn.ReLU(),
    ),
    new nn.MaxPool2d(3, { stride: [2, 1], padding: 1 }),
    new nn.AvgPool2d([2, 3]),
    new nn.Linear(2, 3, { bias: false }),
    new nn.Tanh(),
    new nn.Softmax({ dim: 1 }),
    new nn.LogSoftmax({ dim: -1 }),
    new nn.CrossEntropyLoss(),
  );
  assertEquals(
    Deno.inspect(net),
    `Sequential(
  (0): Sequential(
    (0): Conv2d(4, 8, kernel_size=(3, 5), stride=(1, 2), padding=same, dilation=(2, 2), groups=4, bias=False)
    (1): ReLU()
  )
  (1): MaxPool2d(kernel_size=3, stride=(2, 1), padding=1, dilation=1, ceil_mode=False)
  (2): AvgPool2d(kernel_size=(2, 3), stride=(2, 3), padding=0)
  (3): Linear(in_features=2, out_features=3, bias=False)
  (4): Tanh()
  (5): Softmax(dim=1)
  (6): LogSoftmax(dim=-1)
  (7): CrossEntropyLoss()
)`,
  );
  assertEquals(String(new nn.Sequential()), "Sequential()");
});

Deno.test("parameters come in PyTorch's order, under its names", () => {
  const named = lenet().namedParameters();
  assertEquals(named.map(([name, p]) => `${name} [${p.shape}]`), [
    "0.weight [6,1,5,5]",
    "0.bias [6]",
    "3.weight [16,6,5,5]",
    "3.bias [16]",
    "7.weight [120,400]",
    "7.bias [120]",
    "9.weight [84,120]",
    "9.bias [84]",
    "11.weight [10,84]",
    "11.bias [10]",
  ]);
  assertEquals(lenet().parameters().reduce((sum, p) => sum + p.size, 0), 61_706);
  assert(named.every(([, p]) => p instanceof nn.Parameter && p.requiresGrad));
});

Deno.test("a module of one's own finds its parameters, children and buffers", () => {
  const block = new Block();
  const names = (entries: [string, unknown][]) => entries.map(([name]) => name);
  assertEquals(names(block.namedParameters()), ["scale", "body.0.weight", "body.0.bias", "head.weight"]);
  assertEquals(names(block.namedModules()), ["", "body", "body.0", "body.1", "head"]);
  assertEquals(names(block.namedChildren()), ["body", "again", "head"]);
  assertEquals(names(block.namedBuffers()), ["running_mean"]);
  block.children().forEach((child, i) => assertStrictEquals(child, [block.body, block.again, block.head][i]));
  assertEquals(block.modules().length, 5);
});

Deno.test("stateDict() has every parameter and buffer", () => {
  const block = new Block(), state = block.stateDict();
  assertEquals(Object.keys(state).toSorted(), [
    "again.bias",
    "again.weight",
    "body.0.bias",
    "body.0.weight",
    "head.weight",
    "running_mean",
    "scale",
  ]);
  assertStrictEquals(state.scale, block.scale);
  assertStrictEquals(state.running_mean, block.mean);
  assertStrictEquals(state["again.weight"], state["body.0.weight"]);
});

Deno.test("loadStateDict() copies values, and says what was missing or too much", async () => {
  const [a, b] = [new nn.Linear(3, 2), new nn.Linear(3, 2)];
  assertEquals(b.loadStateDict(a.stateDict()), { missingKeys: [], unexpectedKeys: [] });
  assertEquals(await b.weight.toArray(), await a.weight.toArray());
  assert(b.weight.requiresGrad);
  const part = { weight: zeros([2, 3]), other: zeros([1]) };
  assertEquals(b.loadStateDict(part, { strict: false }), {
    missingKeys: ["bias"],
    unexpectedKeys: ["other"],
  });
  assertEquals(await b.weight.data(), new Float32Array(6));
});

Deno.test("loadStateDict() writes into buffers that were reshaped", async () => {
  class Grid extends nn.Module {
    readonly grid = this.registerBuffer("grid", zeros([4]).reshape([2, 2]));
    override forward(x: Tensor): Tensor {
      return x;
    }
  }
  const net = new Grid();
  net.loadStateDict({ grid: tensor([[1, 2], [3, 4]]) });
  assertEquals(await net.grid.toArray(), [[1, 2], [3, 4]]);
});

Deno.test("loadStateDict() takes int32 and bool tensors, for buffers of their type and of others", async () => {
  class Counting extends nn.Module {
    readonly scale = new nn.Parameter(zeros([2]));
    readonly steps = this.registerBuffer("num_batches_tracked", zeros([], { dtype: "int32" }));
    readonly mask = this.registerBuffer("mask", zeros([2], { dtype: "bool" }));
    override forward(x: Tensor): Tensor {
      return x;
    }
  }
  const net = new Counting(), int32 = { dtype: "int32" } as const;
  const record = {
    scale: tensor([3, 4], int32),
    num_batches_tracked: tensor(7, int32),
    mask: tensor([true, false]),
  };
  const before = undisposed(device);
  net.loadStateDict(record);
  assertEquals(undisposed(device), before);
  assertEquals([net.scale.dtype, net.steps.dtype, net.mask.dtype], ["float32", "int32", "bool"]);
  assertEquals([await net.scale.toArray(), await net.steps.item()], [[3, 4], 7]);
  assertEquals(await net.mask.toArray(), [true, false]);
  net.loadStateDict({ ...record, num_batches_tracked: tensor(9) });
  assertEquals(await net.steps.item(), 9);
});

Deno.test("loadStateDict() takes batch normalisation without num_batches_tracked, as PyTorch does", async () => {
  const net = new nn.Sequential(new nn.Conv2d(1, 2, 3), new nn.BatchNorm2d(2));
  const { ["1.num_batches_tracked"]: count, ...state } = net.stateDict();
  count.fill(5);
  const given = { ...state, "1.running_mean": tensor([1, 2]) };
  assertEquals(net.loadStateDict(given), { missingKeys: [], unexpectedKeys: [] });
  assertEquals(await net.stateDict()["1.running_mean"].toArray(), [1, 2]);
  assertEquals(await count.item(), 5);
  const layer = new nn.BatchNorm1d(2), { num_batches_tracked: _, ...own } = layer.stateDict();
  assertEquals(layer.loadStateDict(own, { strict: false }), { missingKeys: [], unexpectedKeys: [] });
  const { running_mean: __, ...less } = own;
  assertRefuses(
    () => layer.loadStateDict(less),
    RangeError,
    "Cannot load a state dict as the names must be those of the module: missing [running_mean], unexpected []",
  );
});

Deno.test("loadStateDict() lists ten names, and says how many there are", () => {
  const layers = Array.from({ length: 31 }, () => new nn.Linear(1, 1));
  const deep = new nn.Sequential(...layers), names = Object.keys(deep.stateDict());
  assertRefuses(
    () => deep.loadStateDict({ other: zeros([1]) }),
    RangeError,
    "Cannot load a state dict as the names must be those of the module: missing [0.weight, 0.bias, 1.weight, 1.bias, " +
      "2.weight, 2.bias, 3.weight, 3.bias, 4.weight, 4.bias, …, 62 in all], unexpected [other]",
  );
  const prefixed = Object.fromEntries(names.map((name) => [`module.${name}`, zeros([1])]));
  const { missingKeys, unexpectedKeys } = deep.loadStateDict(prefixed, { strict: false });
  assertEquals([missingKeys.length, unexpectedKeys.length], [62, 62]); // the result has all of them
});

Deno.test("loadStateDict() finds names that every object has unexpected", () => {
  const layer = new nn.Linear(1, 1), record = Object.assign(Object.create(null), layer.stateDict());
  for (const name of ["constructor", "toString", "__proto__"]) record[name] = zeros([1]);
  assertEquals(layer.loadStateDict(record, { strict: false }).unexpectedKeys, [
    "constructor",
    "toString",
    "__proto__",
  ]);
});

Deno.test("loadStateDict() refuses other names and shapes, and then copies nothing", async () => {
  const layer = new nn.Linear(3, 2), before = await layer.weight.toArray();
  assertRefuses(
    () => layer.loadStateDict({ weight: zeros([2, 3]), "0.bias": zeros([2]) }),
    RangeError,
    "Cannot load a state dict as the names must be those of the module: missing [bias], unexpected [0.bias]",
  );
  assertRefuses(
    () => layer.loadStateDict({ weight: zeros([2, 3]), bias: zeros([3]) }),
    RangeError,
    "Cannot load a state dict as bias must have shape [2]: it has [3]",
  );
  assertEquals(await layer.weight.toArray(), before);
});

Deno.test("apply() visits children before their parents", () => {
  const visited: string[] = [];
  new nn.Sequential(new nn.Sequential(new nn.Tanh()), new nn.ReLU())
    .apply((module) => visited.push(module.constructor.name));
  assertEquals(visited, ["Tanh", "Sequential", "ReLU", "Sequential"]);
});

Deno.test("train() and eval() reach every module", () => {
  const net = new nn.Sequential(new nn.Sequential(new nn.Tanh()));
  assert(net.modules().every((m) => m.training));
  assertStrictEquals(net.eval(), net);
  assertFalse(net.modules().some((m) => m.training));
  assert(net.train().modules().every((m) => m.training));
});

Deno.test("zeroGrad() drops the gradients of all parameters", () => {
  const block = new Block();
  block.forward(zeros([4, 2])).sum().backward();
  assert(block.parameters().every((p) => p.grad !== null));
  block.zeroGrad();
  assert(block.parameters().every((p) => p.grad === null));
});

Deno.test("parameters outlive the scope they were made in, and dispose() frees them", () => {
  const before = undisposed(device);
  let net: nn.Sequential;
  {
    using _ = scope();
    net = new nn.Sequential(new nn.Conv2d(1, 2, 3), new nn.Linear(2, 3));
  }
  assertEquals(undisposed(device), before + 4);
  assertFalse(net.parameters().some((p) => p.disposed));
  net.dispose();
  assertEquals(undisposed(device), before);
});

Deno.test("getSubmodule() follows a path", () => {
  const block = new Block();
  assertStrictEquals(block.getSubmodule("body.1"), block.body[1]);
  assertStrictEquals(block.getSubmodule(""), block);
  assertRefuses(
    () => block.getSubmodule("body.2"),
    RangeError,
    'Cannot find a module as its path must lead to one: "body.2"',
  );
});

Deno.test("requiresGrad() freezes the parameters of a module and below, and thaws them", () => {
  const block = new Block();
  assertStrictEquals(block.body.requiresGrad(false), block.body);
  block.forward(zeros([4, 2])).sum().backward();
  const learnt = block.namedParameters().filter(([, p]) => p.grad !== null).map(([name]) => name);
  assertEquals(learnt, ["scale", "head.weight"]);
  assert(block.requiresGrad().parameters().every((p) => p.requiresGrad));
});
