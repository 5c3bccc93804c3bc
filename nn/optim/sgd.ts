/**
 * Stochastic gradient descent.
 *
 * With gradient g: `g = g + weightDecay p`; with momentum `b = momentum b + (1 - dampening) g`, the first time `b = g`;
 * then `p = p - lr g`, or `p - lr b`, or with Nesterov's momentum `p - lr (g + momentum b)`.
 *
 * @module
 */
import { zeros } from "../../ops/core/create.ts";
import { updateInPlace } from "../../ops/core/in_place.ts";
import { persistent } from "../../ops/core/execute.ts";
import type { Tensor } from "../../ops/core/tensor.ts";
import type { Program } from "../../ops/kernels/program.ts";
import { checkOption, type FullGroup, Optimizer, type ParameterGroup, withDefaults } from "./optimizer.ts";

/** Options of {@linkcode SGD}. */
export interface SGDOptions {
  /** Learning rate, 0.001 unless given. */
  lr?: number;
  /** Share of the last step that is kept, 0 unless given. */
  momentum?: number;
  /** Share of the gradient that is left out of the momentum, 0 unless given. */
  dampening?: number;
  /** Factor of the parameter that is added to its gradient (an L2 penalty), 0 unless given. */
  weightDecay?: number;
  /** Whether to look one step of momentum ahead, false unless given. */
  nesterov?: boolean;
}

const DEFAULTS: Required<SGDOptions> = {
  lr: 0.001,
  momentum: 0,
  dampening: 0,
  weightDecay: 0,
  nesterov: false,
};

const FLOAT = (...names: string[]) => names.map((n) => [n, "float32"] as const);

const PLAIN: Program = {
  inputs: ["float32", "float32"],
  params: ["float32", "float32"],
  steps: [{
    fn: {
      name: "sgd",
      args: FLOAT("p", "g", "lr", "decay"),
      result: "float32",
      body: "p - lr * (g + decay * p)",
    },
    args: ["i0", "i1", "p0", "p1"],
  }],
  outputs: ["s0"],
};

const MOMENTUM: Program = {
  inputs: ["float32", "float32", "float32"],
  params: ["float32", "float32", "float32", "float32", "float32"],
  steps: [
    {
      fn: { name: "decayed", args: FLOAT("p", "g", "decay"), result: "float32", body: "g + decay * p" },
      args: ["i0", "i1", "p1"],
    },
    {
      fn: {
        name: "momentum",
        args: FLOAT("b", "g", "momentum", "share"),
        result: "float32",
        body: "momentum * b + share * g",
      },
      args: ["i2", "s0", "p2", "p3"],
    },
    {
      fn: {
        name: "sgd",
        args: FLOAT("p", "g", "b", "lr", "ahead"),
        result: "float32",
        body: "p - lr * select(b, g + ahead * b, ahead > 0.0)",
      },
      args: ["i0", "s0", "s1", "p0", "p4"],
    },
  ],
  outputs: ["s2", "s1"],
};

/**
 * Steps against the gradient, with momentum if wanted; the numbers are PyTorch's.
 *
 * @example Usage
 * ```ts
 * import { openDevice, optim, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const w = tensor([1, 2], { requiresGrad: true });
 * const opt = new optim.SGD([w], { lr: 0.5 });
 * w.mul(w).sum().backward();
 * opt.step();
 * assertEquals(await w.toArray(), [0, 0]);
 * ```
 */
export class SGD extends Optimizer<Required<SGDOptions>> {
  readonly #momentum = new Map<Tensor, { buffer: Tensor; steps: number }>();

  /**
   * Makes an optimiser.
   *
   * @param params Parameters, or groups of them with options of their own.
   * @param options Learning rate, momentum and so on.
   * @throws {RangeError} If an option is out of range, or Nesterov's momentum lacks momentum.
   */
  constructor(
    params: Iterable<Tensor> | Iterable<ParameterGroup<Required<SGDOptions>>>,
    options: SGDOptions = {},
  ) {
    super(params, withDefaults(DEFAULTS, options));
    for (const { lr, momentum, dampening, weightDecay, nesterov } of this.paramGroups) {
      checkOption("SGD", "lr", lr);
      checkOption("SGD", "momentum", momentum);
      checkOption("SGD", "weightDecay", weightDecay);
      if (nesterov && (momentum <= 0 || dampening !== 0)) {
        throw new RangeError(
          `Cannot make SGD with nesterov as it needs momentum and no dampening: momentum ${momentum}, dampening ${dampening}`,
        );
      }
    }
  }

  /** Updates one parameter in one kernel. Its numbers are asked for at each run, so that a replay sees changes. */
  protected override update(p: Tensor, grad: Tensor, group: FullGroup<Required<SGDOptions>>): void {
    const lr = () => group.lr, decay = () => group.weightDecay;
    if (group.momentum === 0) return updateInPlace("sgd", PLAIN, [p], [p, grad], [lr, decay]);
    let state = this.#momentum.get(p);
    if (!state) this.#momentum.set(p, state = { buffer: persistent(() => zeros(p.shape)), steps: 0 });
    const { buffer } = state, counted = state;
    const share = () => counted.steps++ === 0 ? 1 : 1 - group.dampening;
    const ahead = () => group.nesterov ? group.momentum : 0;
    updateInPlace("sgd", MOMENTUM, [p, buffer], [p, grad, buffer], [
      lr,
      decay,
      () => group.momentum,
      share,
      ahead,
    ]);
  }
}
