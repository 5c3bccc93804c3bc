// Schedules that the oracle lacks; the rates are PyTorch 1.13's.
import { assertEquals } from "@std/assert";
import { openDevice, optim, tensor } from "../../../../mod.ts";
import { optimizer, ratesOf, type Schedule } from "./_schedules.ts";
import { assertClose, assertRefuses } from "../../../support/values.ts";

await openDevice();
const {
  ConstantLR,
  CosineAnnealingLR,
  ExponentialLR,
  LambdaLR,
  LinearLR,
  MultiStepLR,
  OneCycleLR,
  ReduceLROnPlateau,
  SequentialLR,
  StepLR,
} = optim.lrScheduler;

const TIMED: [string, number, number, (opt: optim.SGD) => Schedule, number, number[]][] = [
  ["ConstantLR", 1, 1, (o) => new ConstantLR(o, { factor: 0.5, totalIters: 3 }), 5, [0.5, 0.5, 0.5, 1, 1, 1]],
  [
    "MultiStepLR with a milestone twice",
    0.5,
    1,
    (o) => new MultiStepLR(o, { milestones: [2, 2, 4], gamma: 0.5 }),
    5,
    [
      0.5,
      0.5,
      0.125,
      0.125,
      0.0625,
      0.0625,
    ],
  ],
  [
    "LambdaLR with a function for each group",
    1,
    2,
    (o) => new LambdaLR(o, { lrLambda: [(e) => 0.5 ** e, (e) => 1 / (1 + e)] }),
    3,
    [1, 2, 0.5, 1, 0.25, 0.6666666666666666, 0.125, 0.5],
  ],
];

for (const [name, lr, groups, make, steps, want] of TIMED) {
  Deno.test(`${name} gives PyTorch's rates`, () => {
    const opt = optimizer(lr, groups);
    assertClose(ratesOf(opt, make(opt), steps), want, { rtol: 1e-12 });
  });
}

Deno.test("two schedules of one optimiser multiply", () => {
  const opt = optimizer(0.8), a = new ExponentialLR(opt, { gamma: 0.9 });
  const b = new StepLR(opt, { stepSize: 2, gamma: 0.5 });
  const rates = ratesOf(opt, {
    step: () => (a.step(), b.step()),
    getLastLr: () => b.getLastLr(),
  }, 5);
  assertClose(rates, [0.8, 0.72, 0.324, 0.2916, 0.13122, 0.118098], { rtol: 1e-12 });
});

Deno.test("schedules go on from their state, through JSON", () => {
  const makes:
    ((opt: optim.SGD) => Schedule & { stateDict(): unknown; loadStateDict(state: never): void })[] = [
      (o) => new StepLR(o, { stepSize: 3, gamma: 0.5 }),
      (o) => new MultiStepLR(o, { milestones: [3, 5], gamma: 0.5 }),
      (o) => new ConstantLR(o, { factor: 0.5 }),
      (o) => new LinearLR(o),
      (o) => new ExponentialLR(o, { gamma: 0.9 }),
      (o) => new CosineAnnealingLR(o, { TMax: 6 }),
      (o) => new LambdaLR(o, { lrLambda: (epoch) => 1 / (epoch + 1) }),
      (o) => new OneCycleLR(o, { maxLr: 2, totalSteps: 12 }),
      (o) => new ReduceLROnPlateau(o, { patience: 1, cooldown: 1, factor: 0.5 }),
      (o) =>
        new SequentialLR(o, {
          schedulers: [new LinearLR(o), new ExponentialLR(o, { gamma: 0.5 })],
          milestones: [6],
        }),
    ];
  for (const make of makes) {
    const opt = optimizer(1, 2), schedule = make(opt);
    ratesOf(opt, schedule, 4);
    const saved = JSON.parse(JSON.stringify([opt.stateDict(), schedule.stateDict()]));
    const other = optimizer(1, 2), copy = make(other);
    other.loadStateDict(saved[0]);
    copy.loadStateDict(saved[1] as never);
    assertEquals(copy.getLastLr(), schedule.getLastLr());
    assertEquals(ratesOf(other, copy, 6), ratesOf(opt, schedule, 6));
  }
});

Deno.test("loadStateDict() brings the schedule's options, and refuses another number of groups", () => {
  const saved = new StepLR(optimizer(1), { stepSize: 1, gamma: 0.5 }).stateDict();
  assertEquals(saved, {
    lastEpoch: 0,
    baseLrs: [1],
    lastLr: [1],
    options: { stepSize: 1, gamma: 0.5 },
  });
  const opt = optimizer(1), schedule = new StepLR(opt, { stepSize: 10 });
  schedule.loadStateDict(saved);
  schedule.step();
  assertEquals(opt.paramGroups[0].lr, 0.5);
  assertRefuses(
    () => new StepLR(optimizer(1, 2), { stepSize: 1 }).loadStateDict(saved),
    RangeError,
    "Cannot load a schedule's state as it must have the rates of 2 groups: it has 1",
  );
});

Deno.test("a group that is added later is scheduled from its own rate", () => {
  const opt = optimizer(1), schedule = new ExponentialLR(opt, { gamma: 0.5 });
  schedule.step();
  opt.addParamGroup({ params: [tensor([0], { requiresGrad: true })], lr: 8 });
  schedule.step();
  assertEquals(schedule.getLastLr(), [0.25, 4]);
});

Deno.test("schedules refuse options out of range", () => {
  const opt = optimizer(1, 2);
  const refuse = (make: () => unknown, message: string) => assertRefuses(make, RangeError, message);
  refuse(
    () => new StepLR(opt, { stepSize: 0 }),
    "Cannot make StepLR as stepSize must be a whole number from 1 up: 0",
  );
  refuse(
    () => new MultiStepLR(opt, { milestones: [1.5] }),
    "Cannot make MultiStepLR as milestones must be an array of whole numbers from 0 up: [1.5]",
  );
  refuse(
    () => new CosineAnnealingLR(opt, { TMax: NaN }),
    "Cannot make CosineAnnealingLR as TMax must be a whole number from 1 up: NaN",
  );
  refuse(
    () => new LinearLR(opt, { startFactor: 0 }),
    "Cannot make LinearLR as startFactor must be above 0 and at most 1: 0",
  );
  refuse(
    () => new LinearLR(opt, { endFactor: 2 }),
    "Cannot make LinearLR as endFactor must be a number from 0 to 1: 2",
  );
  refuse(
    () => new ConstantLR(opt, { totalIters: -1 }),
    "Cannot make ConstantLR as totalIters must be a whole number from 0 up: -1",
  );
  refuse(
    () => new LambdaLR(opt, { lrLambda: [() => 1] }),
    "Cannot make LambdaLR as lrLambda must have a value for each of 2 groups: it has 1",
  );
});
