// Every network that the oracle trained on Fashion-MNIST, step by step against PyTorch.
//
// Losses, logits and gradients of the first step, parameters and running statistics after some steps, and right answers
// among test images must lie within the tolerances of the records, ten times the spread of five float32 runs.
//
// In networks with ReLU or max pooling (`kinks`) one activation that rounds to the other side of 0, or one window whose two
// best values nearly tie, moves single elements of a gradient further than that. There a tensor may have elements beyond
// its tolerance if they are few (one in fifty of those stored) and the tensor as a whole is close: its L2 distance, that
// of the stored elements and what norm and dot product say of all, is at most ten times that of the float32 runs
// (`f32RelL2`), or a thousandth of the gradient or of the parameter's movement.
import { assertEquals } from "@std/assert";
import {
  crossEntropy,
  DataLoader,
  evaluateAccuracy,
  type nn,
  openDevice,
  optim,
  scope,
  type Tensor,
} from "../mod.ts";
import {
  differences,
  type InputSpec,
  materialise,
  noise,
  readOracle,
  storedElements,
  type TensorRecord,
} from "./support/oracle.ts";
import { type Arch, build, firstImages } from "./support/networks.ts";

await openDevice();

interface RunRecord extends TensorRecord {
  atol: number;
  f32RelL2: number;
  /** L2 norm of what training changed; absent for gradients and logits. */
  moveL2?: number;
}

type Records = Record<string, RunRecord>;

interface Run {
  id: string;
  arch: Arch;
  init: InputSpec[];
  optimizer: "SGD" | "Adam";
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

/** What differs between a tensor and its record. */
function wrongElements(
  run: Run,
  record: RunRecord,
  got: ArrayLike<number>,
  shape: readonly number[],
): string[] {
  const found = differences(record, got, shape, { rtol: 0, atol: record.atol });
  return found.length > 0 && run.kinks && isFlip(record, got) ? [] : found;
}

/** Whether what lies beyond the tolerance can come from a few activations that fell to the other side of a kink. */
function isFlip(record: RunRecord, got: ArrayLike<number>): boolean {
  const stored = storedElements(record, got.length).map(([i, want]) => Math.abs(got[i] - want));
  const beyond = stored.filter((distance) => !(distance <= record.atol)).length;
  const l2 = (v: ArrayLike<number>) => Math.hypot(...Array.from(v));
  const distances = [l2(stored) * Math.sqrt(got.length / stored.length)];
  const norm = record.digest?.l2 ?? l2(record.values!.map(Number));
  if (record.digest) {
    const weights = noise(0x5eee, got.length);
    let square = 0, dot = 0;
    for (let i = 0; i < got.length; i++) {
      square += got[i] ** 2;
      dot += got[i] * weights[i];
    }
    // a dot product with noise of deviation 0.29 changes by 0.29 of an L2 distance in no special direction
    distances.push(Math.abs(Math.sqrt(square) - norm), Math.abs(dot - record.digest.dot) / 0.29 / 3);
  }
  const limit = Math.max(10 * record.f32RelL2 * norm, 1e-3 * (record.moveL2 ?? norm));
  return beyond <= Math.max(1, stored.length / 50) && distances.every((d) => d <= limit);
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
      return wrongElements(run, record, await t.data(), t.shape).map((line) => `${where} ${name} ${line}`);
    }),
  );
  return lines.flat();
}

async function follow(run: Run): Promise<string[]> {
  assertEquals(run.trainOffset, 0);
  const net = build(run.arch);
  const { missingKeys, unexpectedKeys } = net.loadStateDict(
    Object.fromEntries(run.init.map((spec) => [spec.name, materialise(spec)])),
    { strict: false },
  );
  const buffers = net.namedBuffers().map(([name]) => name); // they begin as the layers make them
  assertEquals([missingKeys.toSorted(), unexpectedKeys], [buffers.toSorted(), []]);
  const opt = makeOptimizer(run, net);
  const train = new DataLoader(await firstImages("train", run.batch * run.steps), { batchSize: run.batch });
  const losses: Promise<number>[] = [], wrong: string[] = [];
  let step = 0;
  for (const [x, y] of train) {
    using _ = scope();
    opt.zeroGrad();
    const logits = net.forward(x), loss = crossEntropy(logits, y);
    loss.backward();
    const state = net.stateDict();
    if (step === 0) {
      wrong.push(...await compare(run, "step 1", { logits: run.step1.logits }, () => logits));
      wrong.push(...await compare(run, "gradient", run.step1.grads, (name) => state[name].grad!));
    }
    opt.step();
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
  net.dispose();
  return wrong;
}

function makeOptimizer(run: Run, net: nn.Module): optim.SGD {
  const Optimizer = (optim as unknown as Record<string, typeof optim.SGD>)[run.optimizer];
  if (!Optimizer) throw new Error(`optim has no ${run.optimizer}`);
  return new Optimizer(net.parameters(), run.args);
}

async function testAnswers(run: Run, net: nn.Module): Promise<string[]> {
  const test = new DataLoader(await firstImages("test", run.testImages), { batchSize: 500 });
  const correct = Math.round(await evaluateAccuracy(net, test) * run.testImages);
  test.dispose();
  if (Math.abs(correct - run.testCorrect!) <= run.testCorrectTol!) return [];
  return [`${correct} test images are right, expected ${run.testCorrect} within ${run.testCorrectTol}`];
}

const { models } = readOracle<{ models: Run[] }>("trajectories.json");

Deno.test("there are runs to follow, those of LeNet at least", () => {
  const ids = models.map((run) => run.id), least = ["lenet-sigmoid-avgpool", "lenet-sigmoid-maxpool"];
  assertEquals(least.filter((id) => !ids.includes(id)), []);
});

for (const run of models) {
  Deno.test(`training follows PyTorch's run ${run.id}`, async () => {
    assertEquals(await follow(run), []);
  });
}
