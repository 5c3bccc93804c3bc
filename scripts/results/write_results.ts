/**
 * Writes docs/results.md from the folders that run_study.ts left and the lines of train_study.py, and copies the charts
 * into docs/pictures. See run_study.ts for the commands.
 *
 * @module
 */
import { fromFileUrl, join } from "@std/path";
import { mostApart } from "../../examples/study/activation_pictures.ts";
import { toolOptions as options } from "../../examples/terminal/options.ts";
import { foldersWith, gatherRuns, type StudyRun } from "./study_runs.ts";
import { commandBlock, markdownTable, runsSection } from "./tables.ts";

/** The sections' titles, in the document's order, and notes on their numbers. */
const SECTIONS: Record<string, { title: string; note?: string }> = {
  lenet: { title: "LeNet" },
  exercise_1: {
    title: "Exercise 1: average and max pooling",
    note: "Both networks of a seed begin with the same weights, and see the images in the same order.",
  },
  exercise_2: {
    title: "Exercise 2: LeNet tuned",
    note:
      "The number before a network's name is the part of the exercise. In part 6 it is LeNet that is trained.",
  },
  exercise_2_deep: {
    title: "Exercise 2, parts 4 and 5: deeper networks",
    note: "On the first images of each split only, as they take two hundred times LeNet's multiply-adds.",
  },
  exercise_3: {
    title: "Exercise 3: the improved network",
    note: "The exercise asks for MNIST; the study's own code trains on Fashion-MNIST, and so did this run.",
  },
  exercise_4: { title: "Exercise 4: activations" },
  modern_lenet: { title: "Batch normalisation and residual connections" },
};

const INTRODUCTION = `# Results

Every number here was measured: by the study's scripts on Plunge, and on PyTorch by
\`scripts/results/train_study.py\` and \`train_modern.py\` with the same settings. Loss and training accuracy are means
over the last epoch while it went on, the test accuracy is of the network at its end. Both draw their own random
numbers, so that a seed does not make them start alike: what can be compared is how far seeds spread.

Seconds and examples/s are of training: compiling the kernels is in them, testing is not, and they vary with what else
the machine did. PyTorch's are left out, as it ran at low priority beside other work. [Performance](performance.md)
compares the speed of both, in turns on a quiet machine.

\`scripts/results/write_results.ts\` wrote this file.
`;

/** What was not run to its end, and how far it was. */
const UNFINISHED = `## For accuracy: what was not run

\`\`\`sh
deno run -P examples/modern_lenet.ts --preset best --out runs/best
\`\`\`

The preset trains ResNet-20 (272,186 parameters, 31.0 M multiply-adds) for 30 epochs by SGD with momentum 0.9, weight
decay 5e-4, a one-cycle schedule up to 0.2, batches of 128, targets softened by 0.1, random crops, flips and erasing, and
tests it with each image and its mirror image. It aims at 94.0 % or more on the test set. **This was not run**: an epoch
takes the multiply-adds of three and a half of the small residual network above, so 30 would take hours on the CPU
adapter that these results were measured on, beside other work. No weights are averaged.

What was run is that it learns, on 1,000 images of each split, four epochs, batches of 32, on a busy machine:

| epoch |  loss | train acc | test acc |
| ----: | ----: | --------: | -------: |
|     1 | 2.275 |     0.202 |    0.164 |
|     2 | 1.874 |     0.340 |    0.471 |
|     3 | 1.544 |     0.500 |    0.531 |
|     4 | 1.391 |     0.599 |    0.692 |

The loss is against softened targets, which keep it above 0.5. With mirror images the test accuracy was 0.692 too. The
networks of the book's chapters 6 to 8 (\`examples/book/\`) were run on a few images only, to see that they train.
`;

/** The content of exercise 4's `channels.json`. */
interface Channels {
  command: string;
  device: string;
  meaning: string;
  layers: number[][];
}

/** The section of exercise 4: the channels that hold two classes furthest apart. */
function channelsSection({ command, device, meaning, layers }: Channels): string[] {
  const rows = layers.map((values, layer) => [
    `${layer + 1}`,
    ...mostApart(values).slice(0, 4).map((c) => `channel ${c}: ${values[c].toFixed(2).replace("-", "−")}`),
  ]);
  const weights = /--checkpoint[ =]\S*lenet\/lenet\.safetensors/.test(command)
    ? ", with the weights of LeNet above, which `--out runs/lenet` keeps"
    : "";
  return [
    commandBlock([command]),
    `On ${device}${weights}. The channels of each layer that hold the classes furthest apart, by ${meaning}:`,
    markdownTable([["layer", "furthest", "second", "third", "fourth"], ...rows]),
  ];
}

/** Copies a section's pictures, and shows them: the comparisons or else the curves of its runs, and grids of channels. */
async function pictures(section: string, runs: string, docs: string): Promise<string[]> {
  const places = async (name: string) =>
    (await foldersWith(name, join(runs, section))).map((path) => ({
      from: join(runs, section, path, name),
      parts: [section, ...path ? path.split("/") : []],
    }));
  const comparisons = await places("comparison.svg");
  const curves = (comparisons.length > 0 ? comparisons : await places("curves.svg"))
    .map(({ from, parts }) => ({
      from,
      to: `${parts.join("-")}.svg`,
      text: `Curves of ${parts.join(", ")}`,
    }));
  const grids = (await Promise.all([1, 2].map(async (layer) => {
    const found = await places(`layer_${layer}.png`);
    return found.map(({ from, parts }) => ({
      from,
      to: `${parts.join("-")}-layer_${layer}.png`,
      text: `Inputs and every channel of layer ${layer}`,
    }));
  }))).flat();
  return await Promise.all([...curves, ...grids].map(async ({ from, to, text }) => {
    await Deno.copyFile(from, join(docs, "pictures", to));
    return `![${text}](pictures/${to})`;
  }));
}

async function readChannels(folder: string): Promise<string[]> {
  const paths = await foldersWith("channels.json", folder);
  const texts = await Promise.all(
    paths.map((path) => Deno.readTextFile(join(folder, path, "channels.json"))),
  );
  return texts.flatMap((text) => channelsSection(JSON.parse(text)));
}

const CONFIG = fromFileUrl(new URL("../../deno.json", import.meta.url));
const args = options("Writes docs/results.md.", {
  runs: { help: "folder of the runs", default: "runs", folder: true },
  pytorch: { help: "PyTorch's lines" },
  docs: {
    help: "folder for results.md and pictures",
    default: fromFileUrl(new URL("../../docs", import.meta.url)),
  },
});
const runs = await gatherRuns(args.runs);
const pytorch: StudyRun[] = args.pytorch
  ? (await Deno.readTextFile(args.pytorch)).trim().split("\n").map((line) => JSON.parse(line))
  : [];
await Deno.mkdir(join(args.docs, "pictures"), { recursive: true });
const folders = (await Array.fromAsync(Deno.readDir(args.runs)))
  .filter(({ isDirectory }) => isDirectory).map(({ name }) => name);
const known = Object.keys(SECTIONS);
const names = [
  ...known.filter((name) => folders.includes(name)),
  ...folders.filter((name) => !known.includes(name)),
];
const sections = await Promise.all(names.map(async (name) => {
  const own = runs.filter(({ folder }) => folder.split("/")[0] === name);
  const { title, note } = SECTIONS[name] ?? { title: name };
  const parts = [
    ...own.length > 0 ? runsSection(own, pytorch) : [],
    ...await readChannels(join(args.runs, name)),
    ...await pictures(name, args.runs, args.docs),
  ];
  return parts.length > 0 ? [`## ${title}`, ...note ? [note] : [], ...parts].join("\n\n") : "";
}));
const file = join(args.docs, "results.md");
await Deno.writeTextFile(file, [INTRODUCTION, ...sections, UNFINISHED].join("\n") + "\n");
await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", `--config=${CONFIG}`, file] }).output();
