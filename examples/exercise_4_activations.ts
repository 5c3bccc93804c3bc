// The study's exercise 4: what LeNet's first and second layer answer to different inputs, such as pullovers and coats.
// deno run -P examples/exercise_4_activations.ts --class pullover,coat --out runs/activations
import { DataLoader, decodeSafetensors, FashionMNIST, fit, manualSeed, nn } from "../mod.ts";
import { noGrad, optim, scope, Subset, type Tensor } from "../mod.ts";
import { loadDataFashionMnist, type LoadDataOptions, tryGpu } from "./d2l.ts";
import { lenet } from "./lenet.ts";
import { gridSvg } from "./pictures/grid.ts";
import { rasterize } from "./pictures/render.ts";
import { saveFile, saveIn } from "./runs/run_files.ts";
import { saveWeights } from "./runs/weights.ts";
import {
  activationGrid,
  activationLines,
  distances,
  mapsOf,
  mostApart,
} from "./study/activation_pictures.ts";
import { commandLine } from "./study/comparison.ts";
import { batchOf, chooseInputs, type ClassImages, imageAt, parseClasses, readFile } from "./study/inputs.ts";
import { options } from "./terminal/options.ts";
import { runScript } from "./terminal/run_script.ts";
import { screen } from "./terminal/screen.ts";

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
  const meaning = `mean of ${a.name} − mean of ${b.name}, in standard deviations`;
  return LAYERS.map((_, layer) => ({ values: distances(meansA[layer], meansB[layer]), meaning }));
}

/** Trains a network by Adam, a line an epoch. */
async function train(net: nn.Module, epochs: number, data: LoadDataOptions): Promise<void> {
  const [trainIter, testIter] = await loadDataFashionMnist(256, data);
  await fit(net, trainIter, {
    optimizer: new optim.Adam(net.parameters(), { lr: 0.004 }),
    loss: new nn.CrossEntropyLoss(),
    epochs,
    test: testIter,
    onProgress: ({ epoch, step, steps }) => screen.showStatus(`epoch ${epoch}, step ${step} of ${steps}`),
    onEpoch: ({ epoch, trainLoss: l, testAcc }) =>
      screen.print(`epoch ${epoch}/${epochs}: loss ${l.toFixed(3)}, test acc ${testAcc!.toFixed(3)}`),
  });
  screen.end();
}

async function main(): Promise<void> {
  const args = options("Shows what LeNet's first and second layer answer to different inputs.", {
    class: { help: "two classes to show and compare, by name or number", default: "pullover,coat" },
    images: { help: "how many images of each class are shown", default: 4, least: 1, integer: true },
    index: { help: "show these test images instead, such as 2,17" },
    png: { help: "show these PNG files instead, bright things on black, such as a.png,b.png" },
    checkpoint: { help: "safetensors file of LeNet's weights; without it LeNet is trained first" },
    epochs: { help: "passes over the training images", default: 3, least: 1, integer: true },
    seed: { help: "seed of weights and order", default: 3, integer: true },
    limit: { help: "use only the first N images of each split", number: true, least: 1, integer: true },
    root: { help: "folder of the data set" },
    out: {
      help: "folder for the pictures, the channels' numbers, and the weights if they are trained",
      default: "runs/activations",
    },
  });
  const device = await tryGpu(), test = await FashionMNIST.load({ split: "test", root: args.root });
  const classes = parseClasses(args.class, test, args.limit),
    inputs = await chooseInputs(args, test, classes);
  await saveIn(args.out, async () => {}); // known now, not after training
  device.onCompile = (_kernel, seconds) => seconds > 0.5 && screen.showStatus("compiling kernels…");

  manualSeed(args.seed);
  const net = lenet();
  if (args.checkpoint) {
    net.loadStateDict(decodeSafetensors(await readFile("checkpoint", args.checkpoint)));
  } else {
    screen.print(`training on ${device.name}`);
    await train(net, args.epochs, args);
    await saveWeights(args.out, net);
  }

  const first16 = activations(net, batchOf(Array.from({ length: 16 }, (_, i) => imageAt(test, i))));
  first16.forEach(({ shape }, i) => screen.print(`layer ${i + 1} of 16 test images: [${shape.join(", ")}]`));

  const apart = await compareClasses(net, test, classes), [nameA, nameB] = classes.map(({ name }) => name);
  for (const [layer, y] of activations(net, batchOf(inputs)).entries()) {
    const { values, meaning } = apart[layer], file = `layer_${layer + 1}.png`;
    const pictures = {
      title: `LeNet, layer ${layer + 1}`,
      inputs,
      maps: await mapsOf(y),
      apart: apart[layer],
    };
    await saveFile(args.out, file, await rasterize(gridSvg(activationGrid(pictures))));
    screen.print(`\nlayer ${layer + 1}, every channel: ${args.out}/${file}`);
    if (screen.terminal.isTerminal) {
      activationLines(pictures, screen.terminal).forEach((l) => screen.print(l));
    }
    screen.print(`channels that hold ${nameA} and ${nameB} furthest apart, by ${meaning}:`);
    for (const c of mostApart(values).slice(0, 4)) screen.print(`  channel ${c}: ${values[c].toFixed(2)}`);
  }
  const [{ meaning }] = apart, layers = apart.map(({ values }) => values);
  const channels = JSON.stringify({ command: commandLine(), device: device.name, meaning, layers }, null, 2);
  await saveFile(args.out, "channels.json", channels + "\n");
  screen.end();
}

if (import.meta.main) await runScript(main);
