// One source of truth for every face: what a run tells, and what may be asked of it while it goes on.
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { loadDataFashionMnist, trainCh6 } from "../../../examples/d2l.ts";
import { lenet } from "../../../examples/lenet.ts";
import type { Metrics } from "../../../examples/runs/metrics.ts";
import { control } from "../../../examples/runs/run_control.ts";
import { feed, type RunEvent, RunFeed, type RunWatcher } from "../../../examples/runs/run_feed.ts";
import { fitShown } from "../../../examples/study/fit_shown.ts";
import { noteRun } from "../../../examples/study/comparison.ts";
import { Stopped } from "../../../examples/terminal/stop_request.ts";
import { manualSeed, nn, noGrad, openDevice, optim, tensor } from "../../../mod.ts";
import { tempFolder } from "../../data/_fixtures.ts";

const device = await openDevice();
const LR = 0.9, EPOCHS = 2;
type Keep = { out?: string; resume?: boolean };

/** Trains LeNet for two epochs of five steps, as the first part of the study does. */
async function train(keep: Keep = {}): Promise<Metrics[]> {
  manualSeed(3);
  const net = lenet(), [trainIter, testIter] = await loadDataFashionMnist(64, { limit: 320, seed: 3 });
  await noteRun(keep.out, "LeNet", net, device, { lr: LR }, { resume: keep.resume });
  return await trainCh6(net, trainIter, testIter, EPOCHS, LR, device, { ...keep, settings: { lr: LR } });
}

/** Trains a small network by `fit` with momentum, at a rate that falls step by step. */
async function trainByFit(keep: Keep = {}): Promise<Metrics[]> {
  manualSeed(3);
  const net = new nn.Sequential(new nn.Flatten(), new nn.Linear(784, 10));
  const [trainIter, testIter] = await loadDataFashionMnist(64, { limit: 320, seed: 3 });
  const optimizer = new optim.SGD(net.parameters(), { lr: 0.1, momentum: 0.9 });
  const stepScheduler = new optim.lrScheduler.CosineAnnealingLR(optimizer, { TMax: 10, etaMin: 0.001 });
  await noteRun(keep.out, "linear", net, device, {}, { resume: keep.resume });
  return await fitShown(net, trainIter, testIter, {
    ...keep,
    optimizer,
    stepScheduler,
    epochs: EPOCHS,
    device,
  });
}

/** Trains with a watcher, and returns what it was told too. */
async function watched<T>(
  action: () => Promise<T>,
  react: (event: RunEvent) => void = () => {},
  look?: RunWatcher["look"],
): Promise<{ result: T; events: RunEvent[] }> {
  const events: RunEvent[] = [];
  using _ = feed.watch({ event: (event) => (events.push(structuredClone(event)), react(event)), look });
  return { result: await action(), events };
}

const losses = (metrics: readonly Metrics[]) => metrics.map((m) => [m.trainLoss, m.trainAcc, m.testAcc]);
/** Does something at the first progress of an epoch's step, and never again. */
function once(epoch: number, step: number, action: () => void): (event: RunEvent) => void {
  let isDone = false;
  return (event) => {
    if (isDone || event.kind !== "progress" || event.epoch !== epoch || event.step < step) return;
    isDone = true;
    action();
  };
}

Deno.test("a run that is watched and looked into tells all, and comes to the same bits", async () => {
  const alone = losses(await train()), byFitAlone = losses(await trainByFit());
  const x = tensor(new Float32Array(784), { shape: [1, 1, 28, 28] });
  const looks: boolean[] = [];
  const look: RunWatcher["look"] = async ({ net, test, classes }, { isEnd }) => {
    assert(test !== undefined && classes?.[9] === "Ankle boot");
    using y = noGrad(() => net.eval().forward(x));
    net.train();
    await y.data();
    looks.push(isEnd);
  };
  const { result, events } = await watched(() => train(), undefined, look);
  x.dispose();
  assertEquals(losses(result), alone);
  assertEquals([events[0].kind, events.at(-1)], ["begin", { kind: "end", how: "finished", text: "" }]);
  const [begin] = events;
  assert(begin.kind === "begin");
  const { layers, ...rest } = begin;
  assertEquals({ ...rest, device: "", classes: rest.classes.length }, {
    kind: "begin",
    title: "LeNet",
    epochs: 2,
    images: 320,
    device: "",
    lr: 0.9,
    classes: 10,
    folder: null,
  });
  assertEquals(layers[1], { path: "0", type: "Conv2d", depth: 1, shape: [1, 6, 28, 28], parameters: 156 });
  assertEquals(events.filter((e) => e.kind === "epoch").map((e) => e.kind === "epoch" && e.metrics), result);
  const progress = events.filter((e) => e.kind === "progress");
  assertEquals(progress.filter((e) => e.step === 5).map((e) => [e.epoch, e.done, e.total, e.lr]), [
    [1, 320, 320, 0.9],
    [2, 320, 320, 0.9],
  ]);
  assert(progress.length >= 10 && progress.every((e) => Number.isFinite(e.trainLoss)));
  assertEquals(looks.filter(Boolean).length, 2);
  assert(looks.length > 2);
  assertEquals(JSON.parse(JSON.stringify(events)).length, events.length);
  assertEquals(losses((await watched(() => trainByFit(), undefined, look)).result), byFitAlone);
});

Deno.test("a rate is changed between steps, noted, and gone on with from a checkpoint to the same bits", async () => {
  for (const run of [train, trainByFit]) {
    await using folder = await tempFolder();
    const [whole, out] = [join(folder.path, "whole"), join(folder.path, "out")];
    const change = () => once(1, 1, () => control.scaleLr(0.5));
    const steered = await watched(() => run({ out: whole }), change());
    const told = steered.events.find((e) => e.kind === "lr");
    assert(told?.kind === "lr" && told.epoch === 1 && told.step >= 1 && told.step < 5, JSON.stringify(told));
    assertEquals(told.lr, told.from * 0.5);
    assert(JSON.stringify(losses(steered.result)) !== JSON.stringify(losses(await run())));
    const changes = JSON.parse(await Deno.readTextFile(join(whole, "run.json"))).changes;
    assertEquals(changes, [{ from: told.from, lr: told.lr, epoch: 1, step: told.step }]);

    const [slower, stop] = [change(), once(1, 1, () => control.requestStop())];
    const stopped = assertRejects(
      () => watched(() => run({ out }), (event) => (slower(event), stop(event))),
      Stopped,
      "; to go on: ",
    );
    assertEquals((await stopped).code, 130);
    assertEquals(control.isRunning, false);
    const goesOn = await watched(() => run({ out, resume: true }));
    assertEquals(losses(goesOn.result), losses(steered.result));
    assertEquals(goesOn.events.slice(0, 2).map(({ kind }) => kind), ["begin", "resume"]);
    assertEquals(JSON.parse(await Deno.readTextFile(join(out, "run.json"))).changes, changes);
  }
});

Deno.test("changes behind the checkpoint from which a run goes on are not in effect, and noted no more", async () => {
  await using folder = await tempFolder();
  const { path: out } = folder, alone = losses(await train());
  await watched(() => train({ out }));
  const info = JSON.parse(await Deno.readTextFile(join(out, "run.json")));
  const late = { from: 0.9, lr: 9, epoch: 2, step: 3 };
  await Deno.writeTextFile(join(out, "run.json"), JSON.stringify({ ...info, changes: [late] }));
  await Deno.remove(join(out, "epoch-2.safetensors"));
  assertEquals(losses(await train({ out, resume: true })), alone);
  assertEquals(JSON.parse(await Deno.readTextFile(join(out, "run.json"))).changes, []);
});

Deno.test("schedules go the same way at so many times their rates", () => {
  const make = {
    cosine: (o: optim.SGD) => new optim.lrScheduler.CosineAnnealingLR(o, { TMax: 8, etaMin: 0.01 }),
    oneCycle: (o: optim.SGD) => new optim.lrScheduler.OneCycleLR(o, { maxLr: 0.4, totalSteps: 9 }),
    steps: (o: optim.SGD) => new optim.lrScheduler.StepLR(o, { stepSize: 3 }),
    lambda: (o: optim.SGD) => new optim.lrScheduler.LambdaLR(o, { lrLambda: (e) => 1 / (e + 1) }),
    sequence: (o: optim.SGD) =>
      new optim.lrScheduler.SequentialLR(o, {
        schedulers: [
          new optim.lrScheduler.ConstantLR(o, { factor: 0.5, totalIters: 2 }),
          new optim.lrScheduler.ExponentialLR(o, { gamma: 0.9 }),
        ],
        milestones: [5],
      }),
  };
  for (const [name, schedule] of Object.entries(make)) {
    const rates = (factor: number) => {
      const layer = new nn.Linear(2, 2);
      const groups = [{ params: [layer.weight] }, { params: [layer.bias!], lr: 0.05 }];
      const optimizer = new optim.SGD(groups, { lr: 0.1, momentum: 0.9 }), made = schedule(optimizer);
      const found: number[][] = [];
      for (let step = 0; step < 8; step++) {
        if (step === 2 && factor !== 1) {
          using _ = control.attach({ stop: { signal: { aborted: false } } as never, canSave: false });
          control.scaleLr(factor);
          control.takeRates({ optimizer, schedules: [made] }, { epoch: 1, step });
        }
        found.push(optimizer.paramGroups.map(({ lr }) => lr));
        made.step();
      }
      return found;
    };
    const [plain, scaled] = [rates(1), rates(0.25)];
    plain.forEach((lrs, step) =>
      lrs.forEach((lr, k) => {
        const want = step < 2 ? lr : lr * 0.25;
        assert(
          Math.abs(scaled[step][k] - want) <= 1e-12,
          `${name}, step ${step}: ${scaled[step][k]}, not ${want}`,
        );
      })
    );
  }
});

Deno.test("a checkpoint is saved when it is asked for, and a run without a folder refuses and stops", async () => {
  await using folder = await tempFolder();
  for (const [k, run] of [train, trainByFit].entries()) {
    const out = join(folder.path, `${k}`), names: string[] = [];
    const ask = once(1, 1, () => control.requestCheckpoint());
    await watched(() => run({ out }), (event) => {
      ask(event);
      if (event.kind === "saved") names.push(event.file.slice(out.length + 1));
    });
    assert(/^epoch-0-step-[1234]\.safetensors$/.test(names[0]), names[0]);
    assertEquals(names.slice(1), ["epoch-1.safetensors", "epoch-2.safetensors"]);
    let refused: unknown;
    const without = assertRejects(() =>
      watched(
        () => run(),
        once(1, 1, () => {
          refused = assertThrows(() => control.requestCheckpoint());
          control.requestStop();
        }),
      ), Stopped);
    const { message, code } = await without;
    assert(
      /^stopped after step [1234] of epoch 1; without --out nothing of the run is kept$/.test(message),
      message,
    );
    assertEquals(code, 130);
    assertEquals(
      `${refused}`,
      "Error: Cannot save a checkpoint as the run must have a folder: it was begun without --out",
    );
  }
});

Deno.test("what cannot be asked is refused, and what a watcher throws ends its watch and no training", async () => {
  assertThrows(() => control.requestStop(), Error, "Cannot stop as a run must be under way: there is none");
  for (const lr of [0, -1, NaN, Infinity]) {
    assertThrows(() => control.setLr(lr), RangeError, `must be a number above 0: ${lr}`);
  }
  const own = new RunFeed(), told: string[] = [];
  own.watch({ event: ({ kind }) => void told.push(kind) });
  own.watch({
    event: () => {
      throw new Error("a fault of the face");
    },
  });
  own.tell({ kind: "saved", file: "a" });
  await own.pause({ net: new nn.Linear(1, 1) }, { epoch: 1, isEnd: true });
  own.tell({ kind: "saved", file: "b" });
  assertEquals([told, own.isWatched], [["saved", "saved"], true]);
});
