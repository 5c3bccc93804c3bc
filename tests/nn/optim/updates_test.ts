// Updates of tensors of awkward sizes, with the kernels of both kinds of adapter.
import { assertEquals } from "@std/assert";
import { nn, openDevice, optim, tensor, zeros } from "../../../mod.ts";
import { differences, noise, type TensorRecord } from "../../support/oracle.ts";
import updates from "../../fixtures/updates.json" with { type: "json" };

const device = await openDevice();

/** Runs `fn` with the kernels for another kind of adapter. */
async function withKernels(kernels: "cpu" | "gpu", fn: () => Promise<void>): Promise<void> {
  const own = device.kernels, writable = device as { kernels: "cpu" | "gpu" };
  writable.kernels = kernels;
  try {
    await fn();
  } finally {
    writable.kernels = own;
  }
}

const SIZES = [updates.size, 1, 3, 4, 5, 0];

for (const { optimizer, args, record } of updates.runs) {
  for (const kernels of ["cpu", "gpu"] as const) {
    const title = `${optimizer} ${
      JSON.stringify(args)
    } updates tensors of [${SIZES}] elements as PyTorch does`;
    Deno.test(`${title}, ${kernels} kernels`, () =>
      withKernels(kernels, async () => {
        const parts = (seed: number, scale: number) =>
          SIZES.map((n) => tensor(noise(seed, n).map((v) => v * scale), { shape: [n] }));
        const params = parts(1, 2);
        for (const p of params) p.requiresGrad = true;
        const opt = new optim[optimizer as "SGD"](params, args as optim.SGDOptions);
        for (let t = 0; t < updates.steps; t++) {
          parts(10 + t, 1).forEach((g, k) => params[k].grad = g);
          opt.step();
        }
        const [all, ...rest] = await Promise.all(params.map((p) => p.data()));
        const atol = record.atol;
        assertEquals(differences(record as TensorRecord, all, params[0].shape, { rtol: 0, atol }), []);
        for (const part of rest) assertEquals(part, all.slice(0, part.length)); // an element's update is its own
      }));
  }
}

function lenet(): nn.Sequential {
  return new nn.Sequential(
    new nn.Conv2d(1, 6, 5, { padding: 2 }),
    new nn.Conv2d(6, 16, 5),
    new nn.Linear(400, 120),
    new nn.Linear(120, 84),
    new nn.Linear(84, 10),
  );
}

/** Dispatches of an optimiser's third step over LeNet's parameters. */
function dispatchesOf(make: (params: nn.Parameter[]) => { step(): void }, steps = 3): number {
  const params = lenet().parameters(), opt = make(params);
  assertEquals(params.length, 10);
  for (const p of params) p.grad = zeros(p.shape);
  for (let i = 1; i < steps; i++) opt.step();
  const before = device.queue.dispatches;
  opt.step();
  return device.queue.dispatches - before;
}

Deno.test("one step over LeNet's ten parameters is one dispatch, or as many as the adapter's bindings need", () => {
  // Ten parameters and ten gradients, and one flat tensor for each kind of state: 23 bindings at most.
  const most = device.limits.maxStorageBuffersPerShaderStage;
  const expected = (states: number) => most >= 23 ? 1 : Math.ceil(10 / Math.floor((most - states) / 2));
  assertEquals(dispatchesOf((p) => new optim.SGD(p, { lr: 0.1 }), 1), expected(0));
  assertEquals(dispatchesOf((p) => new optim.SGD(p, { lr: 0.1 })), expected(0));
  assertEquals(dispatchesOf((p) => new optim.SGD(p, { lr: 0.1, momentum: 0.9 })), expected(1));
  assertEquals(dispatchesOf((p) => new optim.Adam(p)), expected(2));
  assertEquals(dispatchesOf((p) => new optim.Adam(p, { amsgrad: true })), expected(3));
  assertEquals(dispatchesOf((p) => new optim.RMSprop(p, { centered: true, momentum: 0.9 })), expected(3));
});

Deno.test("parameters beyond what the adapter binds take another dispatch", async () => {
  const most = Math.floor((device.limits.maxStorageBuffersPerShaderStage - 1) / 2); // with momentum
  const params = Array.from({ length: most + 1 }, (_, k) => tensor([k], { requiresGrad: true }));
  const opt = new optim.SGD(params, { lr: 1, momentum: 0.5 });
  const step = () => {
    for (const p of params) p.grad = tensor([1]);
    opt.step();
  };
  step();
  const before = device.queue.dispatches;
  step();
  assertEquals(device.queue.dispatches - before, 2);
  const got = await Promise.all(params.map((p) => p.item()));
  assertEquals(got, params.map((_, k) => k - 1 - 1.5));
});

Deno.test("NaN and infinity pass through updates as in PyTorch", async () => {
  const special = [NaN, Infinity, -Infinity, 1];
  // PyTorch 1.13: one step with these gradients, then one with gradients of 1
  const cases: [string, (p: nn.Parameter[]) => { step(): void }, number[]][] = [
    ["SGD", (p) => new optim.SGD(p, { lr: 1 }), [NaN, -Infinity, Infinity, -2]],
    ["momentum", (p) => new optim.SGD(p, { lr: 1, momentum: 0.5 }), [NaN, -Infinity, Infinity, -2.5]],
    ["Adam", (p) => new optim.Adam(p, { lr: 1 }), [NaN, NaN, NaN, -2]],
    ["amsgrad", (p) => new optim.Adam(p, { lr: 1, amsgrad: true }), [NaN, NaN, NaN, -2]],
  ];
  for (const [name, make, want] of cases) {
    const p = tensor([0, 0, 0, 0], { requiresGrad: true }), opt = make([p as nn.Parameter]);
    for (const g of [special, [1, 1, 1, 1]]) {
      p.grad = tensor(g);
      opt.step();
    }
    const got = [...await p.data()].map((v) => Number.isFinite(v) ? Math.round(v * 1e5) / 1e5 : v);
    assertEquals([name, got], [name, want]);
  }
});

Deno.test("an infinite parameter without penalty stays so", async () => {
  const p = tensor([Infinity, -Infinity], { requiresGrad: true });
  p.grad = tensor([1, 1]);
  new optim.SGD([p], { lr: 1 }).step();
  assertEquals(await p.toArray(), [Infinity, -Infinity]);
});
