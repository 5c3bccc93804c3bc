/**
 * Training with a share of each batch on every rank: gradients are averaged before the update, as in PyTorch's
 * `DistributedDataParallel`.
 *
 * A step is cut in two: forward and backward pass, at whose end all gradients lie in one vector, and the update. Between
 * them the vector is read, put together with those of the other ranks, and written back.
 *
 * @module
 */
import { BOOLEAN, FUNCTION, having, instanceOf, kind, oneOf, whole } from "../../ops/core/kinds.ts";
import { compile, type Compiled } from "../../ops/core/compile/compile.ts";
import { scope, unscoped } from "../../ops/core/scope.ts";
import { signature } from "../../ops/core/signature.ts";
import { describe } from "../../ops/core/describe.ts";
import { show } from "../../ops/core/shape.ts";
import { tensor } from "../../ops/core/tensor/create.ts";
import { noGrad } from "../../ops/core/autograd/autograd.ts";
import { addGrad } from "../../ops/core/tensor/internals.ts";
import { Tensor } from "../../ops/core/tensor/tensor.ts";
import { MODULE, type Module, type Parameter } from "../module.ts";
import { broadcastAll, checkStructure, checkValues } from "./agreement.ts";
import { FlatTensors } from "./_flat_tensors.ts";
import { groupFor, ProcessGroup } from "./process_group.ts";

/** What updates the parameters. */
export interface Updates {
  /** Drops the gradients. */
  zeroGrad(): void;
  /** Updates the parameters that have gradients. */
  step(): void;
}

/** Options of {@linkcode distribute}. */
export interface DistributeOptions {
  /**
   * How many steps late gradients are used, 0 unless given. With 1 they travel while the next step is computed, and each
   * update is by the gradients of the step before: read-back and network cost nothing as long as a step takes longer.
   */
  delay?: 0 | 1;
  /** Compares the ranks' weights after every so many steps, 0 (never) unless given: it reads all of them. */
  checkEvery?: number;
  /** Called between averaging and update, within the captured step, such as to clip gradients. */
  beforeStep?: () => void;
  /** Whose order the gradients are added in, see {@linkcode ProcessGroup.allReduce}; `"ranks"` unless given. */
  order?: "ranks" | "mpi";
  /** The group, that of the process unless given. */
  group?: ProcessGroup;
}

/** Options of {@linkcode DistributedDataParallel.compile}. */
export interface StepOptions {
  /** Whether both halves of the step are captured once and replayed, see `compile`; true unless given. */
  compile?: boolean;
  /** Tells the number of examples from the step's arguments; the first one's first dimension unless given. */
  // deno-lint-ignore no-explicit-any
  examples?: (...args: any[]) => number;
}

const LATENESS = kind("0 or 1", "1", (v) => v === 0 || v === 1);
const takes = signature<DistributeOptions>("distribute a training", {
  net: MODULE,
  optimizer: having("an optimiser", "optimizer", "zeroGrad", "step"),
}, {
  delay: LATENESS,
  checkEvery: whole(0),
  beforeStep: FUNCTION,
  order: oneOf("ranks", "mpi"),
  group: instanceOf(ProcessGroup, "a group of ranks", "group"),
});
const takesStep = signature<StepOptions>("distribute a step", { loss: FUNCTION }, {
  compile: BOOLEAN,
  examples: FUNCTION,
});
const takesExamples = signature("average gradients", { examples: whole(0) });

/**
 * Prepares a network and its optimiser for training on all ranks: they get rank 0's parameters and buffers, and are seen to
 * have them.
 *
 * @param net The network, of the same layers on all ranks.
 * @param optimizer What updates its parameters.
 * @param options Whether gradients may come a step late, and what is checked.
 * @returns What averages gradients. Rejects with an `Error` on all ranks if a rank has another network.
 *
 * @example Usage
 * ```ts
 * import { nn, ones, openDevice, optim, rand } from "@plunge/plunge";
 * import { distribute, init } from "@plunge/plunge/distributed";
 * import { assertLess } from "@std/assert";
 *
 * await openDevice();
 * const group = await init();
 * const net = new nn.Linear(4, 1), optimizer = new optim.SGD(net.parameters(), { lr: 0.1 });
 * const loss = new nn.MSELoss(), ddp = await distribute(net, optimizer, { group });
 * const step = ddp.compile((x, y) => loss.forward(net.forward(x), y));
 * const x = rand([8, 4]), y = ones([8, 1]);
 * const first = await (await step(x, y)).item();
 * for (let k = 0; k < 20; k++) (await step(x, y)).dispose();
 * assertLess(await (await step(x, y)).item(), first);
 * ddp.dispose();
 * await group.destroy();
 * ```
 */
export async function distribute(
  net: Module,
  optimizer: Updates,
  options: DistributeOptions = {},
): Promise<DistributedDataParallel> {
  takes(arguments);
  const group = options.group ?? groupFor("distribute a training");
  const state = Object.entries(net.stateDict());
  group.phase = "comparing the ranks' networks";
  await checkStructure(group, state);
  await broadcastAll(group, state);
  await checkValues(group, state);
  return new DistributedDataParallel(net, optimizer, group, options);
}

/** What a step takes, and the loss that it returns. */
export type DistributedStep<Args extends unknown[]> = (...args: Args) => Promise<Tensor>;

/** What averages the ranks' gradients; {@linkcode distribute} makes it. */
export class DistributedDataParallel {
  /** The network. */
  readonly net: Module;
  /** What updates its parameters. */
  readonly optimizer: Updates;
  /** The ranks. */
  readonly group: ProcessGroup;
  readonly #options: DistributeOptions;
  readonly #named: [string, Parameter][];
  readonly #params: readonly Parameter[];
  readonly #flat: FlatTensors | null;
  readonly #update: Compiled<[readonly Tensor[], string, Tensor], void>;
  readonly #compiled: { dispose(): void }[] = [];
  /** The first and the last parameter, for messages. */
  readonly #names: string;
  /** Gradients that are on their way and used a step later. */
  #travelling: Promise<Float32Array[]> | null = null;

  /**
   * Takes what all ranks have.
   *
   * @internal
   */
  constructor(net: Module, optimizer: Updates, group: ProcessGroup, options: DistributeOptions) {
    this.net = net;
    this.optimizer = optimizer;
    this.group = group;
    this.#options = options;
    this.#named = net.namedParameters().filter(([, p]) => p.requiresGrad);
    if (this.#named.length === 0) {
      throw new RangeError("Cannot distribute a training as the network must have parameters: it has none");
    }
    this.#params = this.#named.map(([, p]) => p);
    const isAlone = group.worldSize === 1;
    this.#flat = isAlone ? null : new FlatTensors(this.#params, 1 + this.#params.length);
    this.#update = compile((vectors, wanted, by) => this.#apply(vectors, wanted, by));
    this.#names = `${this.#named[0][0]} to ${this.#named.at(-1)![0]}`;
  }

  /**
   * Makes a step of training: forward and backward pass, averaging, update.
   *
   * @param loss Computes the mean loss of a batch; called in captures only, see `compile`.
   * @param options Whether it is captured, and how many examples there are.
   * @returns A function of the loss's arguments that takes the step and returns the loss of this rank's batch, a scalar
   *   that is yours. It rejects with an `Error` if the ranks' weights differ, where that is checked.
   */
  // deno-lint-ignore no-explicit-any
  compile<Args extends unknown[] = any[]>(
    loss: (...args: Args) => Tensor,
    options: StepOptions = {},
  ): DistributedStep<Args> {
    takesStep(arguments);
    const { examples = firstDimension } = options;
    const run = (...args: Args) => this.#forwardBackward(loss, args, examples(...args));
    const captured = options.compile ?? true ? compile(run) : null, step = captured ?? run;
    if (captured) this.#compiled.push(captured);
    return async (...args) => {
      this.group.step++;
      this.group.phase = `computing the gradients of ${this.#names}`;
      const l = kept(() => step(...args));
      await this.#exchange();
      return l;
    };
  }

  /**
   * Averages the gradients that `backward` has left, for steps of your own: then call `optimizer.step()`. A parameter
   * without a gradient counts as zeros where another rank has one.
   *
   * @param examples How many examples the loss of this rank is a mean over; 0 if it has none, when its gradients are not
   *   looked at.
   * @returns Nothing. Rejects with an `Error` if MPI fails.
   */
  async average(examples: number): Promise<void> {
    takesExamples(arguments);
    this.group.step++;
    if (!this.#flat) return;
    noGrad(() => this.#put(examples));
    const values = await this.#reduce();
    using _ = scope();
    noGrad(() => this.#use(values, (vectors, wanted, by) => this.#replaceGradients(vectors, wanted, by)));
  }

  /**
   * Takes part in a step without examples, where the other ranks still have some: the gradients of this rank count for
   * nothing, and the update is that of all.
   */
  async idle(): Promise<void> {
    this.group.step++;
    if (!this.#flat) return;
    noGrad(() => this.#flat!.put(this.#params.map(() => null), 0, [0, ...this.#params.map(() => 0)]));
    await this.#exchange();
  }

  /** Uses gradients that are still on their way, with `delay: 1`: before evaluation, a checkpoint and the end. */
  async flush(): Promise<void> {
    const values = await this.#travelling;
    this.#travelling = null;
    if (values) this.#use(values, this.#update);
  }

  /** Gives all ranks rank 0's buffers, such as running statistics: before evaluation and a checkpoint. */
  async syncBuffers(): Promise<void> {
    await broadcastAll(this.group, this.net.namedBuffers());
  }

  /** Compares the ranks' weights; rejects with an `Error` on all ranks that names those which differ from rank 0. */
  async checkWeights(): Promise<void> {
    await checkValues(this.group, this.net.namedParameters());
  }

  /** Frees what steps and gradients need. Network and optimiser stay. */
  dispose(): void {
    for (const each of this.#compiled) each.dispose();
    this.#update.dispose();
    this.#flat?.dispose();
  }

  #forwardBackward<Args extends unknown[]>(loss: (...args: Args) => Tensor, args: Args, n: number): Tensor {
    this.optimizer.zeroGrad();
    const l: unknown = loss(...args);
    if (!(l instanceof Tensor) || l.size !== 1) {
      throw new TypeError(
        `Cannot take a step as the loss must be a tensor of one element: ${
          l instanceof Tensor ? `its shape is ${show(l.shape)}` : describe(l)
        }`,
      );
    }
    l.backward();
    noGrad(() => {
      if (this.#flat) {
        this.#put(n);
        for (const p of this.#params) p.clearGrad();
        return;
      }
      this.#options.beforeStep?.();
      this.optimizer.step();
    });
    return l.detach();
  }

  /** Puts the gradients times the number of examples into the vector, and behind them that number and who has one. */
  #put(n: number): void {
    const grads = this.#params.map((p) => p.grad);
    this.#flat!.put(grads, n, [n, ...grads.map((g) => Number(g !== null && n > 0))]);
  }

  /** Sends the gradients, updates by those that have arrived, and compares the weights where it is time to. */
  async #exchange(): Promise<void> {
    if (!this.#flat) return;
    const arriving = this.#reduce();
    arriving.catch(() => {}); // it is waited for later, and rejects there
    let due: Promise<Float32Array[]> | null = arriving;
    if (this.#options.delay === 1) [due, this.#travelling] = [this.#travelling, arriving];
    if (due) this.#use(await due, this.#update);
    const { checkEvery = 0 } = this.#options;
    if (checkEvery > 0 && this.group.step % checkEvery === 0) await this.checkWeights();
  }

  /** Has the vector read and sent: it may be written to meanwhile. */
  async #reduce(): Promise<Float32Array[]> {
    this.group.phase = `averaging the gradients of ${this.#names}`;
    const { order } = this.#options;
    const coming = this.#flat!.read().map((vector) => this.group.reduceWhen(vector, "float32", { order }));
    const values = await Promise.all(coming);
    this.group.phase = `updating ${this.#names}`;
    return values;
  }

  /** Hands on what has arrived: as vectors, whose gradients are wanted, and what they are to be multiplied by. */
  #use(
    values: Float32Array[],
    use: (vectors: readonly Tensor[], wanted: string, by: Tensor) => void,
  ): void {
    const [n, ...counts] = this.#flat!.tailOf(values);
    if (n === 0) return; // no rank had an example
    const vectors = values.map((v) => tensor(v)), by = tensor(1 / n);
    use(vectors, counts.map((count) => count > 0 ? "1" : "0").join(""), by);
    for (const t of [...vectors, by]) t.dispose();
  }

  #apply(vectors: readonly Tensor[], wanted: string, by: Tensor): void {
    noGrad(() => this.#replaceGradients(vectors, wanted, by));
    this.#options.beforeStep?.();
    this.optimizer.step();
  }

  #replaceGradients(vectors: readonly Tensor[], wanted: string, by: Tensor): void {
    const grads = this.#flat!.taken(vectors, by, (k) => wanted[k] === "1");
    this.#params.forEach((p, k) => {
      p.clearGrad();
      const { [k]: g } = grads;
      if (!g) return;
      addGrad(p, g); // which takes its memory over
      g.dispose();
    });
  }
}

/** Runs a step and frees what it made, but for its result, which no scope frees. */
function kept(step: () => Tensor): Tensor {
  return unscoped(() => {
    using inner = scope();
    return inner.keep(step());
  });
}

function firstDimension(...[x]: unknown[]): number {
  if (x instanceof Tensor && x.shape.length > 0) return x.shape[0];
  throw new TypeError(
    `Cannot tell the number of examples as the first argument must be a batch: ${
      x instanceof Tensor ? "a scalar" : describe(x)
    } (the option examples tells it)`,
  );
}
