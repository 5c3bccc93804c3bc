// The study's exercise 4: what LeNet's first and second layer answer to different inputs, such as pullovers and coats.
// deno run -P examples/exercise_4_activations.ts --class pullover,coat --out runs/activations
import { join } from "node:path";
import { DataLoader, type Device, FashionMNIST, manualSeed, type nn } from "../mod.ts";
import { noGrad, optim, scope, Subset, type Tensor } from "../mod.ts";
import { loadDataFashionMnist, type LoadDataOptions, loadSplit, tryGpu } from "./d2l.ts";
import { lenet } from "./lenet.ts";
import { forPictures } from "./pictures/fonts.ts";
import { gridSvg } from "./pictures/grid.ts";
import { drawIfPossible } from "./pictures/packages.ts";
import { rasterize } from "./pictures/render.ts";
import { removeReport } from "./runs/anomaly_report.ts";
import { saveFile } from "./runs/run_files.ts";
import type { KeepOptions } from "./runs/keep_options.ts";
import { claimFolder, orCheckpoints } from "./runs/run_folder.ts";
import { loadWeights, saveWeights } from "./runs/weights.ts";
import {
  activationGrid,
  activationLines,
  type ChannelNumbers,
  deviations,
  distances,
  type LayerPictures,
  mapsOf,
  mostApart,
} from "./study/activation_pictures.ts";
import { commandLine } from "./study/comparison.ts";
import { type FaceArgs, openFaces } from "./study/faces.ts";
import { fitShown } from "./study/fit_shown.ts";
import { batchOf, chooseInputs, type ClassImages, type Input } from "./study/inputs.ts";
import { imageAt, parseClasses, readFile } from "./study/inputs.ts";
import { keeping } from "./study/keeping.ts";
import { STUDY_OPTIONS } from "./study/study_options.ts";
import { formatFixed } from "./terminal/numbers.ts";
import { options } from "./terminal/options.ts";
import { refusal, refusing } from "./terminal/refusal.ts";
import { runScript } from "./terminal/run_script.ts";
import { screen } from "./terminal/screen.ts";
import { say, sayName, speaking } from "./words/words.ts";

const PICTURES = /^(layer_\d+\.png|channels\.json)$/;
const PICTURES_AND_WEIGHTS = orCheckpoints(
  /^(layer_\d+\.png|channels\.json|lenet\.safetensors|pictures\.json|anomaly\.txt|events\.out\.tfevents\..*)$/,
);

/** LeNet's convolutions, whose outputs the study looks at. */
const LAYERS = [0, 3];

/** Runs the network, and returns what hooks on both convolutions catch. */
export function activations(net: nn.Sequential, x: Tensor): Tensor[] {
  const caught: Tensor[] = [];
  const hooks = LAYERS.map((i) => net[i].registerForwardHook((_module, _inputs, y) => void caught.push(y)));
  noGrad(() => net.forward(x));
  for (const hook of hooks) hook.remove();
  return caught;
}

/** The mean of each channel over an image: for each layer a row an image. */
async function channelMeans(net: nn.Sequential, dataset: FashionMNIST, { places }: ClassImages) {
  const rows: number[][][] = LAYERS.map(() => []);
  for (const [x] of new DataLoader(new Subset(dataset, places), { batchSize: 256 })) {
    using _ = scope();
    const means = await Promise.all(activations(net, x).map((y) => y.mean({ dim: [2, 3] }).toArray()));
    means.forEach((batch, layer) => rows[layer].push(...batch as number[][]));
  }
  return rows;
}

/** Compares two classes of a data set by their channels' means: for each layer how far apart each channel holds them. */
export async function compareClasses(net: nn.Sequential, dataset: FashionMNIST, [a, b]: ClassImages[]) {
  const [meansA, meansB] = [await channelMeans(net, dataset, a), await channelMeans(net, dataset, b)];
  const meaning = () =>
    say("mean of {a} − mean of {b}, in standard deviations", { a: sayName(a.name), b: sayName(b.name) });
  return LAYERS.map((_, layer) => ({ values: distances(meansA[layer], meansB[layer]), meaning }));
}

/** Compares what is shown with the first images of a data set: for each layer how far each channel holds it from them. */
export async function compareShown(net: nn.Sequential, dataset: FashionMNIST, n: number, shown: Input[]) {
  const all = await channelMeans(net, dataset, { name: "all", places: [...Array(n).keys()] });
  const means = await Promise.all(
    activations(net, batchOf(shown)).map((y) => y.mean({ dim: [2, 3] }).toArray() as Promise<number[][]>),
  );
  const meaning = () =>
    shown.length === 1
      ? say("the picture − mean of {n} test images, in standard deviations", { n })
      : say("mean of the {pictures} pictures − mean of {n} test images, in standard deviations", {
        pictures: shown.length,
        n,
      });
  return LAYERS.map((_, layer) => ({ values: deviations(means[layer], all[layer]), meaning }));
}

/** What to train with, and whether training goes on where a loss is not finite. */
type TrainData = LoadDataOptions & FaceArgs & { out: string; "keep-going": boolean };

/** Trains a network by Adam, a line an epoch; its folder has no metrics and curves. */
async function train(
  net: nn.Module,
  epochs: number,
  data: TrainData,
  keep: KeepOptions,
  device: Device,
): Promise<void> {
  const { out, seed, limit, "keep-going": keepGoing } = data;
  await openFaces(data);
  const [trainIter, testIter] = await loadDataFashionMnist(256, data);
  await fitShown(net, trainIter, testIter, {
    ...keep,
    settings: { network: "LeNet", seed, limit },
    out,
    hasFiles: false,
    title: "LeNet",
    keepGoing,
    optimizer: new optim.Adam(net.parameters(), { lr: 0.004 }),
    epochs,
    device,
    epochLine: ({ epoch, trainLoss, testAcc }) =>
      say("epoch {n}/{epochs}: loss {loss}, test acc {test}", {
        n: epoch,
        epochs,
        loss: formatFixed(trainLoss),
        test: testAcc.toFixed(3),
      }),
  });
  await removeReport(out);
}

/** Draws a layer's channels beside the inputs, and lists those that stand out. */
async function showLayer(
  out: string,
  layer: number,
  pictures: Omit<LayerPictures, "title">,
  apart: Apart,
): Promise<void> {
  const n = layer + 1, name = `layer_${n}.png`, path = join(out, name);
  const isDrawn = await drawIfPossible(async () => {
    const title = () => say("LeNet, layer {n}", { n });
    const grid = await forPictures(() => activationGrid({ ...pictures, title: title() }));
    await saveFile(out, name, await rasterize(await gridSvg(grid)));
    return true;
  });
  screen.print(
    `\n${
      isDrawn ? say("layer {n}, every channel: {path}", { n, path }) : say("layer {n}, every channel", { n })
    }`,
  );
  if (screen.terminal.isTerminal) {
    activationLines(pictures, screen.terminal).forEach((line) => screen.print(line));
  }
  const listMost = ({ values }: ChannelNumbers, what: string) => {
    screen.print(what);
    for (const c of mostApart(values).slice(0, 4)) {
      screen.print(`  ${say("channel {n}: {value}", { n: c, value: values[c].toFixed(2) })}`);
    }
  };
  if (pictures.apart !== apart) {
    const what = say(
      "channels that hold what is shown furthest from other images, by {meaning}:",
      { meaning: pictures.apart.meaning() },
    );
    listMost(pictures.apart, what);
  }
  const [a, b] = apart.names.map(sayName), facts = { a, b, meaning: apart.meaning() };
  listMost(apart, say("channels that hold {a} and {b} furthest apart, by {meaning}:", facts));
}

/** How far apart each channel holds two classes, and which they are. */
type Apart = ChannelNumbers & { names: readonly string[] };

async function main(): Promise<void> {
  const args = options("Shows what LeNet's first and second layer answer to different inputs.", {
    class: { help: "two classes to show and compare, by name or number", default: "pullover,coat" },
    images: { help: "how many images of each class are shown", default: 4, least: 1, integer: true },
    index: { help: "show these test images instead, such as 2,17" },
    png: { help: "show these PNG files instead, bright things on black, such as a.png,b.png" },
    checkpoint: { help: "LeNet's weights (.safetensors, .pt), else LeNet is trained" },
    epochs: { help: "passes over the training images", default: 3, least: 1, integer: true },
    ...STUDY_OPTIONS,
    out: {
      help: "folder for the pictures, the channels' numbers, and the weights if they are trained",
      default: "runs/activations",
    },
  });
  const { checkpoint, out, overwrite, resume } = args, keep = keeping(args), device = await tryGpu();
  const test = await loadSplit(FashionMNIST, "test", args.root);
  const classes = parseClasses(args.class, test, args.limit);
  const inputs = await chooseInputs(args, test, classes);

  manualSeed(args.seed);
  const net = lenet();
  if (checkpoint) {
    const bytes = await readFile("checkpoint", checkpoint);
    await refusing(() => loadWeights(net, checkpoint, bytes));
  } else await loadDataFashionMnist(256, args); // what is missing is known now, not after a folder was made
  await claimFolder(out, { files: checkpoint ? PICTURES : PICTURES_AND_WEIGHTS, overwrite, resume });
  device.onCompile = (_kernel, seconds) =>
    seconds > 0.5 && screen.showStatus(say("compiling kernels…"), { isBusy: true });
  if (!checkpoint) {
    screen.print(say("training on {device}", { device: device.name }));
    await train(net, args.epochs, args, keep, device);
    await saveWeights(out, net);
  }

  await expectNumbers(net);

  const first16 = activations(net, batchOf(Array.from({ length: 16 }, (_, i) => imageAt(test, i))));
  first16.forEach(({ shape }, i) =>
    screen.print(say("layer {n} of 16 test images: [{shape}]", { n: i + 1, shape: shape.join(", ") }))
  );

  const names = classes.map(({ name }) => name), apart = await compareClasses(net, test, classes);
  const n = Math.min(args.limit ?? 1000, test.length);
  const shown = args.index || args.png ? await compareShown(net, test, n, inputs) : undefined;
  for (const [layer, y] of activations(net, batchOf(inputs)).entries()) {
    const own = { ...apart[layer], names }, maps = await mapsOf(y);
    const pictures = { inputs, maps, apart: shown?.[layer] ?? own };
    await showLayer(out, layer, pictures, own);
  }
  await saveNumbers(out, { command: commandLine(), device: device.name }, apart, shown);
}

/** Writes the channels' numbers as `channels.json`, in English. */
async function saveNumbers(
  out: string,
  facts: Record<string, string>,
  apart: readonly ChannelNumbers[],
  shown?: readonly ChannelNumbers[],
): Promise<void> {
  const numbers = (of: readonly ChannelNumbers[]) => ({
    meaning: speaking("en", of[0].meaning),
    layers: of.map(({ values }) => values),
  });
  const content = { ...facts, ...numbers(apart), shown: shown && numbers(shown) };
  await saveFile(out, "channels.json", JSON.stringify(content, null, 2) + "\n");
}

/** Refuses weights that are no numbers, whose activations have nothing to show. */
async function expectNumbers(net: nn.Module): Promise<void> {
  for (const [name, t] of Object.entries(net.stateDict())) {
    const found = (await t.data()).find((value) => !Number.isFinite(value));
    if (found === undefined) continue;
    throw refusal(
      new RangeError(`Cannot show activations as the weights must be finite: ${name} has ${found} in it`),
    );
  }
}

if (import.meta.main) await runScript(main);
