/**
 * How long training will take, from a few steps of it.
 *
 * @module
 */
import { compile, type DataLoader, type Device, nn, optim, type Tensor } from "../../mod.ts";
import { formatDuration } from "../terminal/duration.ts";
import { screen } from "../terminal/screen.ts";
import { say, sayName } from "../words/words.ts";

const MOST_STEPS = 5; // and no more than it takes to fill a second

/** A network to be trained. */
export interface Plan {
  /** The network's name. */
  name: string;
  /** Makes the network. */
  make(): nn.Module;
  /** For how many epochs the network will be trained. */
  epochs: number;
}

/**
 * Measures a few training steps of each network, and prints how long each and all will take.
 *
 * @param plans The networks; others like them are made and trained for a moment.
 * @param load Gives training and test batches; a test batch is taken to cost a third of a training step.
 * @param device The device.
 */
export async function announceTime(
  plans: readonly Plan[],
  load: () => Promise<[DataLoader, DataLoader]>,
  device: Device,
): Promise<void> {
  let sum = 0;
  for (const { name: network, make, epochs } of plans) {
    const name = sayName(network);
    const [trainIter, testIter] = await load();
    screen.showStatus(say("{name}: measuring a few steps…", { name }), { isBusy: true });
    const seconds = await stepSeconds(make(), trainIter, device);
    const all = epochs * seconds * (trainIter.length + testIter.length / 3);
    sum += all;
    const facts = { name, ms: (1000 * seconds).toFixed(0), time: formatDuration(all) };
    screen.print(
      epochs === 1
        ? say("{name}: {ms} ms a step, about {time} for 1 epoch", facts)
        : say("{name}: {ms} ms a step, about {time} for {epochs} epochs", { ...facts, epochs }),
    );
  }
  screen.end();
  screen.print(
    say("about {time} in all; --epochs N and --limit N shorten it", { time: formatDuration(sum) }),
  );
}

/** Trains a network for a few steps, and frees it. Its kernels stay compiled. */
async function stepSeconds(net: nn.Module, trainIter: DataLoader, device: Device): Promise<number> {
  const optimizer = new optim.SGD(net.parameters(), { lr: 0.01 }), loss = new nn.CrossEntropyLoss();
  const trainStep = compile((X: Tensor, y: Tensor) => {
    optimizer.zeroGrad();
    loss.forward(net.forward(X), y).backward();
    optimizer.step();
  });
  try {
    const [batch] = trainIter;
    trainStep(...batch);
    await device.sync(); // all is compiled
    const started = performance.now();
    let steps = 0, seconds = 0;
    while (steps < MOST_STEPS && seconds < 1) {
      trainStep(...batch);
      await device.sync();
      steps++;
      seconds = (performance.now() - started) / 1000;
    }
    for (const t of batch) t.dispose();
    return seconds / steps;
  } finally {
    trainStep.dispose();
    for (const p of net.parameters()) {
      p.grad?.dispose();
      p.dispose();
    }
  }
}
