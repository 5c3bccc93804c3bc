/**
 * Averages of weights over the steps of a training, under the names of PyTorch's
 * `torch.optim.swa_utils`.
 *
 * Izmailov et al.: Averaging weights leads to wider optima (arXiv 1803.05407); with `decay` it is the
 * exponential average that Polyak and Juditsky's became (1992).
 *
 * @module
 */
import { noGrad } from "../../ops/core/autograd/autograd.ts";
import { updateAll } from "../../ops/core/families/foreach.ts";
import { BOOLEAN, ITERABLE, numberFrom, recordOf, required, whole } from "../../ops/core/kinds.ts";
import { persistent } from "../../ops/core/recorder.ts";
import { Scope } from "../../ops/core/scope.ts";
import { sameShape, show } from "../../ops/core/shape.ts";
import { signature } from "../../ops/core/signature.ts";
import { cloneOf, copyInto } from "../../ops/core/tensor/in_place.ts";
import { FLOAT_TENSOR } from "../../ops/core/tensor/kinds.ts";
import { Tensor } from "../../ops/core/tensor/tensor.ts";
import { floatFunction, programOf } from "../../ops/kernels/wgsl/program.ts";
import { BatchNorm1d, BatchNorm2d } from "../layers/batch_norm.ts";
import { MODULE, type Module } from "../module.ts";

export { SWALR, type SWALROptions } from "./lr_scheduler/swalr.ts";

/** Options of {@linkcode AveragedModel}. */
export interface AveragedModelOptions {
  /** What an exponential average keeps of itself at each update; without it all updates count alike. */
  decay?: number;
  /** Whether float32 buffers, such as running statistics, are averaged too, false unless given. */
  useBuffers?: boolean;
}

/** What `stateDict` of an {@linkcode AveragedModel} gives. */
export interface AveragedModelState {
  /** How many updates there were. */
  nAveraged: number;
  /** The averages by the names of the network's state. */
  averages: Record<string, Tensor>;
}

const FOLLOW = programOf(
  floatFunction("follow", ["average", "p", "share"], "average + share * (p - average)"),
  1,
);

const takes = signature<AveragedModelOptions>("make AveragedModel", { module: MODULE }, {
  decay: numberFrom(0, 1),
  useBuffers: BOOLEAN,
});
const takesState = signature<AveragedModelState>("load the state of an AveragedModel", {}, {
  nAveraged: required(whole(0)),
  averages: required(recordOf(FLOAT_TENSOR, "float32 tensors")),
});

/**
 * Keeps averages of a network's weights: of all updates alike, or exponential ones with `decay`. The
 * network itself goes on learning; `apply` runs a function with the averages in its place, and `copyTo`
 * leaves them there.
 *
 * Call `updateParameters` behind the optimiser's steps: it may be part of a captured step.
 *
 * @example Usage
 * ```ts
 * import { nn, ones, openDevice, optim } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const net = new nn.Linear(1, 1, { bias: false }), average = new optim.swaUtils.AveragedModel(net);
 * for (const value of [1, 3]) {
 *   nn.init.constant(net.weight, value);
 *   average.updateParameters();
 * }
 * assertEquals(await average.forward(ones([1, 1])).item(), 2);
 * assertEquals(await net.weight.item(), 3);
 * average.copyTo();
 * assertEquals(await net.weight.item(), 2);
 * ```
 */
export class AveragedModel {
  /** The network. */
  readonly module: Module;
  /** How many updates there were. */
  nAveraged = 0;
  readonly #decay: number | null;
  readonly #averages: ReadonlyMap<string, readonly [own: Tensor, average: Tensor]>;

  /**
   * Begins with the weights as they are; the first update takes their place.
   *
   * @param module The network.
   * @param options How to average.
   */
  constructor(module: Module, options: AveragedModelOptions = {}) {
    takes(arguments);
    const { decay = null, useBuffers = false } = options;
    this.module = module;
    this.#decay = decay;
    const learnt = new Set<Tensor>(module.parameters());
    const own = Object.entries(module.stateDict()).filter(([, t]) =>
      learnt.has(t) || (useBuffers && t.dtype === "float32")
    );
    this.#averages = new Map(own.map(([name, t]) => [name, [t, persistent(() => noGrad(() => cloneOf(t)))]]));
  }

  /** Takes the network's weights into the averages. */
  updateParameters(): void {
    const members = [...this.#averages.values()].map(([own, average]) => ({ tensors: [average, own] }));
    const share = () => {
      const n = this.nAveraged++;
      return n === 0 ? 1 : this.#decay === null ? 1 / (n + 1) : 1 - this.#decay;
    };
    updateAll("average weights", FOLLOW, [0], members, { numbers: [share] });
  }

  /**
   * Runs a function with the averages in the place of the network's weights, which are back afterwards.
   *
   * @param fn What to run. It may be async; nobody else must use the network meanwhile.
   * @returns What `fn` returns.
   */
  apply<T>(fn: () => T): T {
    const kept = [...this.#averages.values()].map(([own]) => persistent(() => noGrad(() => cloneOf(own))));
    const restore = () => {
      let k = 0;
      for (const [own] of this.#averages.values()) noGrad(() => copyInto(own, kept[k++]!));
      for (const t of kept) t.dispose();
    };
    this.copyTo();
    let result: T;
    try {
      result = fn();
    } catch (error) {
      restore();
      throw error;
    }
    if (result instanceof Promise) return result.finally(restore) as T;
    restore();
    return result;
  }

  /** Leaves the averages in the network. */
  copyTo(): void {
    noGrad(() => {
      for (const [own, average] of this.#averages.values()) copyInto(own, average);
    });
  }

  /**
   * Applies the network with the averages, without gradients.
   *
   * @param inputs What the network takes.
   * @returns What it gives.
   */
  // deno-lint-ignore no-explicit-any
  forward(...inputs: any[]): any {
    return this.apply(() => noGrad(() => this.module.forward(...inputs)));
  }

  /** The averages, not copies, by the names of the network's state. */
  stateDict(): AveragedModelState {
    const averages = Object.fromEntries([...this.#averages].map(([name, [, average]]) => [name, average]));
    return { nAveraged: this.nAveraged, averages };
  }

  /**
   * Goes on from a state that `stateDict` gave. The values are copied.
   *
   * @param state The state.
   * @throws {RangeError} If its names or shapes are not those of the network. Nothing is copied then.
   */
  loadStateDict(state: AveragedModelState): void {
    takesState(arguments);
    const names = [...this.#averages.keys()], given = Object.keys(state.averages);
    const fits = given.length === names.length &&
      names.every((name) =>
        sameShape(state.averages[name]?.shape ?? [-1], this.#averages.get(name)![1].shape)
      );
    if (!fits) {
      throw new RangeError(
        `Cannot load the state of an AveragedModel as its averages must be those of the network: they are ${
          given.map((name) => `${name} ${show(state.averages[name]!.shape)}`).join(", ") || "none"
        }`,
      );
    }
    for (const [name, [, average]] of this.#averages) copyInto(average, state.averages[name]!);
    this.nAveraged = state.nAveraged;
  }

  /** Frees the averages; the network stays. */
  dispose(): void {
    for (const [, average] of this.#averages.values()) average.dispose();
  }
}

const takesUpdateBn = signature("apply updateBn", { batches: ITERABLE, module: MODULE });

/**
 * Computes the running statistics of a network's batch normalisation anew, as means over batches: those
 * of averaged weights are others than those that were gathered on the way.
 *
 * @param batches Batches, of which the first tensor is the network's input: a loader, or arrays.
 * @param module The network. Its mode is as before in the end.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, optim, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const net = new nn.Sequential(new nn.BatchNorm1d(1));
 * optim.swaUtils.updateBn([[tensor([[1], [3]])], [tensor([[5], [7]])]], net);
 * const { "0.running_mean": mean } = net.stateDict();
 * assertEquals(await mean.toArray(), [4]);
 * ```
 */
export function updateBn(batches: Iterable<Tensor | readonly Tensor[]>, module: Module): void {
  takesUpdateBn(arguments);
  const layers = module.modules().filter((m): m is BatchNorm2d =>
    m instanceof BatchNorm1d || m instanceof BatchNorm2d
  );
  const before = layers.map(({ momentum }) => momentum),
    modes = module.modules().map((m) => [m, m.training] as const);
  for (const layer of layers) {
    layer.runningMean?.fill(0);
    layer.runningVar?.fill(1);
    layer.numBatchesTracked?.fill(0);
    layer.momentum = null;
  }
  module.train();
  try {
    for (const batch of batches) {
      using _batch = new Scope();
      noGrad(() => module.forward(batch instanceof Tensor ? batch : batch[0]));
    }
  } finally {
    layers.forEach((layer, k) => layer.momentum = before[k]!);
    for (const [m, training] of modes) m.training = training;
  }
}
