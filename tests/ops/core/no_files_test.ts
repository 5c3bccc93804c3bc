// What reads or writes files says in a page what there is instead.
import { assertEquals, assertRejects } from "@std/assert";
import {
  autotune,
  DataLoader,
  fit,
  loadCheckpoint,
  loadTuning,
  nn,
  openDevice,
  optim,
} from "../../../mod.ts";
import { MNIST, saveCheckpoint, TensorDataset, zeros } from "../../../mod.ts";
import { withoutDeno } from "../../support/without_deno.ts";

await openDevice();

const BYTES =
  "encodeSafetensors(net.stateDict()) gives bytes to keep, decodeSafetensors(bytes) what loadStateDict takes";
const OTHER = "as Deno must read and write files: this is another runtime";
const net = new nn.Linear(2, 2);
const loader = new DataLoader(new TensorDataset(zeros([4, 2]), zeros([4, 2])), { batchSize: 2 });

const CALLS: Record<string, [call: () => Promise<unknown>, message: string]> = {
  "MNIST.load()": [
    () => MNIST.load({ split: "test" }),
    `Cannot load MNIST from folders ${OTHER}, MNIST.fromFiles takes what fetch gave, or a File`,
  ],
  "saveCheckpoint()": [() => saveCheckpoint("a", { net }), `Cannot save a checkpoint ${OTHER}, ${BYTES}`],
  "loadCheckpoint()": [() => loadCheckpoint("a", { net }), `Cannot load a checkpoint ${OTHER}, ${BYTES}`],
  "fit() with checkpoints": [
    () =>
      fit(net, loader, {
        optimizer: new optim.SGD(net.parameters(), { lr: 0.1 }),
        loss: new nn.MSELoss(),
        epochs: 1,
        checkpoint: "a",
      }),
    `Cannot keep checkpoints ${OTHER}, ${BYTES}`,
  ],
  "loadTuning()": [
    () => loadTuning("a"),
    `Cannot load tuning from "a" ${OTHER}, where autotune measures tiles for the session`,
  ],
  "autotune()": [
    () => autotune(() => {}, { file: "a" }),
    `Cannot autotune into a ${OTHER}, file: null keeps the tiles for this session alone`,
  ],
};

for (const [name, [call, message]] of Object.entries(CALLS)) {
  Deno.test(`${name} says in a page what there is instead`, async () => {
    assertEquals((await assertRejects(() => withoutDeno(call), TypeError)).message, message);
  });
}
