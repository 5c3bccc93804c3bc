/**
 * What the book's networks show of themselves and of their training.
 *
 * @module
 */
import { type DataLoader, type Device, type nn, noGrad, type Tensor, zeros } from "../../mod.ts";
import { say } from "../words/words.ts";
import { screen } from "../terminal/screen.ts";

/** Prints what each layer makes of an image of so many pixels a side, and how many parameters there are. */
export function printShapes(net: nn.Sequential, size: number): void {
  let x: Tensor = zeros([1, 1, size, size]);
  net.eval(); // so that no running statistics take zeros for images
  noGrad(() => {
    for (const layer of net) {
      x = layer.forward(x);
      screen.print(`${layer.constructor.name} output shape: [${x.shape.join(", ")}]`);
    }
  });
  net.train();
  const count = [...net.parameters()].reduce((sum, { size }) => sum + size, 0);
  screen.print(say("{n} parameters", { n: count.toLocaleString("en") }));
}

/** The batches of an epoch; how far it is stands on the screen. */
export async function* shown(loader: DataLoader, epoch: number, device: Device) {
  let step = 0, last = 0;
  for (const batch of loader) {
    yield batch;
    step++;
    if (performance.now() - last < 500) continue;
    await device.sync(); // so that what is shown was done
    last = performance.now();
    screen.showStatus(say("epoch {n}, step {step} of {steps}", { n: epoch, step, steps: loader.length }));
  }
}

/** Prints what an epoch came to. */
export function printEpoch(
  epoch: number,
  epochs: number,
  [lossSum, right, examples]: readonly number[],
  testAcc: number,
): void {
  const what = say("loss {loss}, train acc {train}, test acc {test}", {
    loss: (lossSum / examples).toFixed(3),
    train: (right / examples).toFixed(3),
    test: testAcc.toFixed(3),
  });
  screen.print(say("epoch {n}/{epochs}: {what}", { n: epoch, epochs, what }));
}
