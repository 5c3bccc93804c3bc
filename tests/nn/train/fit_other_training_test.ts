// fit() refuses to go on with a checkpoint of another training, whatever it is that differs.
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  DataLoader,
  fit,
  type FitBatches,
  type FitOptions,
  loadCheckpoint,
  nn,
  openDevice,
  optim,
  rand,
  tensor,
  TensorDataset,
} from "../../../mod.ts";
import { tempFolder } from "../../data/_fixtures.ts";

await openDevice();
const x = rand([60, 4]), y = tensor(Int32Array.from({ length: 60 }, (_, i) => i % 3));
const batches = (n: number) => Array.from({ length: n }, () => [x, y] as const);
const loaderOf = (batchSize: number, shuffle = true) =>
  new DataLoader(new TensorDataset(x, y), { batchSize, shuffle });

interface Training {
  loader?: FitBatches;
  test?: FitBatches;
  /** As which option the schedule is given, if it is. */
  schedule?: "scheduler" | "stepScheduler";
  lr?: number;
  epochs?: number;
  settings?: Record<string, unknown>;
  /** Ends it after its third step. */
  stops?: boolean;
}

/** Trains, and returns how many epochs there were and the rate at the end. */
async function train(
  folder: string,
  { loader = batches(5), test, schedule, lr = 0.5, epochs = 1, settings, stops }: Training = {},
): Promise<[epochs: number, lr: number]> {
  const net = new nn.Linear(4, 3), optimizer = new optim.SGD(net.parameters(), { lr });
  const stop = new AbortController();
  let steps = 0;
  const options: FitOptions = {
    optimizer,
    loss: (output, y) => {
      if (stops && ++steps === 3) stop.abort();
      return new nn.CrossEntropyLoss().forward(output, y);
    },
    epochs,
    test,
    compile: false,
    signal: stop.signal,
    checkpoint: { folder, settings },
  };
  if (schedule) options[schedule] = new optim.lrScheduler.StepLR(optimizer, { stepSize: 1, gamma: 0.5 });
  const history = await fit(net, loader, options);
  return [history.length, optimizer.paramGroups[0].lr];
}

/** What was saved, what is to go on from it, and what is said. */
const CASES: Record<string, [saved: Training, here: Training, says: string]> = {
  "no schedule": [
    { schedule: "scheduler" },
    {},
    "it must be of what goes on from it here: scheduler in the file, missing here",
  ],
  "a schedule": [
    {},
    { schedule: "stepScheduler" },
    "it must have what is to go on from it: it has no stepScheduler",
  ],
  "a schedule of steps for one of epochs": [
    { schedule: "scheduler" },
    { schedule: "stepScheduler" },
    "it has no stepScheduler",
  ],
  "a schedule of epochs for one of steps": [
    { schedule: "stepScheduler" },
    { schedule: "scheduler" },
    "it has no scheduler",
  ],
  "fewer batches": [
    {},
    { loader: batches(1) },
    "Cannot go on with batches as there must be as many: 1 here, 5 in the state",
  ],
  "an array for a loader": [
    { loader: loaderOf(12) },
    {},
    "its loader must be Batches as here: it is DataLoader",
  ],
  "an array for a loader, with a test": [
    { loader: loaderOf(12), test: loaderOf(30, false) },
    { test: loaderOf(30, false) },
    "its loader must be Batches as here: it is DataLoader",
  ],
  "other batches": [
    { loader: loaderOf(12) },
    { loader: loaderOf(10) },
    "batchSize 10 here, 12 in the state",
  ],
  "no test": [{ test: batches(1) }, {}, "test in the file, missing here"],
  "another test": [{ test: batches(1) }, { test: batches(2) }, "2 here, 1 in the state"],
  "settings": [{}, { settings: { lr: 1 } }, "settings must be those of here: lr 1 here, missing in the file"],
  "no settings": [{ settings: { lr: 1 } }, {}, "lr missing here, 1 in the file"],
};

for (const [what, [saved, here, says]] of Object.entries(CASES)) {
  Deno.test(`fit() refuses to go on with ${what}`, async () => {
    await using folder = await tempFolder();
    await train(folder.path, { ...saved, stops: true });
    const { message } = await assertRejects(() => train(folder.path, here), RangeError);
    assertStringIncludes(
      message,
      `Cannot load a checkpoint from "${folder.path}/epoch-0-step-3.safetensors" as `,
    );
    assertStringIncludes(message, says);
    await train(folder.path, saved); // what it was saved of goes on
    const net = new nn.Linear(4, 3);
    const { extra } = await loadCheckpoint(`${folder.path}/epoch-1.safetensors`, { net });
    assertEquals(extra.history.length, 1, "a network alone is loaded from it all the same");
  });
}

Deno.test("fit() goes on with the file's rate, and returns all epochs of it though fewer are asked for", async () => {
  await using folder = await tempFolder();
  assertEquals(await train(folder.path, { epochs: 3, schedule: "scheduler" }), [3, 0.0625]);
  assertEquals(await train(folder.path, { epochs: 2, schedule: "scheduler", lr: 0.7 }), [3, 0.0625]);
});
