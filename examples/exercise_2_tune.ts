// The study's exercise 2: a more complex LeNet, tuned part by part, or all of it.
// deno run -P examples/exercise_2_tune.ts --part 1,2,3 --out runs/exercise_2
import { manualSeed, nn, type Tensor } from "../mod.ts";
import { describe, loadDataFashionMnist, trainCh6, tryGpu } from "./d2l.ts";
import { lenet } from "./lenet.ts";
import { hasLearned, type Metrics } from "./runs/metrics.ts";
import { Comparison } from "./study/comparison.ts";
import { openFaces } from "./study/faces.ts";
import { announceTime } from "./study/estimate.ts";
import { settingsOf } from "./study/keeping.ts";
import { STUDY_OPTIONS } from "./study/study_options.ts";
import { options } from "./terminal/options.ts";
import { runScript } from "./terminal/run_script.ts";
import { screen } from "./terminal/screen.ts";
import { paragraph, say, sayName } from "./words/words.ts";

/** Parts 1 to 3: three convolutions, each with an activation and max pooling, and three fully connected layers. */
function threeConvolutions(channels: [number, number, number], activation: () => nn.Module): nn.Module {
  const [a, b, c] = channels;
  return new class ComplexLeNet extends nn.Module {
    conv1 = new nn.Conv2d(1, a, 5, { padding: 2 });
    relu1 = activation();
    maxpool1 = new nn.MaxPool2d(2, { stride: 2 });
    conv2 = new nn.Conv2d(a, b, 3, { padding: 1 });
    relu2 = activation();
    maxpool2 = new nn.MaxPool2d(2, { stride: 2 });
    conv3 = new nn.Conv2d(b, c, 3, { padding: 1 });
    relu3 = activation();
    maxpool3 = new nn.MaxPool2d(2, { stride: 2 });
    flatten = new nn.Flatten();
    fc1 = new nn.Linear(c * 3 * 3, 120);
    relu4 = activation();
    fc2 = new nn.Linear(120, 84);
    relu5 = activation();
    fc3 = new nn.Linear(84, 10);

    override forward(x: Tensor): Tensor {
      x = this.maxpool1.forward(this.relu1.forward(this.conv1.forward(x)));
      x = this.maxpool2.forward(this.relu2.forward(this.conv2.forward(x)));
      x = this.maxpool3.forward(this.relu3.forward(this.conv3.forward(x)));
      x = this.relu4.forward(this.fc1.forward(this.flatten.forward(x)));
      return this.fc3.forward(this.relu5.forward(this.fc2.forward(x)));
    }
  }();
}

/** Parts 4 and 5: four convolutions, pooled after every second, before the fully connected layers `fc`. */
function fourConvolutions(fc: nn.Sequential): nn.Module {
  return new class ComplexLeNet extends nn.Module {
    features = new nn.Sequential(
      new nn.Conv2d(1, 32, 3, { padding: 1 }),
      new nn.ReLU(),
      new nn.Conv2d(32, 64, 3, { padding: 1 }),
      new nn.ReLU(),
      new nn.MaxPool2d(2, { stride: 2 }),
      new nn.Conv2d(64, 128, 3, { padding: 1 }),
      new nn.ReLU(),
      new nn.Conv2d(128, 256, 3, { padding: 1 }),
      new nn.ReLU(),
      new nn.MaxPool2d(2, { stride: 2 }),
    );
    fc = fc;

    override forward(x: Tensor): Tensor {
      return this.fc.forward(this.features.forward(x).flatten({ startDim: 1 }));
    }
  }();
}

/** Fully connected layers of these sizes with ReLU between them. */
function linears(...sizes: number[]): nn.Sequential {
  const layers = sizes.slice(1).flatMap((size, i) => [new nn.ReLU(), new nn.Linear(sizes[i], size)]);
  return new nn.Sequential(...layers.slice(1));
}

const relu = () => new nn.ReLU(), leakyRelu = () => new nn.LeakyReLU();

/** The networks of each part of the exercise. Parts 1 to 5 have one learning rate; LeNet in part 6 has two. */
export const NETWORKS = [
  { name: "1 window size", make: () => threeConvolutions([6, 16, 32], relu), epochs: 10 },
  { name: "2 channels", make: () => threeConvolutions([10, 20, 40], relu), epochs: 10 },
  { name: "3 activation", make: () => threeConvolutions([6, 16, 32], leakyRelu), epochs: 10 },
  { name: "4 convolutions", make: () => fourConvolutions(linears(12544, 512, 256, 10)), epochs: 10 },
  { name: "5 linear layers", make: () => fourConvolutions(linears(12544, 512, 256, 128, 10)), epochs: 10 },
  { name: "6 lr 0.001", make: lenet, lr: 0.001, epochs: 20 },
  { name: "6 lr 0.9", make: lenet, lr: 0.9, epochs: 20 },
];

async function main(): Promise<void> {
  const args = options("Trains more complex LeNets on Fashion-MNIST, and LeNet at two learning rates.", {
    part: {
      help: "of the exercise; all unless given",
      default: "1,2,3,4,5,6",
      choices: [..."123456"],
      several: true,
    },
    epochs: { help: "epochs, instead of 10 and in part 6 of 20", number: true, least: 1, integer: true },
    lr: { help: "learning rate of parts 1 to 5", default: 0.1 },
    ...STUDY_OPTIONS,
  });
  const chosen = NETWORKS.filter(({ name }) => args.part.includes(name[0]))
    .map(({ name, make, lr = args.lr, epochs }) => ({ name, make, lr, epochs: args.epochs ?? epochs }));
  await openFaces(args);
  const device = await tryGpu(), comparison = new Comparison("LeNet tuned", args);
  const settings = settingsOf(args);
  await announceTime(chosen, () => loadDataFashionMnist(args["batch-size"], args), device);
  for (const { name, make, lr, epochs } of chosen) {
    manualSeed(args.seed);
    const net = make();
    screen.print(`\n${say("part {name}", { name: sayName(name) })}\n${net}`);
    const [trainIter, testIter] = await loadDataFashionMnist(args["batch-size"], args);
    const files = await comparison.start(name, net, device, { ...settings, lr, epochs });
    await trainCh6(net, trainIter, testIter, epochs, lr, device, files);
  }
  comparison.end();
  if (!args.part.includes("6")) return;
  const [slow, fast] = comparison.runs.slice(-2).map(({ metrics }) => metrics);
  screen.print("");
  screen.printParagraphs(whatRatesDid(slow, fast));
}

/** Says what the two learning rates of part 6 did. */
export function whatRatesDid(slow: readonly Metrics[], fast: readonly Metrics[]): string {
  const [slowEnd, fastEnd] = [slow, fast].map((metrics) => describe(metrics.at(-1)!));
  const atSlow = hasLearned(slow)
    ? say("At learning rate 0.001 LeNet learns: {end}.", { end: slowEnd })
    : say("At learning rate 0.001 LeNet barely learns: {end}, where guessing gives 2.303 and 0.100.", {
      end: slowEnd,
    });
  const atFast = hasLearned(fast)
    ? say("At 0.9 it learns: {end}.", { end: fastEnd })
    : say("At 0.9 it barely learns: {end}, where guessing gives 2.303 and 0.100.", { end: fastEnd });
  if (hasLearned(slow) || !hasLearned(fast)) return paragraph(atSlow, atFast);
  const why = "Each of its sigmoids passes on a quarter of a gradient at most, so that it needs large steps.";
  return paragraph(atSlow, atFast, say(why));
}

if (import.meta.main) await runScript(main);
