/**
 * Stochastic gradient descent.
 *
 * With gradient g: `g = g + weightDecay p`; with momentum `b = momentum b + (1 - dampening) g`, the first time `b = g`;
 * then `p = p - lr g`, or `p - lr b`, or with Nesterov's momentum `p - lr (g + momentum b)`.
 *
 * @module
 */
import { signature } from "../../ops/core/signature.ts";
import { floatFunction } from "../../ops/kernels/wgsl/program.ts";
import { withDefaults } from "../options.ts";
import { kindsLike } from "./_option_kinds.ts";
import { AVERAGED, PENALIZED, updateProgram, type UpdateRule } from "./_update_rule.ts";
import { checkOptions, type FullGroup, Optimizer, type ParameterGroup } from "./optimizer.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { ITERABLE } from "../../ops/core/kinds.ts";

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
  /** Whether to step along the gradient rather than against it, false unless given. */
  maximize?: boolean;
}

const DEFAULTS: Required<SGDOptions> = {
  lr: 0.001,
  momentum: 0,
  dampening: 0,
  weightDecay: 0,
  nesterov: false,
  maximize: false,
};

const PLAIN = updateProgram(0, 3, [
  [PENALIZED, "i0 i1 p1 p2"],
  [floatFunction("sgd", ["p", "g", "lr"], "p - lr * g"), "i0 s0 p0"],
], "s1");

const MOMENTUM = updateProgram(1, 6, [
  [PENALIZED, "i0 i1 p1 p2"],
  [AVERAGED, "i2 s0 p3 p4"],
  [
    floatFunction("sgd", ["p", "g", "b", "lr", "ahead"], "p - lr * select(b, g + ahead * b, ahead > 0.0)"),
    "i0 s0 s1 p0 p5",
  ],
], "s2 s1");

const takes = signature<SGDOptions>("make SGD", { params: ITERABLE }, kindsLike(DEFAULTS));

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
    takes(arguments);
    super(params, withDefaults(DEFAULTS, options));
  }

  /** The first step is known by the buffer's absence. */
  protected override get countsSteps(): boolean {
    return false;
  }

  /** Refuses options that are out of range. */
  protected override check(
    { lr, momentum, dampening, weightDecay, nesterov }: FullGroup<Required<SGDOptions>>,
  ): void {
    checkOptions("SGD", { lr, momentum, weightDecay });
    if (nesterov && (momentum <= 0 || dampening !== 0)) {
      throw new RangeError(
        `Cannot make SGD with nesterov as it needs momentum and no dampening: momentum ${momentum}, dampening ${dampening}`,
      );
    }
  }

  /**
   * Says how a group is updated.
   *
   * @internal
   */
  protected override rule(group: FullGroup<Required<SGDOptions>>): UpdateRule {
    const { lr, momentum, dampening, weightDecay, nesterov, maximize } = group;
    const common = [lr, maximize ? -1 : 1, weightDecay];
    if (momentum === 0) {
      return { name: "sgd", program: PLAIN, states: [], initial: 0, numbers: () => common };
    }
    return {
      name: "sgd momentum",
      program: MOMENTUM,
      states: ["momentum_buffer"],
      initial: 0,
      numbers: (step) => [...common, momentum, step === 1 ? 1 : 1 - dampening, nesterov ? momentum : 0],
    };
  }
}
