/**
 * A training that goes on by a few steps at a time, so that whoever runs it can look at it, change its rate and pause it in
 * between. Deno, a page and Node run it alike.
 *
 * @module
 */
import {
  compile,
  type Compiled,
  DataLoader,
  evaluateAccuracy,
  type ImageDataset,
  manualSeed,
  nn,
  noGrad,
  optim,
  scope,
  softmax,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { VARIANTS } from "./networks.ts";

/** What a training is told. */
export interface Settings {
  /** A name of `VARIANTS`. */
  readonly network: string;
  readonly seed: number;
  readonly lr: number;
}

/** What the first layer has learned, and what it makes of some images. */
export interface Look {
  /** The kernels of the first convolution, 5 by 5 numbers each. */
  readonly filters: Float32Array;
  /** For each image its maps, 28 by 28 numbers each, one after the other. */
  readonly maps: Float32Array;
}

/** The images of a step: the first ones first, in the order of the file, so that others can train on the same. */
export const BATCH_SIZE = 25;

/** The first `n` images of a data set. */
export function firstOf({ images, labels, classes }: ImageDataset, n: number): ImageDataset {
  return {
    images: { ...images, shape: [n, 28, 28], data: images.data.subarray(0, n * 28 * 28) },
    labels: { ...labels, shape: [n], data: labels.data.subarray(0, n) },
    classes,
    length: n,
  };
}

/** A training of one network. */
export class Training {
  readonly net: nn.Sequential;
  readonly #variant: string;
  readonly #loader: DataLoader;
  readonly #optimizer: optim.SGD;
  readonly #step: Compiled<[Tensor, Tensor], Tensor>;
  #batches: Iterator<[Tensor, Tensor]> | null = null;
  /** Passes over the images that are done. */
  epoch = 0;

  /**
   * @param settings Which network, its seed and rate.
   * @param train The images to train on.
   */
  constructor({ network, seed, lr }: Settings, train: ImageDataset) {
    manualSeed(seed);
    this.#variant = network;
    const net = this.net = VARIANTS[network].make(), loss = new nn.CrossEntropyLoss();
    for (const module of net.modules()) {
      if (module instanceof nn.Linear || module instanceof nn.Conv2d) nn.init.xavierUniform(module.weight);
    }
    const optimizer = this.#optimizer = new optim.SGD(net.parameters(), { lr });
    this.#loader = new DataLoader(train, { batchSize: BATCH_SIZE });
    this.#step = compile((x: Tensor, y: Tensor) => {
      optimizer.zeroGrad();
      const l = loss.forward(net.forward(x), y);
      l.backward();
      optimizer.step();
      return l;
    });
  }

  /** Steps of a pass over the images. */
  get stepsPerEpoch(): number {
    return this.#loader.length;
  }

  /** Changes the learning rate from the next step on. */
  set lr(lr: number) {
    for (const group of this.#optimizer.paramGroups) group.lr = lr;
  }

  /**
   * Trains for some steps, but not beyond the end of a pass.
   *
   * @returns The loss of each. `epoch` has grown where the pass has ended.
   */
  async steps(most: number): Promise<number[]> {
    this.#batches ??= this.#loader[Symbol.iterator]();
    const losses: Promise<number>[] = [];
    while (losses.length < most) {
      const { value, done } = this.#batches.next();
      if (done) {
        this.#batches = null;
        this.epoch++;
        break;
      }
      using _ = scope();
      losses.push(this.#step(...value).item());
    }
    return await Promise.all(losses);
  }

  /** The share of images that the network names rightly. */
  async accuracy(test: DataLoader): Promise<number> {
    return await evaluateAccuracy(this.net, test);
  }

  /** What the first layer looks for, and what it finds in images `[n, 1, 28, 28]`. */
  async look(images: Tensor): Promise<Look> {
    const front = [...this.net].slice(0, VARIANTS[this.#variant].front);
    const filters = front[0].parameters()[0].data();
    const maps = this.#asked(() => front.reduce((x, layer) => layer.forward(x), images));
    return { filters: await filters as Float32Array, maps: await maps };
  }

  /** The probability of each class for an image of 28 by 28 numbers from 0 to 1. */
  classify(pixels: Float32Array): Promise<Float32Array> {
    return this.#asked(() => {
      const x = tensor(pixels, { shape: [1, 1, 28, 28] });
      return softmax(this.net.forward(x), { dim: 1 });
    });
  }

  /**
   * Asks the network as one that is trained, and leaves it as it was. The scope ends before the answer is waited for: in a
   * page nothing tells what an async function makes from what runs meanwhile.
   */
  #asked(ask: () => Tensor): Promise<Float32Array> {
    using _ = scope();
    const { training } = this.net;
    this.net.eval();
    try {
      return noGrad(ask).data() as Promise<Float32Array>;
    } finally {
      this.net.train(training);
    }
  }

  /** Frees what it keeps on the GPU. */
  dispose(): void {
    this.#step.dispose();
    this.#loader.dispose();
    this.net.dispose();
  }
}
