import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import {
  type AnomalyError,
  DataLoader,
  encodeSafetensors,
  fit,
  type FitEpoch,
  type FitOptions,
  loadCheckpoint,
  manualSeed,
  nn,
  openDevice,
  optim,
  type Tensor,
  tensor,
  TensorDataset,
} from "../../../mod.ts";
import { sha256, type TempFolder, tempFolder } from "../../data/_fixtures.ts";
import { namesIn } from "../../support/kills.ts";
import { firstImages } from "../../support/networks.ts";

await openDevice();
const images = await firstImages("train", 200);

interface Trained {
  history: FitEpoch[];
  bits: string;
  /** The epochs for which `onEpoch` was called. */
  called: number[];
  resumed: string[];
}

const withoutTimes = (history: readonly FitEpoch[]) =>
  history.map(({ epoch, trainLoss, trainAcc, testAcc }) => ({ epoch, trainLoss, trainAcc, testAcc }));

/** Trains three epochs of five batches; `stopAt` is the step, over all epochs of this call, that asks it to end. */
async function train(
  options: Partial<FitOptions> & { folder?: string; everySteps?: number; resume?: boolean; stopAt?: number } =
    {},
): Promise<Trained> {
  const { folder, everySteps, resume, stopAt, ...rest } = options, resumed: string[] = [];
  manualSeed(6);
  const net = new nn.Sequential(
    new nn.Flatten(),
    new nn.Linear(784, 12),
    new nn.BatchNorm1d(12),
    new nn.ReLU(),
    new nn.Dropout(0.2),
    new nn.Linear(12, 10),
  );
  const optimizer = new optim.AdamW(net.parameters(), { lr: 0.01 });
  const cosine = new optim.lrScheduler.CosineAnnealingLR(optimizer, { TMax: 15 });
  const stop = new AbortController(), called: number[] = [];
  let steps = 0;
  const step = cosine.step.bind(cosine);
  const stepScheduler = Object.assign(cosine, {
    step: () => {
      step();
      if (++steps === stopAt) stop.abort();
    },
  });
  const history = await fit(net, new DataLoader(images, { batchSize: 48, shuffle: true }), {
    optimizer,
    stepScheduler,
    loss: new nn.CrossEntropyLoss(),
    epochs: 3,
    test: new DataLoader(images, { batchSize: 100 }),
    signal: stop.signal,
    onEpoch: ({ epoch }) => void called.push(epoch),
    checkpoint: folder === undefined ? undefined : {
      folder,
      everySteps,
      resume,
      onResume: ({ file, step, history }) =>
        void resumed.push(`${file.slice(folder.length + 1)}: ${history.length} and ${step}`),
    },
    ...rest,
  });
  return { history, bits: await sha256(await encodeSafetensors(net.stateDict())), called, resumed };
}

/** Where a number was not finite, and the weights that were left. */
interface Found {
  epoch?: number;
  step: number;
  layer: string;
  weights: string;
}

/** Lets a test use a folder. */
function inFolder(body: (folder: TempFolder) => Promise<void>): () => Promise<void> {
  return async () => {
    await using folder = await tempFolder();
    await body(folder);
  };
}

/** Takes what is printed as a warning. */
async function warnings(body: () => Promise<void>): Promise<string[]> {
  const { warn } = console, found: string[] = [];
  console.warn = (text: string) => void found.push(text);
  try {
    await body();
  } finally {
    console.warn = warn;
  }
  return found;
}

const whole = await train();

for (const isCompiled of [true, false]) {
  Deno.test(
    `fit()${isCompiled ? "" : ", not compiled,"} goes on after its signal ended it, with the very bits`,
    inFolder(async ({ path }) => {
      const wanted = isCompiled ? whole : await train({ compile: false });
      const first = await train({ folder: path, stopAt: 3, compile: isCompiled });
      assertEquals([first.history, first.resumed, namesIn(path)], [[], [], ["epoch-0-step-3.safetensors"]]);
      const second = await train({ folder: path, stopAt: 6, compile: isCompiled });
      assertEquals(second.resumed, ["epoch-0-step-3.safetensors: 0 and 3"]);
      assertEquals(second.called, [1]);
      assertMatch(
        namesIn(path).join(" "),
        /^best\.safetensors epoch-1-step-4\.safetensors epoch-1\.safetensors$/,
      );
      const third = await train({ folder: path, compile: isCompiled });
      assertEquals([third.resumed, third.called], [["epoch-1-step-4.safetensors: 1 and 4"], [2, 3]]);
      assertEquals(withoutTimes(third.history), withoutTimes(wanted.history));
      assertEquals(third.bits, wanted.bits);
      const again = await train({ folder: path, compile: isCompiled });
      assertEquals(
        [again.history, again.called, again.bits],
        [third.history, [], wanted.bits],
        "it had ended",
      );
    }),
  );
}

Deno.test(
  "fit() keeps the last two checkpoints and the best, within epochs where that is asked for",
  inFolder(async ({ path }) => {
    const saved: string[] = [];
    const checkpoint = {
      folder: path,
      everySteps: 2,
      onSave: (file: string) => {
        saved.push(file.slice(path.length + 1));
        const kept = namesIn(path).filter((name) => name.startsWith("epoch"));
        assertEquals(kept.toSorted(), saved.slice(-2).toSorted());
      },
    };
    const { history, bits } = await train({ checkpoint });
    assertEquals(
      saved,
      [0, 1, 2].flatMap((n) => [`epoch-${n}-step-2`, `epoch-${n}-step-4`, `epoch-${n + 1}`])
        .map((name) => `${name}.safetensors`),
    );
    assertEquals(bits, whole.bits, "saving changes nothing");
    const { extra } = await loadCheckpoint(`${path}/best.safetensors`);
    const accuracies = history.map(({ testAcc }) => testAcc!);
    assertEquals(extra.history.length, accuracies.indexOf(Math.max(...accuracies)) + 1);
    await train({ checkpoint: { folder: path, everySeconds: 1e-9, resume: false } });
    assert(!namesIn(path).includes("epoch-2.safetensors"), "there is one after each step");
  }),
);

Deno.test(
  "fit() takes batches that have no state from where it was",
  inFolder(async ({ path }) => {
    const batches = await Promise.all(
      Array.from({ length: 4 }, (_, k) => [tensor([[k], [k + 1]]), tensor([[2 * k], [1]])] as const),
    );
    const go = async (checkpoint?: string, stopAt = Infinity) => {
      const net = new nn.Linear(1, 1), stop = new AbortController();
      net.loadStateDict({ weight: tensor([[0.5]]), bias: tensor([0]) });
      let steps = 0;
      const seen: Tensor[] = [];
      const history = await fit(net, batches, {
        optimizer: new optim.SGD(net.parameters(), { lr: 0.01, momentum: 0.9 }),
        loss: (output, y) => {
          seen.push(y);
          if (++steps === stopAt) stop.abort();
          return output.sub(y).square().mean();
        },
        compile: false,
        epochs: 2,
        signal: stop.signal,
        checkpoint,
      });
      return { history: withoutTimes(history), weight: await net.weight.item(), steps: seen.length };
    };
    const wanted = await go();
    assertEquals((await go(path, 3)).steps, 3);
    const { history, weight, steps } = await go(path);
    assertEquals([history, weight, steps], [wanted.history, wanted.weight, 8 - 3]);
  }),
);

Deno.test(
  "fit() goes on from the checkpoint before a damaged one, says so, and keeps the damaged one aside",
  inFolder(async ({ path }) => {
    await train({ folder: path, stopAt: 12 });
    assertEquals(namesIn(path).slice(1), ["epoch-2-step-2.safetensors", "epoch-2.safetensors"]);
    const newest = `${path}/epoch-2-step-2.safetensors`, bytes = await Deno.readFile(newest);
    bytes[bytes.length >> 1] ^= 1;
    await Deno.writeFile(newest, bytes);
    const said = await warnings(async () => {
      const { bits, resumed } = await train({ folder: path });
      assertEquals([bits, resumed], [whole.bits, ["epoch-2.safetensors: 2 and 0"]]);
    });
    assertEquals(said.length, 1);
    assertStringIncludes(said[0], `Cannot load a checkpoint from "${newest}" as its bytes must be those`);
    assertStringIncludes(said[0], `training goes on from ${path}/epoch-2.safetensors`);
    assertEquals(namesIn(path).filter((name) => name.endsWith(".damaged")), [
      "epoch-2-step-2.safetensors.damaged",
    ]);
    for (const name of ["epoch-2.safetensors", "epoch-3.safetensors"]) {
      await Deno.writeTextFile(`${path}/${name}`, "");
    }
    const fromBest = await warnings(async () => {
      assertEquals((await train({ folder: path })).bits, whole.bits);
    });
    assertStringIncludes(fromBest[1], `training goes on from ${path}/best.safetensors`);
    for (const name of namesIn(path)) await Deno.writeTextFile(`${path}/${name}`, "");
    for (let again = 0; again < 2; again++) {
      await warnings(async () => {
        const { message } = await assertRejects(() => train({ folder: path }), SyntaxError);
        assertStringIncludes(message, "best.safetensors");
        assertStringIncludes(
          message,
          `no checkpoint of ${path} is whole; without resuming, training begins anew`,
        );
      });
    }
  }),
);

Deno.test(
  "fit() sweeps away what a killed process has left, and nothing else",
  inFolder(async ({ path }) => {
    const part = `epoch-7.safetensors.${crypto.randomUUID()}.part`,
      other = `notes.${crypto.randomUUID()}.part`;
    for (const name of [part, other, "notes.txt"]) await Deno.writeTextFile(`${path}/${name}`, "half");
    await train({ folder: path, stopAt: 1 });
    assertEquals(namesIn(path), ["epoch-0-step-1.safetensors", other, "notes.txt"].toSorted());
    await train({ folder: path, resume: false, stopAt: 2 });
    assertEquals(namesIn(path), ["epoch-0-step-2.safetensors", other, "notes.txt"].toSorted());
  }),
);

Deno.test(
  "fit() refuses to keep what has no state, and to go on with another training",
  inFolder(async ({ path }) => {
    await train({ folder: path, stopAt: 2 });
    const stateless = { zeroGrad: () => {}, step: () => {} };
    await assertRejects(
      () => train({ folder: path, optimizer: stateless }),
      TypeError,
      "Cannot fit with checkpoints as optimizer must be one with stateDict() and loadStateDict()",
    );
    await assertRejects(
      () => train({ folder: path, scheduler: { step: () => {} } }),
      TypeError,
      "Cannot fit with checkpoints as scheduler must be",
    );
    const net = new nn.Sequential(new nn.Flatten(), new nn.Linear(784, 10));
    const options = {
      optimizer: new optim.AdamW(net.parameters()),
      loss: new nn.CrossEntropyLoss(),
      epochs: 1,
      checkpoint: path,
    };
    await assertRejects(
      () => fit(net, new DataLoader(images, { batchSize: 48, shuffle: true }), options),
      RangeError,
      "its tensors must be those of the network: 1.weight [10, 784] here, [12, 784] in the file",
    );
    for (const checkpoint of [{ folder: 3 }, { folder: path, everySteps: 0 }, { floder: path }]) {
      await assertRejects(
        () => train({ checkpoint: checkpoint as never }),
        Error,
        "Cannot keep checkpoints as",
      );
    }
    await Deno.writeTextFile(`${path}/file`, "");
    await assertRejects(() => train({ folder: `${path}/file` }), Error, "must be a folder to read");
    assertEquals(namesIn(path), ["epoch-0-step-2.safetensors", "file"]);
  }),
);

Deno.test(
  "fit() that goes on within an epoch finds the step that is not finite, as the undisturbed one does",
  inFolder(async ({ path }) => {
    const spoilt = tensor(Float32Array.from({ length: 120 }, (_, i) => i === 71 ? Infinity : i % 7), {
      shape: [30, 4],
    });
    const labels = tensor(Int32Array.from({ length: 30 }, (_, i) => i % 3));
    const go = async (checkpoint?: string, stopAt = Infinity): Promise<Found | null> => {
      manualSeed(2);
      const net = new nn.Sequential(new nn.Linear(4, 6), new nn.Dropout(0.2), new nn.Linear(6, 3));
      const optimizer = new optim.SGD(net.parameters(), { lr: 0.01 }), stop = new AbortController();
      const stepScheduler = new optim.lrScheduler.ExponentialLR(optimizer, { gamma: 0.99 });
      const step = stepScheduler.step.bind(stepScheduler);
      let steps = 0;
      stepScheduler.step = () => {
        step();
        if (++steps === stopAt) stop.abort();
      };
      try {
        await fit(net, new DataLoader(new TensorDataset(spoilt, labels), { batchSize: 3, shuffle: true }), {
          optimizer,
          stepScheduler,
          loss: new nn.CrossEntropyLoss(),
          epochs: 1,
          checkpoint,
          signal: stop.signal,
        });
        return null;
      } catch (error) {
        const { epoch, step = 0, layer } = (error as AnomalyError).anomaly, found = { epoch, layer };
        return { ...found, step, weights: await sha256(await encodeSafetensors(net.stateDict())) };
      }
    };
    const wanted = (await go())!;
    assert(wanted.step > 2, "there is something to do before");
    assertEquals(await go(path, wanted.step - 1), null);
    assertEquals(await go(path), wanted);
    assertEquals(namesIn(path), [`epoch-0-step-${wanted.step - 1}.safetensors`], "nothing of it was saved");
  }),
);

Deno.test(
  "fit() refuses a folder in which another training is, and gives it up when it ends, however it ends",
  inFolder(async ({ path }) => {
    const onResume = () => {
      throw new Error("of the user's");
    };
    const both = await Promise.allSettled([train({ folder: path }), train({ folder: path })]);
    assertEquals(both.map(({ status }) => status).toSorted(), ["fulfilled", "rejected"]);
    const [{ reason }] = both.filter((one) => one.status === "rejected");
    assertMatch(
      reason.message,
      /^Cannot keep checkpoints as ".*" must be free of other trainings: .*process.* keeps one/,
    );
    await assertRejects(() => train({ checkpoint: { folder: path, onResume } }), Error, "of the user's");
    assertEquals((await train({ folder: path })).history.length, 3);
    assert(namesIn(path).every((name) => name.endsWith(".safetensors")), "no lock is left");
    await Deno.mkdir(`${path}/not/.checkpoints.lock`, { recursive: true }); // so that nothing can be written there
    let calls = 0;
    const loss = () => {
      throw new Error(`step ${++calls}`);
    };
    await assertRejects(
      () => train({ folder: `${path}/not`, loss }),
      Error,
      `Cannot keep checkpoints as "${path}/not" must be a folder to write to: `,
    );
    assertEquals(calls, 0, "it is found before the first step");
  }),
);

Deno.test(
  "fit() leaves alone what another process writes at that moment",
  inFolder(async ({ path }) => {
    const lock = `${path}/.checkpoints.lock`,
      part = `${path}/epoch-7.safetensors.${crypto.randomUUID()}.part`;
    await Deno.writeTextFile(part, "half");
    using other = await Deno.open(lock, { read: true, write: true, create: true });
    await other.lock(true);
    await other.write(new TextEncoder().encode("process 12\n"));
    await assertRejects(
      () => train({ folder: path }),
      Error,
      "must be free of other trainings: process 12 keeps one there",
    );
    assertEquals(await Deno.readTextFile(part), "half");
  }),
);

Deno.test("isDue is asked after each step within an epoch, and saves there when it returns true", async () => {
  await using folder = await tempFolder();
  const saved: string[] = [];
  let asked = 0;
  const net = new nn.Sequential(new nn.Flatten(), new nn.Linear(784, 10));
  const loader = new DataLoader(images, { batchSize: 48 });
  await fit(net, loader, {
    optimizer: new optim.SGD(net.parameters(), { lr: 0.1 }),
    loss: new nn.CrossEntropyLoss(),
    epochs: 1,
    checkpoint: {
      folder: folder.path,
      isDue: () => ++asked === 2,
      onSave: (file) => void saved.push(file.slice(folder.path.length + 1)),
    },
  });
  assertEquals(saved, ["epoch-0-step-2.safetensors", "epoch-1.safetensors"]);
  assertEquals(asked, loader.length - 1);
});
