/**
 * Adagrad: the gradient over the root of the sum of its squares so far.
 *
 * With gradient g (which has had `weightDecay p` added), `s = s + g²`; at step t, counted from 1,
 * `p = p - lr / (1 + (t - 1) lrDecay) g / (√s + eps)`. Duchi, Hazan and Singer (2011).
 *
 * @module
 */
import { signature } from "../../ops/core/signature.ts";
import { floatFunction } from "../../ops/kernels/wgsl/program.ts";
import { withDefaults } from "../options.ts";
import { kindsLike } from "./_option_kinds.ts";
import { PENALIZED, updateProgram, type UpdateRule } from "./_update_rule.ts";
import { checkOptions, type FullGroup, Optimizer, type ParameterGroup } from "./optimizer.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { ITERABLE } from "../../ops/core/kinds.ts";

/** Options of {@linkcode Adagrad}. */
export interface AdagradOptions {
  /** Learning rate, 0.01 unless given. */
  lr?: number;
  /** How quickly the learning rate falls with the steps, 0 unless given. */
  lrDecay?: number;
  /** Factor of the parameter that is added to its gradient (an L2 penalty), 0 unless given. */
  weightDecay?: number;
  /** What the sum of squares begins with, 0 unless given. */
  initialAccumulatorValue?: number;
  /** What is added to the denominator, 1e-10 unless given. */
  eps?: number;
  /** Whether to step along the gradient rather than against it, false unless given. */
  maximize?: boolean;
}

const DEFAULTS: Required<AdagradOptions> = {
  lr: 0.01,
  lrDecay: 0,
  weightDecay: 0,
  initialAccumulatorValue: 0,
  eps: 1e-10,
  maximize: false,
};

const PROGRAM = updateProgram(1, 4, [
  [PENALIZED, "i0 i1 p1 p2"],
  [floatFunction("summed", ["s", "g"], "s + g * g"), "i2 s0"],
  [
    floatFunction("adagrad", ["p", "g", "s", "rate", "eps"], "p - rate * (g / (sqrt(s) + eps))"),
    "i0 s0 s1 p0 p3",
  ],
], "s2 s1");

const takes = signature<AdagradOptions>("make Adagrad", { params: ITERABLE }, kindsLike(DEFAULTS));

/**
 * Steps that shorten where gradients have been large; the numbers are PyTorch's.
 *
 * @example Usage
 * ```ts
 * import { openDevice, optim, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * const w = tensor([4], { requiresGrad: true });
 * const opt = new optim.Adagrad([w], { lr: 0.5 });
 * w.mul(w).sum().backward();
 * opt.step();
 * assertAlmostEquals(await w.item(), 3.5, 1e-6); // the first step is lr long
 * ```
 */
export class Adagrad extends Optimizer<Required<AdagradOptions>> {
  /**
   * Makes an optimiser.
   *
   * @param params Parameters, or groups of them with options of their own.
   * @param options Learning rate and so on.
   * @throws {RangeError} If an option is out of range.
   */
  constructor(
    params: Iterable<Tensor> | Iterable<ParameterGroup<Required<AdagradOptions>>>,
    options: AdagradOptions = {},
  ) {
    takes(arguments);
    super(params, withDefaults(DEFAULTS, options));
  }

  /** Refuses options that are out of range. */
  protected override check(
    { lr, lrDecay, weightDecay, initialAccumulatorValue, eps }: FullGroup<Required<AdagradOptions>>,
  ): void {
    checkOptions("Adagrad", { lr, lrDecay, weightDecay, initialAccumulatorValue, eps });
  }

  /**
   * Says how a group is updated.
   *
   * @internal
   */
  protected override rule(
    { lr, lrDecay, weightDecay, initialAccumulatorValue, eps, maximize }: FullGroup<
      Required<AdagradOptions>
    >,
  ): UpdateRule {
    return {
      name: "adagrad",
      program: PROGRAM,
      states: ["sum"],
      initial: initialAccumulatorValue,
      numbers: (step) => [lr / (1 + (step - 1) * lrDecay), maximize ? -1 : 1, weightDecay, eps],
    };
  }
}
