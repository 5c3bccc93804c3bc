/**
 * Adam, adaptive moment estimation: each weight's step is scaled by running averages of its gradient and the square of it.
 *
 * With gradient g, `m = β1 m + (1 - β1) g` and `v = β2 v + (1 - β2) g²`; at step t, counted from 1,
 * `p = p - lr / (1 - β1^t) m / (√v / √(1 - β2^t) + eps)`, where g has had `weightDecay p` added. AMSGrad takes the largest v
 * so far in place of v. Kingma and Ba (2014); Reddi, Kale and Kumar (2018).
 *
 * @module
 */
import { type OptionKinds, signature } from "../../ops/core/signature.ts";
import { floatFunction } from "../../ops/kernels/wgsl/program.ts";
import { withDefaults } from "../options.ts";
import { kindsLike } from "./_option_kinds.ts";
import { AVERAGED, AVERAGED_SQUARE, PENALIZED, updateProgram, type UpdateRule } from "./_update_rule.ts";
import { checkOptions, type FullGroup, Optimizer, type ParameterGroup } from "./optimizer.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { ITERABLE } from "../../ops/core/kinds.ts";

/** Options of {@linkcode Adam} and {@linkcode AdamW}. */
export interface AdamOptions {
  /** Learning rate, 0.001 unless given. */
  lr?: number;
  /** What the averages of the gradient and of its square keep of themselves, 0.9 and 0.999 unless given. */
  betas?: readonly [number, number];
  /** What is added to the denominator, 1e-8 unless given. */
  eps?: number;
  /** How strongly weights are drawn to 0: unless given, 0 in Adam and 0.01 in AdamW. */
  weightDecay?: number;
  /** Whether the largest average of squares so far is used, false unless given. */
  amsgrad?: boolean;
  /** Whether to step along the gradient rather than against it, false unless given. */
  maximize?: boolean;
}

const DEFAULTS: Required<AdamOptions> = {
  lr: 0.001,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  amsgrad: false,
  maximize: false,
};

/** Begins both programs. Numbers: sign, decay, shrink, β1, 1 - β1, β2, 1 - β2, then size, root and eps. */
const AVERAGES = [
  [PENALIZED, "i0 i1 p0 p1"],
  [AVERAGED, "i2 s0 p3 p4"],
  [AVERAGED_SQUARE, "i3 s0 p5 p6"],
] as const;

const UPDATED = floatFunction(
  "adam",
  ["p", "m", "v", "shrink", "size", "root", "eps"],
  "shrink * p - size * (m / (sqrt(v) / root + eps))",
);

const PLAIN = updateProgram(2, 10, [...AVERAGES, [UPDATED, "i0 s1 s2 p2 p7 p8 p9"]], "s3 s1 s2");

const AMSGRAD = updateProgram(3, 10, [
  ...AVERAGES,
  // NaN wins, as in PyTorch's maximum
  [
    floatFunction("largest", ["a", "b"], "select(select(a, b, b > a), a + b, isnanf(a) || isnanf(b))"),
    "i4 s2",
  ],
  [UPDATED, "i0 s1 s3 p2 p7 p8 p9"],
], "s4 s1 s2 s3");

/** The kinds of {@linkcode AdamOptions}. */
export const ADAM_KINDS: OptionKinds<AdamOptions> = kindsLike(DEFAULTS);
const takes = signature<AdamOptions>("make Adam", { params: ITERABLE }, ADAM_KINDS);

/**
 * Steps of a size of their own for each weight; the numbers are PyTorch's.
 *
 * @example Usage
 * ```ts
 * import { openDevice, optim, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * const w = tensor([4], { requiresGrad: true });
 * const opt = new optim.Adam([w], { lr: 0.5 });
 * w.mul(w).sum().backward();
 * opt.step();
 * assertAlmostEquals(await w.item(), 3.5, 1e-6); // the first step is lr long, whatever the gradient
 * ```
 */
export class Adam extends Optimizer<Required<AdamOptions>> {
  /**
   * Makes an optimiser.
   *
   * @param params Parameters, or groups of them with options of their own.
   * @param options Learning rate, betas and so on.
   * @throws {RangeError} If an option is out of range.
   */
  constructor(
    params: Iterable<Tensor> | Iterable<ParameterGroup<Required<AdamOptions>>>,
    options: AdamOptions = {},
  ) {
    takes(arguments);
    super(params, withDefaults(DEFAULTS, options));
  }

  /** Whether weights shrink on their own rather than through the gradient. */
  protected get decoupled(): boolean {
    return false;
  }

  /** Refuses options that are out of range. */
  protected override check({ lr, betas, eps, weightDecay }: FullGroup<Required<AdamOptions>>): void {
    const name = this.decoupled ? "AdamW" : "Adam";
    checkOptions(name, { lr });
    checkOptions(name, { "betas[0]": betas[0], "betas[1]": betas[1] }, 1);
    checkOptions(name, { eps, weightDecay });
  }

  /**
   * Says how a group is updated.
   *
   * @internal
   */
  protected override rule(
    { lr, betas: [beta1, beta2], eps, weightDecay, amsgrad, maximize }: FullGroup<Required<AdamOptions>>,
  ): UpdateRule {
    const [decay, shrink] = this.decoupled ? [0, 1 - lr * weightDecay] : [weightDecay, 1];
    return {
      name: `adam${this.decoupled ? "w" : ""}${amsgrad ? " amsgrad" : ""}`,
      program: amsgrad ? AMSGRAD : PLAIN,
      states: ["exp_avg", "exp_avg_sq", ...(amsgrad ? ["max_exp_avg_sq"] : [])],
      initial: 0,
      numbers: (step) => [
        maximize ? -1 : 1,
        decay,
        shrink,
        beta1,
        1 - beta1,
        beta2,
        1 - beta2,
        lr / (1 - beta1 ** step),
        Math.sqrt(1 - beta2 ** step),
        eps,
      ],
    };
  }
}
