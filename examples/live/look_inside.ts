/**
 * What a network looks like inside: what its layers answer to images, the filters of its first convolution, and what it makes
 * of test images. Everything is left as it was.
 *
 * @module
 */
import { compile, type FitBatches, nn, noGrad, scope, type Tensor, tensor } from "../../mod.ts";
import { filterOf, imageOf, mapsOf } from "./pictures.ts";
import type { ActivationsEvent, FiltersEvent, TestsEvent } from "./run_view.ts";
import { areClasses, countOf, eachBatch, readImages, type TestImage } from "./test_images.ts";

/** Layers, channels of a layer, filters, mistakes and classes that are shown at most. */
const MOST = { layers: 6, channels: 16, filters: 64, mistakes: 12, classes: 30 };

/** A part of an event that does not know its epoch. */
type Part<E> = Omit<E, "kind" | "epoch">;

/** Does something with the network in evaluation mode, and gives each module its own mode back. */
async function inEvaluation<T>(net: nn.Module, action: () => T | Promise<T>): Promise<T> {
  const modes = net.modules().map((module) => [module, module.training] as const);
  net.eval();
  try {
    return await action();
  } finally {
    for (const [module, training] of modes) module.training = training;
  }
}

/** The layers whose answers are shown: convolutions, evenly chosen where there are many. */
function shownLayers(net: nn.Module): [path: string, module: nn.Module][] {
  const all = net.namedModules().filter(([, { constructor: { name } }]) => /Conv/.test(name)),
    { length } = all;
  if (length <= MOST.layers) return all;
  return Array.from({ length: MOST.layers }, (_, k) => all[Math.round(k * (length - 1) / (MOST.layers - 1))]);
}

/** What layers answer to images; null where no layer answers with maps. */
export async function activations(
  net: nn.Module,
  images: readonly TestImage[],
): Promise<Pick<ActivationsEvent, "images" | "layers"> | null> {
  if (images.length === 0) return null;
  const { shape } = images[0], caught: { path: string; type: string; y: Tensor }[] = [];
  const values = Float32Array.from(images.flatMap((image) => Array.from(image.values)));
  using _ = scope();
  const reading = await inEvaluation(net, () => {
    const hooks = shownLayers(net).map(([path, module]) =>
      module.registerForwardHook((_module, _inputs, y) => {
        const { constructor: { name: type } } = module;
        if (isMaps(y)) caught.push({ path, type, y });
      })
    );
    try {
      noGrad(() => net.forward(tensor(values, { shape: [images.length, ...shape] })));
    } finally {
      for (const hook of hooks) hook.remove();
    }
    return Promise.all(caught.map(({ y }) => y.data()));
  });
  if (caught.length === 0) return null;
  return {
    images: images.map(({ place, label, values, shape }) => ({
      place,
      label,
      picture: imageOf(values, shape),
    })),
    layers: caught.map(({ path, type, y }, k) => layerOf(path, type, y.shape, reading[k])),
  };
}

function isMaps(y: unknown): y is Tensor {
  const { shape } = Object(y) as { shape?: readonly number[] };
  return shape?.length === 4 && shape[2] * shape[3] > 1;
}

function layerOf(
  path: string,
  type: string,
  [n, channels, height, width]: readonly number[],
  values: ArrayLike<number> & { subarray(from: number, to: number): ArrayLike<number> },
): ActivationsEvent["layers"][number] {
  const size = height * width, maps: ReturnType<typeof mapsOf>[] = Array.from({ length: n }, () => []);
  for (let c = 0; c < Math.min(channels, MOST.channels); c++) {
    const planes = maps.map((_, i) =>
      values.subarray((i * channels + c) * size, (i * channels + c + 1) * size)
    );
    mapsOf(planes, height, width).forEach((map, i) => maps[i].push(map));
  }
  return { path, type, channels, height, width, maps };
}

/** The filters of the first convolution; null where there is none. */
export async function filters(net: nn.Module): Promise<Part<FiltersEvent> | null> {
  for (const [path, module] of net.namedModules()) {
    if (!(module instanceof nn.Conv2d)) continue;
    const { weight } = module, [count, , height, width] = weight.shape, values = await weight.data();
    const largest = Array.from(values, Math.abs).reduce((a, b) => Math.max(a, b), 0),
      size = values.length / count;
    const pictures = Array.from(
      { length: Math.min(count, MOST.filters) },
      (_, k) => filterOf(values.subarray(k * size, k * size + height * width), height, width, largest),
    ); // of the first input
    return { path, count, largest, pictures };
  }
  return null;
}

/** What a network made of an example. */
interface Answer {
  readonly place: number;
  readonly label: number;
  readonly guess: number;
  readonly probability: number;
  readonly loss: number;
}

/** Tries a network on test images, again and again: its forward pass is captured once. */
export class Tester {
  readonly #net: nn.Module;
  readonly #forward;

  /** @param net The network. */
  constructor(net: nn.Module) {
    this.#net = net;
    this.#forward = compile((x: Tensor): Tensor => net.forward(x));
  }

  /**
   * Tries the network.
   *
   * @param batches The test images.
   * @param most How many are tried, the first ones, in whole batches.
   * @returns The confusion matrix and the worst mistakes; null where the network does not classify.
   */
  async run(batches: FitBatches, most: number): Promise<Part<TestsEvent> | null> {
    const answers: Answer[] = [];
    let classes = 0;
    const reading: Promise<void>[] = [];
    using _ = scope();
    await inEvaluation(this.#net, async () => {
      await eachBatch(batches, ([x, y], first) => {
        const logits = noGrad(() => this.#forward(x));
        if (logits.shape.length !== 2 || !areClasses(y)) return false;
        [, classes] = logits.shape;
        reading.push(
          Promise.all([logits.data(), y.data()]).then(([rows, labels]) =>
            void labels.forEach((label, i) =>
              answers.push(answerOf(rows.subarray(i * classes, (i + 1) * classes), label, first + i))
            )
          ),
        );
        return first + x.shape[0] < most;
      });
      await Promise.all(reading);
    });
    if (answers.length === 0 || classes > MOST.classes) return null;
    const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
    for (const { label, guess } of answers) if (matrix[label]) matrix[label][guess]++;
    return { tried: answers.length, of: countOf(batches), matrix, worst: await worstOf(batches, answers) };
  }

  /** Frees what was captured. */
  [Symbol.dispose](): void {
    this.#forward.dispose();
  }
}

function answerOf(logits: ArrayLike<number>, label: number, place: number): Answer {
  const row = Array.from(logits), top = row.reduce((a, b) => Math.max(a, b), -Infinity);
  const sum = row.reduce((total, v) => total + Math.exp(v - top), 0);
  const guess = Math.max(0, row.indexOf(top)), loss = Math.log(sum) + top - row[label];
  return { place, label, guess, probability: 1 / sum, loss };
}

async function worstOf(batches: FitBatches, answers: readonly Answer[]): Promise<TestsEvent["worst"]> {
  const wrong = answers.filter(({ label, guess }) => label !== guess)
    .sort((a, b) => b.loss - a.loss || a.place - b.place).slice(0, MOST.mistakes);
  const images = await readImages(batches, wrong.map(({ place }) => place));
  return wrong.flatMap((answer) => {
    const image = images.get(answer.place);
    return image ? [{ ...answer, picture: imageOf(image.values, image.shape) }] : [];
  });
}
