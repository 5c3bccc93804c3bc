/**
 * Writes what TensorBoard shows of a run, beside its `metrics.jsonl`: after each epoch loss, accuracies, speed and learning
 * rate, the distributions of weights and of the last step's gradients, and as pictures the first convolution's filters and
 * what it answers to the first test images.
 *
 * @module
 */
import { DataLoader, encodePng, type FitBatches, type nn } from "../../mod.ts";
import type { Message } from "../../ops/core/protobuf.ts";
import { filterTiles, firstConvolution, type Images, mapTiles } from "../pictures/layer_tiles.ts";
import type { Tile } from "../pictures/tile.ts";
import { tilePixels } from "../pictures/tile_pixels.ts";
import type { Metrics } from "../runs/metrics.ts";
import type { Pause, RunEvent, RunWatcher, Training } from "../runs/run_feed.ts";
import { EVENT_FILES, EventFile } from "./event_file.ts";
import { histogram, picture, scalar } from "./summaries.ts";

/** How many test images are shown to the network. */
const SHOWN = 4;

/** A run that is written. */
interface Written {
  readonly folder: string;
  file?: EventFile;
  /** The epochs that were finished before, where the run is gone on with. */
  history?: readonly Metrics[];
  lr: number;
  metrics?: Metrics;
  images?: Images | null;
}

/** Watches runs, and writes an `events.out.tfevents.…` into the folder of each. */
export class TensorBoardWatcher implements RunWatcher, Disposable {
  #run: Written | null = null;

  /** Notes what the next look writes. */
  event(event: RunEvent): void {
    if (event.kind === "begin") {
      this[Symbol.dispose]();
      this.#run = event.folder === null ? null : { folder: event.folder, lr: event.lr };
    }
    const run = this.#run;
    if (run === null) return;
    if (event.kind === "resume") run.history = event.history;
    else if (event.kind === "progress" || event.kind === "lr") run.lr = event.lr;
    else if (event.kind === "epoch") run.metrics = event.metrics;
    else if (event.kind === "end") this[Symbol.dispose]();
  }

  /** Writes an epoch when it has ended. */
  async look(training: Training, { isEnd }: Pause): Promise<void> {
    const run = this.#run, metrics = run?.metrics;
    if (!isEnd || !run || !metrics) return;
    run.file ??= open(run);
    run.images ??= await firstImages(training.test);
    run.file.write(metrics.epoch, [
      ...scalars(metrics),
      scalar("learning_rate", run.lr),
      ...await distributions(training.net),
      ...await pictures(training.net, run.images),
    ]);
  }

  /** Closes the file of the run. */
  [Symbol.dispose](): void {
    this.#run?.file?.[Symbol.dispose]();
    this.#run = null;
  }
}

/** Begins a run's file. One that is gone on with, but has none yet, begins with the numbers of its earlier epochs. */
function open({ folder, history }: Written): EventFile {
  if (history === undefined) return EventFile.open(folder);
  const isFirst = ![...Deno.readDirSync(folder)].some(({ name }) => EVENT_FILES.test(name));
  const file = EventFile.open(folder, isFirst ? undefined : history.length + 1);
  for (const metrics of isFirst ? history : []) file.write(metrics.epoch, scalars(metrics));
  return file;
}

function scalars({ trainLoss, trainAcc, testAcc, examplesPerSec, seconds }: Metrics): Message[] {
  return [
    scalar("loss/train", trainLoss),
    scalar("accuracy/train", trainAcc),
    scalar("accuracy/test", testAcc),
    scalar("speed/examples_per_second", examplesPerSec),
    scalar("speed/seconds", seconds),
  ];
}

/** How the parameters are distributed, and their gradients as the last step left them. All are read at once. */
async function distributions(net: nn.Module): Promise<Message[]> {
  const found = await Promise.all(
    net.namedParameters().map(async ([name, parameter]) => {
      const [weights, gradients] = await Promise.all([parameter.data(), parameter.grad?.data()]);
      return [
        histogram(`weights/${name}`, weights),
        gradients ? histogram(`gradients/${name}`, gradients) : null,
      ];
    }),
  );
  return found.flat().filter((message) => message !== null);
}

/** The first convolution's filters and maps. */
async function pictures(net: nn.Module, images: Images | null): Promise<Message[]> {
  const conv = firstConvolution(net);
  if (conv === undefined) return [];
  const messages = [await pictureOf("filters", await filterTiles(conv), 40)];
  if (images?.shape[1] === 1 && conv.weight.shape[1] === 1) {
    messages.push(await pictureOf("activations", await mapTiles(conv, images), 56));
  }
  return messages;
}

async function pictureOf(
  tag: string,
  rows: readonly (readonly Tile[])[],
  side: number,
): Promise<Message> {
  const pixels = tilePixels(rows, side), { width, height } = pixels;
  return picture(tag, { png: await encodePng(pixels), width, height });
}

/** The first test images; null where there are none, or their order is a loader's own, which a look would change. */
async function firstImages(test: FitBatches | undefined): Promise<Images | null> {
  if (test === undefined || test instanceof DataLoader && test.stateDict().shuffle) return null;
  for (const [x, y] of test) {
    const { shape } = x, n = Math.min(SHOWN, shape[0] ?? 0), size = x.size / shape[0];
    const values = shape.length === 4 ? (await x.data()).slice(0, n * size) : null;
    if (test instanceof DataLoader) { for (const t of [x, y]) t.dispose(); // a loop that is left frees none
     }
    return values && { values: Float32Array.from(values), shape: [n, ...shape.slice(1)] };
  }
  return null;
}
