import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  Accumulator,
  compile,
  crossEntropy,
  DataLoader,
  decodeSafetensors,
  encodeSafetensors,
  getRngState,
  loadCheckpoint,
  manualSeed,
  nn,
  noGrad,
  openDevice,
  optim,
  rand,
  saveCheckpoint,
  scope,
  setRngState,
  type Stateful,
  type Tensor,
  tensor,
  TensorDataset,
} from "../../../../mod.ts";
import { undisposed } from "../../../support/memory.ts";
import { sha256, tempFolder } from "../../../data/_fixtures.ts";

const device = await openDevice();
const { lrScheduler } = optim;

function network(outputs = 3): nn.Sequential {
  return new nn.Sequential(
    new nn.Linear(4, 6),
    new nn.BatchNorm1d(6),
    new nn.Tanh(),
    new nn.Dropout(0.25),
    new nn.Linear(6, outputs),
  );
}

/** Everything that a loop of one's own has. */
function training(makeOptimizer: (params: Tensor[]) => optim.SGD | optim.Adam, isCompiled: boolean) {
  manualSeed(11);
  const net = network(), optimizer = makeOptimizer(net.parameters());
  const scheduler = [
    new lrScheduler.ExponentialLR(optimizer, { gamma: 0.9 }),
    new lrScheduler.ReduceLROnPlateau(optimizer, { patience: 1 }),
  ] as const;
  const x = rand([14, 4]), y = tensor(Int32Array.from({ length: 14 }, (_, i) => i % 3));
  const loader = new DataLoader(new TensorDataset(x, y), { batchSize: 4, shuffle: true });
  const metric = new Accumulator(2);
  const train = (x: Tensor, y: Tensor) => {
    optimizer.zeroGrad();
    const loss = crossEntropy(net.forward(x), y);
    loss.backward();
    optimizer.step();
    noGrad(() => metric.add(loss, 1));
  };
  const step = isCompiled ? compile(train) : train;
  const parts = { net, optimizer, scheduler, loader, metric };
  return {
    ...parts,
    parts,
    /** Makes so many steps, where passes follow one another, and does something before it leaves the last one. */
    go<T>(steps: number, atEnd?: () => T): T | undefined {
      while (steps > 0) {
        for (const [x, y] of loader) {
          using _ = scope();
          step(x, y);
          scheduler[0].step();
          scheduler[1].step(scheduler[1].lastEpoch % 5);
          if (--steps === 0) return atEnd?.();
        }
      }
    },
    async bits(): Promise<unknown> {
      const tensors = { ...net.stateDict(), random: rand([3]) };
      return [
        await sha256(await encodeSafetensors(tensors)),
        await metric.values(),
        optimizer.paramGroups[0].lr,
      ];
    },
  };
}

const OPTIMIZERS: Record<string, (params: Tensor[]) => optim.SGD | optim.Adam> = {
  SGD: (params) => new optim.SGD(params, { lr: 0.1 }),
  momentum: (params) => new optim.SGD(params, { lr: 0.1, momentum: 0.9, nesterov: true }),
  Adam: (params) => new optim.Adam(params, { lr: 0.01 }),
  AdamW: (params) => new optim.AdamW(params, { lr: 0.01 }),
  RMSprop: (params) => new optim.RMSprop(params, { lr: 0.01, momentum: 0.5 }) as unknown as optim.SGD,
  Adagrad: (params) => new optim.Adagrad(params, { lr: 0.01 }) as unknown as optim.SGD,
};

for (const [name, make] of Object.entries(OPTIMIZERS)) {
  for (const isCompiled of [false, true]) {
    Deno.test(`a training by ${name}${isCompiled ? ", compiled," : ""} goes on with the very bits`, async () => {
      await using folder = await tempFolder();
      const file = `${folder.path}/a.safetensors`, whole = training(make, isCompiled);
      whole.go(11);
      const wanted = await whole.bits();
      const first = training(make, isCompiled);
      // passes of 4 batches: the sixth step is the second of the second pass
      for (const [k, steps] of [3, 3, 2].entries()) {
        const part = k === 0 ? first : training(make, isCompiled);
        if (k > 0) await loadCheckpoint(file, part.parts);
        await part.go(steps, () => saveCheckpoint(file, part.parts));
        manualSeed(99); // what else goes on in the meantime does not matter
      }
      const last = training(make, isCompiled);
      await loadCheckpoint(file, last.parts);
      last.go(3);
      assertEquals(await last.bits(), wanted);
    });
  }
}

const SCHEDULES: Record<string, (opt: optim.SGD) => Stateful & { step(loss: number): void }> = {
  StepLR: (opt) => new lrScheduler.StepLR(opt, { stepSize: 2, gamma: 0.3 }),
  MultiStepLR: (opt) => new lrScheduler.MultiStepLR(opt, { milestones: [2, 5], gamma: 0.3 }),
  ConstantLR: (opt) => new lrScheduler.ConstantLR(opt, { factor: 0.3, totalIters: 5 }),
  LinearLR: (opt) => new lrScheduler.LinearLR(opt, { startFactor: 0.3, totalIters: 6 }),
  ExponentialLR: (opt) => new lrScheduler.ExponentialLR(opt, { gamma: 0.7 }),
  CosineAnnealingLR: (opt) => new lrScheduler.CosineAnnealingLR(opt, { TMax: 5, etaMin: 0.01 }),
  LambdaLR: (opt) => new lrScheduler.LambdaLR(opt, { lrLambda: (epoch) => 1 / (1 + epoch) }),
  OneCycleLR: (opt) => new lrScheduler.OneCycleLR(opt, { maxLr: 0.5, totalSteps: 9 }),
  ReduceLROnPlateau: (opt) =>
    new lrScheduler.ReduceLROnPlateau(opt, { patience: 0, factor: 0.7, cooldown: 1 }),
  SequentialLR: (opt) =>
    new lrScheduler.SequentialLR(opt, {
      schedulers: [
        new lrScheduler.LinearLR(opt, { startFactor: 0.3, totalIters: 4 }),
        new lrScheduler.ExponentialLR(opt, { gamma: 0.7 }),
      ],
      milestones: [4],
    }),
  ChainedScheduler: (opt) =>
    new lrScheduler.ChainedScheduler([
      new lrScheduler.ConstantLR(opt, { factor: 0.3, totalIters: 4 }),
      new lrScheduler.ExponentialLR(opt, { gamma: 0.7 }),
    ]),
  CosineAnnealingWarmRestarts: (opt) =>
    new lrScheduler.CosineAnnealingWarmRestarts(opt, { T0: 3, TMult: 2, etaMin: 0.01 }),
  CyclicLR: (opt) => new lrScheduler.CyclicLR(opt, { baseLr: 0.1, maxLr: 0.5, stepSizeUp: 2 }),
  MultiplicativeLR: (opt) => new lrScheduler.MultiplicativeLR(opt, { lrLambda: (epoch) => 1 / (1 + epoch) }),
  PolynomialLR: (opt) => new lrScheduler.PolynomialLR(opt, { totalIters: 7, power: 2 }),
};

Deno.test("every schedule goes on with the very rates", async () => {
  await using folder = await tempFolder();
  const file = `${folder.path}/a.safetensors`, losses = [3, 2, 2, 1, 1, 1, 0.5, 0.7];
  const exported = Object.keys(lrScheduler).filter((name) => name !== "LRScheduler");
  assertEquals(Object.keys(SCHEDULES).toSorted(), exported.toSorted());
  const p = tensor([1], { requiresGrad: true });
  for (const [name, make] of Object.entries(SCHEDULES)) {
    const training = () => {
      const optimizer = new optim.SGD([p], { lr: 0.4, momentum: 0.9 });
      return { optimizer, scheduler: make(optimizer) };
    };
    const options = ({ optimizer }: ReturnType<typeof training>) => optimizer.stateDict().paramGroups;
    for (const stop of [0, 3, 5]) {
      const whole = training(), resumed = training();
      for (const loss of losses.slice(0, stop)) whole.scheduler.step(loss);
      await saveCheckpoint(file, whole);
      await loadCheckpoint(file, resumed);
      for (const loss of losses.slice(stop)) {
        assertEquals(options(resumed), options(whole), `${name} from step ${stop}`);
        for (const { scheduler } of [whole, resumed]) scheduler.step(loss);
      }
      assertEquals(options(resumed), options(whole), name);
    }
  }
});

Deno.test("saveCheckpoint() saves what was there when it was called", async () => {
  await using folder = await tempFolder();
  const file = `${folder.path}/deep/er/a.safetensors`;
  const w = new nn.Linear(1, 1), optimizer = new optim.Adam(w.parameters());
  w.forward(tensor([[2]])).sum().backward();
  optimizer.step();
  const before = await w.weight.data(), moments = optimizer.stateDict().state[0].exp_avg as Tensor;
  const extra = { epoch: 1 };
  const saving = saveCheckpoint(file, { net: w, optimizer, extra });
  noGrad(() => w.weight.fill(5));
  optimizer.step();
  extra.epoch = 2;
  await saving;
  const again = new nn.Linear(1, 1), adam = new optim.Adam(again.parameters());
  const loaded = await loadCheckpoint(file, { net: again, optimizer: adam });
  assertEquals(loaded.extra, { epoch: 1 });
  assertEquals(await again.weight.data(), before);
  assertEquals(await (adam.stateDict().state[0].exp_avg as Tensor).data(), await moments.data());
});

Deno.test("saving and loading leave no tensor behind", async () => {
  await using folder = await tempFolder();
  const file = `${folder.path}/a.safetensors`, t = training(OPTIMIZERS.Adam, false);
  t.go(2);
  await device.sync();
  const before = undisposed(device);
  for (let k = 0; k < 3; k++) {
    await saveCheckpoint(file, { ...t.parts, extra: { k } });
    await loadCheckpoint(file, t.parts);
    await assertRejects(() => loadCheckpoint(file, { ...t.parts, net: network(4) }));
  }
  await device.sync();
  assertEquals(undisposed(device) - before, 3 * 9, "those of the three other networks");
});

Deno.test("extra comes back as it was: numbers that JSON lacks, names of ours, and tensors", async () => {
  await using folder = await tempFolder();
  const file = `${folder.path}/a.safetensors`;
  const extra = {
    numbers: [NaN, Infinity, -Infinity, -0, 5e-324, 0.1 + 0.2],
    texts: ["", "\u0000", "ü𝄞"],
    $tensor: "mine",
    deep: [{ $number: 1, none: null, yes: true }],
    missing: undefined,
  };
  const t = tensor([[1, NaN], [-0, 1e-42]]), whole = tensor([2 ** 31 - 1, -5], { dtype: "int32" });
  await saveCheckpoint(file, { extra: { ...extra, tensors: [t, { mask: tensor([true, false]) }, whole] } });
  const { extra: { tensors, ...rest }, settings, version } = await loadCheckpoint(file);
  const { missing: _, ...wanted } = extra;
  assertEquals(rest, wanted);
  assert(Object.is(rest.numbers[3], -0));
  assertEquals([settings, version], [undefined, "0.1.0"]);
  assertEquals(await tensors[0].data(), await t.data());
  assertEquals(await tensors[1].mask.toArray(), [true, false]);
  assertEquals(await tensors[2].toArray(), [2 ** 31 - 1, -5]);
});

Deno.test("saveCheckpoint() refuses what it cannot write, and leaves the file that is there", async () => {
  await using folder = await tempFolder();
  const file = `${folder.path}/a.safetensors`, cycle: unknown[] = [];
  cycle.push([cycle]);
  await saveCheckpoint(file, { extra: 1 });
  const cases: [unknown, string][] = [
    [() => 1, "extra must be a tensor, or what JSON has: a function"],
    [{ a: [1n] }, "extra.a.0 must be a tensor, or what JSON has: 1n"],
    [{ at: new Date(0) }, "extra.at must be a tensor, or what JSON has: a Date"],
    [cycle, "extra.0.0 must be a tensor, or what JSON has: it contains itself"],
  ];
  for (const [extra, message] of cases) {
    await assertRejects(() => saveCheckpoint(file, { extra }), TypeError, message);
  }
  assertEquals((await loadCheckpoint(file)).extra, 1);
  await assertRejects(() => saveCheckpoint(folder.path, {}), Error, "must be a file to write");
  await assertRejects(() => saveCheckpoint(`${file}/b`, {}), Error, "must be a file to write");
  await assertRejects(() => saveCheckpoint(`${folder.path}/`, {}), RangeError, "must name a file");
  await assertRejects(() => loadCheckpoint(`${folder.path}/none`), Error, "must be a file to read");
  const step = compile(() => void saveCheckpoint(file, {}).catch((error) => refused = error));
  let refused: Error | undefined;
  step();
  await device.sync();
  assertStringIncludes(`${refused}`, "Cannot save a checkpoint inside compile(fn)");
  assertEquals(Array.from(Deno.readDirSync(folder.path), ({ name }) => name), ["a.safetensors"]);
});

Deno.test("a file that is cut short, or has any byte changed, is refused", async () => {
  await using folder = await tempFolder();
  const file = `${folder.path}/a.safetensors`, net = new nn.Linear(2, 1);
  await saveCheckpoint(file, { net, settings: { lr: 0.1 } });
  const bytes = await Deno.readFile(file), before = await net.weight.data();
  const refuse = async (changed: Uint8Array, what: string) => {
    await Deno.writeFile(file, changed);
    const error = await assertRejects(() => loadCheckpoint(file, { net }), SyntaxError, "", what);
    assertStringIncludes(error.message, `Cannot load a checkpoint from "${file}" as `);
  };
  for (let length = 0; length < bytes.length; length += 7) {
    await refuse(bytes.subarray(0, length), `of ${length} bytes`);
  }
  await refuse(new Uint8Array([...bytes, 0]), "a byte more");
  for (let at = 0; at < bytes.length; at++) {
    await refuse(bytes.with(at, bytes[at] ^ 1 << at % 8), `byte ${at}`);
  }
  assertEquals(await net.weight.data(), before);
  await Deno.writeFile(file, bytes);
  await loadCheckpoint(file, { net });
});

Deno.test("weights alone, and other files, are refused in words", async () => {
  await using folder = await tempFolder();
  const file = `${folder.path}/a.safetensors`, net = new nn.Linear(2, 1);
  await Deno.writeFile(file, await encodeSafetensors(net.stateDict()));
  await assertRejects(
    () => loadCheckpoint(file, { net }),
    SyntaxError,
    "it must be a checkpoint: it is a safetensors file without the state of a training",
  );
  await Deno.writeTextFile(file, "<!doctype html><html></html>");
  await assertRejects(() => loadCheckpoint(file, { net }), SyntaxError, "must be a whole safetensors file");
});

/** The file with a text of its header replaced by one of the same length, and its checksum made right. */
async function reworked(bytes: Uint8Array<ArrayBuffer>, from: string, to: string): Promise<Uint8Array> {
  const latin = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  const plain = text.replace(from, to).replace(/(checksum":")[\da-f]{64}/, `$1${"0".repeat(64)}`);
  assertEquals(plain.length, text.length);
  return latin(plain.replace(/(checksum":")0{64}/, `$1${await sha256(latin(plain))}`));
}

Deno.test("a file of a newer format is refused, with both versions", async () => {
  await using folder = await tempFolder();
  const file = `${folder.path}/a.safetensors`, net = new nn.Linear(2, 1);
  await saveCheckpoint(file, { net });
  const bytes = await Deno.readFile(file);
  await Deno.writeFile(file, await reworked(bytes, '"net.bias"', '"net.bias"'));
  await loadCheckpoint(file, { net });
  await Deno.writeFile(file, await reworked(bytes, 'checkpoint":"1"', 'checkpoint":"2"'));
  await assertRejects(
    () => loadCheckpoint(file, { net }),
    RangeError,
    "its format must be 1 or older: it is 2, written by version 0.1.0, and this is version 0.1.0",
  );
});

Deno.test("a checkpoint of something else is refused with both side by side, and nothing changes", async () => {
  await using folder = await tempFolder();
  const file = `${folder.path}/a.safetensors`, saved = training(OPTIMIZERS.Adam, false);
  saved.go(2);
  await saveCheckpoint(file, { ...saved.parts, settings: { lr: 0.1, seed: 3, limit: undefined } });

  const { parts, ...own } = training(OPTIMIZERS.Adam, false);
  own.go(3);
  const data = new TensorDataset(rand([5, 4]));
  const states = async () => {
    const { state } = parts.optimizer.stateDict();
    return [
      await sha256(await encodeSafetensors(parts.net.stateDict())),
      await (state[0].exp_avg as Tensor).data(),
      parts.scheduler[0].stateDict(),
      parts.loader.stateDict(),
      await parts.metric.values(),
      getRngState(),
    ];
  };
  const stand = { key: [1, 2], call: 3 } as const;
  setRngState(stand);
  const before = await states();
  const refuse = async (other: object, message: string) => {
    setRngState(stand);
    const error = await assertRejects(() => loadCheckpoint(file, { ...parts, ...other }), RangeError);
    assertStringIncludes(error.message, `Cannot load a checkpoint from "${file}" as ${message}`);
    assertEquals(await states(), before);
  };
  await refuse(
    { net: network(4) },
    "its tensors must be those of the network: 4.weight [4, 6] here, [3, 6] in the file; 4.bias [4] here, [3] in the file",
  );
  await refuse(
    { net: new nn.Sequential(new nn.Linear(4, 6)) },
    "its tensors must be those of the network: 1.weight missing here, [6] in the file; 1.bias missing here, [6] in the file",
  );
  await refuse(
    { optimizer: OPTIMIZERS.SGD(parts.net.parameters()) },
    "its optimizer must be SGD as here: it is Adam",
  );
  await refuse(
    { scheduler: [...parts.scheduler, parts.scheduler[0]] },
    "it must have what is to go on from it: it has no scheduler.2",
  );
  await refuse(
    { scheduler: parts.scheduler.toReversed() },
    "its scheduler.0 must be ReduceLROnPlateau as here: it is ExponentialLR",
  );
  await refuse(
    { loader: new DataLoader(data, { batchSize: 5, shuffle: true }) },
    "its state must be of what it is loaded into: Cannot load a DataLoader's state as it must be of the same examples and options: examples 5 here, 14 in the state; batchSize 5 here, 4 in the state",
  );
  await refuse(
    { metric: new Accumulator(3) },
    "its state must be of what it is loaded into: Cannot load an Accumulator's",
  );
  await refuse(
    { settings: { lr: 0.5, seed: 3, limit: 100 } },
    "its settings must be those of here: lr 0.5 here, 0.1 in the file; limit 100 here, missing in the file",
  );
  const adam = new optim.Adam([...parts.net.parameters(), tensor([1], { requiresGrad: true })]);
  await refuse(
    { optimizer: adam },
    "its state must be of what it is loaded into: Cannot load an optimiser's state as its groups",
  );
  // the parts before it in the order of loading are put back
  const stubborn: Stateful = {
    stateDict: () => 0,
    loadStateDict: (state) => {
      if (state !== 0) throw new RangeError("Cannot load this as it must not be");
    },
  };
  await saveCheckpoint(file, { ...saved.parts, scheduler: { stateDict: () => 1, loadStateDict: () => {} } });
  await refuse(
    { scheduler: stubborn },
    "its state must be of what it is loaded into: Cannot load this as it must not be",
  );
});

Deno.test("random numbers go on with a training, and not where a network alone is loaded", async () => {
  await using folder = await tempFolder();
  const file = `${folder.path}/a.safetensors`,
    net = new nn.Linear(2, 1),
    optimizer = new optim.SGD(net.parameters());
  manualSeed(4);
  rand([1]);
  const saved = getRngState();
  await saveCheckpoint(file, { net, optimizer });
  const other = { key: [8, 8], call: 8 } as const;
  const stateAfter = async (options: object) => {
    setRngState(other);
    await loadCheckpoint(file, options);
    return getRngState();
  };
  assertEquals(await stateAfter({ net }), other);
  assertEquals(await stateAfter({ net, optimizer }), saved);
  assertEquals(await stateAfter({ net, rng: true }), saved);
  assertEquals(await stateAfter({ net, optimizer, rng: false }), other);
});

Deno.test("a checkpoint is a safetensors file with the network's tensors under net.", async () => {
  await using folder = await tempFolder();
  const file = `${folder.path}/a.safetensors`,
    net = new nn.Sequential(new nn.Linear(2, 1), new nn.BatchNorm1d(1));
  const optimizer = new optim.SGD(net.parameters(), { momentum: 0.9 });
  net.forward(tensor([[1, 2], [3, 5]])).sum().backward();
  optimizer.step();
  await saveCheckpoint(file, { net, optimizer });
  const tensors = decodeSafetensors(await Deno.readFile(file));
  assertEquals(Object.keys(tensors), [
    ...Object.keys(net.stateDict()).map((name) => `net.${name}`),
    ...[0, 1, 2, 3].map((k) => `optimizer.state.${k}.momentum_buffer`),
  ]);
  const own = net.stateDict();
  for (const name of Object.keys(own)) {
    assertEquals(await tensors[`net.${name}`].data(), await own[name].data());
  }
});

Deno.test("settings are compared by what they are, and those that cannot be are refused", async () => {
  await using folder = await tempFolder();
  const file = `${folder.path}/a.safetensors`, net = new nn.Linear(2, 1);
  const settings = { n: 1, lr: NaN, size: { x: 1, y: [-0, 2] }, seed: undefined };
  await saveCheckpoint(file, { net, settings });
  await loadCheckpoint(file, { net, settings: { size: { y: [-0, 2], x: 1 }, lr: NaN, n: 1 } });
  await loadCheckpoint(file, { net });
  const others: [Record<string, unknown>, string][] = [
    [{ ...settings, lr: Infinity }, "lr Infinity here, NaN in the file"],
    [
      { ...settings, size: { x: 1, y: [0, 2] } },
      'size {"x":1,"y":[0,2]} here, {"x":1,"y":[-0,2]} in the file',
    ],
    [{ ...settings, n: "1" }, 'n "1" here, 1 in the file'],
    [{}, "n missing here, 1 in the file; lr missing here"],
  ];
  for (const [other, message] of others) {
    await assertRejects(() => loadCheckpoint(file, { net, settings: other }), RangeError, message);
  }
  const cycle: Record<string, unknown> = { n: 1 };
  cycle.inner = { cycle };
  const wrong: [Record<string, unknown>, string][] = [
    [{ n: 1n }, "settings.n must be what JSON has: 1n"],
    [cycle, "settings.inner.cycle must be what JSON has: it contains itself"],
    [{ deep: [tensor([1])] }, "settings.deep.0 must be what JSON has: a Tensor"],
  ];
  for (const [other, message] of wrong) {
    await assertRejects(
      () => loadCheckpoint(file, { net, settings: other }),
      TypeError,
      `load a checkpoint as ${message}`,
    );
    await assertRejects(
      () => saveCheckpoint(file, { net, settings: other }),
      TypeError,
      `save a checkpoint as ${message}`,
    );
  }
  await saveCheckpoint(file, { net });
  await loadCheckpoint(file, { net, settings: {} });
  await assertRejects(
    () => loadCheckpoint(file, { net, settings: { lr: 1 } }),
    RangeError,
    "its settings must be those of here: lr 1 here, missing in the file",
  );
});
