// The study's first part: LeNet, trained on Fashion-MNIST.
// deno run -P examples/lenet.ts --epochs 10 --lr 0.9
import { manualSeed, nn, zeros } from "../mod.ts";
import { loadDataFashionMnist, trainCh6, tryGpu } from "./d2l.ts";
import { saveWeights } from "./runs/weights.ts";
import { noteRun } from "./study/comparison.ts";
import { openFaces } from "./study/faces.ts";
import { keeping, lastingSettings, settingsOf } from "./study/keeping.ts";
import { STUDY_OPTIONS } from "./study/study_options.ts";
import { options } from "./terminal/options.ts";
import { runScript } from "./terminal/run_script.ts";
import { screen } from "./terminal/screen.ts";
import { say } from "./words/words.ts";

/** LeNet as the book has it: two convolutions with average pooling, three fully connected layers, sigmoids between. */
export function lenet(): nn.Sequential {
  return new nn.Sequential(
    new nn.Conv2d(1, 6, 5, { padding: 2 }),
    new nn.Sigmoid(),
    new nn.AvgPool2d(2, { stride: 2 }),
    new nn.Conv2d(6, 16, 5),
    new nn.Sigmoid(),
    new nn.AvgPool2d(2, { stride: 2 }),
    new nn.Flatten(),
    new nn.Linear(16 * 5 * 5, 120),
    new nn.Sigmoid(),
    new nn.Linear(120, 84),
    new nn.Sigmoid(),
    new nn.Linear(84, 10),
  );
}

async function main(): Promise<void> {
  const args = options("Trains LeNet on Fashion-MNIST.", {
    epochs: { help: "passes over the training images", default: 10, least: 1, integer: true },
    lr: { help: "learning rate", default: 0.9 },
    ...STUDY_OPTIONS,
    out: { help: "folder for the metrics, the curves, the checkpoints and the weights" },
  });
  const { out, overwrite, resume, "keep-going": keepGoing } = args, settings = settingsOf(args);
  const keep = { ...keeping(args), settings: lastingSettings(settings) };
  await openFaces(args);
  const device = await tryGpu();
  manualSeed(args.seed);
  const net = lenet();

  let X = zeros([1, 1, 28, 28]); // random numbers would change those of the weights
  for (const layer of net) {
    X = layer.forward(X);
    const facts = { layer: layer.constructor.name, shape: X.shape.join(", ") };
    screen.print(say("{layer} output shape: [{shape}]", facts));
  }

  const [trainIter, testIter] = await loadDataFashionMnist(args["batch-size"], args);
  await noteRun(out, "LeNet", net, device, settings, { overwrite, resume });
  await trainCh6(net, trainIter, testIter, args.epochs, args.lr, device, { out, keepGoing, ...keep });
  if (out) await saveWeights(out, net);
}

if (import.meta.main) await runScript(main);
