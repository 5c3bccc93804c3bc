// Faults of every kind at random places of random networks and steps: fit() names the step, the layer and the operation.
import { assertEquals, assertRejects } from "@std/assert";
import {
  Anomaly,
  AnomalyError,
  DataLoader,
  fit,
  manualSeed,
  mseLoss,
  nn,
  noGrad,
  ones,
  openDevice,
  optim,
  rand,
  type Tensor,
  TensorDataset,
  zeros,
} from "../../../mod.ts";
import { mulberry32 } from "../../support/random_numbers.ts";

await openDevice();

/** Networks that are tried; `deno test -P --env-file=scripts/tasks.env tests/nn/train/anomaly_faults_test.ts -- all` tries more. */
const TRIES = Deno.args.includes("all") ? 120 : 4;

/** What can go wrong in a layer: what it is without a fault, with one, and who is to blame then. */
const FAULTS = {
  log: { fine: 1, bad: -1, kind: "output", of: (_w: Tensor, t: Tensor) => t.log(), blamed: "log" },
  // Infinity becomes NaN, as a tanh behind it would come to terms with infinity; no compiler knows what is 0
  overflow: {
    fine: 0,
    bad: 1e38,
    kind: "output",
    of: (_w: Tensor, t: Tensor, zero: Tensor) => t.mul(1e5).mul(zero),
    blamed: "mul",
  },
  division: {
    fine: 1,
    bad: 0,
    kind: "output",
    of: (_w: Tensor, t: Tensor, zero: Tensor) => zero.div(t),
    blamed: "div",
  },
  gradient: {
    fine: 1,
    bad: 0,
    kind: "gradient",
    of: (w: Tensor, t: Tensor) => w.mul(t).sqrt(),
    blamed: "sqrt",
  },
} as const;

/** A layer that goes wrong when told. */
class Fault extends nn.Module {
  w = new nn.Parameter(ones([6]));
  readonly trigger: Tensor;
  readonly zero: Tensor;
  readonly #fault: (typeof FAULTS)[keyof typeof FAULTS];
  constructor(name: keyof typeof FAULTS) {
    super();
    this.#fault = FAULTS[name];
    this.trigger = this.registerBuffer("trigger", ones([6]));
    this.zero = this.registerBuffer("zero", zeros([6]));
    this.turn(false);
  }
  turn(isBad: boolean): void {
    noGrad(() => this.trigger.fill(isBad ? this.#fault.bad : this.#fault.fine));
  }
  override forward(x: Tensor): Tensor {
    return x.add(this.#fault.of(this.w, this.trigger, this.zero).mul(0.01));
  }
}

/** One of some values. */
type Choose = <T>(values: readonly T[]) => T;

/** A network of a few layers with one that can go wrong, and where that is. */
function network(choose: Choose, name: keyof typeof FAULTS) {
  const before = choose([0, 1, 2, 3]), after = choose([0, 1, 2]);
  const some = (n: number) =>
    Array.from({ length: n }, () =>
      choose<() => nn.Module>([
        () => new nn.Linear(6, 6),
        () => new nn.Tanh(),
        () => new nn.Dropout(0.3),
        () => new nn.BatchNorm1d(6),
        () => new nn.LayerNorm(6),
        () => new nn.Sequential(new nn.Linear(6, 6), new nn.ReLU()),
      ])());
  const fault = new Fault(name);
  const isNested = choose([true, false]);
  const layers = [
    new nn.Linear(4, 6),
    ...some(before),
    isNested ? new nn.Sequential(fault) : fault,
    ...some(after),
  ];
  const net = new nn.Sequential(...layers, new nn.Linear(6, 1));
  return { net, fault, layer: `${before + 1}${isNested ? ".0" : ""} (Fault)` };
}

/** Trains for two epochs with a fault at a random step; what was found and what should have been. */
async function tryOne(seed: number) {
  const numbers = mulberry32(seed),
    choose: Choose = (values) => values[Math.floor(numbers() * values.length)];
  manualSeed(seed);
  const name = choose(Object.keys(FAULTS) as (keyof typeof FAULTS)[]), { kind, blamed } = FAULTS[name];
  const { net, fault, layer } = network(choose, name),
    at = 1 + Math.floor(numbers() * 15),
    epoch = choose([1, 2]);
  const data = new TensorDataset(rand([60, 4]), rand([60, 1]));
  const loader = new DataLoader(data, {
    batchSize: 4,
    shuffle: choose([true, false]),
    seed: choose([undefined, 3]),
  });
  const optimizer = choose<() => optim.Optimizer<{ lr: number }>>([
    () => new optim.SGD(net.parameters(), { lr: 0.01, momentum: 0.9 }),
    () => new optim.Adam(net.parameters()),
  ])();
  let steps = 0;
  const stepScheduler = {
    step: () => fault.turn(++steps === 15 * (epoch - 1) + at - 1),
    stateDict: () => steps,
    loadStateDict: (state: number) => void (steps = state),
  };
  const compile = seed % 4 === 0; // a captured network has kernels of its own, which take seconds to compile here
  fault.turn(epoch === 1 && at === 1);
  const { anomaly } = await assertRejects(
    () =>
      fit(net, loader, {
        optimizer,
        loss: mseLoss,
        epochs: 3,
        stepScheduler,
        compile,
      }),
    AnomalyError,
  );
  const found = anomaly;
  net.dispose();
  return [
    [seed, found.epoch, found.step, found.kind, found.layer, found.operation],
    [seed, epoch, at, kind, layer, blamed],
  ];
}

Deno.test(`fit() names step, layer and operation of ${TRIES} faults at random places`, async () => {
  for (let seed = 1; seed <= TRIES; seed++) {
    const [found, expected] = await tryOne(seed);
    assertEquals(found, expected);
  }
});

Deno.test("fit() draws the same random numbers when it takes a step again, compiled or not", async () => {
  for (const compile of [true, false]) {
    manualSeed(5);
    const net = new nn.Sequential(new nn.Linear(1, 1), new nn.Dropout(0.2));
    const steps: (number | undefined)[] = [];
    for (let k = 0; k < 3; k++) {
      const { anomaly } = await assertRejects(() =>
        fit(net, Array(40).fill([ones([1, 1]), zeros([1, 1])]), {
          optimizer: new optim.SGD(net.parameters(), { lr: 1e-6 }),
          loss: (out: Tensor) => ones([1]).div(out.abs()).sum(), // infinite where the dropout drops
          epochs: 1,
          compile,
        }), AnomalyError);
      assertEquals([anomaly instanceof Anomaly, anomaly.kind, anomaly.operation], [true, "output", "div"]);
      steps.push(anomaly.step);
      manualSeed(6 + k);
    }
    assertEquals(new Set(steps).size > 1, true, "dropouts differ");
  }
});
