// The study's closing part: batch normalisation and residual connections, and what they add to LeNet.
// deno run -P examples/modern_lenet.ts --plain --out runs/modern
import { DataLoader, manualSeed, nn, optim, summary } from "../mod.ts";
import { type Tensor, type Transform, transforms } from "../mod.ts";
import { Comparison } from "./_comparison.ts";
import { fitShown } from "./_fit.ts";
import { run } from "./_main.ts";
import { options } from "./_options.ts";
import { STUDY_OPTIONS } from "./_study_options.ts";
import { initWeights, loadDataFashionMnist, screen, tryGpu } from "./d2l.ts";
import { lenet } from "./lenet.ts";

const { CosineAnnealingLR, OneCycleLR } = optim.lrScheduler;

/** Two convolutions with a way around them: they learn only what is to be added to their input. */
class Residual extends nn.Module {
  conv1: nn.Conv2d;
  bn1: nn.BatchNorm2d;
  conv2: nn.Conv2d;
  bn2: nn.BatchNorm2d;
  shortcut: nn.Module = new nn.Identity();

  constructor(inputs: number, outputs: number, stride = 1) {
    super();
    this.conv1 = new nn.Conv2d(inputs, outputs, 3, { stride, padding: 1, bias: false });
    this.bn1 = new nn.BatchNorm2d(outputs);
    this.conv2 = new nn.Conv2d(outputs, outputs, 3, { padding: 1, bias: false });
    this.bn2 = new nn.BatchNorm2d(outputs);
    if (inputs === outputs && stride === 1) return;
    const projection = new nn.Conv2d(inputs, outputs, 1, { stride, bias: false });
    this.shortcut = new nn.Sequential(projection, new nn.BatchNorm2d(outputs));
  }

  override forward(x: Tensor): Tensor {
    const y = this.bn1.forward(this.conv1.forward(x)).relu();
    return this.bn2.forward(this.conv2.forward(y)).add(this.shortcut.forward(x)).relu();
  }
}

/** A small ResNet: a stem, two residual blocks of 16 channels, pooling, two of 32, the mean of each channel, a layer. */
export class ModernLeNet extends nn.Module {
  stem = new nn.Sequential(
    new nn.Conv2d(1, 16, 3, { padding: 1, bias: false }),
    new nn.BatchNorm2d(16),
    new nn.ReLU(),
  );
  stage1 = new nn.Sequential(new Residual(16, 16), new Residual(16, 16));
  pool = new nn.MaxPool2d(2);
  stage2 = new nn.Sequential(new Residual(16, 32, 2), new Residual(32, 32));
  average = new nn.AdaptiveAvgPool2d(1);
  fc = new nn.Linear(32, 10);

  override forward(x: Tensor): Tensor {
    x = this.stage2.forward(this.pool.forward(this.stage1.forward(this.stem.forward(x))));
    return this.fc.forward(this.average.forward(x).flatten({ startDim: 1 }));
  }
}

const crop = transforms.randomCrop({ size: 28, padding: 2 }), flip = transforms.randomHorizontalFlip();
const AUGMENT: Record<string, Transform[]> = { none: [], crop: [crop], flip: [flip], both: [crop, flip] };

type Schedule = (opt: optim.SGD | optim.Adam, steps: number) => { step(): void } | undefined;
const SCHEDULES: Record<string, Schedule> = {
  constant: () => undefined,
  cosine: (opt, steps) => new CosineAnnealingLR(opt, { TMax: steps }),
  "one-cycle": (opt, steps) => new OneCycleLR(opt, { maxLr: opt.paramGroups[0].lr, totalSteps: steps + 1 }),
};

/** What is other with `--plain`: LeNet is trained as the study trains it. */
const LENET = { optimizer: "sgd", lr: 0.9, schedule: "constant" };

async function main(): Promise<void> {
  const args = options("Trains a small residual network on Fashion-MNIST.", {
    epochs: { help: "passes over the training images", default: 2, least: 1, integer: true },
    optimizer: { help: "SGD has momentum 0.9 and weight decay", default: "adam", choices: ["adam", "sgd"] },
    lr: { help: "learning rate, instead of 0.01 for Adam and 0.1 for SGD", number: true },
    schedule: { help: "how it goes on, step by step", default: "cosine", choices: Object.keys(SCHEDULES) },
    augment: { help: "changes of the training images", default: "none", choices: Object.keys(AUGMENT) },
    plain: { help: "train LeNet too, as the study begins with it, and compare", flag: true },
    ...STUDY_OPTIONS,
    "batch-size": { ...STUDY_OPTIONS["batch-size"], default: 128 },
  });
  const device = await tryGpu(), { epochs, seed, plain, ...settings } = args, batchSize = args["batch-size"];
  const [{ dataset }, test] = await loadDataFashionMnist(batchSize, args);
  const shuffled = { batchSize, shuffle: true, seed, transform: transforms.compose(AUGMENT[args.augment]) };
  const train = new DataLoader(dataset, shuffled), comparison = new Comparison("Residual network", args.out);

  manualSeed(seed);
  const net = new ModernLeNet(), params = net.parameters();
  screen.print(`${net}\n${summary(net, [1, 1, 28, 28])}\ntraining on ${device.name}`);
  const optimizer = args.optimizer === "adam"
    ? new optim.Adam(params, { lr: args.lr ?? 0.01 })
    : new optim.SGD(params, { lr: args.lr ?? 0.1, momentum: 0.9, weightDecay: 5e-4 });
  const { lr } = optimizer.paramGroups[0];
  const stepScheduler = SCHEDULES[args.schedule](optimizer, epochs * train.length);
  const files = await comparison.start("residual network", net, device, { ...settings, epochs, seed, lr });
  const history = await fitShown(net, train, test, { ...files, optimizer, stepScheduler, epochs, device });

  if (plain) {
    manualSeed(seed);
    const net = lenet().apply(initWeights), optimizer = new optim.SGD(net.parameters(), { lr: LENET.lr });
    screen.print(`\nLeNet, by SGD with learning rate ${LENET.lr}\n${net}`);
    const files = await comparison.start("LeNet", net, device, { ...settings, epochs, seed, ...LENET });
    await fitShown(net, train, test, { ...files, optimizer, epochs, device });
  }
  comparison.end();
  const seconds = (n: number) => history.slice(0, n).reduce((sum, m) => sum + m.seconds, 0).toFixed(0);
  const first = history.findIndex(({ testAcc }) => testAcc >= 0.9) + 1;
  const when = first > 0 ? `90 % was reached in epoch ${first}, ${seconds(first)} s` : "90 % was not reached";
  screen.print(
    `residual network: test acc ${history.at(-1)!.testAcc.toFixed(3)} after ${seconds(epochs)} s; ${when}`,
  );
}

if (import.meta.main) await run(main);
