// The rates are PyTorch 1.13's.
import { openDevice, optim } from "../../../../mod.ts";
import { optimizer, ratesOf } from "./_schedules.ts";
import { assertClose, assertRefuses } from "../../../support/values.ts";

await openDevice();
const { ReduceLROnPlateau } = optim.lrScheduler;

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

Deno.test("ReduceLROnPlateau refuses options out of range", () => {
  const opt = optimizer(1, 2);
  const refuse = (make: () => unknown, message: string) => assertRefuses(make, RangeError, message);
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
});
