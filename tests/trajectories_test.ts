// Every network that the oracle trained on Fashion-MNIST, step by step against PyTorch.
//
// Losses, logits and gradients of the first step, parameters and running statistics after some steps, and right answers
// among test images must lie within the tolerances of the records, ten times the spread of five float32 runs.
// In networks with ReLU or max pooling (`kinks`) a few elements may lie further off: see support/kinks.ts.
import { assertEquals } from "@std/assert";
import {
  compile,
  crossEntropy,
  DataLoader,
  evaluateAccuracy,
  type nn,
  openDevice,
  optim,
  scope,
  type Tensor,
} from "../mod.ts";
import { runDifferences, type RunRecord } from "./support/kinks.ts";
import { type Arch, build, firstImages } from "./support/networks.ts";
import { type InputSpec, materialise, noise, readOracle } from "./support/oracle.ts";

await openDevice();

const OPTIMIZERS = { SGD: optim.SGD, Adam: optim.Adam };

type Records = Record<string, RunRecord>;

interface Run {
  id: string;
  arch: Arch;
  init: InputSpec[];
  optimizer: keyof typeof OPTIMIZERS;
  args: Record<string, number>;
  batch: number;
  steps: number;
  trainOffset: number;
  kinks: boolean;
  losses: number[];
  lossAtol: number[];
  step1: { logits: RunRecord; grads: Records };
  state: Record<string, Records>;
  testImages: number;
  testCorrect?: number;
  testCorrectTol?: number;
}

async function compare(
  run: Run,
  where: string,
  records: Records,
  tensorOf: (name: string) => Tensor,
): Promise<string[]> {
  const lines = await Promise.all(
    Object.entries(records).map(async ([name, record]) => {
      const t = tensorOf(name);
      return runDifferences(record, await t.data(), t.shape, run.kinks).map((line) =>
        `${where} ${name} ${line}`
      );
    }),
  );
  return lines.flat();
}

async function follow(run: Run, isCompiled: boolean): Promise<string[]> {
  assertEquals(run.trainOffset, 0);
  const net = build(run.arch);
  const init = Object.fromEntries(run.init.map((spec) => [spec.name, materialise(spec)]));
  const { missingKeys, unexpectedKeys } = net.loadStateDict(init, { strict: false });
  for (const t of Object.values(init)) t.dispose();
  // Buffers begin as the layers make them; counts of batches may be missing, as PyTorch allows it
  const buffers = net.namedBuffers().map(([name]) => name).filter((name) =>
    !name.endsWith("num_batches_tracked")
  );
  assertEquals([missingKeys.toSorted(), unexpectedKeys], [buffers.toSorted(), []]);
  const opt = new OPTIMIZERS[run.optimizer](net.parameters(), run.args);
  const train = new DataLoader(await firstImages("train", run.batch * run.steps), { batchSize: run.batch });
  const losses: Promise<number>[] = [], wrong: string[] = [];
  const asWritten = (x: Tensor, y: Tensor): [loss: Tensor, logits: Tensor] => {
    opt.zeroGrad();
    const logits = net.forward(x), loss = crossEntropy(logits, y);
    loss.backward();
    opt.step();
    return [loss, logits];
  };
  const compiled = compile(asWritten), trainStep = isCompiled ? compiled : asWritten;
  let step = 0;
  for (const [x, y] of train) {
    using _ = scope();
    const [loss, logits] = trainStep(x, y), state = net.stateDict();
    if (step === 0) {
      wrong.push(...await compare(run, "step 1", { logits: run.step1.logits }, () => logits));
      wrong.push(...await compare(run, "gradient", run.step1.grads, (name) => state[name].grad!));
    }
    losses.push(loss.item());
    const snapshot = run.state[++step];
    if (snapshot) wrong.push(...await compare(run, `after ${step}`, snapshot, (name) => state[name]));
  }
  (await Promise.all(losses)).forEach((loss, t) => {
    if (Math.abs(loss - run.losses[t]) <= run.lossAtol[t]) return;
    wrong.push(`loss of step ${t} is ${loss}, expected ${run.losses[t]} within ${run.lossAtol[t]}`);
  });
  assertEquals([step, losses.length], [run.steps, run.steps]);
  if (run.testCorrect !== undefined) wrong.push(...await testAnswers(run, net));
  train.dispose();
  compiled.dispose();
  net.dispose();
  return wrong;
}

async function testAnswers(run: Run, net: nn.Module): Promise<string[]> {
  const test = new DataLoader(await firstImages("test", run.testImages), { batchSize: 500 });
  const correct = Math.round(await evaluateAccuracy(net, test) * run.testImages);
  test.dispose();
  if (Math.abs(correct - run.testCorrect!) <= run.testCorrectTol!) return [];
  return [`${correct} test images are right, expected ${run.testCorrect} within ${run.testCorrectTol}`];
}

const { models } = readOracle<{ models: Run[] }>("trajectories.json");

Deno.test("there are runs of every kind of network to follow", () => {
  const ids = models.map((run) => run.id);
  const least = [
    "lenet-sigmoid-avgpool",
    "lenet-sigmoid-maxpool",
    "lenet3-relu-slow",
    "lenet3-leakyrelu-slow",
    "lenet3-relu-10-20-40-slow",
    "lenet-batchnorm",
    "residual-16-32",
    "deep-512-256",
  ];
  assertEquals(least.filter((id) => !ids.includes(id)), []);
});

for (const run of models) {
  Deno.test(`training follows PyTorch's run ${run.id}`, async () => {
    assertEquals(await follow(run, false), []);
  });
  Deno.test(`compiled training follows PyTorch's run ${run.id}`, async () => {
    assertEquals(await follow(run, true), []);
  });
}

/** A record of noise, in which every element may be off by 0.001. */
function noiseRecord(n: number): RunRecord {
  const values = [...noise(1, n)];
  return { shape: [n], values, maxAbs: 0.5, atol: 1e-3, f32RelL2: 1e-5 };
}

/** Noise with `change` added to every `every`-th element. */
function changed(n: number, every: number, change: number): Float32Array {
  return noise(1, n).map((v, i) => (i % every === 0 ? v + change : v));
}

Deno.test("with kinks a few elements may be off, where all together are close", () => {
  const record = noiseRecord(400),
    wrong = (got: Float32Array, kinks: boolean) => runDifferences(record, got, [400], kinks).length > 0;
  assertEquals(wrong(changed(400, 1, 9e-4), false), false);
  assertEquals([wrong(changed(400, 200, 3e-3), true), wrong(changed(400, 200, 3e-3), false)], [false, true]);
  assertEquals(wrong(changed(400, 40, 1.1e-3), true), true); // too many
  assertEquals(wrong(changed(400, 400, 0.02), true), true); // too far
  assertEquals(wrong(changed(400, 400, NaN), true), true);
  assertEquals(wrong(new Float32Array(400), true), true);
});
