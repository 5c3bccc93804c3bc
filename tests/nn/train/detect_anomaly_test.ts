import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  type Anomaly,
  checkpoint,
  compile,
  crossEntropy,
  defineOperation,
  detectAnomaly,
  dropout,
  full,
  getRngState,
  manualSeed,
  mseLoss,
  nn,
  noGrad,
  ones,
  openDevice,
  optim,
  rand,
  setRngState,
  softmax,
  type Tensor,
  tensor,
  where,
  zeros,
} from "../../../mod.ts";
import { undisposed } from "../../support/memory.ts";

const device = await openDevice();
const learning = (values: number[]) => tensor(values, { requiresGrad: true });

/** What an anomaly is, in short. */
function brief(anomaly: Anomaly | null): unknown[] | null {
  return anomaly && [anomaly.kind, anomaly.layer, anomaly.operation, anomaly.value];
}

Deno.test("detectAnomaly() finds nothing in a step that is finite, which takes effect as always", async () => {
  const w = learning([1, 2]), opt = new optim.SGD([w], { lr: 0.5 });
  const found = await detectAnomaly(() => {
    opt.zeroGrad();
    w.mul(w).sum().backward();
    opt.step();
  });
  assertEquals([found, await w.toArray(), await w.grad!.toArray()], [null, [0, 0], [2, 4]]);
});

Deno.test("detectAnomaly() blames the operation: log of a negative number, division by 0, overflow", async () => {
  const cases = [
    [() => learning([-1, 2]).log().sum().backward(), "log", NaN, "clamp what goes in"],
    [() => ones([2]).div(learning([0, 2])).sum().backward(), "div", Infinity, "divides by 0"],
    [() => learning([100, 2]).exp().sum().backward(), "exp", Infinity, "exp overflows above 88.7"],
    [() => learning([1e30]).mul(tensor([1e30])).sum().backward(), "mul", Infinity, "a lower learning rate"],
  ] as const;
  for (const [step, operation, value, advice] of cases) {
    const found = await detectAnomaly(step);
    assertEquals(brief(found), ["output", "", operation, value]);
    assertStringIncludes(found!.advice, advice);
  }
});

Deno.test("detectAnomaly() names the layer by its path, and how large the values were before it", async () => {
  class Block extends nn.Module {
    conv1 = new nn.Conv2d(1, 2, 3, { padding: 1 });
    override forward(x: Tensor): Tensor {
      return this.conv1.forward(x).relu();
    }
  }
  const net = new nn.Sequential(new nn.Identity(), new nn.Sigmoid(), new Block(), new nn.Flatten());
  noGrad(() => {
    net.getSubmodule("2.conv1").parameters()[0].fill(2e38);
    net.getSubmodule("2.conv1").parameters()[1].fill(0);
  });
  const found = await detectAnomaly(() => net.forward(full([1, 1, 4, 4], 50)).sum().backward(), { step: 3 });
  assertEquals(brief(found), ["output", "2.conv1 (Conv2d)", "conv2d", Infinity]);
  assertEquals(found!.headline, "step 3: conv2d gave Infinity in 2.conv1 (Conv2d), shape [1, 2, 4, 4]");
  assertEquals(found!.before.map(({ layer, what, largest }) => [layer, what, Math.fround(largest)]), [
    ["1 (Sigmoid)", "input", 50],
    ["1 (Sigmoid)", "output", 1],
    ["2.conv1.weight", "parameter", Math.fround(2e38)],
    ["2.conv1.bias", "parameter", 0],
    ["2.conv1 (Conv2d)", "output", Infinity],
  ]);
  assertStringIncludes(found!.advice, "values grew until they overflowed");
});

Deno.test("detectAnomaly() tells data and parameters that were not finite before the step", async () => {
  const net = new nn.Sequential(new nn.Linear(2, 2));
  const run = (x: number) => detectAnomaly(() => net.forward(tensor([[1, x]])).sum().backward());
  assertEquals(brief(await run(NaN)), ["input", "0 (Linear)", "linear", NaN]);
  noGrad(() => net[0].parameters()[1].copy(tensor([0, Infinity])));
  const found = await run(1);
  assertEquals(brief(found), ["parameter", "0.bias", "linear", Infinity]);
  assertStringIncludes(found!.advice, "initial values, or the file");
});

Deno.test("detectAnomaly() names running statistics that are not finite, and labels that do not exist", async () => {
  const net = new nn.Sequential(new nn.BatchNorm1d(2), new nn.Linear(2, 1));
  net.eval();
  noGrad(() => net.stateDict()["0.running_var"].fill(NaN));
  const found = await detectAnomaly(() => net.forward(ones([2, 2])).sum().backward());
  assertEquals([found!.kind, found!.layer], ["parameter", "0.running_var"]);
  const label = tensor([7], { dtype: "int32" }), loss = new nn.CrossEntropyLoss();
  const wrong = await detectAnomaly(() => loss.forward(learning([1, 2]).reshape([1, 2]), label).backward());
  assertEquals(brief(wrong), ["output", "CrossEntropyLoss", "crossEntropy", NaN]);
  assertStringIncludes(wrong!.advice, "a label that there is not gives NaN");
  const emb = await detectAnomaly(() => new nn.Embedding(3, 2).forward(label).sum().backward());
  assertEquals(brief(emb), ["output", "Embedding", "embedding", NaN]);
});

Deno.test("detectAnomaly() sees what is written in place, and operations of one's own", async () => {
  const w = learning([1, 2]);
  const set = await detectAnomaly(() => {
    const h = w.mul(1);
    h.set([0], w.select(0, 1).sub(3).log());
    h.sum().backward();
  });
  assertEquals(brief(set), ["output", "", "log", NaN]);
  const part = defineOperation({
    name: "part",
    inputs: ["x"],
    forward: "x / (1.0 - x)",
    gradient: { x: "dy" },
  });
  assertEquals(brief(await detectAnomaly(() => part(w).sum().backward())), ["output", "", "part", Infinity]);
});

Deno.test("detectAnomaly() finds gradients that are not finite though the loss is", async () => {
  const net = new nn.Sequential(new nn.Linear(1, 1, { bias: false }));
  noGrad(() => net[0].parameters()[0].fill(0));
  const root = await detectAnomaly(() => net.forward(ones([1, 1])).sqrt().sum().backward());
  assertEquals(brief(root), ["gradient", "", "sqrt", Infinity]);
  assertEquals(root!.before.at(-1), { layer: "sqrt", what: "gradient", largest: Infinity });
  const z = learning([0, 2]); // masked too late
  const masked = await detectAnomaly(() => where(z.eq(0), zeros([2]), ones([2]).div(z)).sum().backward());
  assertEquals(brief(masked), ["gradient", "", "div", NaN]);
  class Root extends nn.Module {
    w = new nn.Parameter(zeros([2]));
    override forward(x: Tensor): Tensor {
      return this.w.mul(x).sqrt();
    }
  }
  const net2 = new nn.Sequential(new Root());
  assertEquals(brief(await detectAnomaly(() => net2.forward(ones([2])).sum().backward())), [
    "gradient",
    "0 (Root)",
    "sqrt",
    Infinity,
  ]);
});

Deno.test("detectAnomaly() tells an update that overflows from a gradient that does", async () => {
  const net = new nn.Sequential(new nn.Linear(1, 1)), opt = new optim.SGD(net.parameters(), { lr: 3e38 });
  const found = await detectAnomaly(() => {
    mseLoss(net.forward(full([2, 1], 100)), zeros([2, 1])).backward();
    opt.step();
  });
  assertEquals([found!.kind, found!.layer], ["update", "0.weight"]);
  assertStringIncludes(String(found), "a lower learning rate");
  const w = learning([1]), h = () => w.sub(1).mul(2e38);
  const leaf = await detectAnomaly(() => h().add(h()).sum().backward());
  assertEquals(
    brief(leaf),
    ["gradient", "a tensor that learns", "accumulation", Infinity],
    "each half is finite",
  );
  w.clearGrad();
  const met = await detectAnomaly(() => {
    const inner = w.sub(1);
    inner.mul(2e38).add(inner.mul(2e38)).sum().backward();
  });
  assertEquals(brief(met), ["gradient", "", "mul", Infinity]);
});

Deno.test("detectAnomaly() leaves alone what is infinite and comes to nothing, integers and booleans", async () => {
  const mask = tensor([[true, false], [false, false]]), s = tensor([[1, 2], [3, 4]], { requiresGrad: true });
  const hidden = full([2, 2], -Infinity), uneven = tensor([[1, 2], [3, 4]]);
  const inf = learning([Infinity, 1]);
  const steps = [
    () => softmax(where(mask, hidden, s), 1).mul(uneven).sum().backward(),
    () => crossEntropy(where(mask, hidden, s), tensor([1, 0], { dtype: "int32" })).backward(),
    () => {
      s.div(0); // nobody uses it
      s.sum().backward();
    },
    () => tensor([2 ** 31 - 1, -1], { dtype: "int32" }).add(1),
    () => where(tensor([true, false]), zeros([2]), inf).sum().backward(),
    () => inf.isnan(),
  ];
  for (const step of steps) assertEquals(await detectAnomaly(step), null, String(step));
  const row = tensor([[true, true], [false, false]]);
  const whole = await detectAnomaly(() => softmax(where(row, hidden, s), 1).mul(uneven).sum().backward());
  assertEquals(brief(whole), ["output", "", "softmax", NaN]);
  assertStringIncludes(whole!.advice, "leave each row something unmasked");
});

Deno.test("detectAnomaly() names where an infinity became NaN", async () => {
  const w = learning([0, 1]);
  const found = await detectAnomaly(() => w.log().mul(tensor([0, 1])).sum().backward());
  assertEquals([...brief(found)!, found!.becameNaN], ["output", "", "log", -Infinity, {
    operation: "mul",
    layer: "",
  }]);
  assertStringIncludes(String(found), "it became NaN in mul");
});

Deno.test("detectAnomaly() runs compiled steps and checkpoints operation by operation, with the same draws", async () => {
  const x = rand([64]),
    drop = (seed: number) => {
      manualSeed(seed);
      return getRngState();
    };
  const w = learning([1]);
  const step = compile(() => dropout(x.mul(w), { p: 0.5 }).sum());
  const captured = drop(4), first = await step().item();
  setRngState(captured);
  let again = 0;
  let kept = zeros([]);
  assertEquals(
    await detectAnomaly(() => {
      kept = step().detach();
      return again++;
    }),
    null,
  );
  assert(kept.disposed, "what the step made is freed");
  setRngState(captured);
  assertEquals(await step().item(), first);
  const bad = compile(() => w.mul(3e38).mul(2).sum().backward());
  bad();
  assertEquals(brief(await detectAnomaly(bad)), ["output", "", "mul", Infinity]);
  const inner = await detectAnomaly(() => checkpoint((v) => v.sub(1).sqrt().add(1), w).sum().backward());
  assertEquals([inner!.kind, inner!.operation], ["gradient", "sqrt"]);
});

Deno.test("detectAnomaly() looks at what nothing else used where there is no pass back", async () => {
  const x = tensor([0, 1]);
  assertEquals(brief(await detectAnomaly(() => x.log())), ["output", "", "log", -Infinity]);
  assertEquals(await detectAnomaly(() => x.log().exp()), null);
});

Deno.test("detectAnomaly() refuses an async step, passes errors on, and leaves nothing behind", async () => {
  const w = learning([1, 2]), before = undisposed(device);
  const error = await assertRejects(() => detectAnomaly(async () => await w.data()), TypeError);
  assertEquals(
    error.message,
    "Cannot detect an anomaly as the function must not be async: it returned a promise",
  );
  await assertRejects(() => detectAnomaly(() => w.reshape([3])), RangeError, "reshape");
  await detectAnomaly(() => w.mul(w).sum());
  assertEquals(undisposed(device), before);
});

Deno.test("detectAnomaly() looks into checkpoint()", async () => {
  const w = learning([1, 2]), step = () => checkpoint((t: Tensor) => t.mul(-1).log(), w).sum().backward();
  const found = await detectAnomaly(step);
  assertEquals([found?.kind, found?.operation], ["output", "log"]);
});
