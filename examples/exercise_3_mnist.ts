// The study's exercise 3: the improved network on MNIST, or on Fashion-MNIST as the study's own code has it.
// deno run -P examples/exercise_3_mnist.ts --lang zh
import { manualSeed, nn } from "../mod.ts";
import { loadDataFashionMnist, loadDataMnist, trainCh6, tryGpu } from "./d2l.ts";
import type { Metrics } from "./runs/metrics.ts";
import { Comparison } from "./study/comparison.ts";
import { settingsOf } from "./study/keeping.ts";
import { openFaces } from "./study/faces.ts";
import { STUDY_OPTIONS } from "./study/study_options.ts";
import { formatFixed } from "./terminal/numbers.ts";
import { options } from "./terminal/options.ts";
import { runScript } from "./terminal/run_script.ts";
import { screen } from "./terminal/screen.ts";
import { say } from "./words/words.ts";

/** LeNet with ReLU, max pooling and more channels, and without padding. */
export function improvedLenet(): nn.Sequential {
  return new nn.Sequential(
    new nn.Conv2d(1, 10, 5),
    new nn.ReLU(),
    new nn.MaxPool2d(2, { stride: 2 }),
    new nn.Conv2d(10, 20, 5),
    new nn.ReLU(),
    new nn.MaxPool2d(2, { stride: 2 }),
    new nn.Flatten(),
    new nn.Linear(320, 120),
    new nn.ReLU(),
    new nn.Linear(120, 84),
    new nn.ReLU(),
    new nn.Linear(84, 10),
  );
}

async function main(): Promise<void> {
  const args = options("Trains the improved LeNet on MNIST.", {
    epochs: { help: "passes over the training images", default: 10, least: 1, integer: true },
    lr: { help: "learning rate", default: 0.01 },
    dataset: { help: "what to train on", default: "mnist", choices: ["mnist", "fashion-mnist"] },
    ...STUDY_OPTIONS,
  });
  await openFaces(args);
  const device = await tryGpu(), comparison = new Comparison(`improved LeNet on ${args.dataset}`, args);
  const settings = settingsOf(args);
  manualSeed(args.seed);
  const net = improvedLenet();
  const load = args.dataset === "mnist" ? loadDataMnist : loadDataFashionMnist;
  const [trainIter, testIter] = await load(args["batch-size"], args);
  const files = await comparison.start("improved LeNet", net, device, settings);
  await trainCh6(net, trainIter, testIter, args.epochs, args.lr, device, {
    ...files,
    epochLine: ({ epoch, trainLoss, trainAcc, testAcc }: Metrics) =>
      say("epoch {n}: train loss {loss}, train accuracy {train}, test accuracy {test}", {
        n: epoch,
        loss: formatFixed(trainLoss, 4),
        train: trainAcc.toFixed(4),
        test: testAcc.toFixed(4),
      }),
  });
  screen.print(say("training is done"));
  comparison.end();
}

if (import.meta.main) await runScript(main);
