// The study's exercise 1: the average pooling of LeNet replaced by max pooling.
// deno run -P examples/exercise_1_pooling.ts --epochs 10 --lr 0.9 --out runs/exercise_1
import { manualSeed, nn } from "../mod.ts";
import { loadDataFashionMnist, trainCh6, tryGpu } from "./d2l.ts";
import { hasLearned, type Metrics } from "./runs/metrics.ts";
import { Comparison } from "./study/comparison.ts";
import { settingsOf } from "./study/keeping.ts";
import { openFaces } from "./study/faces.ts";
import { STUDY_OPTIONS } from "./study/study_options.ts";
import { options } from "./terminal/options.ts";
import { runScript } from "./terminal/run_script.ts";
import { screen } from "./terminal/screen.ts";
import { paragraph, say, sayName } from "./words/words.ts";

/** The layers that are compared: both halve height and width. */
export const POOLINGS = {
  "average pooling": () => new nn.AvgPool2d(2, { stride: 2 }),
  "max pooling": () => new nn.MaxPool2d(2, { stride: 2 }),
};

/** LeNet with a pooling of choice. */
export function lenet(pool: () => nn.Module): nn.Sequential {
  return new nn.Sequential(
    new nn.Conv2d(1, 6, 5, { padding: 2 }),
    new nn.Sigmoid(),
    pool(),
    new nn.Conv2d(6, 16, 5),
    new nn.Sigmoid(),
    pool(),
    new nn.Flatten(),
    new nn.Linear(16 * 5 * 5, 120),
    new nn.Sigmoid(),
    new nn.Linear(120, 84),
    new nn.Sigmoid(),
    new nn.Linear(84, 10),
  );
}

/** Says what the difference between the poolings is. */
function meaning(): string {
  return paragraph(
    say(
      "Both have the same parameters, and began with the same weights and the same order of images: what differs is what a window of four hands on.",
    ),
    say("Average pooling hands on their mean, and spreads the gradient evenly over all four: it blurs."),
    say(
      "Max pooling hands on the strongest response, wherever in the window it is, and only that one learns.",
    ),
  );
}

async function main(): Promise<void> {
  const args = options("Trains LeNet with average and with max pooling on Fashion-MNIST.", {
    epochs: { help: "passes over the training images", default: 10, least: 1, integer: true },
    lr: { help: "learning rate", default: 0.9 },
    ...STUDY_OPTIONS,
  });
  await openFaces(args);
  const device = await tryGpu();
  const comparison = new Comparison("LeNet with average and with max pooling", args);
  const settings = settingsOf(args), ends: Metrics[][] = [];
  for (const [name, pool] of Object.entries(POOLINGS)) {
    manualSeed(args.seed);
    const net = lenet(pool);
    screen.print(`\n${sayName(name)}`);
    const [trainIter, testIter] = await loadDataFashionMnist(args["batch-size"], args);
    const files = await comparison.start(name, net, device, settings);
    const history = await trainCh6(net, trainIter, testIter, args.epochs, args.lr, device, files);
    ends.push(history);
  }
  comparison.end();
  screen.print("");
  screen.printParagraphs(`${meaning()}\n\n${whatCameOut(ends)}`);
}

/** Says what the pooling changed here. */
export function whatCameOut([average, max]: readonly (readonly Metrics[])[]): string {
  const [isGood, isMaxGood] = [hasLearned(average), hasLearned(max)];
  if (!isGood && !isMaxGood) {
    return say(
      "Neither has learned anything here, so that nothing can be compared: more epochs, or another learning rate, may help.",
    );
  }
  if (!isGood) {
    return say(
      "But the one with average pooling has not learned anything here, so that nothing can be compared: more epochs, or another learning rate, may help.",
    );
  }
  if (!isMaxGood) {
    return say(
      "But the one with max pooling has not learned anything here, so that nothing can be compared: more epochs, or another learning rate, may help.",
    );
  }
  const points = 100 * (max.at(-1)!.testAcc - average.at(-1)!.testAcc), size = Math.abs(points).toFixed(1);
  if (size === "0.0") return say("Here max pooling made no difference to the test accuracy.");
  return points < 0
    ? say(
      "Here max pooling made {size} points of test accuracy less. Another seed may differ by as much as a point or two.",
      { size },
    )
    : say(
      "Here max pooling made {size} points of test accuracy more. Another seed may differ by as much as a point or two.",
      { size },
    );
}

if (import.meta.main) await runScript(main);
