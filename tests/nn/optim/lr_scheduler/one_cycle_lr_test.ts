import { assertEquals } from "@std/assert";
import { openDevice, optim, tensor } from "../../../../mod.ts";
import { optimizer } from "./_schedules.ts";
import { assertClose, assertRefuses } from "../../../support/values.ts";

await openDevice();
const { OneCycleLR } = optim.lrScheduler;

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

Deno.test("OneCycleLR refuses options out of range", () => {
  const opt = optimizer(1, 2);
  const refuse = (make: () => unknown, message: string) => assertRefuses(make, RangeError, message);
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
});
