/**
 * Batch normalisation by the statistics of all ranks' batches.
 *
 * A step waits for the other ranks at every such layer, forward and backward, which `forward` and `backward` cannot do:
 * a {@linkcode SyncedPass} goes through the network in their place. At each layer it cuts the graph: what follows begins at
 * a leaf, and on the way back the gradient there, with the sums of all ranks, goes on into what came before.
 *
 * @module
 */
import { MODULE, type Module } from "../module.ts";
import { Sequential } from "../sequential.ts";
import { BatchNorm1d, BatchNorm2d } from "../layers/batch_norm.ts";
import { noGrad } from "../../ops/core/autograd/autograd.ts";
import { normalize, type NormalizedShapes } from "../../ops/core/families/normalize.ts";
import { instanceOf, optional, whole } from "../../ops/core/kinds.ts";
import { show } from "../../ops/core/shape.ts";
import { signature } from "../../ops/core/signature.ts";
import { tensor } from "../../ops/core/tensor/create.ts";
import { copyInto } from "../../ops/core/tensor/in_place.ts";
import { FLOAT_TENSOR, TENSOR } from "../../ops/core/tensor/kinds.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { groupFor, ProcessGroup } from "./process_group.ts";

const takesInput = signature("apply SyncBatchNorm", { x: FLOAT_TENSOR });
const takesNet = signature("convert to SyncBatchNorm", { net: MODULE });
const takesGroup = signature("make a SyncedPass", {
  group: optional(instanceOf(ProcessGroup, "a group of ranks", "group")),
});
const takesForward = signature("go forward with SyncBatchNorm", { net: MODULE, x: TENSOR });
const takesBackward = signature("go backward with SyncBatchNorm", { loss: TENSOR, examples: whole(0) });

/**
 * Normalises the channels of `[n, c]`, `[n, c, l]` or `[n, c, h, w]` in training by the mean and variance over the batches
 * of all ranks, as PyTorch's `SyncBatchNorm` does; in evaluation, and in a world of one, it is batch normalisation.
 *
 * Its parameters, buffers and options are those of `nn.BatchNorm2d`. In training on several ranks a
 * {@linkcode SyncedPass} goes through it.
 *
 * @example Usage
 * ```ts
 * import { openDevice, rand } from "@plunge/plunge";
 * import { init, SyncBatchNorm } from "@plunge/plunge/distributed";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const group = await init(), norm = new SyncBatchNorm(6);
 * assertEquals(norm.forward(rand([4, 6, 14, 14])).shape, [4, 6, 14, 14]);
 * assertEquals(norm.forward(rand([4, 6])).shape, [4, 6]);
 * await group.destroy();
 * ```
 */
export class SyncBatchNorm extends BatchNorm2d {
  /**
   * Applies the layer in evaluation or in a world of one.
   *
   * @param x Channels are dimension 1.
   * @returns A tensor of the same shape.
   * @throws {Error} If other ranks have to be waited for; {@linkcode RangeError} if `x` has no such shape.
   */
  override forward(x: Tensor): Tensor {
    takesInput(arguments);
    if (this.training && groupFor("apply SyncBatchNorm").worldSize > 1) {
      throw new Error(
        "Cannot apply SyncBatchNorm in training as other ranks must be waited for: go forward with a SyncedPass",
      );
    }
    return super.forward(x.reshape(planes(x, this.numFeatures))).reshape(x.shape);
  }
}

/** The shape of x as planes of channels. */
function planes({ shape, size }: Tensor, channels: number): [n: number, c: number, l: number, one: number] {
  if (shape.length < 2 || shape.length > 4 || shape[1] !== channels) {
    throw new RangeError(
      `Cannot apply SyncBatchNorm as x must be [n, c], [n, c, l] or [n, c, h, w] with ${channels} channels: ` +
        `it has shape ${show(shape)}`,
    );
  }
  const [n, c] = shape;
  return [n, c, n * c === 0 ? 0 : size / (n * c), 1];
}

/**
 * Puts a {@linkcode SyncBatchNorm} in the place of every batch normalisation, with its parameters and buffers, as PyTorch's
 * `convert_sync_batchnorm` does.
 *
 * @param net The network, which is changed; make its optimiser afterwards, or before, as the parameters are the same.
 * @returns The network, or the layer that stands for it if it is a batch normalisation itself.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice } from "@plunge/plunge";
 * import { convertSyncBatchNorm, SyncBatchNorm } from "@plunge/plunge/distributed";
 * import { assertInstanceOf } from "@std/assert";
 *
 * await openDevice();
 * const net = new nn.Sequential(new nn.Linear(4, 8), new nn.BatchNorm1d(8));
 * convertSyncBatchNorm(net);
 * assertInstanceOf(net[1], SyncBatchNorm);
 * ```
 */
export function convertSyncBatchNorm(net: Module): Module {
  takesNet(arguments);
  const isNorm = net instanceof BatchNorm1d || net instanceof BatchNorm2d;
  if (isNorm && !(net instanceof SyncBatchNorm)) {
    const { numFeatures, eps, momentum, weight, runningMean } = net;
    const trackRunningStats = runningMean !== null;
    const made = new SyncBatchNorm(numFeatures, {
      eps,
      momentum,
      affine: weight !== null,
      trackRunningStats,
    });
    for (const t of Object.values(made.stateDict())) t.dispose();
    for (const [name, buffer] of net.namedBuffers()) made.registerBuffer(name, buffer);
    const { bias, runningVar, numBatchesTracked, training } = net;
    Object.assign(made, { weight, bias, runningMean, runningVar, numBatchesTracked });
    made.training = training;
    return made;
  }
  for (const [name, child] of net.namedChildren()) {
    const converted = convertSyncBatchNorm(child);
    if (converted !== child) (net as unknown as Record<string, Module>)[name] = converted;
  }
  return net;
}

/** A module whose `forward` cannot be followed layer by layer: it says itself how a pass goes through it. */
export interface Synced {
  /** Computes the module's output, with `pass.forward(layer, x)` for every layer that may have a `SyncBatchNorm`. */
  forwardSynced(pass: SyncedPass, x: Tensor): Promise<Tensor>;
}

/** Where the graph was cut. */
interface Cut {
  /** What came in, with its history. */
  readonly x: Tensor;
  /** The same without: what follows begins here. */
  readonly leaf: Tensor;
  readonly mean: Tensor;
  readonly inverse: Tensor;
  /** Values of a channel on all ranks. */
  readonly count: number;
}

/**
 * One step through a network with {@linkcode SyncBatchNorm}: forward, then backward, waiting for the other ranks at each of
 * these layers. It cannot be captured. Wait once forward and once backward for each layer: about 11 ms each in Deno.
 *
 * `nn.Sequential` is followed layer by layer; other modules that have a `SyncBatchNorm` in them say by `forwardSynced` how
 * ({@linkcode Synced}).
 *
 * @example Usage
 * ```ts
 * import { mseLoss, nn, openDevice, optim, rand, scope } from "@plunge/plunge";
 * import { convertSyncBatchNorm, distribute, init, SyncedPass } from "@plunge/plunge/distributed";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const group = await init();
 * const net = new nn.Sequential(new nn.Linear(4, 8), new nn.BatchNorm1d(8), new nn.Linear(8, 1));
 * convertSyncBatchNorm(net);
 * const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 }), ddp = await distribute(net, optimizer);
 * {
 *   using _ = scope();
 *   const pass = new SyncedPass();
 *   optimizer.zeroGrad();
 *   const loss = mseLoss(await pass.forward(net, rand([6, 4])), rand([6, 1]));
 *   await pass.backward(loss, 6);
 *   await ddp.average(6);
 *   optimizer.step();
 * }
 * assertEquals(await net.namedBuffers()[2][1].item(), 1); // batches that were seen
 * ddp.dispose();
 * await group.destroy();
 * ```
 */
export class SyncedPass {
  readonly #group: ProcessGroup;
  readonly #cuts: Cut[] = [];

  /**
   * Begins a step.
   *
   * @param group The ranks, those of the process unless given.
   */
  constructor(group?: ProcessGroup) {
    takesGroup(arguments);
    this.#group = group ?? groupFor("make a SyncedPass");
  }

  /**
   * Goes through a module.
   *
   * @param net The module.
   * @param x Its input.
   * @returns Its output. Rejects with a `TypeError` if it has a `SyncBatchNorm` in it and does not say how to reach it.
   */
  async forward(net: Module & Partial<Synced>, x: Tensor): Promise<Tensor> {
    takesForward(arguments);
    if (net instanceof SyncBatchNorm) {
      return net.training && this.#group.worldSize > 1 ? await this.#normalize(net, x) : net.forward(x);
    }
    if (!net.modules().some((module) => module instanceof SyncBatchNorm)) return net.forward(x);
    if (net.forwardSynced) return await net.forwardSynced(this, x);
    if (!(net instanceof Sequential)) {
      throw new TypeError(
        `Cannot go forward with SyncBatchNorm as ${net.constructor.name} must have forwardSynced(pass, x): it has none`,
      );
    }
    for (const layer of net) x = await this.forward(layer, x);
    return x;
  }

  /**
   * Goes back from a loss, and leaves the gradients in the parameters.
   *
   * @param loss A tensor of one element that came out of this pass: the mean over this rank's examples.
   * @param examples How many these are, as `average` is told: the ranks' losses count by them.
   * @returns Nothing. Rejects with an `Error` if MPI fails.
   */
  async backward(loss: Tensor, examples: number): Promise<void> {
    takesBackward(arguments);
    loss.backward(undefined, { retainGraph: true });
    for (let cut = this.#cuts.pop(); cut; cut = this.#cuts.pop()) await this.#goBack(cut, examples);
  }

  async #normalize(layer: SyncBatchNorm, input: Tensor): Promise<Tensor> {
    const shape = planes(input, layer.numFeatures), [, c] = shape, x = input.reshape(shape);
    const dim = [0, 2, 3], local = noGrad(() => [x.mean({ dim }), x.var({ dim, unbiased: false })]);
    const [mean, variance] = await Promise.all(local.map((t) => t.data()));
    const n = x.size / c,
      own = new Float64Array([n, ...n === 0 ? new Float64Array(2 * c) : [...mean, ...variance]]);
    const all = together(await this.#group.allGather(own), c);
    const stats = [1, c, 1, 1], inverse = all.variance.map((v) => 1 / Math.sqrt(v + layer.eps));
    const leaf = x.detach();
    leaf.requiresGrad = x.requiresGrad;
    const cut = {
      x,
      leaf,
      mean: tensor(Float32Array.from(all.mean), { shape: stats }),
      inverse: tensor(Float32Array.from(inverse), { shape: stats }),
      count: all.count,
    };
    if (x.requiresGrad) this.#cuts.push(cut);
    await follow(layer, all);
    const { weight, bias } = layer, shapes: NormalizedShapes = { shape, stats, affine: stats };
    const y = normalize("SyncBatchNorm", leaf, shapes, cut, { weight, bias, own: false });
    return y.reshape(input.shape);
  }

  /**
   * From the gradient at a leaf, which takes the statistics for constants, to the one in what came in. Gradients here are
   * those of this rank's loss, which counts `examples` times in that of all: so do the sums, and the way back divides.
   */
  async #goBack({ x, leaf, mean, inverse, count }: Cut, examples: number): Promise<void> {
    const { grad } = leaf;
    const c = x.shape[1], sums = new Float64Array(2 * c);
    const normalized = noGrad(() => x.detach().sub(mean).mul(inverse));
    if (grad && examples > 0) {
      const local = noGrad(() => [grad, grad.mul(normalized)].map((t) => t.sum({ dim: [0, 2, 3] })));
      (await Promise.all(local.map((t) => t.data()))).forEach((values, k) =>
        sums.set(Float64Array.from(values, (v) => v * examples), k * c)
      );
    }
    await this.#group.allReduce(sums);
    if (!grad || examples === 0) return;
    const share = (at: number) =>
      tensor(Float32Array.from(sums.subarray(at, at + c), (v) => v / (count * examples)), {
        shape: [1, c, 1, 1],
      });
    const dx = noGrad(() => grad.sub(share(0)).sub(normalized.mul(share(c))));
    leaf.clearGrad();
    x.backward(dx, { retainGraph: true });
  }
}

/** Mean and variance of each channel over all ranks. */
interface Statistics {
  readonly count: number;
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}

/** Puts the ranks' statistics (count, means, variances) together, in the ranks' order (Chan, Golub and LeVeque, 1979). */
function together(ranks: readonly Float64Array[], c: number): Statistics {
  let count = 0;
  const mean = new Float64Array(c), squares = new Float64Array(c);
  for (const own of ranks) {
    const n = own[0], all = count + n;
    if (n === 0) continue;
    for (let k = 0; k < c; k++) {
      const apart = own[1 + k] - mean[k];
      mean[k] += apart * n / all;
      squares[k] += own[1 + c + k] * n + apart * apart * count * n / all;
    }
    count = all;
  }
  if (count === 1) {
    throw new RangeError(
      "Cannot apply SyncBatchNorm in training as each channel must have more than one value: all ranks have one",
    );
  }
  return { count, mean, variance: squares.map((s) => s / count) };
}

/** Has the running statistics follow those of a batch. */
async function follow(layer: SyncBatchNorm, { count, mean, variance }: Statistics): Promise<void> {
  const { runningMean, runningVar, numBatchesTracked: batches } = layer;
  if (!runningMean || !runningVar || !batches) return;
  noGrad(() => copyInto(batches, batches.add(tensor(1, { dtype: "int32" }))));
  const share = layer.momentum ?? 1 / await batches.item();
  noGrad(() => {
    const targets = [[runningMean, mean], [
      runningVar,
      variance.map((v) => v * count / (count - 1)),
    ]] as const;
    for (const [running, values] of targets) {
      copyInto(running, running.mul(1 - share).add(tensor(Float32Array.from(values, (v) => v * share))));
    }
  });
}
