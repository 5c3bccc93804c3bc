import { assert, assertEquals } from "@std/assert";
import { openDevice, optim, scope, tensor } from "../../../mod.ts";
import { assertRefuses } from "../../support/values.ts";

await openDevice();

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
  refuse({ lr: NaN }, "Cannot make SGD as lr must be a finite number: NaN");
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
    "Cannot make an optimiser as there must be parameters: none were given (a module has those in its fields, not in #private ones)",
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
