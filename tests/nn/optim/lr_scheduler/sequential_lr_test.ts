// The rates are PyTorch 1.13's.
import { openDevice, optim } from "../../../../mod.ts";
import { optimizer, ratesOf } from "./_schedules.ts";
import { assertClose, assertRefuses } from "../../../support/values.ts";

await openDevice();
const { ConstantLR, CosineAnnealingLR, ExponentialLR, LinearLR, SequentialLR, StepLR } = optim.lrScheduler;

const CASES: [string, (opt: optim.SGD) => optim.lrScheduler.SequentialLR, number, number[]][] = [
  [
    "of three schedules",
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
    "that leaves a rate off",
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

for (const [what, make, steps, want] of CASES) {
  Deno.test(`SequentialLR ${what} gives PyTorch's rates`, () => {
    const opt = optimizer(0.8);
    assertClose(ratesOf(opt, make(opt), steps), want, { rtol: 1e-12 });
  });
}

Deno.test("SequentialLR refuses options out of range", () => {
  const opt = optimizer(1, 2);
  const refuse = (make: () => unknown, message: string) => assertRefuses(make, RangeError, message);
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
