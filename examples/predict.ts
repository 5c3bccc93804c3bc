// Using a trained network: classifies PNG and JPEG files of any size and colour.
// deno run -P examples/predict.ts --weights runs/lenet/lenet.safetensors shoe.jpg bag.png
import { classify, readFor, SIZE } from "./classify.ts";
import type { Prediction } from "../mod.ts";
import { tryGpu } from "./d2l.ts";
import { CLASSES, openWeights, WEIGHTS_OPTIONS } from "./networks.ts";
import { colorDepth, halfBlocks } from "./pictures/half_blocks.ts";
import { MissingPackages } from "./pictures/packages.ts";
import type { Invert, Picture } from "./pictures/read_picture.ts";
import { options } from "./terminal/options.ts";
import { refusal } from "./terminal/refusal.ts";
import { runScript } from "./terminal/run_script.ts";
import { screen } from "./terminal/screen.ts";
import { tableLines } from "./terminal/table.ts";
import { list, say, sayName } from "./words/words.ts";

/** Reads the files that are named. */
async function readPictures(paths: readonly string[], invert: Invert, dataset: string): Promise<Picture[]> {
  return await Promise.all(paths.map(async (path) => {
    try {
      return await readFor(dataset, await Deno.readFile(path), invert);
    } catch (error) {
      if (error instanceof MissingPackages) throw refusal(error);
      const reason = error instanceof Error ? error.message : String(error);
      throw refusal(
        new RangeError(`Cannot classify ${path} as it must be a whole PNG or JPEG file: ${reason}`),
      );
    }
  }));
}

/** Prints a picture and what it is taken for. */
function show(path: string, picture: Picture, guesses: readonly Prediction[]): void {
  const { width, height, isInverted, tile } = picture;
  const facts = { path, width, height };
  screen.print(
    `\n${
      isInverted
        ? say("{path} ({width} x {height}, dark on light: inverted)", facts)
        : say("{path} ({width} x {height})", facts)
    }`,
  );
  const { terminal, columns } = screen, hasRoom = terminal.isTerminal && columns > 60;
  const lines = tableLines(
    [say("class"), say("probability")],
    guesses.map((g) => [sayName(g.class), g.probability.toFixed(3)]),
  );
  const drawn = hasRoom
    ? halfBlocks([{ name: "", tile }], columns, terminal.unicode ? colorDepth(terminal.colors) : "none", SIZE)
      .slice(1)
    : [];
  if (drawn.length === 0) return lines.forEach((line) => screen.print(line));
  const empty = " ".repeat(SIZE);
  for (let k = 0; k < Math.max(drawn.length, lines.length); k++) {
    screen.print(`${drawn[k] ?? empty}  ${lines[k] ?? ""}`);
  }
}

async function main(): Promise<void> {
  const args = options("Classifies PNG and JPEG files by a trained network of the study.", {
    IMAGE: { help: "the files", operands: true },
    ...WEIGHTS_OPTIONS,
    top: { help: "how many classes are shown", default: 3, least: 1, most: 10, integer: true },
    invert: {
      help: "whether pictures are inverted: auto where dark on light",
      default: "auto",
      choices: ["auto", "yes", "no"],
    },
    json: { help: "print JSON", flag: true },
  });
  const device = await tryGpu(), trained = await openWeights(args), { dataset } = trained;
  const pictures = await readPictures(args.IMAGE, args.invert as Invert, dataset);
  const guesses = await classify(trained.net, pictures, CLASSES[dataset] ?? []);
  const top = guesses.map((all) => all.slice(0, args.top));
  if (args.json) {
    const images = pictures.map(({ width, height, isInverted }, k) => ({
      file: args.IMAGE[k],
      width,
      height,
      inverted: isInverted,
      classes: top[k],
    }));
    return screen.print(
      JSON.stringify({ network: trained.name, dataset, device: device.name, images }, null, 2),
    );
  }
  screen.print(say("{network}, {dataset}, on {device}", {
    network: sayName(trained.name),
    dataset,
    device: device.name,
  }));
  if (trained.others.length > 0) {
    screen.print(say("the weights could also be of {others}: --network says which", {
      others: list(trained.others),
    }));
  }
  pictures.forEach((picture, k) => show(args.IMAGE[k], picture, top[k]));
}

if (import.meta.main) await runScript(main);
