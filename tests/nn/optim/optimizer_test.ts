import { assertEquals } from "@std/assert";
import { compile, noGrad, openDevice, optim, scope, type Tensor, tensor, zeros } from "../../../mod.ts";
import { undisposed } from "../../support/memory.ts";
import { noise } from "../../support/oracle.ts";
import { assertClose, assertRefuses } from "../../support/values.ts";

const device = await openDevice();

const SHAPES = [[3], [2, 3], [], [5, 1]];
type AnyOptimizer = optim.SGD | optim.Adam | optim.RMSprop | optim.Adagrad;

function parameters(): Tensor[] {
  return SHAPES.map((shape, k) =>
    tensor(noise(k + 1, shape.reduce((a, b) => a * b, 1)), { shape, requiresGrad: true })
  );
}

/** Steps numbered from `from` to `to`, each with gradients of its own. */
function train(params: readonly Tensor[], opt: AnyOptimizer, from: number, to: number): void {
  for (let t = from; t < to; t++) {
    opt.zeroGrad();
    params.forEach((p, k) => p.grad = tensor(noise(100 * t + k, p.size), { shape: p.shape }));
    opt.step();
  }
}

const valuesOf = async (tensors: readonly Tensor[]) =>
  (await Promise.all(tensors.map((p) => p.data()))).flatMap((v) => [...v]);

const KINDS: [string, (params: Tensor[]) => AnyOptimizer, string[]][] = [
  ["SGD", (p) => new optim.SGD(p, { lr: 0.1 }), []],
  ["SGD with momentum", (p) => new optim.SGD(p, { momentum: 0.9, dampening: 0.5 }), ["momentum_buffer"]],
  ["Adam", (p) => new optim.Adam(p, { lr: 0.1 }), ["step", "exp_avg", "exp_avg_sq"]],
  ["Adam with amsgrad", (p) => new optim.Adam(p, { amsgrad: true }), [
    "step",
    "exp_avg",
    "exp_avg_sq",
    "max_exp_avg_sq",
  ]],
  ["AdamW", (p) => new optim.AdamW(p), ["step", "exp_avg", "exp_avg_sq"]],
  ["RMSprop", (p) => new optim.RMSprop(p, { centered: true, momentum: 0.9 }), [
    "step",
    "square_avg",
    "grad_avg",
    "momentum_buffer",
  ]],
  ["Adagrad", (p) => new optim.Adagrad(p, { lrDecay: 0.1, initialAccumulatorValue: 0.5 }), ["step", "sum"]],
];

for (const [name, make, keys] of KINDS) {
  Deno.test(`${name} goes on from its state dict as if nothing had happened`, async () => {
    const params = parameters(), opt = make(params);
    train(params, opt, 0, 3);
    const saved = opt.stateDict();
    const numbers = keys.length > 0 ? [0, 1, 2, 3] : [];
    assertEquals(Object.keys(saved.state).map(Number), numbers);
    for (const k of numbers) {
      const { step, ...tensors } = saved.state[k];
      assertEquals(Object.keys(saved.state[k]), keys);
      assertEquals(step, keys.includes("step") ? 3 : undefined);
      for (const t of Object.values(tensors)) assertEquals((t as Tensor).shape, SHAPES[k]);
    }
    const others = parameters(), other = make(others);
    train(others.slice(1), other, 7, 8); // leaves a state to be overwritten, and one to be made
    noGrad(() => others.forEach((p, k) => p.copy(params[k])));
    other.loadStateDict(saved as never);
    train(params, opt, 3, 6);
    train(others, other, 3, 6);
    assertEquals(await valuesOf(others), await valuesOf(params));
  });
}

Deno.test("stateDict() has PyTorch's structure and numbers", async () => {
  const [a, b] = [tensor([1, 2], { requiresGrad: true }), tensor([3], { requiresGrad: true })];
  const opt = new optim.Adam([{ params: [a] }, { params: [b], lr: 0.5 }], { lr: 0.1, amsgrad: true });
  a.grad = tensor([1, -2]);
  opt.step();
  const { state, paramGroups } = opt.stateDict();
  const { step, ...tensors } = state[0];
  assertEquals([Object.keys(state), step], [["0"], 1]);
  const numbers = await Promise.all(Object.values(tensors).map((t) => (t as Tensor).data()));
  assertClose(numbers.flatMap((v) => [...v]), [0.1, -0.2, 0.001, 0.004, 0.001, 0.004], { rtol: 1e-6 });
  const options = { betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, amsgrad: true, maximize: false };
  assertEquals(paramGroups as unknown, [
    { lr: 0.1, ...options, params: [0] },
    { lr: 0.5, ...options, params: [1] },
  ]);
});

Deno.test("stateDict() gives copies", async () => {
  const p = tensor([0], { requiresGrad: true }), opt = new optim.SGD([p], { lr: 1, momentum: 1 });
  const step = () => {
    p.grad = tensor([1]);
    opt.step();
  };
  step();
  const buffer = opt.stateDict().state[0].momentum_buffer as Tensor;
  step();
  assertEquals(await buffer.toArray(), [1]);
  assertEquals(await (opt.stateDict().state[0].momentum_buffer as Tensor).toArray(), [2]);
});

Deno.test("loadStateDict() takes the options, and starts anew where there is no state", async () => {
  const p = tensor([0], { requiresGrad: true });
  const opt = new optim.SGD([p], { lr: 1, momentum: 0.5 });
  p.grad = tensor([1]);
  opt.step();
  const [group] = opt.stateDict().paramGroups;
  // PyTorch writes null for a momentum that was not needed yet
  opt.loadStateDict({ state: { 0: { momentum_buffer: null } }, paramGroups: [{ ...group, lr: 2 }] });
  assertEquals([opt.paramGroups[0].lr, opt.paramGroups[0].params], [2, [p]]);
  opt.step();
  assertEquals(await p.item(), -3); // -1 - 2 · 1, where the old momentum would have given -4
});

Deno.test("loadStateDict() refuses what does not fit, and copies nothing then", async () => {
  const params = [tensor([0, 0], { requiresGrad: true }), tensor([0], { requiresGrad: true })];
  const opt = new optim.Adam(params, { lr: 1 });
  for (const p of params) p.grad = zeros(p.shape);
  opt.step();
  const good = opt.stateDict();
  const refuse = (change: Partial<typeof good>, message: string) =>
    assertRefuses(() => opt.loadStateDict({ ...good, ...change }), RangeError, message);
  refuse(
    { paramGroups: [{ ...good.paramGroups[0], params: [0] }] },
    "Cannot load an optimiser's state as its groups must have [2] parameters: they have [1]",
  );
  refuse(
    { paramGroups: [] },
    "Cannot load an optimiser's state as its groups must have [2] parameters: they have []",
  );
  const group = { ...good.paramGroups[0], lr: 7 };
  refuse(
    { paramGroups: [group], state: { ...good.state, 1: { step: 1, exp_avg: zeros([1]) } } },
    "Cannot load an optimiser's state as parameter 1 needs [exp_avg, exp_avg_sq]: it has [exp_avg]",
  );
  refuse(
    { paramGroups: [group], state: { ...good.state, 1: { ...good.state[1], exp_avg_sq: zeros([2]) } } },
    "Cannot load an optimiser's state as exp_avg_sq of parameter 1 must have shape [1]: it has [2]",
  );
  refuse(
    { paramGroups: [{ ...group, betas: [1, 0.5] }] },
    "Cannot make Adam as betas[0] must be from 0 to below 1: 1",
  );
  assertEquals(opt.paramGroups[0].lr, 1);
  assertEquals(await params[0].toArray(), [0, 0]);
});

Deno.test("addParamGroup() takes parameters in, with the defaults for what they leave out", async () => {
  const [a, b] = [0, 0].map((v) => tensor([v], { requiresGrad: true }));
  const opt = new optim.SGD([a], { lr: 1, momentum: 0.5 });
  const step = () => {
    for (const p of [a, b]) p.grad = tensor([1]);
    opt.step();
  };
  step();
  opt.addParamGroup({ params: [b], lr: 10 });
  assertEquals([opt.paramGroups[1].momentum, opt.paramGroups[1].lr], [0.5, 10]);
  step();
  step();
  assertEquals([await a.item(), await b.item()], [-(1 + 1.5 + 1.75), -(10 + 15)]);
  assertRefuses(
    () => opt.addParamGroup({ params: [b] }),
    RangeError,
    "Cannot make an optimiser as a parameter must be in one group: one came twice",
  );
  assertRefuses(
    () => opt.addParamGroup({ params: [tensor([0], { requiresGrad: true })], momentum: -1 }),
    RangeError,
    "Cannot make SGD as momentum must be a number from 0 up: -1",
  );
  assertEquals(opt.paramGroups.length, 2);
});

Deno.test("parameters that lacked a gradient for some steps count their own steps", async () => {
  const [a, b] = [1, 1].map((v) => tensor([v], { requiresGrad: true }));
  const opt = new optim.Adam([a, b], { lr: 0.1 });
  for (const [ga, gb] of [[1, null], [2, 1], [3, 2], [null, 3]]) {
    a.grad = ga === null ? null : tensor([ga]);
    b.grad = gb === null ? null : tensor([gb]);
    opt.step();
  }
  assertEquals(await a.item(), await b.item());
  const { state } = opt.stateDict();
  assertEquals([state[0].step, state[1].step], [3, 3]);
});

Deno.test("momentum that is turned on later begins with the gradient, as in PyTorch", async () => {
  const p = tensor([0], { requiresGrad: true }), opt = new optim.SGD([p], { lr: 1, dampening: 0.25 });
  for (const momentum of [0, 0.5, 0.5, 0, 0.5]) {
    opt.paramGroups[0].momentum = momentum;
    p.grad = tensor([1]);
    opt.step();
  }
  // PyTorch 1.13: the buffer is 1, then 0.5 + 0.75, rests, and is 0.625 + 0.75
  assertEquals(await p.item(), -5.625);
});

Deno.test("options out of range are refused by every optimiser", () => {
  const p = tensor([0], { requiresGrad: true });
  const refuse = (make: () => unknown, message: string) => assertRefuses(make, RangeError, message);
  const { Adam, AdamW, RMSprop, Adagrad } = optim;
  refuse(() => new Adam([p], { lr: -1 }), "Cannot make Adam as lr must be a number from 0 up: -1");
  refuse(
    () => new AdamW([p], { betas: [0.9, 1] }),
    "Cannot make AdamW as betas[1] must be from 0 to below 1: 1",
  );
  refuse(() => new Adam([p], { eps: NaN }), "Cannot make Adam as eps must be a finite number: NaN");
  refuse(
    () => new AdamW([p], { weightDecay: -1 }),
    "Cannot make AdamW as weightDecay must be a number from 0 up: -1",
  );
  refuse(
    () => new RMSprop([p], { alpha: -1 }),
    "Cannot make RMSprop as alpha must be a number from 0 up: -1",
  );
  refuse(
    () => new Adagrad([p], { initialAccumulatorValue: -1 }),
    "Cannot make Adagrad as initialAccumulatorValue must be a number from 0 up: -1",
  );
});

Deno.test("defaults are PyTorch's", () => {
  const p = [tensor([0], { requiresGrad: true })];
  const optionsOf = (opt: AnyOptimizer) => {
    const { params: _, ...options } = opt.paramGroups[0];
    return options;
  };
  const adam = { lr: 0.001, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, amsgrad: false, maximize: false };
  assertEquals(optionsOf(new optim.Adam(p)) as unknown, adam);
  assertEquals(optionsOf(new optim.AdamW(p)) as unknown, { ...adam, weightDecay: 0.01 });
  assertEquals(optionsOf(new optim.RMSprop(p)) as unknown, {
    lr: 0.01,
    alpha: 0.99,
    eps: 1e-8,
    weightDecay: 0,
    momentum: 0,
    centered: false,
    maximize: false,
  });
  assertEquals(optionsOf(new optim.Adagrad(p)) as unknown, {
    lr: 0.01,
    lrDecay: 0,
    weightDecay: 0,
    initialAccumulatorValue: 0,
    eps: 1e-10,
    maximize: false,
  });
});

Deno.test("steps leave no tensors behind, and dispose() frees the state", () => {
  const before = undisposed(device);
  {
    using _ = scope();
    const params = parameters(), opt = new optim.Adam(params);
    const made = undisposed(device);
    train(params, opt, 0, 3);
    assertEquals(undisposed(device), made + 2 + params.length); // two flat states, and the last gradients
    opt.dispose();
    assertEquals(undisposed(device), made + params.length);
  }
  assertEquals(undisposed(device), before);
});

Deno.test("a compiled step notices a loaded state, a new group and a new start", async () => {
  const run = async (wrap: (fn: (x: Tensor) => void) => (x: Tensor) => unknown) => {
    const [a, b] = parameters().slice(0, 2), opt = new optim.Adam([a], { lr: 0.1 });
    const step = wrap((x) => {
      opt.zeroGrad();
      a.mul(x).sum().add(b.square().sum()).backward();
      opt.step();
    });
    const go = (n: number) => {
      for (let k = 0; k < n; k++) step(tensor([1, 2 + k, -3]));
    };
    go(3);
    const saved = opt.stateDict();
    go(2);
    opt.loadStateDict(saved);
    go(2);
    opt.addParamGroup({ params: [b], lr: 0.01 });
    go(2);
    opt.dispose();
    go(2);
    return await valuesOf([a, b]);
  };
  assertClose(await run(compile), await run((fn) => fn), { rtol: 1e-6 });
});
