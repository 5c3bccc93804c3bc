// fit() stops where a loss is not finite, and finds the step that went wrong.
import { assert, assertEquals, assertLess, assertRejects, assertStringIncludes } from "@std/assert";
import {
  type Anomaly,
  AnomalyError,
  DataLoader,
  fit,
  type FitBatches,
  type FitOptions,
  full,
  manualSeed,
  mseLoss,
  nn,
  noGrad,
  ones,
  openDevice,
  optim,
  rand,
  type Tensor,
  tensor,
  where,
  zeros,
} from "../../../mod.ts";

const device = await openDevice();

/** Points on a line; those at `broken` are NaN. */
function points(n: number, ...broken: number[]) {
  return {
    length: n,
    get: (i: number): [number[], number[]] => [[broken.includes(i) ? NaN : i / n, 1], [i / n]],
  };
}

function network(): nn.Sequential {
  manualSeed(11);
  return new nn.Sequential(
    new nn.Linear(2, 8),
    new nn.BatchNorm1d(8),
    new nn.Tanh(),
    new nn.Dropout(0.5),
    new nn.Linear(8, 1),
  );
}

/** What training rejects with. */
async function anomalyOf(net: nn.Module, loader: FitBatches, options: FitOptions): Promise<Anomaly> {
  const error = await assertRejects(() => fit(net, loader, options), AnomalyError);
  assertStringIncludes(error.message, String(error.anomaly));
  return error.anomaly;
}

async function values(net: nn.Module): Promise<number[][]> {
  return await Promise.all(Object.values(net.stateDict()).map(async (t) => [...await t.data()]));
}

Deno.test("fit() stops at the first loss that is not finite, and names epoch, step and layer", async () => {
  const fine = [ones([2, 2]), zeros([2, 1])] as const, bad = [full([2, 2], NaN), zeros([2, 1])] as const;
  for (const compile of [true, false]) {
    const net = network(), optimizer = new optim.SGD(net.parameters(), { lr: 0.01 });
    const batches = [fine, fine, fine, fine, fine, bad, fine, fine];
    const found = await anomalyOf(net, batches, { optimizer, loss: mseLoss, epochs: 2, compile });
    assertEquals([found.kind, found.layer, found.epoch, found.step], ["input", "0 (Linear)", 1, 6]);
    assertStringIncludes(found.advice, "look at the data");
  }
});

/** Trains with all that draws random numbers and has a state; point 17 of 60 is NaN. */
async function trainLine(compile: boolean, seed: number | undefined, stopAfter = Infinity) {
  const net = network(), controller = new AbortController();
  const transform = (x: Tensor) => x.add(rand([x.shape[0], 1]).mul(0.1));
  const loader = new DataLoader(points(60, 17), { batchSize: 2, shuffle: true, seed, transform });
  const optimizer = new optim.Adam(net.parameters(), { lr: 0.01 });
  const schedule = new optim.lrScheduler.OneCycleLR(optimizer, { maxLr: 0.1, totalSteps: 90 });
  let steps = 0, found: Anomaly | undefined;
  const stepScheduler = Object.assign(schedule, { after: 0 });
  if (Number.isFinite(stopAfter)) {
    const { step } = schedule;
    stepScheduler.step = () => {
      step.call(schedule);
      if (++steps === stopAfter) controller.abort();
    };
  }
  const onNaN = Number.isFinite(stopAfter) ? "continue" : (anomaly: Anomaly) => void (found = anomaly);
  const { signal } = controller;
  await fit(net, loader, { optimizer, loss: mseLoss, epochs: 1, compile, stepScheduler, onNaN, signal });
  return { found, state: await values(net), lr: optimizer.paramGroups[0].lr };
}

Deno.test("fit() takes the same steps again, batches and draws too, and leaves the state before the bad one", async () => {
  for (const compile of [true, false]) {
    for (const seed of [4, undefined]) {
      const { found, state, lr } = await trainLine(compile, seed);
      assertEquals([found!.kind, found!.layer, found!.epoch], ["input", "0 (Linear)", 1]);
      const before = await trainLine(compile, seed, found!.step! - 1);
      assert(found!.step! > 1);
      assertEquals(
        [state, lr],
        [before.state, before.lr],
        `compile ${compile}, seed ${seed}, step ${found!.step}`,
      );
    }
  }
});

Deno.test("fit() finds a step long after its copy of the state, and one that follows a read", async () => {
  const net = new nn.Sequential(new nn.Linear(2, 1));
  const many = points(220, 200), optimizer = new optim.SGD(net.parameters(), { lr: 0.01 });
  let reads = 0;
  const found = await anomalyOf(net, new DataLoader(many), {
    optimizer,
    loss: mseLoss,
    epochs: 1,
    onProgress: () => void reads++,
  });
  assertEquals([found.kind, found.step], ["input", 201]);
  assertLess(reads, 60);
});

Deno.test("fit() finds an overflow in a captured step, and a gradient or an update that is not finite behind a finite loss", async () => {
  const x = ones([4, 2]), y = zeros([4, 1]), batches = [[x, y], [x, y], [x, y]] as const;
  const grow = new nn.Sequential(new nn.Linear(2, 4), new nn.Linear(4, 1));
  const overflow = await anomalyOf(grow, batches, {
    optimizer: new optim.SGD(grow.parameters(), { lr: 1e30 }),
    loss: mseLoss,
    epochs: 1,
  });
  assertEquals([overflow.kind, overflow.layer, overflow.step], ["output", "1 (Linear)", 2]);
  assertStringIncludes(String(overflow), "a lower learning rate");

  const single = new nn.Sequential(new nn.Linear(2, 1, { bias: false }));
  noGrad(() => single[0].parameters()[0].fill(0));
  const gradient = await anomalyOf(single, [[x, y]], {
    optimizer: new optim.SGD(single.parameters(), { lr: 0.1 }),
    loss: (out: Tensor) => where(out.eq(0), zeros([4, 1]), ones([4, 1]).div(out)).sum(),
    epochs: 1,
  });
  assertEquals([gradient.kind, gradient.operation, gradient.step], ["gradient", "div", 1]);

  const far = new nn.Sequential(new nn.Linear(2, 1));
  const update = await anomalyOf(far, [[x.mul(1e3), y]], {
    optimizer: new optim.SGD(far.parameters(), { lr: 3e38 }),
    loss: mseLoss,
    epochs: 1,
  });
  assertEquals([update.kind, update.layer, update.step], ["update", "0.weight", 1]);
});

Deno.test("fit() tells a parameter that was NaN at the start, and trains on where an infinite one does not matter", async () => {
  const x = ones([4, 2]), y = zeros([4, 1]);
  const net = new nn.Sequential(new nn.Linear(2, 1)), options = { loss: mseLoss, epochs: 2 };
  noGrad(() => net[0].parameters()[1].fill(NaN));
  const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 });
  const found = await anomalyOf(net, [[x, y]], { optimizer, ...options });
  assertEquals([found.kind, found.layer, found.epoch, found.step], ["parameter", "0.bias", 1, 1]);
  assertStringIncludes(found.advice, "initial values");

  class Masked extends nn.Module {
    mask = new nn.Parameter(tensor([-Infinity, 0]));
    fc = new nn.Linear(2, 1);
    override forward(x: Tensor): Tensor {
      return this.fc.forward(x.add(this.mask).softmax(1));
    }
  }
  const masked = new Masked(), adam = new optim.SGD(masked.parameters(), { lr: 0.1 });
  const history = await fit(masked, [[x, y], [x, y]], { optimizer: adam, ...options });
  assert(history.every(({ trainLoss }) => Number.isFinite(trainLoss)));
  assertLess(history[1].trainLoss, history[0].trainLoss);
  const plain = new Masked();
  plain.loadStateDict(masked.stateDict());
  assertEquals((await plain.mask.toArray() as number[])[0], -Infinity);
});

Deno.test("fit({ onNaN }) goes on without a word, or calls a function and ends with the epochs that were finished", async () => {
  const fine = [ones([2, 2]), zeros([2, 1])] as const, bad = [full([2, 2], NaN), zeros([2, 1])] as const;
  let pass = 0;
  const loader = Object.assign([fine, fine], {
    *[Symbol.iterator]() {
      yield fine;
      yield ++pass === 2 ? bad : fine;
    },
  });
  const train = async (onNaN: FitOptions["onNaN"]) => {
    const net = new nn.Sequential(new nn.Linear(2, 1));
    const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 });
    pass = 0;
    return await fit(net, loader, { optimizer, loss: mseLoss, epochs: 3, onNaN });
  };
  assertEquals((await train("continue")).map(({ trainLoss }) => Number.isFinite(trainLoss)), [
    true,
    false,
    false,
  ]);
  const seen: Anomaly[] = [];
  const history = await train((anomaly) => void seen.push(anomaly));
  assertEquals([history.length, seen.length, seen[0].epoch], [1, 1, 2]);
  const error = await assertRejects(() => train("ignore" as "stop"), RangeError);
  assertStringIncludes(error.message, "onNaN");
});

Deno.test("fit() says so where a step cannot run again, and where it is finite operation by operation", async () => {
  const fine = [ones([2, 2]), zeros([2, 1])] as const, bad = [full([2, 2], NaN), zeros([2, 1])] as const;
  const once = {
    length: 3,
    *[Symbol.iterator]() {
      yield* [fine, bad, fine];
    },
  };
  const net = new nn.Sequential(new nn.Linear(2, 1)),
    optimizer = new optim.SGD(net.parameters(), { lr: 0.1 });
  const options = { optimizer, loss: mseLoss, epochs: 1 };
  const found = await anomalyOf(net, once, options);
  assertEquals([found.kind, found.epoch], ["unknown", 1]);
  assertStringIncludes(String(found), "a DataLoader or an array of batches gives them again");
  const large = new nn.Sequential(new nn.Linear(2, 1));
  noGrad(() => large.parameters().forEach((p) => p.fill(0)));
  const sum = await anomalyOf(large, [[ones([200, 2]), zeros([200, 1])]], {
    optimizer: new optim.SGD(large.parameters(), { lr: 1e-3 }),
    loss: (out: Tensor) => out.mean().add(1e37),
    epochs: 1,
  });
  assertEquals([sum.kind, sum.step], ["unknown", 1]);
  assertStringIncludes(String(sum), "or their sum overflowed");
});

Deno.test("fit() goes back with every optimiser of the network, also behind one of the user's own", async () => {
  const fine = [ones([2, 2]), zeros([2, 1])] as const, bad = [full([2, 2], NaN), zeros([2, 1])] as const;
  const after = async (batches: (readonly [Tensor, Tensor])[], onNaN: FitOptions["onNaN"]) => {
    manualSeed(3);
    const net = new nn.Sequential(new nn.Linear(2, 4), new nn.Linear(4, 1));
    const a = new optim.Adam(net[0].parameters()),
      b = new optim.SGD(net[1].parameters(), { lr: 0.1, momentum: 0.9 });
    const optimizer = {
      zeroGrad: () => [a, b].forEach((o) => o.zeroGrad()),
      step: () => [a, b].forEach((o) => o.step()),
    };
    await fit(net, batches, { optimizer, loss: mseLoss, epochs: 1, onNaN });
    const states = [a, b].map((o) => Object.values(o.stateDict().state));
    const read = (v: unknown) => typeof v === "number" ? v : (v as Tensor).toArray();
    const all = states.flat().flatMap((state) => Object.values(state));
    return [await values(net), await Promise.all(all.map(read))];
  };
  const stopped = await after([fine, fine, fine, bad, fine], () => {});
  assertEquals(stopped, await after([fine, fine, fine], "continue"));
});

Deno.test("fit() costs its steps nothing for it, and leaves nothing behind", async () => {
  const net = new nn.Sequential(new nn.Linear(2, 4), new nn.Linear(4, 1));
  const optimizer = new optim.SGD(net.parameters(), { lr: 0.01, momentum: 0.9 });
  const loader = new DataLoader(points(300), { batchSize: 1 });
  const count = async (onNaN: FitOptions["onNaN"]) => {
    const before = device.queue.dispatches;
    await fit(net, loader, { optimizer, loss: mseLoss, epochs: 1, onNaN });
    return device.queue.dispatches - before;
  };
  await count("continue");
  const [without, watched] = [await count("continue"), await count("stop")];
  assertLess(watched - without, 60, "a few for the whole epoch");
  const { tensors, forgotten, bytesInUse } = device.memory();
  await count("stop");
  await assertRejects(
    () => fit(net, new DataLoader(points(9, 5), { batchSize: 2 }), { optimizer, loss: mseLoss, epochs: 1 }),
    AnomalyError,
  );
  const now = device.memory();
  assertEquals([now.tensors + now.forgotten, now.bytesInUse], [tensors + forgotten, bytesInUse]);
});

Deno.test("a rate that onProgress sets is that of the steps which are taken again", async () => {
  const net = network(), optimizer = new optim.SGD(net.parameters(), { lr: 0.01 });
  const anomaly = await anomalyOf(net, new DataLoader(points(16), { batchSize: 2 }), {
    optimizer,
    loss: (output, y) => mseLoss(output, y),
    epochs: 1,
    onProgress: () => void (optimizer.paramGroups[0].lr = 1e30),
  });
  assertEquals([anomaly.kind === "unknown", anomaly.step! >= 2 && anomaly.step! <= 4], [false, true]);
});
