// Schedules that the oracle lacks; the rates are PyTorch 1.13's.
import { assertEquals } from "@std/assert";
import { openDevice, optim, tensor } from "../../../mod.ts";
import { assertClose, assertRefuses } from "../../support/values.ts";

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

/** An optimiser whose groups have the rates lr, 2 lr and so on. */
function optimizer(lr: number, groups = 1): optim.SGD {
  const params = Array.from({ length: groups }, () => tensor([0], { requiresGrad: true }));
  return new optim.SGD(params.map((p, k) => ({ params: [p], lr: lr * (k + 1) })), { lr });
}

interface Schedule {
  step(metric: number): void;
  getLastLr(): number[];
}

/** The rates of all steps and of the one after them, those of all groups one after another. */
function ratesOf(opt: optim.SGD, schedule: Schedule, metrics: number | number[]): number[] {
  const rates = () => opt.paramGroups.map(({ lr }) => lr), all = [rates()];
  for (const metric of typeof metrics === "number" ? new Array(metrics).fill(0) : metrics) {
    schedule.step(metric);
    assertEquals(schedule.getLastLr(), rates());
    all.push(rates());
  }
  return all.flat();
}

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
    "SequentialLR of three schedules",
    0.8,
    1,
    (o) =>
      new SequentialLR(o, {
        schedulers: [
          new LinearLR(o, { startFactor: 0.25, totalIters: 3 }),
          new StepLR(o, { stepSize: 2, gamma: 0.5 }),
          new CosineAnnealingLR(o, { TMax: 4, etaMin: 0.1 }),
        ],
        milestones: [3, 7],
      }),
    12,
    [
      0.2,
      0.4,
      0.6000000000000001,
      0.8,
      0.8,
      0.4,
      0.4,
      0.8,
      0.6974873734152917,
      0.45000000000000007,
      0.20251262658470842,
      0.1,
      0.20251262658470837,
    ],
  ],
  [
    "SequentialLR that leaves a rate off",
    0.8,
    1,
    (o) =>
      new SequentialLR(o, {
        schedulers: [new ConstantLR(o, { factor: 0.1, totalIters: 2 }), new ExponentialLR(o, { gamma: 0.9 })],
        milestones: [2],
      }),
    5,
    [
      0.08000000000000002,
      0.08000000000000002,
      0.8,
      0.7200000000000001,
      0.6480000000000001,
      0.5832000000000002,
    ],
  ],
];

for (const [name, lr, groups, make, steps, want] of TIMED) {
  Deno.test(`${name} gives PyTorch's rates`, () => {
    const opt = optimizer(lr, groups);
    assertClose(ratesOf(opt, make(opt), steps), want, { rtol: 1e-12 });
  });
}

const PLATEAUS: [string, number, optim.lrScheduler.ReduceLROnPlateauOptions, number[], number[]][] = [
  [
    "waits out its patience and its cooldown, and passes NaN for worse",
    1,
    { factor: 0.5, patience: 1, cooldown: 2, minLr: 0.2 },
    [5, 4, 4, 4, 4, 4, 4, 4, 3, 3, NaN, 3],
    [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.2],
  ],
  [
    "looks for the largest value, leaves differences below its threshold, and makes no small changes",
    1,
    { mode: "max", factor: 0.1, patience: 0, threshold: 0.5, thresholdMode: "abs", eps: 0.02 },
    [1, 1.4, 1.6, 1.6, 2.2, 2.5, 2.5],
    [1, 1, 0.1, 0.1, 0.01, 0.01, 0.01, 0.01],
  ],
  [
    "has a lowest rate for each group",
    2,
    { factor: 0.5, patience: 0, minLr: [0.3, 0.6] },
    [1, 1, 1, 1, 1],
    [1, 2, 1, 2, 0.5, 1, 0.3, 0.6, 0.3, 0.6, 0.3, 0.6],
  ],
];

for (const [what, groups, options, metrics, want] of PLATEAUS) {
  Deno.test(`ReduceLROnPlateau ${what}`, () => {
    const opt = optimizer(1, groups);
    assertClose(ratesOf(opt, new ReduceLROnPlateau(opt, options), metrics), want, { rtol: 1e-12 });
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

Deno.test("OneCycleLR takes epochs times steps, and changes Adam's first beta", () => {
  const opt = new optim.Adam([tensor([0], { requiresGrad: true })], { lr: 1 }), [group] = opt.paramGroups;
  const schedule = new OneCycleLR(opt, { maxLr: 0.1, epochs: 2, stepsPerEpoch: 4, pctStart: 0.5 });
  const got = Array.from({ length: 8 }, () => {
    const { lr, betas } = group;
    schedule.step();
    return [lr, ...betas];
  }).flat();
  const want = [
    [0.0040000000000000036, 0.95, 0.999],
    [0.027999999999999997, 0.9249999999999999, 0.999],
    [0.076, 0.875, 0.999],
    [0.1, 0.85, 0.999],
    [0.08535539763797113, 0.8646446609406726, 0.999],
    [0.0500002, 0.8999999999999999, 0.999],
    [0.014645002362028864, 0.9353553390593273, 0.999],
    [4e-7, 0.95, 0.999],
  ].flat();
  assertClose(got, want, { rtol: 1e-9 });
});

Deno.test("OneCycleLR without warm-up begins at its highest rate", () => {
  const opt = optimizer(1);
  new OneCycleLR(opt, { maxLr: 0.5, totalSteps: 10, pctStart: 0.1 });
  assertEquals(opt.paramGroups[0].lr, 0.5);
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
    () => new ConstantLR(opt, { totalIters: 0 }),
    "Cannot make ConstantLR as totalIters must be a whole number from 1 up: 0",
  );
  refuse(
    () => new LambdaLR(opt, { lrLambda: [() => 1] }),
    "Cannot make LambdaLR as lrLambda must have a value for each of 2 groups: it has 1",
  );
  refuse(
    () => new OneCycleLR(opt, { maxLr: 1 }),
    "Cannot make OneCycleLR as totalSteps, or epochs and stepsPerEpoch, must be given: epochs undefined, stepsPerEpoch undefined",
  );
  refuse(
    () => new OneCycleLR(opt, { maxLr: 1, totalSteps: 10, pctStart: 2 }),
    "Cannot make OneCycleLR as pctStart must be a number from 0 to 1: 2",
  );
  refuse(
    () => new OneCycleLR(opt, { maxLr: 1, totalSteps: 10, annealStrategy: "sine" as "cos" }),
    'Cannot make OneCycleLR as annealStrategy must be "cos" or "linear": "sine"',
  );
  refuse(
    () => new OneCycleLR(opt, { maxLr: [1], totalSteps: 10 }),
    "Cannot make OneCycleLR as maxLr must have a value for each of 2 groups: it has 1",
  );
  const adagrad = new optim.Adagrad([tensor([0], { requiresGrad: true })]);
  refuse(
    () => new OneCycleLR(adagrad, { maxLr: 1, totalSteps: 10 }),
    "Cannot make OneCycleLR with cycleMomentum as the optimiser must have momentum: group 0 has none",
  );
  const short = new OneCycleLR(opt, { maxLr: 1, totalSteps: 1 });
  short.step();
  refuse(() => short.step(), "Cannot step OneCycleLR as its cycle must not be over: it has 1 steps");
  refuse(
    () => new ReduceLROnPlateau(opt, { factor: 1 }),
    "Cannot make ReduceLROnPlateau as factor must be below 1: 1",
  );
  refuse(
    () => new ReduceLROnPlateau(opt, { mode: "most" as "max" }),
    'Cannot make ReduceLROnPlateau as mode must be "min" or "max": "most"',
  );
  refuse(
    () => new ReduceLROnPlateau(opt, { minLr: [0] }),
    "Cannot make ReduceLROnPlateau as minLr must have a value for each of 2 groups: it has 1",
  );
  const one = new ExponentialLR(opt, { gamma: 1 });
  refuse(
    () => new SequentialLR(opt, { schedulers: [one], milestones: [1] }),
    "Cannot make SequentialLR as 1 schedules need one milestone fewer: 1 were given",
  );
  refuse(
    () => new SequentialLR(optimizer(1), { schedulers: [one], milestones: [] }),
    "Cannot make SequentialLR as its schedules must be of one optimiser: number 0 is of another",
  );
});
