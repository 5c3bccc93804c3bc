// A training that a test kills: everything in it that is random, or has a state, must go on after the kill as before.
// deno run -A tests/support/killed_training.ts FOLDER small|heavy STEPS_BETWEEN_CHECKPOINTS
import {
  arange,
  DataLoader,
  encodeSafetensors,
  fit,
  manualSeed,
  nn,
  openDevice,
  optim,
  rand,
  TensorDataset,
  transforms,
} from "../../mod.ts";

const [folder, size, every] = Deno.args;
await openDevice();
manualSeed(7);
const labels = arange(96).to("float32").mul(7).sin().gt(0).to("int32"); // no regular order of the classes
const examples = new TensorDataset(rand([96, 1, 12, 12]), labels);
const hidden = size === "heavy" ? 1536 : 16; // with Adam's averages 8 MB a checkpoint, or 34 kB
const net = new nn.Sequential(
  new nn.Flatten(),
  new nn.Linear(144, hidden),
  new nn.BatchNorm1d(hidden),
  new nn.ReLU(),
  new nn.Dropout(0.3),
  new nn.Linear(hidden, size === "heavy" ? 256 : 2),
);
const optimizer = new optim.Adam(net.parameters(), { lr: 0.01 });
const history = await fit(
  net,
  new DataLoader(examples, {
    batchSize: 20,
    shuffle: true,
    transform: transforms.randomCrop({ size: 12, padding: 2 }),
  }),
  {
    optimizer,
    scheduler: new optim.lrScheduler.ReduceLROnPlateau(optimizer, { patience: 0, factor: 0.5 }),
    stepScheduler: new optim.lrScheduler.StepLR(optimizer, { stepSize: 3, gamma: 0.97 }),
    loss: new nn.CrossEntropyLoss(),
    epochs: 2,
    test: new DataLoader(examples, { batchSize: 50, shuffle: true, seed: 3 }),
    checkpoint: {
      folder,
      everySteps: Number(every),
      onResume: ({ file }) => console.log(`going on from ${file}`),
      onSave: (file) => console.log(`saved ${file}`),
    },
  },
);
const bytes = await encodeSafetensors({ ...net.stateDict(), rest: rand([4]) });
const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
const lines = history.map(({ seconds: _, examplesPerSec: __, ...metrics }) => JSON.stringify(metrics));
console.log(`ended ${JSON.stringify([...lines, [...digest].map((byte) => byte.toString(16)).join("")])}`);
