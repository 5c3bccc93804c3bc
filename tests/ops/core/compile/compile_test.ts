// A captured step does what the same step does as written: values, gradients, state, memory.
import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import {
  Accumulator,
  compile,
  crossEntropy,
  manualSeed,
  nn,
  noGrad,
  ones,
  openDevice,
  optim,
  rand,
  randn,
  scope,
  type Tensor,
  tensor,
  zeros,
} from "../../../../mod.ts";
import { assertClose, assertRefuses, noiseTensor } from "../../../support/values.ts";

const device = await openDevice();

function smallNet(): nn.Sequential {
  return new nn.Sequential(
    new nn.Conv2d(1, 3, 3, { padding: 1 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(3, 4, 3),
    new nn.Sigmoid(),
    new nn.AvgPool2d(2),
    new nn.Flatten(),
    new nn.Linear(16, 7),
    new nn.Tanh(),
    new nn.Linear(7, 5),
  );
}

function makeStep(seed: number, options: optim.SGDOptions) {
  manualSeed(seed);
  const net = smallNet(), opt = new optim.SGD(net.parameters(), options);
  const step = (x: Tensor, y: Tensor): Tensor => {
    opt.zeroGrad();
    const loss = crossEntropy(net.forward(x), y);
    loss.backward();
    opt.step();
    return loss;
  };
  return { net, opt, step };
}

function batch(n: number, seed: number): [Tensor, Tensor] {
  const x = noiseTensor([n, 1, 12, 12], { seed, requiresGrad: false });
  return [x, tensor(Int32Array.from({ length: n }, (_, i) => (i * 7 + seed) % 5))];
}

Deno.test("a compiled training step follows the step as written, with batches of two sizes and a changing rate", async () => {
  const options = { lr: 0.1, momentum: 0.9, weightDecay: 0.01 };
  const eager = makeStep(4, options), captured = makeStep(4, options), step = compile(captured.step);
  for (let t = 0; t < 8; t++) {
    for (const { opt } of [eager, captured]) opt.paramGroups[0].lr = 0.1 / (t + 1);
    const [x, y] = batch(t % 3 === 2 ? 5 : 9, t);
    const [a, b] = await Promise.all([eager.step(x, y).item(), step(x, y).item()]);
    assertClose([b], [a], { rtol: 1e-6 });
  }
  assertEquals(step.captures, 2); // one for each batch size
  for (const [name, p] of eager.net.namedParameters()) {
    const q = captured.net.stateDict()[name];
    assertClose(await q.data(), await p.data(), { atol: 1e-6 });
    assertClose(await q.grad!.data(), await p.grad!.data(), { atol: 1e-6 });
  }
});

Deno.test("fusion makes far fewer dispatches, and convolution, activation and pooling are one", () => {
  const { net, step } = makeStep(1, { lr: 0.1 }), [x, y] = batch(4, 1);
  const before = device.queue.dispatches;
  step(x, y);
  const asWritten = device.queue.dispatches - before;
  const forward = compile((x: Tensor) => noGrad(() => net.forward(x)));
  forward(x);
  assertEquals(forward.dispatches, 4); // two convolutions with all that follows each, two linear maps
  const compiled = compile(step);
  compiled(x, y);
  assert(compiled.dispatches <= 0.75 * asWritten, `${compiled.dispatches} of ${asWritten}`);
});

Deno.test("results are tensors of their own; arrays and objects of tensors go in and come out", async () => {
  const f = compile(({ a, b }: { a: Tensor; b: [Tensor, number] }) => ({
    sum: a.add(b[0].mul(b[1])),
    same: a,
  }));
  const a = tensor([1, 2]), b = tensor([10, 20]);
  const first = f({ a, b: [b, 2] }), second = f({ a: b, b: [a, 2] });
  assertEquals(await first.sum.toArray(), [21, 42]);
  assertEquals(await second.sum.toArray(), [12, 24]);
  assertEquals(await second.same.toArray(), [10, 20]);
  assertEquals(f.captures, 1);
  assertEquals(await f({ a, b: [b, 3] }).sum.toArray(), [31, 62]); // another number is another step
  assertEquals(f.captures, 2);
});

Deno.test("a function that is given one tensor twice, or returns one twice, is right", async () => {
  const f = compile((a: Tensor, b: Tensor) => {
    const y = a.mul(2).add(b);
    return [y, y] as const;
  });
  const a = tensor([1, 2]), b = tensor([5, 6]);
  const [y, z] = f(a, a);
  assertEquals([await y.toArray(), await z.toArray()], [[3, 6], [3, 6]]);
  assertEquals(await f(a, b)[1].toArray(), [7, 10]);
  assertEquals(await f(b, b)[0].toArray(), [15, 18]);
});

Deno.test("gradients that add up over steps do so in replays", async () => {
  const w = tensor([1, 2], { requiresGrad: true });
  const accumulate = compile((x: Tensor) => w.mul(x).sum().backward());
  for (let i = 0; i < 4; i++) accumulate(tensor([1, 10]));
  assertEquals(await w.grad!.toArray(), [4, 40]);
  w.clearGrad();
  accumulate(tensor([3, 3]));
  assertEquals(await w.grad!.toArray(), [3, 3]);
  assertEquals(accumulate.captures, 2); // once from nothing, once onto what is there
});

Deno.test("an argument can be a leaf", async () => {
  const slope = compile((x: Tensor) => {
    x.clearGrad();
    x.mul(x).mul(x).sum().backward();
  });
  for (const value of [2, 3]) {
    const x = tensor([value], { requiresGrad: true });
    slope(x);
    assertEquals(await x.grad!.toArray(), [3 * value ** 2]);
  }
  assertEquals(slope.captures, 1);
});

Deno.test("random numbers move on from replay to replay as they do from call to call", async () => {
  const f = compile(() => rand([4]).mul(2));
  manualSeed(11);
  const replayed = [await f().toArray(), await f().toArray(), await f().toArray()];
  manualSeed(11);
  const asWritten = [0, 1, 2].map(() => rand([4]).mul(2).toArray());
  assertEquals(replayed, await Promise.all(asWritten));
});

Deno.test("sums outside the step grow with each replay, by tensors and by numbers", async () => {
  const metric = new Accumulator(2);
  const f = compile((x: Tensor) => metric.add(x.sum(), x.size));
  for (let i = 0; i < 3; i++) f(ones([5]));
  assertEquals(await metric.values(), [15, 15]);
});

Deno.test("a step captures anew when a module's mode changes", async () => {
  class Halving extends nn.Module {
    override forward(x: Tensor): Tensor {
      return this.training ? x.mul(0.5) : x;
    }
  }
  const layer = new Halving(), f = compile((x: Tensor) => layer.forward(x).add(0));
  assertEquals(await f(ones([1])).toArray(), [0.5]);
  layer.eval();
  assertEquals(await f(ones([1])).toArray(), [1]);
  layer.train();
  assertEquals(await f(ones([1])).toArray(), [0.5]);
  assertEquals(f.captures, 2);
});

Deno.test("reading a tensor inside is an error that says so, and leaves the function usable", async () => {
  const w = tensor([1], { requiresGrad: true });
  const peek = compile((x: Tensor) => {
    w.mul(x).sum().backward();
    return x.item();
  });
  assertRefuses(
    () => peek(ones([1])),
    Error,
    "Cannot read a tensor inside compile(fn) as values are not known while a step is captured: shape [1]",
  );
  assertEquals(w.grad, null); // no gradient that was never computed
  assertEquals(await w.add(1).toArray(), [2]);
  assertThrows(() => compile(() => ones([2]).toArray())(), Error, "inside compile(fn)");
  assertThrows(() => compile(() => ones([2]).data())(), Error, "inside compile(fn)");
  assertThrows(() => compile(() => randn([2]))(), Error, "Cannot apply randn inside compile(fn)");
});

Deno.test("an async function is refused", () => {
  assertThrows(
    () => compile(() => Promise.resolve(1))(),
    TypeError,
    "Cannot compile a function as it must not be async: it returned a promise",
  );
});

Deno.test("a tensor that leaves the function by another way is an error when it is used", async () => {
  let escaped: Tensor | null = null;
  const f = compile((x: Tensor) => {
    escaped = x.mul(2).detach();
    return scope().keep(escaped).add(1);
  });
  assertThrows(() => f(ones([2])), Error, "Cannot end a scope");
  const g = compile((x: Tensor) => (escaped = x.mul(2)).add(1));
  g(ones([2]));
  await assertRejects(() => escaped!.data(), Error, "it must not be disposed of");
});

Deno.test("backward through a result says that it belongs inside", () => {
  const w = tensor([2], { requiresGrad: true });
  const f = compile((x: Tensor) => w.mul(x));
  const y = f(ones([1]));
  assert(y.requiresGrad);
  assertThrows(() => y.sum().backward(), Error, "Cannot run backward through a compiled function");
});

Deno.test("a constant that the function makes is computed once", async () => {
  const f = compile((x: Tensor) => x.matmul(zeros([2, 2]).add(tensor([[1, 2], [3, 4]]))));
  assertEquals(await f(tensor([[1, 1]])).toArray(), [[4, 6]]);
  assertEquals(await f(tensor([[1, 0]])).toArray(), [[1, 2]]);
});

Deno.test("writes in place keep their order with reads", async () => {
  const state = zeros([3]);
  const f = compile((x: Tensor) => {
    const before = state.add(0);
    state.copy(state.mul(2).add(x));
    const between = state.mul(10);
    state.fill(7);
    return [before, between, state.add(x)];
  });
  const read = async (ts: Tensor[]) => await Promise.all(ts.map((t) => t.toArray()));
  assertEquals(await read(f(ones([3]))), [[0, 0, 0], [10, 10, 10], [8, 8, 8]]);
  assertEquals(await read(f(ones([3]))), [[7, 7, 7], [150, 150, 150], [8, 8, 8]]);
  assertEquals(await state.toArray(), [7, 7, 7]);
});

Deno.test("broadcasting, reductions and views fuse to the same values", async () => {
  const fn = (x: Tensor, row: Tensor, column: Tensor) => {
    const a = x.add(row).mul(column).tanh();
    const b = a.reshape([3, 2, 5]).permute([1, 0, 2]).mul(2);
    const c = a.sum({ dim: 1, keepdim: true });
    return [a.sub(c).exp(), b.reshape([6, 5]).add(a), c.sub(1), x.eq(x).sum()] as Tensor[];
  };
  const inputs = [
    noiseTensor([6, 5]),
    noiseTensor([5], { seed: 2 }),
    noiseTensor([6, 1], { seed: 3 }),
  ] as const;
  const wanted = fn(...inputs), got = compile(fn)(...inputs);
  for (const [k, t] of wanted.entries()) {
    assertEquals(got[k].shape, t.shape);
    assertClose(await got[k].data(), await t.data(), { atol: 1e-6 });
  }
});

Deno.test("replays leave no tensors behind, and dispose() gives all memory back", async () => {
  const { step, net } = makeStep(2, { lr: 0.1 }), [x, y] = batch(6, 1);
  const once = () => {
    using _ = scope();
    step(x, y);
  };
  once(); // gradients and kernels are there
  await device.sync();
  const before = { ...device.memory() };
  const compiled = compile(step);
  for (let i = 0; i < 3; i++) compiled(x, y).dispose();
  const during = { ...device.memory() };
  assertEquals(during.tensors, before.tensors);
  for (let i = 0; i < 50; i++) compiled(x, y).dispose();
  assertEquals(device.memory().bytesInUse, during.bytesInUse);
  assertEquals(device.memory().tensors, before.tensors);
  compiled.dispose();
  net.zeroGrad();
  once();
  assertEquals(device.memory().tensors, before.tensors);
  assertEquals(device.memory().bytesInUse, before.bytesInUse);
});

Deno.test("a compiled function inside another is part of it", async () => {
  const inner = compile((x: Tensor) => x.mul(3)), outer = compile((x: Tensor) => inner(x).add(1));
  assertEquals(await outer(tensor([2])).toArray(), [7]);
  assertEquals(await outer(tensor([3])).toArray(), [10]);
  assertStrictEquals(inner.captures, 0);
});
