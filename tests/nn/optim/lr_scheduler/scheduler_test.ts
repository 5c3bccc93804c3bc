// Schedules that the oracle lacks; the rates are PyTorch 1.13's.
import { assertEquals } from "@std/assert";
import { openDevice, optim, tensor } from "../../../../mod.ts";
import { optimizer, ratesOf, type Schedule } from "./_schedules.ts";
import { assertClose, assertRefuses } from "../../../support/values.ts";

await openDevice();
const {
  ChainedScheduler,
  ConstantLR,
  CosineAnnealingLR,
  CosineAnnealingWarmRestarts,
  CyclicLR,
  ExponentialLR,
  LambdaLR,
  LinearLR,
  MultiplicativeLR,
  MultiStepLR,
  OneCycleLR,
  PolynomialLR,
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
  [
    "PolynomialLR",
    0.5,
    1,
    (o) => new PolynomialLR(o, { totalIters: 4, power: 1.5 }),
    6,
    [0.5, 0.3247595264191645, 0.1767766952966369, 0.0625, 0, 0, 0],
  ],
  [
    "CosineAnnealingWarmRestarts with longer and longer periods",
    1,
    2,
    (o) => new CosineAnnealingWarmRestarts(o, { T0: 2, TMult: 2, etaMin: 0.1 }),
    7,
    [
      ...[1, 2, 0.55, 1.05, 1, 2, 0.8681980515339464, 1.7217514421272202, 0.55, 1.05],
      ...[0.23180194846605365, 0.3782485578727799, 1, 2, 0.9657457896300791, 1.9276855558857224],
    ],
  ],
  [
    "CosineAnnealingWarmRestarts",
    1,
    1,
    (o) => new CosineAnnealingWarmRestarts(o, { T0: 3 }),
    5,
    [1, 0.75, 0.25, 1, 0.75, 0.25],
  ],
  [
    "MultiplicativeLR with a function for each group",
    1,
    2,
    (o) => new MultiplicativeLR(o, { lrLambda: [() => 0.5, (e) => 1 / (1 + e)] }),
    3,
    [1, 2, 0.5, 1, 0.25, 0.3333333333333333, 0.125, 0.08333333333333333],
  ],
  [
    "CyclicLR, halved",
    1,
    2,
    (o) =>
      new CyclicLR(o, {
        baseLr: [0.1, 0.2],
        maxLr: [1, 2],
        stepSizeUp: 2,
        stepSizeDown: 3,
        mode: "triangular2",
        cycleMomentum: false,
      }),
    7,
    [0.1, 0.2, 0.55, 1.1, 1, 2, 0.7, 1.4, 0.4, 0.8, 0.1, 0.2, 0.325, 0.65, 0.55, 1.1],
  ],
  [
    "CyclicLR, exponential",
    1,
    1,
    (o) => new CyclicLR(o, { baseLr: 0.1, maxLr: 1, stepSizeUp: 3, mode: "exp_range", gamma: 0.9 }),
    6,
    [0.1, 0.37, 0.586, 0.7561, 0.49366, 0.277147, 0.1],
  ],
  [
    "SWALR",
    1,
    2,
    (o) => new optim.swaUtils.SWALR(o, { swaLr: 0.3, annealEpochs: 4 }),
    5,
    [
      ...[1, 2, 0.8974873734152916, 1.7510407640085652, 0.65, 1.15, 0.4025126265847083, 0.5489592359914346],
      ...[0.3, 0.3, 0.3, 0.3],
    ],
  ],
  [
    "SWALR in a straight line, with a rate for each group",
    1,
    2,
    (o) => new optim.swaUtils.SWALR(o, { swaLr: [0.3, 0.1], annealEpochs: 3, annealStrategy: "linear" }),
    4,
    [
      1,
      2,
      0.7666666666666667,
      1.3666666666666667,
      0.5333333333333333,
      0.7333333333333333,
      0.3,
      0.1,
      0.3,
      0.1,
    ],
  ],
  [
    "ChainedScheduler",
    1,
    1,
    (o) =>
      new ChainedScheduler([
        new ConstantLR(o, { factor: 0.1, totalIters: 2 }),
        new ExponentialLR(o, { gamma: 0.9 }),
      ]),
    4,
    [0.1, 0.09, 0.81, 0.729, 0.6561],
  ],
];

Deno.test("CyclicLR moves the momentum the other way round", () => {
  const opt = new optim.SGD([tensor([0], { requiresGrad: true })], { lr: 1, momentum: 0.5 });
  const options = { baseLr: 0.1, maxLr: 1, stepSizeUp: 3, mode: "exp_range", gamma: 0.9 } as const;
  const schedule = new CyclicLR(opt, options), found = [opt.paramGroups[0].momentum];
  for (let t = 0; t < 4; t++) {
    schedule.step();
    found.push(opt.paramGroups[0].momentum);
  }
  assertClose(found, [0.9, 0.87, 0.846, 0.8271, 0.85626], { rtol: 1e-12 });
});

for (const [name, lr, groups, make, steps, want] of TIMED) {
  Deno.test(`${name} gives PyTorch's rates`, () => {
    const opt = optimizer(lr, groups);
    assertClose(ratesOf(opt, make(opt), steps), want, { rtol: 1e-12, atol: 1e-15 });
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
      (o) => new PolynomialLR(o, { totalIters: 8 }),
      (o) => new CosineAnnealingWarmRestarts(o, { T0: 3, TMult: 2 }),
      (o) => new MultiplicativeLR(o, { lrLambda: () => 0.9 }),
      (o) => new CyclicLR(o, { baseLr: 0.1, maxLr: 1, stepSizeUp: 3 }),
      (o) => new ChainedScheduler([new LinearLR(o), new ExponentialLR(o, { gamma: 0.5 })]),
      (o) => new optim.swaUtils.SWALR(o, { swaLr: 0.3, annealEpochs: 6 }),
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
