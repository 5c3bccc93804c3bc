import { assert, assertEquals } from "@std/assert";
import { nn, openDevice, optim, scope, tensor } from "../../../mod.ts";
import { differences, type InputSpec, materialise, noise, readOracle } from "../../support/oracle.ts";
import type { TensorRecord } from "../../support/oracle.ts";
import { assertRefuses } from "../../support/values.ts";

await openDevice();

interface Run {
  optimizer: string;
  args: optim.SGDOptions;
  schedule?: unknown;
  losses: number[];
  lossAtol: number;
  params: Record<string, Record<string, TensorRecord>>;
}

interface Problem {
  steps: number;
  model: {
    in: number;
    hidden: number;
    out: number;
    batch: number;
    loss: string;
    xScale: number;
    init: InputSpec[];
    xSeed: number;
    ySeed: number;
  };
  runs: Run[];
}

const { optimizers } = readOracle<{ optimizers: Problem }>("trajectories.json");
const { model } = optimizers;

function network(): nn.Sequential {
  const net = new nn.Sequential(
    new nn.Linear(model.in, model.hidden),
    new nn.Tanh(),
    new nn.Linear(model.hidden, model.out),
  );
  net.loadStateDict(Object.fromEntries(model.init.map((spec) => [spec.name, materialise(spec)])));
  return net;
}

const runs = optimizers.runs.filter((run) => run.optimizer === "SGD" && !run.schedule);

Deno.test("the oracle has every option of SGD", () => {
  const options = new Set(runs.flatMap((run) => Object.keys(run.args)));
  assertEquals([...options].toSorted(), ["dampening", "lr", "momentum", "nesterov", "weightDecay"]);
});

for (const run of runs) {
  Deno.test(`SGD follows PyTorch for ${optimizers.steps} steps with ${JSON.stringify(run.args)}`, async () => {
    const net = network(), opt = new optim.SGD(net.parameters(), run.args);
    const loss = new nn.CrossEntropyLoss(), wrong: string[] = [];
    for (let t = 0; t < optimizers.steps; t++) {
      using _ = scope();
      const size = model.batch * model.in;
      const x = tensor(noise(model.xSeed + t, size).map((v) => v * model.xScale), {
        shape: [model.batch, model.in],
      });
      const y = materialise({
        name: "y",
        shape: [model.batch],
        dtype: "int32",
        seed: model.ySeed + t,
        mod: model.out,
      });
      opt.zeroGrad();
      const l = loss.forward(net.forward(x), y);
      l.backward();
      opt.step();
      const value = await l.item();
      if (!(Math.abs(value - run.losses[t]) <= run.lossAtol)) {
        wrong.push(`loss of step ${t} is ${value}, expected ${run.losses[t]} within ${run.lossAtol}`);
      }
      for (const [name, record] of Object.entries(run.params[t + 1] ?? {})) {
        const p = net.stateDict()[name], tolerance = { rtol: 0, atol: record.atol! };
        wrong.push(
          ...differences(record, await p.data(), p.shape, tolerance).map((d) => `${t + 1}: ${name}${d}`),
        );
      }
    }
    assertEquals(wrong, []);
  });
}

Deno.test("step() leaves parameters without a gradient alone, and zeroGrad() drops gradients", async () => {
  const [a, b] = [1, 2].map((v) => tensor([v], { requiresGrad: true }));
  const opt = new optim.SGD([a, b], { lr: 1, weightDecay: 1 });
  a.mul(3).backward();
  opt.step();
  assertEquals([await a.item(), await b.item()], [-3, 2]); // 1 - (3 + 1)
  opt.zeroGrad();
  assertEquals([a.grad, b.grad], [null, null]);
});

Deno.test("gradients add up over steps that do not drop them", async () => {
  const p = tensor([0], { requiresGrad: true }), opt = new optim.SGD([p], { lr: 1 });
  for (let i = 0; i < 3; i++) {
    p.mul(1).backward();
    opt.step();
  }
  assertEquals(await p.item(), -6);
});

Deno.test("groups have options of their own, which may change between steps", async () => {
  const [a, b] = [tensor([0], { requiresGrad: true }), tensor([0], { requiresGrad: true })];
  const opt = new optim.SGD([{ params: [a] }, { params: [b], lr: 10 }], { lr: 1 });
  for (const lr of [1, 0.5]) {
    opt.zeroGrad();
    a.add(b).backward();
    opt.paramGroups[0].lr = lr;
    opt.step();
  }
  assertEquals([await a.item(), await b.item()], [-1.5, -20]);
  assertEquals(opt.paramGroups.map((g) => [g.lr, g.momentum, g.nesterov]), [[0.5, 0, false], [10, 0, false]]);
});

Deno.test("lr is 0.001 unless given, and undefined counts as not given", () => {
  const p = tensor([0], { requiresGrad: true });
  assertEquals(new optim.SGD([p]).paramGroups[0].lr, 0.001);
  assertEquals(new optim.SGD([p], { lr: undefined, momentum: 0.5 }).paramGroups[0].lr, 0.001);
});

Deno.test("SGD's state outlives the scope of a step", async () => {
  const p = tensor([0], { requiresGrad: true }), opt = new optim.SGD([p], { lr: 1, momentum: 1 });
  for (let i = 0; i < 3; i++) {
    using _ = scope();
    opt.zeroGrad();
    p.mul(1).backward();
    opt.step();
  }
  assert(p.requiresGrad);
  assertEquals(await p.item(), -6); // 1 + 2 + 3
});

Deno.test("SGD refuses options out of range, and what it cannot train", () => {
  const p = tensor([0], { requiresGrad: true });
  const refuse = (options: optim.SGDOptions, message: string) =>
    assertRefuses(() => new optim.SGD([p], options), RangeError, message);
  refuse({ lr: -1 }, "Cannot make SGD as lr must be a number from 0 up: -1");
  refuse({ lr: NaN }, "Cannot make SGD as lr must be a number from 0 up: NaN");
  refuse({ momentum: -0.1 }, "Cannot make SGD as momentum must be a number from 0 up: -0.1");
  refuse({ weightDecay: -0.1 }, "Cannot make SGD as weightDecay must be a number from 0 up: -0.1");
  refuse(
    { nesterov: true, momentum: 0.9, dampening: 0.1 },
    "Cannot make SGD with nesterov as it needs momentum and no dampening: momentum 0.9, dampening 0.1",
  );
  refuse(
    { nesterov: true },
    "Cannot make SGD with nesterov as it needs momentum and no dampening: momentum 0, dampening 0",
  );
  assertRefuses(
    () => new optim.SGD([] as typeof p[]),
    RangeError,
    "Cannot make an optimiser as there must be parameters: none were given",
  );
  assertRefuses(
    () => new optim.SGD([p, p]),
    RangeError,
    "Cannot make an optimiser as a parameter must be in one group: one came twice",
  );
  assertRefuses(
    () => new optim.SGD([p, tensor([1])]),
    TypeError,
    "Cannot make an optimiser as its parameters must require a gradient: number 1 does not",
  );
});
