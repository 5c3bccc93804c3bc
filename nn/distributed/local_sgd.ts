/**
 * Training in which the ranks meet now and then: each makes steps of its own, and after some of them all agree on weights.
 *
 * A network's round trip is paid once in `syncEvery` steps. Names after torchft.
 *
 * @module
 */
import { having, instanceOf, required, whole } from "../../ops/core/kinds.ts";
import { signature } from "../../ops/core/signature.ts";
import { noGrad } from "../../ops/core/autograd/autograd.ts";
import { scope, unscoped } from "../../ops/core/scope.ts";
import { tensor } from "../../ops/core/tensor/create.ts";
import { addGrad } from "../../ops/core/tensor/internals.ts";
import { MODULE, type Module, type Parameter } from "../module.ts";
import { checkValues } from "./agreement.ts";
import { FlatTensors } from "./_flat_tensors.ts";
import type { Updates } from "./distribute.ts";
import { groupFor, ProcessGroup } from "./process_group.ts";

/** Options of {@linkcode LocalSGD}. */
export interface LocalSGDOptions {
  /** Steps of each rank between two meetings. */
  syncEvery: number;
  /** The group, that of the process unless given. */
  group?: ProcessGroup;
}

/** Options of {@linkcode DiLoCo}. */
export interface DiLoCoOptions extends LocalSGDOptions {
  /**
   * What updates the weights of all at a meeting, an optimiser of the network's parameters: Nesterov's momentum in the
   * paper, `new optim.SGD(net.parameters(), { lr: 0.7, momentum: 0.9, nesterov: true })`.
   */
  outerOptimizer: Updates;
}

const GROUP = instanceOf(ProcessGroup, "a group of ranks", "group");
const takesLocal = signature<LocalSGDOptions>("make LocalSGD", { net: MODULE }, {
  syncEvery: required(whole(1)),
  group: GROUP,
});
const takesDiLoCo = signature<DiLoCoOptions>("make DiLoCo", { net: MODULE }, {
  syncEvery: required(whole(1)),
  outerOptimizer: required(having("an optimiser", "optimizer", "zeroGrad", "step")),
  group: GROUP,
});

/** What the ways of meeting share. */
export abstract class Meetings {
  /** Steps of each rank between two meetings. */
  readonly syncEvery: number;
  /** The ranks. */
  readonly group: ProcessGroup;
  /** The network. */
  readonly net: Module;
  /** What all ranks must have alike. */
  protected readonly params: readonly Parameter[];
  readonly #named: [string, Parameter][];
  #steps = 0;

  /** Takes the network's parameters. */
  constructor(action: string, net: Module, { syncEvery, group }: LocalSGDOptions) {
    this.syncEvery = syncEvery;
    this.group = group ?? groupFor(action);
    this.net = net;
    this.#named = net.namedParameters().filter(([, p]) => p.requiresGrad);
    this.params = this.#named.map(([, p]) => p);
    if (this.params.length === 0) {
      throw new RangeError(`Cannot ${action} as the network must have parameters: it has none`);
    }
  }

  /** Steps since the last meeting: other than 0, the ranks' weights differ. */
  get sinceSync(): number {
    return this.#steps;
  }

  /**
   * Counts a step of this rank, and meets the others if it is time to. Call it after each update.
   *
   * @returns Whether the ranks met. Rejects with an `Error` if MPI fails.
   */
  async step(): Promise<boolean> {
    this.group.step++;
    if (++this.#steps < this.syncEvery) return false;
    await this.sync();
    return true;
  }

  /** Meets the others now: before an evaluation, a checkpoint and the end. Does nothing right after a meeting. */
  async sync(): Promise<void> {
    if (this.#steps === 0) return;
    this.group.phase = `agreeing on ${this.#named[0][0]} to ${this.#named.at(-1)![0]}`;
    await this.meet();
    this.group.phase = "";
    this.#steps = 0;
  }

  /** Compares the ranks' weights, which are the same right after a meeting; rejects with an `Error` if they are not. */
  async checkWeights(): Promise<void> {
    await checkValues(this.group, this.#named);
  }

  /** Frees what meetings need. Network and optimisers stay. */
  abstract dispose(): void;

  /** Makes the weights of all ranks the same. */
  protected abstract meet(): Promise<void>;
}

/**
 * Averages the ranks' weights after every `syncEvery` steps (Stich, 2019: "Local SGD converges fast and communicates
 * little"). Call `distribute` first, or load one state on all ranks, so that they begin alike.
 *
 * @example Usage
 * ```ts
 * import { nn, ones, openDevice, optim, rand } from "@plunge/plunge";
 * import { init, LocalSGD } from "@plunge/plunge/distributed";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const group = await init();
 * const net = new nn.Linear(4, 1), optimizer = new optim.SGD(net.parameters(), { lr: 0.1 });
 * const local = new LocalSGD(net, { syncEvery: 2, group });
 * const met: boolean[] = [];
 * for (let k = 0; k < 4; k++) {
 *   optimizer.zeroGrad();
 *   new nn.MSELoss().forward(net.forward(rand([8, 4])), ones([8, 1])).backward();
 *   optimizer.step();
 *   met.push(await local.step());
 * }
 * assertEquals(met, [false, true, false, true]);
 * local.dispose();
 * await group.destroy();
 * ```
 */
export class LocalSGD extends Meetings {
  readonly #flat: FlatTensors;

  /**
   * Begins with the weights as they are.
   *
   * @param net The network; its own optimiser updates it between meetings.
   * @param options How many steps lie between two meetings.
   * @throws {RangeError} If the network has no parameters.
   */
  constructor(net: Module, options: LocalSGDOptions) {
    takesLocal(arguments);
    super("make LocalSGD", net, options);
    this.#flat = new FlatTensors(this.params);
  }

  /** Frees the vector of all weights. */
  override dispose(): void {
    this.#flat.dispose();
  }

  /** Averages the weights. */
  protected override async meet(): Promise<void> {
    if (this.group.worldSize === 1) return;
    noGrad(() => this.#flat.put(this.params, 1));
    await average(this.group, this.#flat);
    noGrad(() => this.#flat.take(this.params));
  }
}

/**
 * Lets an outer optimiser follow what the ranks have come to (Douillard et al., 2023: "DiLoCo: Distributed low-communication
 * training of language models"). After every `syncEvery` steps the way that each rank's weights went is averaged, taken for
 * a gradient, and given to the outer optimiser, from the weights of the last meeting on.
 *
 * @example Usage
 * ```ts
 * import { nn, ones, openDevice, optim, rand } from "@plunge/plunge";
 * import { DiLoCo, init } from "@plunge/plunge/distributed";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const group = await init();
 * const net = new nn.Linear(4, 1), optimizer = new optim.AdamW(net.parameters());
 * const outerOptimizer = new optim.SGD(net.parameters(), { lr: 0.7, momentum: 0.9, nesterov: true });
 * const diloco = new DiLoCo(net, { syncEvery: 10, outerOptimizer, group });
 * for (let k = 0; k < 20; k++) {
 *   optimizer.zeroGrad();
 *   new nn.MSELoss().forward(net.forward(rand([8, 4])), ones([8, 1])).backward();
 *   optimizer.step();
 *   await diloco.step();
 * }
 * assertEquals(diloco.sinceSync, 0);
 * diloco.dispose();
 * await group.destroy();
 * ```
 */
export class DiLoCo extends Meetings {
  /** What updates the weights of all. */
  readonly outerOptimizer: Updates;
  readonly #flat: FlatTensors;
  /** The weights of the last meeting. */
  readonly #global: FlatTensors;

  /**
   * Begins with the weights as they are.
   *
   * @param net The network; its own optimiser updates it between meetings.
   * @param options How many steps lie between two meetings, and what updates the weights then.
   * @throws {RangeError} If the network has no parameters.
   */
  constructor(net: Module, options: DiLoCoOptions) {
    takesDiLoCo(arguments);
    super("make DiLoCo", net, options);
    this.outerOptimizer = options.outerOptimizer;
    this.#flat = new FlatTensors(this.params);
    this.#global = new FlatTensors(this.params);
    this.#remember();
  }

  /** Takes the weights as they are for those of the last meeting: after a checkpoint was loaded. */
  restart(): void {
    this.#remember();
  }

  /** Frees the vectors of all weights. */
  override dispose(): void {
    this.#flat.dispose();
    this.#global.dispose();
  }

  /** Averages the ways, and steps from the last meeting's weights. */
  protected override async meet(): Promise<void> {
    noGrad(() => this.#flat.putDifference(this.#global, this.params));
    if (this.group.worldSize > 1) await average(this.group, this.#flat);
    unscoped(() => {
      using _ = scope();
      noGrad(() => this.#follow());
    });
    this.#remember();
  }

  #follow(): void {
    this.#global.take(this.params);
    const one = tensor(1), ways = this.#flat.taken(this.#flat.vectors, one, () => true);
    this.params.forEach((p, k) => {
      p.clearGrad();
      addGrad(p, ways[k]!);
      ways[k]!.dispose();
    });
    this.outerOptimizer.step();
    for (const p of this.params) p.clearGrad();
  }

  #remember(): void {
    noGrad(() => this.#global.put(this.params, 1));
  }
}

/** Averages what is in vectors over the ranks. */
async function average(group: ProcessGroup, flat: FlatTensors): Promise<void> {
  const coming = flat.read().map((vector) => group.reduceWhen(vector, "float32", { op: "avg" }));
  const values = await Promise.all(coming);
  noGrad(() => flat.write(values));
}
