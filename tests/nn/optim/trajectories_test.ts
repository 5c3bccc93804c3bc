// Every optimiser and schedule of the oracle, step by step against PyTorch.
import { groupBy } from "../../../ops/gpu/group_by.ts";
import { assertEquals } from "@std/assert";
import { nn, openDevice, optim, scope, tensor } from "../../../mod.ts";
import {
  differences,
  type InputSpec,
  materialise,
  noise,
  readOracle,
  type TensorRecord,
} from "../../support/oracle.ts";
import { assertClose } from "../../support/values.ts";

await openDevice();

interface Run {
  optimizer: "SGD" | "Adam" | "AdamW" | "RMSprop" | "Adagrad";
  args: Record<string, never>;
  schedule?: { name: ScheduleName; args: never };
  losses: number[];
  lossAtol: number;
  params: Record<string, Record<string, TensorRecord>>;
}

type ScheduleName =
  | "StepLR"
  | "MultiStepLR"
  | "ExponentialLR"
  | "CosineAnnealingLR"
  | "LinearLR"
  | "OneCycleLR";

interface Schedule {
  name: ScheduleName;
  lr: number;
  args: never;
  lrs: number[];
  momentums?: number[];
}

interface Oracle {
  optimizers: {
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
  };
  lrSchedules: Schedule[];
}

const { optimizers, lrSchedules } = readOracle<Oracle>("trajectories.json");
const { model, runs, steps } = optimizers;

function network(): nn.Sequential {
  const net = new nn.Sequential(
    new nn.Linear(model.in, model.hidden),
    new nn.Tanh(),
    new nn.Linear(model.hidden, model.out),
  );
  net.loadStateDict(Object.fromEntries(model.init.map((spec) => [spec.name, materialise(spec)])));
  return net;
}

function batch(t: number) {
  const { batch, xScale, xSeed, ySeed, out } = model, shape = [batch, model.in];
  const x = tensor(noise(xSeed + t, batch * model.in).map((v) => v * xScale), { shape });
  const y = materialise({ name: "y", shape: [batch], dtype: "int32", seed: ySeed + t, mod: out });
  return { x, y };
}

Deno.test("the oracle has every optimiser, most of their options, and every schedule that it can have", () => {
  const options = groupBy(runs, (run) => run.optimizer);
  const names = [...options].map(([name, of]) =>
    `${name}: ${[...new Set(of.flatMap((run) => Object.keys(run.args)))].toSorted().join(" ")}`
  );
  assertEquals(names, [
    "SGD: dampening lr momentum nesterov weightDecay",
    "Adam: amsgrad betas eps lr weightDecay",
    "AdamW: betas lr weightDecay",
    "RMSprop: alpha centered eps lr momentum weightDecay",
    "Adagrad: initialAccumulatorValue lr lrDecay weightDecay",
  ]);
  assertEquals(model.loss, "crossEntropy");
  assertEquals(
    [...new Set(lrSchedules.map(({ name }) => name))].toSorted(),
    ["CosineAnnealingLR", "ExponentialLR", "LinearLR", "MultiStepLR", "OneCycleLR", "StepLR"],
  );
});

for (const run of runs) {
  const { optimizer, args, schedule } = run, next = schedule && ` and ${schedule.name}`;
  Deno.test(`${optimizer} follows PyTorch for ${steps} steps with ${JSON.stringify(args)}${next ?? ""}`, async () => {
    const net = network(), opt = new optim[optimizer](net.parameters(), args);
    const scheduler = schedule && new optim.lrScheduler[schedule.name](opt, schedule.args);
    const loss = new nn.CrossEntropyLoss(), wrong: string[] = [];
    for (let t = 0; t < steps; t++) {
      using _ = scope();
      const { x, y } = batch(t);
      opt.zeroGrad();
      const l = loss.forward(net.forward(x), y);
      l.backward();
      opt.step();
      scheduler?.step();
      const value = await l.item();
      if (!(Math.abs(value - run.losses[t]) <= run.lossAtol)) {
        wrong.push(`loss of step ${t} is ${value}, expected ${run.losses[t]} within ${run.lossAtol}`);
      }
      for (const [name, record] of Object.entries(run.params[t + 1] ?? {})) {
        const p = net.stateDict()[name], tolerance = { rtol: 0, atol: record.atol! };
        const found = differences(record, await p.data(), p.shape, tolerance);
        wrong.push(...found.map((d) => `${t + 1}: ${name}${d}`));
      }
    }
    assertEquals(wrong, []);
  });
}

for (const { name, lr, args, lrs, momentums } of lrSchedules) {
  Deno.test(`${name} gives PyTorch's ${lrs.length} rates with ${JSON.stringify(args)}`, () => {
    const opt = new optim.SGD([tensor([0], { requiresGrad: true })], { lr, momentum: 0.9 });
    const scheduler = new optim.lrScheduler[name](opt, args), [group] = opt.paramGroups;
    const got = lrs.map(() => {
      const { lr, momentum } = group;
      assertEquals(scheduler.getLastLr(), [lr]);
      scheduler.step();
      return { lr, momentum };
    });
    assertClose(got.map((g) => g.lr), lrs, { rtol: 1e-12, atol: 1e-17 });
    assertClose(got.map((g) => g.momentum), momentums ?? lrs.map(() => 0.9), { rtol: 1e-12 });
  });
}
