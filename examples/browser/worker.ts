/**
 * The page's worker: it has the images, the network and the GPU, trains, and tells the page how it goes.
 *
 * @module
 */
import { DataLoader, FashionMNIST, openDevice, tensor } from "../../mod.ts";
import type { Tensor } from "../../mod.ts";
import { firstOf, type Settings, Training } from "./training.ts";

/** What the page asks for. */
type Order =
  | { type: "open"; files?: Record<string, Blob> }
  | { type: "train"; settings: Settings; images: number }
  | { type: "pause" | "resume" }
  | { type: "rate"; lr: number }
  | { type: "classify"; pixels: Float32Array };

/** The part of a worker's global that is used. */
const self = globalThis as unknown as {
  postMessage(message: unknown): void;
  onmessage: (event: MessageEvent<Order>) => void;
};

/** The four files, where the page's server has them, beside the page. */
const FILES = ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"];
/** The two garments whose pictures are shown: an ankle boot and a pullover, the first ones to test with. */
const SHOWN = [0, 1];
/** Milliseconds that the page is left without news. */
const INTERVAL = 250;

let data: { train: FashionMNIST; test: FashionMNIST; loader: DataLoader; shown: Tensor } | null = null;
let training: Training | null = null;
let isPaused = false;
/** The training that goes on; it ends soon after `generation` has grown. */
let running: Promise<void> = Promise.resolve();
/** What is to be classified. */
let asked: Float32Array | null = null;
/** Grows with each training, so that the loop of one that was replaced ends. */
let generation = 0;

const pause = () => new Promise((resolve) => setTimeout(resolve));

/** The content of one of the files: what the visitor gave, or what is beside the page. */
async function contentOf(name: string, files: Record<string, Blob>): Promise<Blob | Response> {
  const given = Object.entries(files).find(([key]) => key.replace(".", "-").startsWith(name))?.[1];
  return given ?? await fetch(new URL(`data/${name}-ubyte.gz`, location.href.replace(/[^/]*$/, "")));
}

async function open(files: Record<string, Blob> = {}): Promise<void> {
  let device;
  try {
    device = await openDevice({ powerPreference: "high-performance" });
  } catch (error) {
    return self.postMessage({ type: "failed", what: "gpu", message: (error as Error).message });
  }
  self.postMessage({ type: "device", name: device.name, isSoftware: device.isSoftware });
  device.onCompile = (kernel) => self.postMessage({ type: "compiling", kernel });
  try {
    const contents = await Promise.all(FILES.map((name) => contentOf(name, files)));
    const train = await FashionMNIST.fromFiles({ images: contents[0], labels: contents[1] });
    const test = await FashionMNIST.fromFiles({ images: contents[2], labels: contents[3] });
    const pixels = SHOWN.flatMap((k) => [...test.images.data.subarray(784 * k, 784 * (k + 1))]);
    const shown = tensor(pixels.map((v) => v / 255), { shape: [SHOWN.length, 1, 28, 28] });
    data = { train, test, loader: new DataLoader(test, { batchSize: 500 }), shown };
    self.postMessage({
      type: "data",
      counts: [train.length, test.length],
      shown: Float32Array.from(pixels, (v) => v / 255),
      names: SHOWN.map((k) => test.classes[test.labels.data[k]]),
      classes: test.classes,
    });
  } catch (error) {
    self.postMessage({ type: "failed", what: "data", message: (error as Error).message });
  }
}

/** Ends the training that goes on, and begins another. */
async function start(settings: Settings, images: number): Promise<void> {
  const own = ++generation;
  await running;
  if (!data || own !== generation) return;
  training?.dispose();
  isPaused = false;
  training = new Training(settings, firstOf(data.train, Math.min(images, data.train.length)));
  running = train(training, () => own === generation).catch(failed);
}

/**
 * Trains until another training takes its place. What the page asks for meanwhile is done between two groups of steps, so
 * that nothing is asked of the network while it is being changed.
 */
async function train(now: Training, goesOn: () => boolean): Promise<void> {
  let step = 0, most = 1, isTold = false;
  await look(now, step);
  while (goesOn()) {
    await answer(now);
    if (isPaused) {
      if (!isTold) self.postMessage({ type: "paused" });
      isTold = true;
      await pause();
      continue;
    }
    isTold = false;
    const { epoch } = now, begun = performance.now(), losses = await now.steps(most);
    const ms = performance.now() - begun;
    step += losses.length;
    self.postMessage({ type: "steps", step, losses, ms, epoch: now.epoch });
    most = Math.max(1, Math.min(50, Math.round(most * INTERVAL / Math.max(ms, INTERVAL / 4))));
    await look(now, step);
    if (now.epoch > epoch) {
      self.postMessage({ type: "epoch", epoch: now.epoch, accuracy: await now.accuracy(data!.loader) });
    }
    await pause(); // what the page asked for meanwhile
  }
}

async function look(of: Training, step: number): Promise<void> {
  const { filters, maps } = await of.look(data!.shown);
  self.postMessage({ type: "look", step, filters, maps });
}

/** Classifies the newest of what the page asked for. */
async function answer(by: Training): Promise<void> {
  if (!asked) return;
  const pixels = asked;
  asked = null;
  self.postMessage({ type: "answer", probabilities: await by.classify(pixels) });
}

function failed(error: unknown): void {
  self.postMessage({ type: "failed", what: "training", message: (error as Error).message });
}

self.onmessage = async ({ data: order }) => {
  try {
    if (order.type === "open") await open(order.files);
    else if (order.type === "train") await start(order.settings, order.images);
    else if (order.type === "rate" && training) training.lr = order.lr;
    else if (order.type === "classify") asked = order.pixels;
    else if (order.type === "pause" || order.type === "resume") {
      isPaused = order.type === "pause";
      if (!isPaused) self.postMessage({ type: "resumed" });
    }
  } catch (error) {
    failed(error);
  }
};
