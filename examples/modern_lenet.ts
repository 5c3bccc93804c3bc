// The study's closing part: batch normalisation and residual connections, and what they add to LeNet.
// deno run -P examples/modern_lenet.ts --baselines --out runs/modern
import { parseArgs } from "node:util";
import { DataLoader, evaluateAccuracy, manualSeed, nn, optim } from "../mod.ts";
import { type Tensor, transforms } from "../mod.ts";
import { initWeights, loadDataFashionMnist, tryGpu } from "./d2l.ts";
import { lenet } from "./lenet.ts";
import type { Metrics } from "./runs/metrics.ts";
import type { Run } from "./runs/runs.ts";
import { Comparison } from "./study/comparison.ts";
import { openFaces } from "./study/faces.ts";
import { fitShown } from "./study/fit_shown.ts";
import { AUGMENT, SCHEDULES } from "./study/schedules.ts";
import { settingsOf } from "./study/keeping.ts";
import { STUDY_OPTIONS } from "./study/study_options.ts";
import { summaryLines } from "./study/summary_lines.ts";
import { options } from "./terminal/options.ts";
import { runScript } from "./terminal/run_script.ts";
import { scriptArgs } from "./terminal/script_args.ts";
import { screen } from "./terminal/screen.ts";
import { say, sayName } from "./words/words.ts";

/** A residual block: two convolutions whose output is added to their input, or to a projection of it. */
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

/** ResNet-20 of He et al. (2016): a stem, and three stages of three blocks, of 16, 32 and 64 channels. */
export class ResNet20 extends nn.Module {
  stem = new nn.Sequential(
    new nn.Conv2d(1, 16, 3, { padding: 1, bias: false }),
    new nn.BatchNorm2d(16),
    new nn.ReLU(),
  );
  stage1 = new nn.Sequential(new Residual(16, 16), new Residual(16, 16), new Residual(16, 16));
  stage2 = new nn.Sequential(new Residual(16, 32, 2), new Residual(32, 32), new Residual(32, 32));
  stage3 = new nn.Sequential(new Residual(32, 64, 2), new Residual(64, 64), new Residual(64, 64));
  average = new nn.AdaptiveAvgPool2d(1);
  fc = new nn.Linear(64, 10);

  override forward(x: Tensor): Tensor {
    x = this.stage3.forward(this.stage2.forward(this.stage1.forward(this.stem.forward(x))));
    return this.fc.forward(this.average.forward(x).flatten({ startDim: 1 }));
  }
}

/** A network that sees each image twice, as it is and from its mirror, and whose answer is the mean of both. */
export class WithFlips extends nn.Module {
  constructor(readonly net: nn.Module) {
    super();
  }

  override forward(x: Tensor): Tensor {
    const [plain, mirrored] = [x, x.flip(3)].map((images): Tensor =>
      this.net.forward(images).softmax({ dim: 1 })
    );
    return plain.add(mirrored).div(2);
  }
}

/** What `--preset` stands for: the defaults of other options, the network, and how targets are softened. */
const PRESETS = {
  quick: {
    name: "residual network",
    make: () => new ModernLeNet(),
    labelSmoothing: 0,
    flips: false,
    defaults: { epochs: 2, optimizer: "adam", lr: undefined, schedule: "cosine", augment: "none" },
  },
  best: {
    name: "residual network of 20 layers",
    make: () => new ResNet20(),
    labelSmoothing: 0.1,
    flips: true,
    defaults: { epochs: 30, optimizer: "sgd", lr: 0.2, schedule: "one-cycle", augment: "all" },
  },
} as const;

/** The preset that a command line names; a wrong one is refused with the other options. */
function presetOf(args: readonly string[]): keyof typeof PRESETS {
  const kinds = { preset: { type: "string" } } as const;
  const { values: { preset } } = parseArgs({ args: [...args], options: kinds, strict: false });
  return preset === "best" ? "best" : "quick";
}

/** LeNet with ReLU for its sigmoids, and max pooling for its average pooling. */
export function reluLenet(): nn.Sequential {
  const layers = [...lenet()].map((m) => m instanceof nn.Sigmoid ? new nn.ReLU() : m);
  return new nn.Sequential(...layers.map((m) => m instanceof nn.AvgPool2d ? new nn.MaxPool2d(2) : m));
}

/** The networks that `--baselines` adds, each at the learning rate that the study gives its kind. */
const BASELINES = [
  { name: "LeNet", make: lenet, lr: 0.9 },
  { name: "LeNet with ReLU and max pooling", make: reluLenet, lr: 0.1 },
];

/** The script's options, with a preset's defaults. */
function optionsOf(given: typeof PRESETS["quick" | "best"]["defaults"]) {
  return {
    preset: {
      help: "network and the options' defaults: for minutes, or for the best accuracy in hours",
      default: "quick",
      choices: Object.keys(PRESETS),
    },
    epochs: {
      help: "passes over the training images",
      default: given.epochs as number,
      least: 1,
      integer: true,
    },
    optimizer: {
      help: "SGD has momentum 0.9 and weight decay",
      default: given.optimizer as string,
      choices: ["adam", "sgd"],
    },
    lr: {
      help: "learning rate, instead of 0.01 for Adam and 0.1 for SGD (0.2 with the best preset)",
      number: true,
    },
    schedule: {
      help: "how it goes on, step by step",
      default: given.schedule as string,
      choices: Object.keys(SCHEDULES),
    },
    augment: {
      help: "changes of the training images",
      default: given.augment as string,
      choices: Object.keys(AUGMENT),
    },
    baselines: { help: "train LeNet too, also with ReLU and max pooling, and compare", flag: true },
    "baseline-epochs": {
      help: "their passes over the training images",
      default: 10,
      least: 1,
      integer: true,
    },
    ...STUDY_OPTIONS,
    "batch-size": { ...STUDY_OPTIONS["batch-size"], default: 128 },
  } as const;
}

async function main(): Promise<void> {
  const preset = PRESETS[presetOf(scriptArgs())];
  const args = options("Trains a small residual network on Fashion-MNIST.", optionsOf(preset.defaults));
  const { epochs, seed, baselines, "baseline-epochs": baselineEpochs, ...settings } = settingsOf(args);
  await openFaces(args);
  const device = await tryGpu(), batchSize = args["batch-size"];
  const [{ dataset }, test] = await loadDataFashionMnist(batchSize, args);
  const shuffled = { batchSize, shuffle: true, seed, transform: transforms.compose(AUGMENT[args.augment]) };
  const train = new DataLoader(dataset, shuffled), comparison = new Comparison("Residual network", args);

  manualSeed(seed);
  const net: nn.Module = preset.make(), params = net.parameters();
  const layers = summaryLines(net, [1, 1, 28, 28], screen.columns);
  screen.print([net, ...layers, say("training on {device}", { device: device.name })].join("\n"));
  const optimizer = args.optimizer === "adam"
    ? new optim.Adam(params, { lr: args.lr ?? 0.01 })
    : new optim.SGD(params, { lr: args.lr ?? preset.defaults.lr ?? 0.1, momentum: 0.9, weightDecay: 5e-4 });
  const { lr } = optimizer.paramGroups[0];
  const stepScheduler = SCHEDULES[args.schedule](optimizer, epochs * train.length);
  const files = await comparison.start(preset.name, net, device, { ...settings, epochs, seed, lr });
  const { labelSmoothing } = preset, loss = new nn.CrossEntropyLoss({ labelSmoothing });
  const history = await fitShown(net, train, test, {
    ...files,
    loss,
    optimizer,
    stepScheduler,
    epochs,
    device,
  });
  if (preset.flips) {
    const acc = (await evaluateAccuracy(new WithFlips(net), test, { compile: true })).toFixed(4);
    screen.print(say("test acc {acc} where each image is seen with its mirror image", { acc }));
  }

  for (const { name, make, lr } of baselines ? BASELINES : []) {
    manualSeed(seed);
    const net = make().apply(initWeights), optimizer = new optim.SGD(net.parameters(), { lr });
    screen.print(`\n${say("{name}, by SGD with learning rate {lr}", { name: sayName(name), lr })}\n${net}`);
    const epochs = baselineEpochs, sgd = { optimizer: "sgd", schedule: "constant", augment: "none" };
    const files = await comparison.start(name, net, device, { ...settings, epochs, seed, lr, ...sgd });
    const [train] = await loadDataFashionMnist(batchSize, args); // in the same order, without changes
    await fitShown(net, train, test, { ...files, optimizer, epochs, device });
  }
  comparison.end();
  screen.print("");
  const [, ...others] = comparison.runs;
  screen.printParagraphs(whatCameOut(history, others));
}

/** How another network ended after one epoch or several, beside the residual one. */
const COMPARED = {
  one: {
    "as good": "{name}, after 1 epoch and {s} s: as good",
    better: "{name}, after 1 epoch and {s} s: {size} points better",
    worse: "{name}, after 1 epoch and {s} s: {size} points worse",
  },
  several: {
    "as good": "{name}, after {n} epochs and {s} s: as good",
    better: "{name}, after {n} epochs and {s} s: {size} points better",
    worse: "{name}, after {n} epochs and {s} s: {size} points worse",
  },
} as const;

/** Says how the residual network ended, when it was right in nine of ten cases, and how far the plain ones came. */
export function whatCameOut(history: readonly Metrics[], plain: readonly Run[]): string {
  const seconds = (metrics: readonly Metrics[]) => metrics.reduce((sum, m) => sum + m.seconds, 0).toFixed(0);
  const first = history.findIndex(({ testAcc }) => testAcc >= 0.9) + 1, end = history.at(-1)!;
  const facts = { acc: end.testAcc.toFixed(3), s: seconds(history) };
  const own = first > 0
    ? say("residual network: test acc {acc} after {s} s; 90 % was reached in epoch {n}, {at} s", {
      ...facts,
      n: first,
      at: seconds(history.slice(0, first)),
    })
    : say("residual network: test acc {acc} after {s} s; 90 % was not reached", facts);
  const others = plain.map(({ name, metrics }) => {
    const points = 100 * (metrics.at(-1)!.testAcc - end.testAcc), size = Math.abs(points).toFixed(1);
    const than = size === "0.0" ? "as good" : points > 0 ? "better" : "worse";
    const facts = { name: sayName(name), n: metrics.length, s: seconds(metrics), size };
    return say(COMPARED[metrics.length === 1 ? "one" : "several"][than], facts);
  });
  return [own, ...others].join("\n\n");
}

if (import.meta.main) await runScript(main);
